"""Until decided or all at once: how long two engines work, and on how many answers.

Two servers of the load kit (256 slots, answers as long as DeepSeek-R1's) play the arms, and
`evalsuite run` asks them GSM8K-shaped items: all repeats plainly, then with `--until-decided`. The
engines' seconds are from the first request to the end, both together; `busy` is the share of their
slots' time that was spent on answers.

    python benchmarks/deciding.py loadkit --margin 3 --repeats 4
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

SLOTS = 256
ARMS = ("fp8", "fp4")


def served(stack: ExitStack, args: argparse.Namespace, arm: str, log: Path) -> str:
    """The base URL of a new server for *arm*."""
    options = ["--port", "0", "--slots", str(SLOTS), "--log", str(log), "--seed-in-key"]
    played = ["--rate", str(args.rate), "--accuracy", args.accuracy]
    server = subprocess.Popen(
        [sys.executable, str(args.kit / "mock_server.py"), *options, *played],
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(server.wait)
    stack.callback(server.terminate)
    assert server.stdout is not None
    found = re.search(r"\d{4,5}", server.stdout.readline())
    assert found, f"{arm}: the server names no port"
    return f"http://127.0.0.1:{found[0]}/v1"


def experiment(urls: dict[str, str], items: Path, args: argparse.Namespace) -> dict[str, Any]:
    """The configuration of both arms."""
    return {
        "name": "deciding",
        "seed": args.seed,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 32_768},
        "tasks": {"gsm8k": {"margin_pp": args.margin, "data": str(items), "repeats": args.repeats}},
        "arms": {
            arm: {
                "backend": "openai",
                "precision": arm,
                "concurrency": SLOTS,
                "options": {"base_url": urls[arm], "model": arm},
            }
            for arm in ARMS
        },
    }


def measured(args: argparse.Namespace, *, decided: bool) -> str:
    """One run, plain or until *decided*, as a line."""
    with tempfile.TemporaryDirectory(prefix="deciding-") as place, ExitStack() as stack:
        folder = Path(place)
        logs = {arm: folder / f"{arm}.jsonl" for arm in ARMS}
        items = folder / "items.jsonl"
        subprocess.run(
            [sys.executable, str(args.kit / "make_tasks.py"), str(items), "-n", str(args.items)],
            check=True,
        )
        urls = {arm: served(stack, args, arm, logs[arm]) for arm in ARMS}
        config = folder / "deciding.yaml"
        config.write_text(json.dumps(experiment(urls, items, args)))  # JSON is YAML
        places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
        how = ["--until-decided"] if decided else []
        quiet = ["--progress", "none", "--no-report"]
        began = time.time()
        subprocess.run(
            [sys.executable, "-m", "evalsuite", "run", str(config), *places, *how, *quiet],
            check=True,
        )
        took_s = time.time() - began
        looks = folder / "results" / "deciding-fp4" / "looks.json"
        task = json.loads(looks.read_text())["tasks"][0] if decided else None
        stack.close()  # a server's log is whole when it has ended
        return line(took_s, logs, task)


def line(took_s: float, logs: dict[str, Path], task: dict[str, Any] | None) -> str:
    """What the servers' *logs* say of a run that took so long."""
    work_s = busy_s = answers = dropped = 0.0
    for log in logs.values():
        requests = [json.loads(one) for one in log.read_text().splitlines() if "arrived" in one]
        began = min(one["arrived"] for one in requests)
        work_s += max(one["sent"] for one in requests) - began
        busy_s += sum(
            min(one["ended"], one["sent"]) - one["started"] for one in requests if one["started"]
        )
        fine = sum(one["outcome"] == "ok" for one in requests)
        answers, dropped = answers + fine, dropped + len(requests) - fine
    share = busy_s / (SLOTS * work_s)
    text = (
        f"{took_s:6.1f} s, engines {work_s:6.1f} s, {100 * share:3.0f} % busy, "
        f"{answers:.0f} answers, {dropped:.0f} given up"
    )
    if task is None:
        return f"plain          {text}"
    last = task["taken"][-1]
    found = f"{last['found'] or 'undecided'} at look {len(task['taken'])}"
    return f"until decided  {text}; {found} after {last['pairs']} of each arm"


def main() -> None:
    """Print a line for each way to run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kit", type=Path, help="the load kit's folder")
    parser.add_argument("--items", type=int, default=1_319)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--margin", type=float, default=3.0, help="percentage points")
    parser.add_argument("--rate", type=float, default=3_000, help="tokens a second and slot")
    parser.add_argument("--accuracy", default="fp8=0.80,fp4=0.78")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for decided in (False, True):
        print(measured(args, decided=decided), flush=True)


if __name__ == "__main__":
    main()

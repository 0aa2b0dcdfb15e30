"""Until decided or all at once: how long two engines work, and on how many answers.

Two servers of the load kit (256 slots, answers as long as DeepSeek-R1's) play the arms, and
`evalsuite run` asks them GSM8K-shaped items: all repeats plainly, then with `--until-decided`. The
engines' seconds are from the first request to the end, both together; `busy` is the share of their
slots' time that was spent on answers.

    python benchmarks/deciding.py --kit ../shared/loadkit --margin 3 --repeats 4
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from outages import Scene, Servers

SLOTS = 256
ARMS = ("fp8", "fp4")


def experiment(urls: Sequence[str], items: Path, args: argparse.Namespace) -> dict[str, Any]:
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
                "options": {"base_url": url, "model": arm},
            }
            for arm, url in zip(ARMS, urls, strict=True)
        },
    }


def measured(args: argparse.Namespace, *, decided: bool) -> str:
    """One run, plain or until *decided*, as a line."""
    scene = Scene(
        servers=len(ARMS),
        items=args.items,
        in_flight=SLOTS,
        slots=SLOTS,
        rate=args.rate,
        more=("--seed-in-key", "--accuracy", args.accuracy),
    )
    with tempfile.TemporaryDirectory(prefix="deciding-") as place:
        folder = Path(place)
        items = folder / "items.jsonl"
        make = [args.python, str(args.kit / "make_tasks.py"), str(items), "-n", str(scene.items)]
        subprocess.run(make, check=True)
        servers = Servers(scene, args.kit, args.python, folder)
        with closing(servers):
            config = folder / "deciding.yaml"
            config.write_text(json.dumps(experiment(servers.urls, items, args)))  # JSON is YAML
            places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
            how = ["--until-decided"] if decided else []
            quiet = ["--progress", "none", "--no-report"]
            began = time.monotonic()
            subprocess.run(
                [sys.executable, "-m", "evalsuite", "run", str(config), *places, *how, *quiet],
                check=True,
            )
            took_s = time.monotonic() - began
        looks = folder / "results" / "deciding-fp4" / "looks.json"
        task = json.loads(looks.read_text())["tasks"][0] if decided else None
        return line(took_s, list(servers.rows()), task)


def line(took_s: float, rows: Sequence[dict[str, Any]], task: dict[str, Any] | None) -> str:
    """What the servers logged (*rows*) of a run that took so long."""
    work_s = busy_s = answers = dropped = 0.0
    for arm in ARMS:
        requests = [one for one in rows if one["model"] == arm]
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
    parser.add_argument("--kit", type=Path, required=True)
    parser.add_argument("--python", default=sys.executable, help="the servers' interpreter")
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

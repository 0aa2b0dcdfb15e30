r"""Runs `evalsuite run` against one server or several: the client that load tests measure.

Writes a configuration and becomes `evalsuite run`, so that what is measured from outside
is the program that users start, from its first instruction to its exit. With the load kit:

    python loadkit/bench.py --name ours -n 2000 --runs 3 --out measured -- \
        .venv/bin/python benchmarks/serving.py --base-url {base_url} --data {items} \
        --model {model} --concurrency {concurrency}

`--arm again` with the --results of an earlier run knows the lengths of its answers.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any


def experiment(args: argparse.Namespace) -> dict[str, Any]:
    """The configuration: one engine under several names, so that one run can follow another."""
    arm = {
        "backend": "openai",
        "precision": args.model,
        "concurrency": args.concurrency,
        "options": {"base_url": args.base_url, "model": args.model},
    }
    return {
        "name": "serving",
        "seed": 1,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 32_768},
        "tasks": {
            task: {"margin_pp": 1.0, "data": args.data, "repeats": args.repeats}
            for task in args.task
        },
        "arms": {"fp8": arm, "fp4": arm, "again": arm | {"role": "control"}},
    }


def main() -> None:
    """Write the configuration and become `evalsuite run`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", nargs="+", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--task", nargs="+", default=["gsm8k"])
    parser.add_argument("--model", default="fp8")
    parser.add_argument("--arm", choices=["fp8", "fp4", "again"], default="fp8")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--results", type=Path, help="a folder; else a new one below /tmp")
    args = parser.parse_args()
    # Not in the kit's folder: its report takes every run.json there for its own.
    folder = args.results or Path(tempfile.mkdtemp(prefix="serving-"))
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "serving.yaml"
    config.write_text(json.dumps(experiment(args)))  # JSON is YAML
    program = [sys.executable, "-m", "evalsuite", "run", str(config), "--arm", args.arm]
    places = ["--results", str(folder), "--reports", str(folder / "reports")]
    os.execv(sys.executable, [*program, *places, "--no-report"])  # noqa: S606 - our own program


if __name__ == "__main__":
    main()

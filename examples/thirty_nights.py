"""Thirty nights on the embedded engine, with one seeded regression on the way.

FP8 is asked once and kept. Each night the NVFP4 checkpoint is asked anew with the seeds of the
night, compared, added to the history and put before the gate. From one night on the engine rounds
activations to FP4 up only from three quarters of a step instead of from half, as a kernel with a
wrong rounding mode might; the commit under test has changed that night, as it has on others. At
the end the charts say what they found, and the report of the last night shows the trend.

    OPENBLAS_NUM_THREADS=1 python examples/thirty_nights.py --out thirty-nights
    python examples/thirty_nights.py --out /tmp/few --nights 12 --falls 9 --reference 6
"""

import argparse
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import yaml

from evalsuite.backends.embedded import formats
from evalsuite.cli import main as evalsuite
from evalsuite.nightly.history import History
from evalsuite.nightly.notes import alarm_line, watches
from evalsuite.nightly.policy import load_policy

FIRST = date(2026, 11, 1)
COMMITS_EVERY = 4
EXPERIMENT = {
    "name": "thirty",
    "seed": 20250120,
    "data": "demo",
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 160},
    "arms": {
        "fp8": {"backend": "embedded", "precision": "fp8", "options": {"model": "fp8"}},
        "fp4": {"backend": "embedded", "precision": "nvfp4", "options": {"model": "nvfp4"}},
    },
}
POLICY = {
    "overall": "strict",
    "undecided": "warn",
    "min_complete": 1.0,
    "max_truncation_growth_pp": 5.0,
    "max_length_growth": 1.25,
}


GRID = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], dtype=np.float32)


def wrong_rounding(values: formats.Floats) -> formats.Floats:
    """E2M1 rounded up only from three quarters of a step."""
    size = np.abs(values)
    below = np.clip(np.searchsorted(GRID, size, side="right") - 1, 0, len(GRID) - 2)
    low, high = GRID[below], GRID[below + 1]
    return np.copysign(np.where(size - low > 0.75 * (high - low), high, low), values)


def command(*words: object) -> int:
    """Run the command line in this process; its exit code."""
    try:
        evalsuite([str(word) for word in words])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def prepare(out: Path, *, questions: int, repeats: int, reference: int) -> None:
    """Write the configuration and the policy."""
    out.mkdir(parents=True, exist_ok=True)
    tasks = {
        name: {"margin_pp": 10.0, "sample": questions, "repeats": repeats}
        for name in ("gsm8k", "math_500")
    }
    drift = {
        "baseline_nights": reference,
        "false_alarms_per_month": 0.05,
        "remeasure_days": 60,
        "alarm": "warn",
    }
    margins = {name: {"margin_pp": task["margin_pp"]} for name, task in tasks.items()}
    files = {
        "nightly.yaml": EXPERIMENT | {"tasks": tasks},
        "gate.yaml": POLICY | {"tasks": margins, "drift": drift},
    }
    for name, content in files.items():
        (out / name).write_text(yaml.safe_dump(content, sort_keys=False))


def one_night(out: Path, number: int, *, falls: int) -> int:
    """Ask, add and decide; the gate's exit code."""
    night = (FIRST + timedelta(days=number)).isoformat()
    results = out / "nights" / night
    right = formats.round_e2m1
    if number >= falls:
        formats.round_e2m1 = wrong_rounding
    try:
        ask(out, "fp4", results, "--night", night)
    finally:
        formats.round_e2m1 = right
    # The commit moves every few nights, and on the night of the regression.
    version = number // COMMITS_EVERY + (number >= falls) + 1
    runs = out / "baseline" / "thirty-fp8", results / "thirty-fp4"
    common = "--policy", out / "gate.yaml", "--history", out / "history.sqlite"
    added = command(
        "history", "add", *runs, *common, "--night", night, "--commit", f"kernels-{version}"
    )
    assert added == 0, f"history add: exit code {added}"
    return command("gate", *runs, *common, "-o", out / "gates" / night)


def ask(out: Path, arm: str, results: Path, *more: str) -> None:
    """Run one arm, quietly."""
    words = "--arm", arm, "--results", results, "--quiet", "--no-report", *more
    code = command("run", out / "nightly.yaml", *words)
    assert code == 0, f"run: exit code {code}"


def alarms_of(out: Path) -> list[str]:
    """A line for each alarm of the history."""
    drift = load_policy(out / "gate.yaml").drift
    assert drift is not None
    with History(out / "history.sqlite", readonly=True) as history:
        found = watches(history.entries(), history.resets(), drift)
    return [alarm_line(chart) for one in found for chart in one.alarms]


def report(out: Path, last: int) -> int:
    """The last night's report with the trend."""
    night = (FIRST + timedelta(days=last)).isoformat()
    runs = out / "baseline" / "thirty-fp8", out / "nights" / night / "thirty-fp4"
    common = "--policy", out / "gate.yaml", "--history", out / "history.sqlite"
    return command("report", *runs, "-o", out / "report", *common, "--light")


def main(args: Sequence[str] | None = None) -> list[str]:
    """All nights; what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--falls", type=int, default=21, help="The regression's night, from 0.")
    parser.add_argument("--reference", type=int, default=10)
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=1)
    chosen = parser.parse_args(args)
    out = chosen.out
    began = time.process_time()
    prepare(out, questions=chosen.questions, repeats=chosen.repeats, reference=chosen.reference)
    ask(out, "fp8", out / "baseline")
    codes = []
    first = None
    for number in range(chosen.nights):
        codes.append(one_night(out, number, falls=chosen.falls))
        alarms = alarms_of(out)
        if alarms and first is None:
            first = number
            print(f"night {number}: the first alarm")
    print(
        f"regression on {(FIRST + timedelta(days=chosen.falls)).isoformat()} (night {chosen.falls})"
    )
    print(f"gate: {' '.join(map(str, codes))}")
    lines = alarms_of(out)
    print(*lines, sep="\n")
    assert report(out, chosen.nights - 1) == 0
    print(f"{time.process_time() - began:.0f} s of CPU")
    return lines


if __name__ == "__main__":
    main()

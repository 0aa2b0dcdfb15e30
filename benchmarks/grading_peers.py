r"""evalsuite's grader beside other projects', on the same labelled cases, in one run.

    python -m venv peers
    peers/bin/pip install math-verify==0.9.0 "lm_eval[math]==0.4.13" inspect_ai
    python benchmarks/grading_peers.py CASES --python peers/bin/python

CASES is a folder of .jsonl files (or one of them) with `kind` (choice, integer, numeric, math),
`gold`, `response`, `correct` and, if the response is nothing but the answer, `form: answer`.
Packages that cannot live in one environment get several `--python` (lighteval and evalscope want
versions of their own). `--graders FILE` measures your own instead, in the form of
`peer_graders.py`. Printed is a table: per kind the agreement with the labels, in brackets what was
wrongly accepted and wrongly refused, all in percent; CPU seconds per 1,000 cases, for peers without
their start, for evalsuite with it; cases that did not end within 20 s, which count as refused.
"""

import argparse
import json
import os
import resource
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalsuite.grading import Grader

HERE = Path(__file__).parent
HANG_S = 20.0
START_S = 180.0
KINDS = ("math", "numeric", "integer", "choice")
OURS = "**evalsuite**"


@dataclass(slots=True)
class Tally:
    """What one grader made of the cases of each kind."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    cpu_s: float = 0.0
    cases: int = 0
    hangs: int = 0

    def add(self, kind: str, *, right: bool, label: bool) -> None:
        """Count one verdict."""
        what = "agree" if right == label else "accepted" if right else "refused"
        self.counts.setdefault(kind, Counter())[what] += 1
        self.cases += 1


class Process:
    """A grader under another Python; killed and started again when it hangs."""

    def __init__(self, python: Path, name: str, file: Path | None) -> None:
        own = [str(file)] if file else []
        self._command = [str(python), str(HERE / "peer_graders.py"), name, *own]
        self._process: subprocess.Popen[bytes] | None = None
        self.cpu_s = 0.0

    def judge(self, case: dict[str, Any]) -> bool | None:
        """Whether the case is right; None if it hangs."""
        if self._process is None and not self._start():
            return None
        assert self._process is not None
        assert self._process.stdin is not None
        sent = {name: case[name] for name in ("gold", "response", "letters")}
        self._process.stdin.write(json.dumps(sent).encode() + b"\n")
        self._process.stdin.flush()
        said = self._line(HANG_S)
        if not said:
            self._process.kill()
            self.close()
            return None
        right, cpu_s = json.loads(said)
        self.cpu_s += cpu_s
        return bool(right)

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def _start(self) -> bool:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
        return self._line(START_S) == b"ready"

    def _line(self, timeout_s: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            return b""
        return self._process.stdout.readline().strip()


def cases_of(path: Path) -> Iterator[dict[str, Any]]:
    """The cases in *path*, each with the letters of its options."""
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        with file.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                options = len(row.get("choices") or ()) or (4 if row["gold"] in "ABCD" else 10)
                yield row | {"letters": "ABCDEFGHIJ"[:options]}


def measured(cases: Sequence[dict[str, Any]], process: Process) -> Tally:
    """What a peer makes of *cases*; bare answers are put in a box for its extractor."""
    tally = Tally()
    process.judge({"gold": "1", "response": "1", "letters": "ABCD"})  # the first call imports
    process.cpu_s = 0.0
    for case in cases:
        response = case["response"]
        if case.get("form") == "answer" and case["kind"] != "choice":
            response = f"\\boxed{{{response}}}"
        right = process.judge(case | {"response": response})
        tally.hangs += right is None
        tally.add(case["kind"], right=bool(right), label=case["correct"])
    process.close()
    tally.cpu_s = process.cpu_s
    return tally


def ours(cases: Sequence[dict[str, Any]]) -> Tally:
    """What evalsuite makes of *cases*."""
    tally = Tally()
    began, children = time.process_time(), _children_cpu_s()
    with Grader() as grader:
        for case in cases:
            score = grader.grade_text(
                kind=case["kind"],
                gold=case["gold"],
                text=case["response"],
                choices=case.get("choices") or (),
                bare=case.get("form") == "answer",
            )
            tally.hangs += score.reason == "grader_timeout"
            tally.add(case["kind"], right=score.outcome == "correct", label=case["correct"])
    tally.cpu_s = time.process_time() - began + _children_cpu_s() - children
    return tally


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def installed(python: Path, file: Path | None) -> dict[str, dict[str, Any]]:
    """The graders that *python* can run, by name."""
    own = [str(file)] if file else []
    command = [str(python), str(HERE / "peer_graders.py"), "--list", *own]
    done = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    cells = []
    for kind in KINDS:
        counts = tally.counts.get(kind)
        if not counts:
            cells.append("")
            continue
        whole = counts.total()
        shares = [100 * counts[one] / whole for one in ("agree", "accepted", "refused")]
        cells.append("{:.1f} ({:.1f} / {:.1f})".format(*shares))
    pace = 1000 * tally.cpu_s / max(tally.cases, 1)
    return f"| {name} | {' | '.join(cells)} | {pace:.1f} | {tally.hangs} |"


def main() -> None:
    """Measure everything that is installed and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--python", type=Path, action="append", default=[])
    parser.add_argument("--graders", type=Path, help="a file of your own with a dict GRADERS")
    parser.add_argument("--only", default="", help="graders with this in their name")
    chosen = parser.parse_args()
    cases = list(cases_of(chosen.cases))
    totals = Counter(case["kind"] for case in cases)
    titles = " | ".join(f"{kind} ({totals[kind]})" for kind in KINDS)
    print(f"| grader | {titles} | CPU s per 1,000 | over {HANG_S:.0f} s |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    print(row(OURS, ours(cases)), flush=True)
    seen = set()
    for python in chosen.python:
        for name, facts in installed(python, chosen.graders).items():
            if name in seen or chosen.only not in name:
                continue
            seen.add(name)
            wanted = [case for case in cases if case["kind"] in facts["kinds"]]
            tally = measured(wanted, Process(python, name, chosen.graders))
            print(row(f"{name} ({facts['package']} {facts['version']})", tally), flush=True)
    print(f"{len(cases)} cases; load {os.getloadavg()[0]:.1f}", file=sys.stderr)


if __name__ == "__main__":
    main()

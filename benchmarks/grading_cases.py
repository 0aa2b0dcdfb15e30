"""How well, and how fast, the grader judges labelled cases.

    python benchmarks/grading_cases.py cases FOLDER [--misses]
    python benchmarks/grading_cases.py traces FOLDER [--misses]

`cases`: jsonl files of rows with kind, gold, response, form (response|answer), correct, choices.
`traces`: jsonl files (or a .zip, password in EVALSUITE_ZIP_PASSWORD) of rows with benchmark, gold,
response, options, think_prefilled, finish_reason and label_ours (true, false or null).
Misses are printed as ids only, so that no benchmark text reaches a log.
"""

import argparse
import json
import os
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evalsuite.grading import Grader
from evalsuite.model import Kind, Score

KINDS: dict[str, Kind] = {
    "mmlu": "choice",
    "mmlu_pro": "choice",
    "gpqa_diamond": "choice",
    "aime_2024": "integer",
    "gsm8k": "numeric",
    "math_500": "math",
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a jsonl file, or of those inside a zip, read in memory."""
    if path.suffix == ".zip":
        password = os.environ.get("EVALSUITE_ZIP_PASSWORD", "").encode()
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                for line in archive.read(name, pwd=password).splitlines():
                    yield json.loads(line)
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def grade_case(grader: Grader, row: dict[str, Any]) -> Score:
    """The score of a labelled case."""
    return grader.grade_text(
        kind=row["kind"],
        gold=row["gold"],
        text=row["response"],
        choices=row.get("choices") or (),
        bare=row["form"] == "answer",
    )


def grade_trace(grader: Grader, row: dict[str, Any]) -> Score:
    """The score of a real model's output."""
    finish = row.get("finish_reason")
    return grader.grade_text(
        kind=KINDS[row["benchmark"]],
        gold=row["gold"],
        text=row["response"],
        finish_reason=finish if finish in ("stop", "length") else "unknown",
        choices=row.get("options") or (),
        starts_in_thinking=bool(row.get("think_prefilled")),
    )


def measure(folder: Path, *, traces: bool, misses: bool) -> None:
    """Print one line per file: agreement, wrong acceptances and refusals, CPU-bound time."""
    with Grader(workers=2) as grader:
        for path in sorted(folder.iterdir()):
            if path.suffix not in (".jsonl", ".zip"):
                continue
            seen: Counter[str] = Counter()
            wrong: list[str] = []
            began = time.perf_counter()
            for row in rows(path):
                label = row["label_ours"] if traces else row["correct"]
                score = (grade_trace if traces else grade_case)(grader, row)
                verdict = score.outcome == "correct"
                if label is None:
                    seen[f"unlabelled {score.outcome}"] += 1
                    continue
                seen["agree" if verdict == label else "accept" if verdict else "refuse"] += 1
                if verdict != label:
                    wrong.append(f"{row['id']} [{score.reason}/{score.rule}]")
            count = seen["agree"] + seen["accept"] + seen["refuse"]
            share = {name: f"{100 * seen[name] / count:.2f} %" for name in seen}
            pace = 1000 * (time.perf_counter() - began) / sum(seen.values())
            print(f"{path.name}: {count} labelled, {share}, {pace:.1f} s per 1,000")
            if misses:
                print("\n".join(f"  {one}" for one in wrong))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["cases", "traces"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true")
    chosen = parser.parse_args()
    measure(chosen.folder, traces=chosen.what == "traces", misses=chosen.misses)


if __name__ == "__main__":
    main()

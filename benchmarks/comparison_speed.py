"""Time and memory of one full comparison: MMLU 14,042 × 1, GSM8K, MATH-500, GPQA, AIME 30 × 64.

The runs are invented (seeded) and stored as any run is; the time counts everything from the two
open folders to the `Comparison`, three arms with the control:

    python benchmarks/comparison_speed.py
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from invented import draw, question, run_info

from evalsuite.comparison import compare, to_json
from evalsuite.model import Answer, Key, Question, Score
from evalsuite.runs.folder import open_run, writing

# Task, title, questions, repeats, accuracy.
SIZES = (
    ("mmlu", "MMLU", 14_042, 1, 0.91),
    ("gsm8k", "GSM8K", 1_319, 1, 0.965),
    ("math_500", "MATH-500", 500, 1, 0.955),
    ("gpqa_diamond", "GPQA Diamond", 198, 1, 0.67),
    ("aime_2024", "AIME 2024", 30, 64, 0.79),
)


def main() -> None:
    """Make three runs, compare them, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="comparisons to time")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / arm for arm in ("fp8", "fp4", "fp8_again")]
        for number, path in enumerate(paths):
            make(path, number)
        for _ in range(times):
            started, busy = time.perf_counter(), time.process_time()
            with (
                open_run(paths[0]) as ours,
                open_run(paths[1]) as theirs,
                open_run(paths[2]) as again,
            ):
                found = compare(ours, theirs, control=again)
            wall, cpu = time.perf_counter() - started, time.process_time() - busy
            print(f"compare: {wall:.2f} s, {cpu:.2f} s of processor")
        started = time.perf_counter()
        size = len(to_json(found))
        print(f"to_json: {time.perf_counter() - started:.2f} s, {size / 1e6:.1f} MB")
    pairs = sum(one.pairs for one in found.benchmarks)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{pairs:,} pairs, {len(found.flips):,} flips, peak {memory:.0f} MiB")


def make(path: Path, number: int) -> None:
    """Write an invented run; *number* chooses its seed, the questions are the same in all."""
    questions = [question for size in SIZES for question in questions_of(*size[:3])]
    tasks = [size[:4] for size in SIZES]
    with writing(path, run_info(path.name, tasks), questions) as run:
        for task, _, count, repeats, accuracy in SIZES:
            rows = list(draws(task, count, repeats, accuracy, number))
            run.store.put([answer for answer, _ in rows])
            run.store.put(scores=[(answer.key, score) for answer, score in rows], grader="1")


def questions_of(task: str, _title: str, count: int) -> Iterator[Question]:
    """*count* questions with texts of a usual length."""
    for number in range(count):
        yield question(task, f"{task}/{number}", number, f"Question {number}. " * 40)


def draws(
    task: str, count: int, repeats: int, accuracy: float, number: int
) -> Iterator[tuple[Answer, Score]]:
    """Right or wrong by each question's own rate, with lengths of their own."""
    rates = np.random.default_rng(7).beta(3 * accuracy, 3 * (1 - accuracy), count)
    chance = np.random.default_rng([number, count])
    right = chance.random((count, repeats)) < rates[:, None]
    tokens = chance.lognormal(7, 1, (count, repeats)).astype(int) + 1
    for at, repeat in product(range(count), range(repeats)):
        yield draw(
            Key(task, f"{task}/{at}", repeat),
            right=bool(right[at, repeat]),
            text=f"{number} {at} {repeat}",
            tokens=int(tokens[at, repeat]),
        )


if __name__ == "__main__":
    main()

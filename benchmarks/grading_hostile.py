r"""Answers that are meant to hang, crash, fill memory or be run as code, and what the grader does.

    python benchmarks/grading_hostile.py            # all of it, some minutes
    python benchmarks/grading_hostile.py --quick    # what the tests run

Each text is graded bare and as a response, as mathematics against several golds, as a number and as
a choice. Printed are, per family, how many gradings there were, the reasons they ended with, the
slowest, and what failed: an exception, an outcome `correct`, a grading longer than the limit
and the start of a worker, more CPU outside of it than the length of the text explains, code
that was run, a pool that does not answer afterwards.
"""

import argparse
import gc
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

from hostile_corpus import corpus

from evalsuite.grading import Grader
from evalsuite.model import Kind, Score

TIMEOUT_S = 1.0
NUMBERS = count(2)
START_S = 8.0  # a killed worker's successor imports sympy, on a machine that does other things, too
MEMORY_MB = 1024
# Reading is linear in the length: about a microsecond a character, with room for a busy machine.
CPU_S, CPU_S_PER_CHARACTER = 0.2, 5e-6
Golds: TypeAlias = Sequence[tuple[Kind, str]]
# No hostile text has one of these values.
GOLDS: Golds = (
    ("math", "77773"),
    ("math", r"\frac{\sqrt{3}+x}{77773}"),
    ("math", r"(77773, \frac{1}{77773}]"),
    ("integer", "77773"),
    ("choice", "J"),
)
QUICK: Golds = (GOLDS[0], *GOLDS[3:])


@dataclass(slots=True)
class Seen:
    """What came of the texts of one family."""

    texts: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: str = ""
    failures: list[str] = field(default_factory=list)


def attack(grader: Grader, texts: Iterable[str], canary: Path, golds: Golds = GOLDS) -> Seen:
    """Grade every text of a family in every way; what failed is named by the text's beginning."""
    seen = Seen()
    gc.freeze()  # a full collection of what lived before is not the grader's time
    for text in texts:
        seen.texts += 1
        slow = [
            _attack(grader, kind, gold, text, bare=bare, seen=seen)
            for kind, gold in golds
            for bare in (True, False)
        ]
        if canary.exists():
            seen.failures.append(f"{text[:60]!r}: ran code")
            canary.unlink()
        if (any(slow) or seen.texts == 1) and not _alive(grader, next(NUMBERS)):
            seen.failures.append(f"{text[:60]!r}: the pool is dead afterwards")
    gc.unfreeze()
    return seen


def _attack(grader: Grader, kind: Kind, gold: str, text: str, *, bare: bool, seen: Seen) -> bool:
    """One grading; whether it was slow enough to have used a worker."""
    began, began_cpu = time.monotonic(), time.process_time()
    reason = _graded(grader, kind, gold, text, bare=bare)
    took, cpu_s = time.monotonic() - began, time.process_time() - began_cpu
    named = f"{kind}, {'bare' if bare else 'response'}, {len(text):,} characters {text[:60]!r}"
    seen.reasons[reason] += 1
    if took > seen.slowest_s:
        seen.slowest_s, seen.slowest = took, named
    if took > TIMEOUT_S + START_S:
        seen.failures.append(f"{named}: took {took:.1f} s")
    if cpu_s > CPU_S + CPU_S_PER_CHARACTER * len(text):
        seen.failures.append(f"{named}: {cpu_s:.2f} s of CPU outside a worker")
    if reason.startswith("!"):
        seen.failures.append(f"{named}: {reason}")
    return took > TIMEOUT_S / 2


def _graded(grader: Grader, kind: Kind, gold: str, text: str, *, bare: bool) -> str:
    try:
        score: Score = grader.grade_text(kind=kind, gold=gold, text=text, bare=bare)
    except Exception as error:  # noqa: BLE001 - any exception at all is a failure to report
        return f"! {type(error).__name__}: {error}"
    return "! correct" if score.outcome == "correct" else score.reason


def _alive(grader: Grader, number: int) -> bool:
    """Whether a worker answers an equation that was not asked before."""
    gold, answer = f"x^2-{number * number}", f"(x-{number})(x+{number})"
    return grader.grade_text(kind="math", gold=gold, text=answer, bare=True).outcome == "correct"


def main() -> None:
    """Attack, and exit 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--family", action="append", help="only this one; repeatable")
    chosen = parser.parse_args()
    canary = Path(tempfile.gettempdir()) / f"evalsuite-canary-{os.getpid()}"
    texts = failures = 0
    golds = QUICK if chosen.quick else GOLDS
    with Grader(timeout_s=TIMEOUT_S, memory_mb=MEMORY_MB) as grader:
        for family, generated in corpus(canary, quick=chosen.quick).items():
            if chosen.family and family not in chosen.family:
                continue
            began = time.process_time()
            seen = attack(grader, generated, canary, golds)
            _show(family, seen, cpu_s=time.process_time() - began)
            texts += seen.texts
            failures += len(seen.failures)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        f"{texts} texts, {failures} failures; CPU {usage[0].ru_utime:.0f} s here and "
        f"{usage[1].ru_utime:.0f} s in workers; peak memory {usage[0].ru_maxrss / 1024:.0f} MB "
        f"here and {usage[1].ru_maxrss / 1024:.0f} MB in a worker"
    )
    sys.exit(failures > 0)


def _show(family: str, seen: Seen, *, cpu_s: float) -> None:
    told = ", ".join(f"{name} {times}" for name, times in seen.reasons.most_common())
    print(f"{family}: {seen.texts} texts, {cpu_s:.1f} s CPU here: {told}")
    print(f"  slowest {seen.slowest_s:.2f} s: {seen.slowest}")
    for failure in seen.failures:
        print(f"  FAILED {failure}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""An order of a benchmark's questions that no data set, run or machine changes.

By a hash of task and id, so that the first n are a fair sample of the whole: the same n in every
run, and a larger sample holds every smaller one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice


def rank(task: str, question: str) -> bytes:
    """Where *question* stands in the order of *task*."""
    return hashlib.sha256(f"{task}\n{question}".encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first `fixed` questions in that order, and `rotate` of the rest.

    Each `night` takes the next ones of the rest, and begins again when all had their turn.
    """

    fixed: int
    rotate: int = 0
    night: int = 0


def sampled(task: str, questions: Iterable[str], sample: Sample) -> set[str]:
    """Those of *questions* that *sample* takes."""
    order = sorted(questions, key=lambda one: rank(task, one))
    fixed, rest = order[: sample.fixed], order[sample.fixed :]
    if not rest:
        return set(fixed)
    start = sample.night * sample.rotate % len(rest)
    return {*fixed, *islice(cycle(rest), start, start + min(sample.rotate, len(rest)))}

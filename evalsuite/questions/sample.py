"""An order of a benchmark's questions that no data set, run or machine changes.

By a hash of task and id, so that the first n are a fair sample of the whole: the same n in every
run, and a larger sample holds every smaller one.
"""

import hashlib
from collections.abc import Iterable


def rank(task: str, question: str) -> bytes:
    """Where *question* stands in the order of *task*."""
    return hashlib.sha256(f"{task}\n{question}".encode("utf-8", "surrogatepass")).digest()


def sampled(task: str, questions: Iterable[str], count: int) -> set[str]:
    """The first *count* of *questions* in that order."""
    return set(sorted(questions, key=lambda one: rank(task, one))[:count])

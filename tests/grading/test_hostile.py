"""Texts that are meant to hang, crash, fill memory or be run cost one answer at most.

The corpus and the rules are those of `benchmarks/grading_hostile.py`; all of it is run by command.
"""

import resource
import sys
from pathlib import Path

import pytest

from evalsuite.grading import Grader

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FAMILIES = {
    "tower": 20,
    "factorial": 20,
    "nested": 45,
    "big number": 25,
    "unbalanced": 80,
    "characters": 190,
    "code": 65,
    "analysis": 25,
    "repeated": 75,
    "members": 20,
}
MEMORY_MB = 1024


@pytest.fixture(scope="module")
def hostile():
    """The benchmark's module; its texts are in another beside it."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import grading_hostile

        yield grading_hostile
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def grader():
    with Grader(timeout_s=0.5, memory_mb=MEMORY_MB) as one:
        yield one


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_answers_are_data(hostile, grader, family, tmp_path):
    """No exception, none right, none slow, none run as code, and the pool answers afterwards."""
    canary = tmp_path / "canary"
    texts = hostile.corpus(canary, quick=True)[family]
    seen = hostile.attack(grader, texts, canary, hostile.QUICK)
    assert seen.failures == []
    assert seen.texts >= FAMILIES[family]


@pytest.mark.parametrize("token", ["{", "\\boxed{", "\\", "</think>"])
def test_a_megabyte_of_anything_is_read_in_linear_time(hostile, grader, token, tmp_path):
    """Also where it is the whole response."""
    canary = tmp_path / "canary"
    text = token * (1_000_000 // len(token))
    seen = hostile.attack(grader, [text], canary, hostile.QUICK)
    assert seen.failures == []


def test_boxes_nest_to_any_depth(grader):
    """Ten thousand boxes around an answer are one."""
    text = "\\boxed{" * 10_000 + "7" + "}" * 10_000
    assert grader.grade_text(kind="math", gold="7", text=text).outcome == "correct"


def test_no_worker_took_more_memory_than_it_may(grader):
    """The largest of the processes that are over, those of this module's grader among them."""
    grader.close()
    most_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert most_mb < MEMORY_MB

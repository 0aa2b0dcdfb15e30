"""What the gate and the history take from a comparison."""

from types import SimpleNamespace

import pytest

from evalsuite.comparison.types import Sequential
from evalsuite.nightly.result import due, most_lost


def stopping(**changes):
    facts = {
        "rule": "until-decided",
        "look": 2,
        "looks": 4,
        "stopped": "holds",
        "finished": True,
        "asked": 50,
        "pairs": 50,
        "planned": 100,
        "fixed": 90,
        "saved_tokens": None,
        "left_out": 0,
    }
    return Sequential(**(facts | changes))


@pytest.mark.parametrize(
    ("sequential", "expected"),
    [
        (None, 200),
        (stopping(), 50),
        (stopping(finished=False, stopped=None), 100),
        (stopping(finished=False, stopped=None, planned=10), 51),
    ],
)
def test_a_run_that_stopped_early_is_complete_when_it_has_ended(sequential, expected):
    """Before, it lacks answers, however many it has."""
    assert due(SimpleNamespace(sequential=sequential, pairs=50), 200) == expected


def test_the_questions_most_lost_come_first():
    """By net loss; what was won as often is none."""

    def flip(question, *, lost):
        return SimpleNamespace(task="mmlu", question=question, lost=lost)

    flips = [
        flip("a", lost=True),
        flip("b", lost=True),
        flip("b", lost=True),
        flip("c", lost=False),
    ]
    flips += [flip("d", lost=True), flip("d", lost=False)]
    found = most_lost(SimpleNamespace(flips=flips))
    assert [(one.question, one.lost, one.won) for one in found] == [("b", 2, 0), ("a", 1, 0)]
    assert len(most_lost(SimpleNamespace(flips=flips), most=1)) == 1

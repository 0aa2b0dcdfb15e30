"""Concurrency falls under overload and only then, and rises again in seconds."""

import pytest

from evalsuite.runs.pace import Pace


def refused(pace, times, *, sent_in_round=None):
    sent = pace.round if sent_in_round is None else sent_in_round
    return [pace.refused(sent) for _ in range(times)]


def test_single_refusals_change_nothing():
    """Two in a hundred, second after second, are the server's business."""
    pace = Pace(256)
    for _ in range(100):
        assert not any(refused(pace, 5))
        pace.tick()
    assert pace.most == 256


def test_a_tenth_refused_asks_less():
    """The change is told once."""
    pace = Pace(200)
    assert refused(pace, 20) == [False] * 19 + [True]
    assert pace.most == 140


def test_one_overload_is_answered_once():
    """Refusals of what was sent before the change say nothing about what is asked since."""
    pace = Pace(200)
    refused(pace, 150, sent_in_round=0)
    assert pace.most == 140


@pytest.mark.parametrize(("target", "floor"), [(256, 16), (16, 1), (3, 1), (1, 1)])
def test_there_is_a_floor(target, floor):
    """Whatever is refused, something is still asked."""
    pace = Pace(target)
    for _ in range(100):
        refused(pace, 50)
    assert pace.most == floor


def test_it_rises_again_within_seconds():
    """By a sixteenth of the target for each second without overload, and no further than it."""
    pace = Pace(160)
    for _ in range(20):
        refused(pace, 50)
    assert pace.most == 10
    pace.tick()
    assert pace.most == 20
    for _ in range(30):
        pace.tick()
    assert pace.most == 160


def test_under_lasting_overload_it_does_not_rise():
    """A second with many refusals is no second without overload."""
    pace = Pace(160)
    refused(pace, 16)
    lowered = pace.most
    refused(pace, 10)
    pace.tick()
    assert pace.most == lowered

"""The decision at one look."""

import math

import numpy as np
import pytest

from evalsuite.stats.anytime import Evidence, bets, evidence
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.schedule import Stage
from evalsuite.stats.sequential import kim_demets
from evalsuite.stats.stopping import anytime_stop, sequential_stop

LOOKS = [
    Stage(information=share, share=share, futile=kim_demets(0.1, share))
    for share in (0.25, 0.5, 0.75, 1.0)
]


def counts(gains, losses, pairs):
    """One draw each: won, lost, and equal ones."""
    right = np.zeros((2, pairs), dtype=int)
    right[1, :gains] = right[0, gains : gains + losses] = 1
    return paired_counts(right[0], right[1], np.ones(pairs, dtype=int))


@pytest.mark.parametrize(
    ("gains", "losses", "look", "stop"),
    [
        (30, 10, 0, "holds"),
        (20, 20, 0, None),
        (10, 34, 0, "futile"),
        (10, 24, 0, None),
        (5, 80, 0, "worse"),
        (18, 27, 3, None),
    ],
)
def test_a_look_decides_by_its_own_boundaries(gains, losses, look, stop):
    """1,000 pairs, a margin of one point: holds, go on, hopeless, worse; at the end, neither."""
    assert sequential_stop(counts(gains, losses, 1000), LOOKS[: look + 1], margin=0.01) == stop


def test_bets_decide_at_twenty_to_one():
    """log 20 is enough for a verdict; before it, hopelessness only once a loss is as sure."""
    enough = math.log(20) + 1e-9

    def say(holds=0.0, worse=0.0, futile=0.0):
        return anytime_stop(
            Evidence(log_e_holds=holds, log_e_worse=worse, log_e_futile=futile, low=-1.0, high=1.0)
        )

    assert say() is None
    assert say(holds=enough) == "holds"
    assert say(worse=enough, futile=enough) == "worse"
    assert say(futile=enough) == "futile"
    assert say(holds=enough - 0.01) is None


def test_a_loss_beyond_the_margin_is_given_up_before_it_is_proven_worse():
    """Twice the margin lost: the bet on any loss wins long before the bet on more than one."""
    seen = evidence(20, 60, 2000, bets=bets(0.06, 0.01), alpha=0.05)
    assert seen.log_e_futile > math.log(20) > seen.log_e_worse
    assert anytime_stop(seen) == "futile"

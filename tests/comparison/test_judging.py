"""Verdicts on runs that may stop early."""

import pytest

from evalsuite.comparison.judging import ByBets
from evalsuite.stats.paired import PairedCounts, paired_counts


@pytest.fixture
def lost() -> PairedCounts:
    """Counts that bets do not look at: they have what was won and lost."""
    import numpy as np

    one = np.ones(1, dtype=np.int64)
    return paired_counts(one, one, one)


@pytest.mark.parametrize("planned", [0.01, 0.03])
def test_bets_are_judged_at_the_margin_that_is_asked_for(lost, planned):
    """A loss of two points is worse than a margin of one, and not than one of three."""
    found = ByBets(won=400, lost=1_000, pairs=30_000, discordance=0.05, margin=planned)
    assert found.worse_p(lost, 0.01) < 0.001
    assert found.worse_p(lost, 0.03) == 1.0
    assert found.holds_p(lost, 0.01) == 1.0

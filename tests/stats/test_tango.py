"""Tango's score interval and test against values of R.

Source: R package contingencytables 3.0.0 (Fagerland, Lydersen & Laake), its score function solved
by uniroot; PropCIs::scoreci.mp example of Agresti & Min 2005. Run on 2026-11-01.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsuite.stats.quantiles import above, two_sided
from evalsuite.stats.tango import score_limits, score_z

# right in the second arm only, right in the first only, pairs, level, limits
R_INTERVALS = [
    (1, 7, 21, 0.95, (-0.517232276421377, -0.0260030324808684)),
    (1, 7, 21, 0.90, (-0.481622491844019, -0.0746307684757223)),
    (12, 9, 1319, 0.95, (-0.00493670631789148, 0.00981836552882122)),
    (12, 9, 1319, 0.90, (-0.00365679474151012, 0.00845184143521269)),
    (2, 1, 30, 0.95, (-0.113416770222798, 0.187674301305379)),
    (2, 1, 30, 0.90, (-0.0820046711189205, 0.156445695111149)),
    (0, 0, 30, 0.95, (-0.113513393173968, 0.113513393173969)),
    (0, 0, 30, 0.90, (-0.082724308125097, 0.0827243081250974)),
    (40, 20, 160, 0.95, (0.0308645331330868, 0.218064244166825)),
    (23.9175, 29.9175, 480, 0.90, (-0.0382960474286033, 0.0129071637310043)),
    (19.144, 43.144, 2000, 0.95, (-0.0202326139483499, -0.00440343792352882)),
]


def score_interval(gains, losses, pairs, *, level):
    return score_limits(gains, losses, pairs, quantile=two_sided(level))


@pytest.mark.parametrize(("gains", "losses", "pairs", "level", "limits"), R_INTERVALS)
def test_interval_is_that_of_r(gains, losses, pairs, level, limits):
    """The limits agree with R to six digits, virtual counts included."""
    assert score_interval(gains, losses, pairs, level=level) == pytest.approx(limits, rel=1e-6)


@pytest.mark.parametrize(
    ("gains", "losses", "pairs", "margin", "z", "p"),
    [
        (9, 12, 1319, 0.01, 2.00050495264468, 0.022722882829838),
        (1, 2, 30, 0.03, -0.0582669843361928, 0.523232017249717),
    ],
)
def test_noninferiority_is_that_of_r(gains, losses, pairs, margin, z, p):
    """The score statistic and its one-sided p-value agree with R."""
    assert score_z(gains, losses, pairs, -margin) == pytest.approx(z, rel=1e-6)
    assert above(score_z(gains, losses, pairs, -margin)) == pytest.approx(p, rel=1e-6)


@given(
    gains=st.integers(0, 50),
    losses=st.integers(0, 50),
    rest=st.integers(0, 400),
)
def test_swapping_the_arms_mirrors_the_interval(gains, losses, rest):
    """The interval holds the estimate, lies in [-1, 1], and mirrors when the arms are swapped."""
    pairs = gains + losses + rest + 1
    low, high = score_interval(gains, losses, pairs, level=0.95)
    back, forth = score_interval(losses, gains, pairs, level=0.95)
    assert -1 <= low <= (gains - losses) / pairs <= high <= 1
    assert (low, high) == pytest.approx((-forth, -back), abs=1e-9)


@pytest.mark.parametrize(("gains", "losses"), [(5, 0), (0, 5)])
def test_every_pair_discordant_is_defined(gains, losses):
    """An arm that wins every single pair gets an interval that ends at one."""
    low, high = score_interval(gains, losses, 5, level=0.95)
    assert (high == 1.0) == (gains == 5)
    assert (low == -1.0) == (losses == 5)

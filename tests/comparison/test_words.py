"""How the numbers of a comparison are written, everywhere."""

import pytest

from evalsuite.comparison import words
from evalsuite.comparison.types import Estimate, Interval


def estimate(value, low, high):
    return Estimate(value=value, interval=Interval(low=low, high=high, level=0.95))


def test_a_loss_has_a_true_minus_and_a_gain_a_plus():
    """Differences are in percentage points with two digits, a sign and their interval."""
    assert words.points(-0.0123) == "−1.23"
    assert words.points(0.0006) == "+0.06"
    assert words.difference(estimate(-0.005, -0.02, 0.01)) == "−0.50 (−2.00 … +1.00)"


def test_an_accuracy_has_its_interval():
    """In percent, without signs."""
    assert words.percent(-0.003, 0) == "0"
    assert words.percent(-0.013, 0) == "−1"
    assert words.accuracy(estimate(0.9731, 0.955, 0.984)) == "97.31 (95.50 … 98.40)"


def test_the_reach_covers_the_interval_on_both_sides():
    """The farther end counts: score intervals lean."""
    assert words.reach(estimate(0.98, 0.93, 0.99)) == "5.00"
    assert words.reach(estimate(0.02, 0.01, 0.07), 1) == "5.0"


def test_a_ratio_is_shown_as_the_change_it_is():
    """1.029 is 2.9 % longer."""
    assert words.change(1.029) == "+2.9"
    assert words.change(0.95) == "−5.0"
    assert words.growth(estimate(1.1, 0.95, 1.25)) == "+10.0 % (−5.0 … +25.0)"


@pytest.mark.parametrize(("loss", "shown"), [(0.01, "1.0"), (0.0025, "0.25"), (0.1, "10.0")])
def test_a_margin_is_never_rounded(loss, shown):
    """A quarter of a point is no fifth."""
    assert words.margin(loss) == shown
    assert words.allowed(loss) == f"−{shown}"

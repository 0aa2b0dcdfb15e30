"""Tango's score test and interval for a paired difference of proportions.

T. Tango, Statistics in Medicine 17 (1998) 891-908. Counts need not be whole numbers, so that the
same function serves the virtual counts of repeated draws (`evalsuite.stats.paired`).
"""

import math
from collections.abc import Callable

INSIDE = 1 - 1e-12


def score_z(gains: float, losses: float, pairs: float, difference: float) -> float:
    """The score statistic of H0: gain rate minus loss rate is *difference*; normal under H0.

    *gains* pairs are right in the second arm only, *losses* in the first only.
    """
    variance = null_variance(gains, losses, pairs, difference)
    observed = gains - losses - pairs * difference
    if variance <= 0:
        return 0.0 if observed == 0 else math.copysign(math.inf, observed)
    return observed / math.sqrt(variance)


def null_variance(gains: float, losses: float, pairs: float, difference: float) -> float:
    """The variance of gains minus losses if their rates truly differ by *difference*.

    The loss rate under that constraint is the likelihood's maximum, the root of a quadratic.
    """
    a = 2 * pairs
    b = -(gains + losses) + (2 * pairs - gains + losses) * difference
    c = -losses * difference * (1 - difference)
    loss_rate = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    return pairs * (2 * loss_rate + difference * (1 - difference))


def score_limits(
    gains: float, losses: float, pairs: float, *, quantile: float
) -> tuple[float, float]:
    """The differences at which `score_z` is plus and minus *quantile* (> 0)."""
    observed = (gains - losses) / pairs

    def excess(target: float) -> Callable[[float], float]:
        return lambda difference: score_z(gains, losses, pairs, difference) - target

    return (
        _root(excess(quantile), -INSIDE, observed),
        _root(excess(-quantile), observed, INSIDE),
    )


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where the falling *function* crosses zero in [low, high]; an end if it does not."""
    from scipy.optimize import brentq

    if function(low) <= 0:
        return max(low, -1.0) if low > -INSIDE else -1.0
    if function(high) >= 0:
        return 1.0 if high >= INSIDE else high
    return float(brentq(function, low, high, xtol=1e-14))

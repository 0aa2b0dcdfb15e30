"""Statistics as a `Comparison` holds them: estimates, intervals, verdicts."""

from collections.abc import Mapping

from evalsuite.comparison.types import Estimate, Interval, Verdict
from evalsuite.stats.decide import LEVEL_95, Formal, formal_state
from evalsuite.stats.paired import PairedCounts

VERDICTS: Mapping[Formal, Verdict] = {
    "equivalent": "holds",
    "non-inferior": "holds",
    "inferior": "worse",
    "inconclusive": "undecided",
}


def interval_of(counts: PairedCounts, level: float) -> Interval:
    """The interval of the paired difference at *level*."""
    low, high = counts.interval(level)
    return Interval(low=low, high=high, level=level)


def difference_of(counts: PairedCounts) -> Estimate:
    """The paired difference with its 95 % interval."""
    return Estimate(value=counts.difference, interval=interval_of(counts, LEVEL_95))


def verdict_of(interval_90: Interval, margin: float) -> Verdict:
    """What the limits of a 90 % interval decide about a loss of *margin* (positive)."""
    return VERDICTS[formal_state(interval_90.low, interval_90.high, margin=margin)]


def variance_of(interval: Interval) -> float:
    """The variance of an estimate by its score interval: never zero, even in silence."""
    from scipy.stats import norm

    half = (interval.high - interval.low) / 2
    return (half / float(norm.ppf((1 + interval.level) / 2))) ** 2

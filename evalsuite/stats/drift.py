"""Slow change over many nights: a one-sided EWMA chart with limits found by simulation.

S. W. Roberts (Technometrics 1 (1959)); exact standard deviations as in J. Lucas and M. Saccucci
(Technometrics 32 (1990)). The nights are held against reference nights of the same engine. What
the reference does not know exactly enters the limits: its own error stays the same for every
later night, and the spread of the nights is estimated from it, too. Ignoring the first makes 10
to 20 % of healthy months cry wolf where 5 % were meant, ignoring the second up to 50 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from evalsuite.stats.paired import Floats

SMOOTHING = 0.2
MONTH = 30
SIMULATED = 100_000
SEED = 20260801


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How much nights scatter beyond sampling: φ² = max(1, mean squared standardised deviation).

    `p_value` is the chi-squared test of "sampling alone explains it"; `freedom` its degrees.
    """

    phi2: float
    freedom: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where a change of the mean most likely began, as indices into the nights given.

    `first` to `last` are the beginnings that the data do not rule out (twice the log likelihood
    ratio is at most 4).
    """

    at: int
    first: int
    last: int


def ewma(z: Sequence[float]) -> tuple[list[float], list[float]]:
    """The EWMA of *z* from 0, and its standard deviation at each night if z is white noise."""
    values, deviations = [], []
    level = 0.0
    for night, one in enumerate(z, start=1):
        level = (1 - SMOOTHING) * level + SMOOTHING * one
        values.append(level)
        deviations.append(_deviation(night))
    return values, deviations


def spread(z: Sequence[float]) -> Spread:
    """φ² of the reference nights' standardised deviations *z* from their own mean."""
    from scipy.stats import chi2

    freedom = len(z) - 1
    mean_square = float(np.mean(np.square(z)))
    return Spread(
        phi2=max(mean_square, 1.0),
        freedom=freedom,
        p_value=float(chi2.sf(mean_square * freedom, freedom)),
    )


def pooled(spreads: Sequence[tuple[Sequence[float], Spread]]) -> Spread:
    """One φ² of several charts' reference nights: their squares and degrees added."""
    from scipy.stats import chi2

    freedom = sum(one.freedom for _, one in spreads)
    squares = sum(float(np.mean(np.square(z))) * one.freedom for z, one in spreads)
    return Spread(
        phi2=max(squares / freedom, 1.0),
        freedom=freedom,
        p_value=float(chi2.sf(squares, freedom)),
    )


def shares_of(budget: float, charts: int) -> tuple[float, float]:
    """The false-alarm rates of the mean's chart and of each of *charts* others.

    Half of the *budget* is the mean's, the rest is shared by Šidák's rule.
    """
    half = budget / 2
    return half, 1 - (1 - half) ** (1 / charts) if charts else 0.0


@cache
def limit(*, reference: float, freedom: float, rate: float, nights: int = MONTH) -> float:
    """L: an alarm is an EWMA below −L of its standard deviations.

    Of healthy series of *nights* nights a share of *rate* has one. *reference* is the variance of
    the reference mean over that of a night (1/H for H equal nights). φ² is estimated with
    *freedom* degrees (inf if it is known). Simulated with a fixed seed.
    """
    lowest = _scaled(_healthy(reference, freedom, nights)).min(axis=0)
    return float(-np.quantile(lowest, rate))


def found_within(
    nights: Sequence[int],
    *,
    drop: float,
    reference: float,
    freedom: float,
    limit: float,
    before: int = 0,
) -> list[float]:
    """The chance that a step of −*drop* night-standard-errors is found within each of *nights*.

    The step comes after *before* healthy nights without an alarm.
    """
    z = _healthy(reference, freedom, before + max(nights))
    z[before:] -= drop / math.sqrt(1 + reference)
    crossed = _scaled(z) < -limit
    healthy = ~crossed[:before].any(axis=0)
    return [float(crossed[before : before + count, healthy].any(axis=0).mean()) for count in nights]


def beginning(z: Sequence[float]) -> Beginning:
    """Where the mean of *z* most likely fell below 0, by the likelihood of one step.

    At least one night; after D. Hinkley (Biometrika 57 (1970)), the mean before known to be 0.
    """
    values = np.asarray(z, dtype=np.float64)
    left = np.arange(len(values), 0, -1)
    means = np.cumsum(values[::-1])[::-1] / left
    # Twice the log likelihood ratio against "no change"; a rise is none.
    support = np.where(means < 0, left * means**2, 0.0)
    at = int(np.argmax(support))
    near = np.flatnonzero(support >= support[at] - 4)
    return Beginning(at=at, first=int(near[0]), last=int(near[-1]))


def _healthy(reference: float, freedom: float, nights: int) -> Floats:
    """Standardised deviations [nights, simulated] of nights like the reference.

    The pivotal case: with φ² above 1 they do not depend on it; with φ² = 1, which is then
    estimated as 1 at least, there are fewer alarms.
    """
    rng = np.random.default_rng(SEED)
    z = rng.standard_normal((nights, SIMULATED))
    z -= math.sqrt(reference) * rng.standard_normal(SIMULATED)
    scale = np.full(SIMULATED, math.sqrt(1 + reference))
    if math.isfinite(freedom):
        scale *= np.sqrt(rng.chisquare(freedom, SIMULATED) / freedom)
    z /= scale
    return z


def _scaled(z: Floats) -> Floats:
    """The EWMA of each column of *z*, in its standard deviations; in the place of *z*."""
    level = np.zeros(z.shape[1])
    for night in range(len(z)):
        level = (1 - SMOOTHING) * level + SMOOTHING * z[night]
        z[night] = level / _deviation(night + 1)
    return z


def _deviation(night: int) -> float:
    """The standard deviation of the EWMA after *night* nights of white noise."""
    share = SMOOTHING / (2 - SMOOTHING)
    return math.sqrt(share * (1 - (1 - SMOOTHING) ** (2 * night)))

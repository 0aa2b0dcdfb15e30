"""Group-sequential boundaries: several looks at the data at the error rate of one.

Lan and DeMets' spending functions with K. Kim and D. DeMets' α tʳ (Biometrika 74 (1987)), the
crossing probabilities by P. Armitage, C. McPherson and B. Rowe's recursion (JRSS A 132 (1969)).
Futility boundaries are non-binding: α holds whether they are obeyed or not. After a stop the
intervals are repeated ones (C. Jennison and B. Turnbull, JRSS B 51 (1989)): valid at every look,
whatever made the run stop.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from evalsuite.stats.paired import Floats

RHO = 2.0
REACH = 8.5  # standard deviations that the recursion looks at
NODES = 401
ROOTS = 1e-9
# Nearer looks lie within the spacing of the nodes; they would say nothing new anyway.
NEAREST = 0.005
Spending = Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """Critical values of the z statistic at each look, one-sided.

    `critical`: at or above it the hypothesis "the loss is the margin" is rejected. `futility`:
    at or below it going on is hopeless; −inf at the last look's place is left out. `inflation`:
    the largest size over that of one look with the same α and power.
    """

    information: tuple[float, ...]
    critical: tuple[float, ...]
    futility: tuple[float, ...]
    inflation: float


def kim_demets(rate: float, rho: float = RHO) -> Spending:
    """The share of the error *rate* that is spent at information t: rate·tʳ."""
    return lambda share: rate * min(share, 1.0) ** rho


@cache
def boundaries(
    information: tuple[float, ...], *, alpha: float, beta: float, rho: float = RHO
) -> Boundaries:
    """Kim-DeMets boundaries for looks at the shares *information* (rising, the last is 1).

    The drift is solved so that futility spends exactly *beta*, which gives the inflation.

    Raises:
        ValueError: two looks are so near each other that the recursion's grid cannot tell them
            apart.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    critical = critical_values(information, kim_demets(alpha, rho))
    fixed = float(norm.ppf(1 - alpha) + norm.ppf(1 - beta))

    def gap(drift: float) -> float:
        """How far the last look's futility boundary is above its critical value."""
        return _futility(information, critical, kim_demets(beta, rho), drift)[-1] - critical[-1]

    drift = float(brentq(gap, fixed * 0.8, fixed * 2, xtol=1e-8))
    futility = _futility(information, critical, kim_demets(beta, rho), drift)[:-1]
    return Boundaries(
        information=information,
        critical=critical,
        futility=tuple(futility),
        inflation=(drift / fixed) ** 2,
    )


def critical_values(information: Sequence[float], spending: Spending) -> tuple[float, ...]:
    """The upper boundary that spends *spending* under the hypothesis at each look.

    Raises:
        ValueError: as `boundaries`.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    steps = np.diff((0.0, *information))
    if (steps < NEAREST).any():
        raise ValueError(f"looks at {information} must be {NEAREST} of the information apart")
    found: list[float] = []
    density: _Density | None = None
    spent = 0.0
    for share in information:
        target = spending(share) - spent
        if density is None:
            value = float(norm.isf(target))
        else:
            here, now = density, share
            value = float(
                brentq(lambda z: here.beyond(now, z) - target, -REACH, REACH, xtol=ROOTS)  # noqa: B023 - solved at once
            )
        density = _next(density, share, -REACH, value, drift=0.0)
        spent = spending(share)
        found.append(value)
    return tuple(found)


def _futility(
    information: Sequence[float], critical: Sequence[float], spending: Spending, drift: float
) -> list[float]:
    """The lower boundary that spends *spending* under the alternative at each look."""
    from scipy.stats import norm

    found: list[float] = []
    density: _Density | None = None
    spent = 0.0
    for share, upper in zip(information, critical, strict=True):
        target = spending(share) - spent
        mean = drift * math.sqrt(share)
        if density is None:
            value = mean + float(norm.ppf(target))
        else:
            value = _where_below(density, share, drift, target)
        density = _next(density, share, value, upper, drift=drift)
        spent = spending(share)
        found.append(value)
    return found


def _where_below(density: "_Density", share: float, drift: float, target: float) -> float:
    """The z at *share* that runs are at or below with chance *target*; an end if there is none."""
    from scipy.optimize import brentq

    def gap(z: float) -> float:
        return density.below(share, z, drift) - target

    low, high = -REACH, REACH + drift * math.sqrt(share)
    if gap(low) >= 0:
        return low
    return float(brentq(gap, low, high, xtol=ROOTS)) if gap(high) > 0 else high


def stagewise_p(
    z: float, look: int, information: Sequence[float], critical: Sequence[float]
) -> float:
    """The p-value of the hypothesis after a stop at *look* (from 0) with *z*.

    Stage-wise ordering (A. Tsiatis, G. Rosner and C. Mehta, Biometrics 40 (1984)): stopping
    earlier is more extreme. Futility stops do not enter, so it is never too small.
    """
    from scipy.stats import norm

    density: _Density | None = None
    p = 0.0
    for share, upper in zip(information[:look], critical[:look], strict=True):
        p += float(norm.sf(upper)) if density is None else density.beyond(share, upper)
        density = _next(density, share, -REACH, upper, drift=0.0)
    last = float(norm.sf(z)) if density is None else density.beyond(information[look], z)
    return min(p + last, 1.0)


@dataclass(frozen=True, slots=True)
class _Density:
    """The sub-density of the score S = z√t of runs that go on, on a grid, with its weights."""

    share: float
    grid: Floats
    mass: Floats

    def beyond(self, share: float, z: float) -> float:
        """The chance to go on until now and be at or above *z* at *share*, without drift."""
        from scipy.special import ndtr

        step = math.sqrt(share - self.share)
        return float(np.sum(self.mass * ndtr((self.grid - z * math.sqrt(share)) / step)))

    def below(self, share: float, z: float, drift: float) -> float:
        """The chance to go on until now and be at or below *z* at *share*, with *drift*."""
        from scipy.special import ndtr

        step = math.sqrt(share - self.share)
        ahead = self.grid + drift * (share - self.share)
        return float(np.sum(self.mass * ndtr((z * math.sqrt(share) - ahead) / step)))


def _next(
    density: _Density | None, share: float, lower: float, upper: float, *, drift: float
) -> _Density:
    """The runs whose z at *share* is between *lower* and *upper*, by Simpson's rule."""
    root = math.sqrt(share)
    mean = drift * share
    low = max(lower * root, mean - REACH * root)
    high = max(min(upper * root, mean + REACH * root), low + 1e-9)
    grid = np.linspace(low, high, NODES)
    weights = np.full(NODES, 2.0)
    weights[1::2], weights[0], weights[-1] = 4.0, 1.0, 1.0
    weights *= (high - low) / (NODES - 1) / 3
    if density is None:
        heights = _normal(grid - mean, root)
    else:
        step = share - density.share
        apart = grid[:, None] - density.grid[None, :] - drift * step
        heights = _normal(apart, math.sqrt(step)) @ density.mass
    return _Density(share, grid, heights * weights)


def _normal(distance: Floats, deviation: float) -> Floats:
    scaled = distance / deviation
    return np.asarray(np.exp(-scaled * scaled / 2) / (deviation * math.sqrt(2 * math.pi)))

"""Group-sequential boundaries: several looks at the data at the error rate of one.

Lan and DeMets' spending functions with K. Kim and D. DeMets' α tʳ (Biometrika 74 (1987)), the
crossing probabilities by P. Armitage, C. McPherson and B. Rowe's recursion (JRSS A 132 (1969)).
Futility boundaries are non-binding: α holds whether they are obeyed or not. After a stop the
intervals are repeated ones (C. Jennison and B. Turnbull, JRSS B 51 (1989)): valid at every look,
whatever made the run stop.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evalsuite.stats.paired import Floats

RHO = 2.0
REACH = 8.5  # standard deviations that the recursion looks at
NODES = 401
ROOTS = 1e-9
# Nearer looks lie within the spacing of the nodes; they would say nothing new anyway.
NEAREST = 0.005


def kim_demets(rate: float, share: float, rho: float = RHO) -> float:
    """What of the error *rate* is spent once the *share* of the planned information is there."""
    return float(rate * min(share, 1.0) ** rho)


def critical_values(information: Sequence[float], spent: Sequence[float]) -> tuple[float, ...]:
    """The upper boundary of z that has *spent* so much under the hypothesis by each look.

    Only the ratios of *information* (rising) count. A look that spends nothing has no boundary
    that can be reached.

    Raises:
        ValueError: two looks are so near each other that the recursion's grid cannot tell them
            apart.
    """
    before = np.asarray((0.0, *information[:-1]))
    if (np.asarray(information) - before < NEAREST * np.asarray(information)).any():
        raise ValueError(f"looks at {information} must be {NEAREST} of the information apart")
    return _passed(tuple(information), tuple(spent))[0]


@lru_cache(maxsize=512)
def _passed(
    information: tuple[float, ...], spent: tuple[float, ...]
) -> tuple[tuple[float, ...], "_Density"]:
    """The boundary up to the last look, and the runs that pass below all of it."""
    share = information[-1]
    if len(information) == 1:
        value = _upper(None, share, spent[0])
        return (value,), _next(None, share, -REACH, value, drift=0.0)
    found, density = _passed(information[:-1], spent[:-1])
    value = _upper(density, share, spent[-1] - spent[-2])
    return (*found, value), _next(density, share, -REACH, value, drift=0.0)


def _upper(density: "_Density | None", share: float, target: float) -> float:
    """The z at *share* that runs are at or above with chance *target*."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    if density is None:
        return min(float(norm.isf(target)), REACH)
    if density.beyond(share, REACH) >= target:
        return REACH
    return float(brentq(lambda z: density.beyond(share, z) - target, -REACH, REACH, xtol=ROOTS))


def inflation(
    information: tuple[float, ...], *, alpha: float, beta: float, rho: float = RHO
) -> float:
    """The size of a plan with looks at the shares *information* over that of one look alone.

    With the same *alpha* and power 1 − *beta*, the errors spent by Kim and DeMets: the drift is
    solved so that futility spends exactly *beta*.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    critical = critical_values(information, [kim_demets(alpha, one, rho) for one in information])
    spent = [kim_demets(beta, one, rho) for one in information]
    fixed = float(norm.ppf(1 - alpha) + norm.ppf(1 - beta))

    def gap(drift: float) -> float:
        """How far the last look's futility boundary is above its critical value."""
        return futility_values(information, critical, spent, drift)[-1] - critical[-1]

    return (float(brentq(gap, fixed * 0.8, fixed * 2, xtol=1e-8)) / fixed) ** 2


def futility_values(
    information: Sequence[float], critical: Sequence[float], spent: Sequence[float], drift: float
) -> list[float]:
    """The lower boundary of z that has *spent* so much by each look if z drifts by *drift*·√t."""
    from scipy.stats import norm

    found: list[float] = []
    density: _Density | None = None
    before = 0.0
    for share, upper, until in zip(information, critical, spent, strict=True):
        target = until - before
        mean = drift * math.sqrt(share)
        if density is None:
            value = mean + float(norm.ppf(target))
        else:
            value = _where_below(density, share, drift, target)
        density = _next(density, share, value, upper, drift=drift)
        before = until
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

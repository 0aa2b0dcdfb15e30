"""Several differences together: their plain mean, how far they disagree, and their shrinkage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalsuite.stats.checked import numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """An equally weighted mean of independent differences, and its standard error."""

    value: float
    se: float

    def z(self, difference: float) -> float:
        """Standard errors from *difference*; 0 if the mean is exact."""
        return (self.value - difference) / self.se if self.se > 0 else 0.0

    def limits(self, quantile: float) -> tuple[float, float]:
        """The mean minus and plus *quantile* standard errors, inside −1 … 1."""
        return max(self.value - quantile * self.se, -1.0), min(self.value + quantile * self.se, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Whether differences have one common value: Cochran's Q, its p, I² and τ².

    τ² is DerSimonian and Laird's (Controlled Clinical Trials 7 (1986)). `pooled` is their
    random-effects mean.
    """

    q: float
    p_value: float
    i2: float
    tau2: float
    pooled: float


def plain_mean(values: Sequence[float], variances: Sequence[float]) -> Mean:
    """The macro average of *values* with the *variances* of each.

    Raises:
        ValueError: there are none, or one is NaN.
    """
    values, variances = numbers(values).tolist(), numbers(variances).tolist()
    count = len(values)
    return Mean(value=float(np.mean(values)), se=float(np.sqrt(np.sum(variances))) / count)


def heterogeneity(values: Sequence[float], variances: Sequence[float]) -> Heterogeneity | None:
    """None for less than two values, or if one claims to be exact.

    Raises:
        ValueError: one is NaN.
    """
    from scipy.stats import chi2

    y, v = numbers(values, least=0), numbers(variances, least=0)
    if len(y) < 2 or (v <= 0).any():  # noqa: PLR2004 - two can disagree
        return None
    w = 1 / v
    fixed = float(np.sum(w * y) / np.sum(w))
    q = float(np.sum(w * (y - fixed) ** 2))
    freedom = len(y) - 1
    scale = float(np.sum(w) - np.sum(w**2) / np.sum(w))
    tau2 = max((q - freedom) / scale, 0.0)
    star = 1 / (v + tau2)
    return Heterogeneity(
        q=q,
        p_value=float(chi2.sf(q, freedom)),
        i2=max((q - freedom) / q, 0.0) if q > 0 else 0.0,
        tau2=tau2,
        pooled=float(np.sum(star * y) / np.sum(star)),
    )


def shrunk(values: Sequence[float], variances: Sequence[float]) -> list[float]:
    """Each value drawn towards the pooled one by how much of its distance is noise.

    Empirical Bayes with `heterogeneity`'s τ²: what a reader should expect of each on a second
    run. Unchanged where there is nothing to pool.
    """
    found = heterogeneity(values, variances)
    if found is None:
        return [float(value) for value in values]
    return [
        found.pooled + (value - found.pooled) * found.tau2 / (found.tau2 + variance)
        for value, variance in zip(values, variances, strict=True)
    ]

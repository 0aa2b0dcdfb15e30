"""Quantiles, remembered: the same few are asked for again and again."""

import math
from functools import cache


@cache
def two_sided(level: float, freedom: float = math.inf) -> float:
    """Where a statistic with *freedom* degrees lies within ± in *level* of the cases.

    Student's t; the normal distribution without a finite *freedom*.
    """
    from scipy.stats import t as student

    return float(student.ppf((1 + level) / 2, freedom))


def above(z: float, freedom: float = math.inf) -> float:
    """The chance of a statistic with *freedom* degrees to exceed *z*: a one-sided p-value."""
    from scipy.stats import t as student

    return float(student.sf(z, freedom))


def as_normal(z: float, freedom: float) -> float:
    """The normal z that is as rare as *z* of Student's with *freedom* degrees."""
    from scipy.special import ndtri, stdtr

    return math.copysign(-float(ndtri(float(stdtr(freedom, -abs(z))))), z)


def as_student(z: float, freedom: float) -> float:
    """The inverse of `as_normal`."""
    from scipy.special import ndtr, stdtrit

    return math.copysign(-float(stdtrit(freedom, float(ndtr(-abs(z))))), z)

"""Many tests at once."""

from collections.abc import Sequence

import numpy as np

from evalsuite.stats.checked import numbers

FALSE_DISCOVERIES = 0.10


def holm(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values of S. Holm (Scand. J. Statist. 6 (1979)); in the order given.

    An alarm wherever one is at most α errs in at most α of all families, however they hang
    together.

    Raises:
        ValueError: one is NaN.
    """
    p = numbers(p_values, least=0)
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(one) for one in adjusted]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values (q) of Y. Benjamini and Y. Hochberg (JRSS B 57 (1995)).

    Raises:
        ValueError: one is NaN.
    """
    from scipy.stats import false_discovery_control

    if not p_values:
        return []
    return [float(one) for one in false_discovery_control(numbers(p_values))]

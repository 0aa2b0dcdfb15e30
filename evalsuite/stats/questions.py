"""The same difference for questions like these: the questions, too, are a sample.

E. Miller, arXiv:2411.00640 (clustered by question: each question counts once, with its mean);
D. Bonett and R. Price, JEBS 37 (2012) for the adjustment that keeps small samples honest.
"""

import numpy as np

from evalsuite.stats.checked import numbers, tallies
from evalsuite.stats.paired import Counts, Floats
from evalsuite.stats.quantiles import two_sided


def new_questions_interval(
    right_a: Counts,
    right_b: Counts,
    draws_a: Counts,
    draws_b: Counts | None = None,
    *,
    level: float,
) -> tuple[float, float]:
    """The interval of the mean difference over new questions of the same kind.

    Without *draws_b* both arms drew *draws_a* times; k below is the harmonic mean of the two.
    Bonett-Price with t quantiles on question means: two pseudo questions that differ by ± 1/√k
    keep it from collapsing where no question differs. Below about 100 questions it is
    descriptive: so few cannot support a calibrated claim about others like them.
    """
    draws_b = draws_a if draws_b is None else draws_b
    tallies(right_a, draws_a)
    tallies(right_b, draws_b)
    differences = right_b / draws_b - right_a / draws_a
    repeats = float(np.mean(2 / (1 / draws_a + 1 / draws_b)))
    return shrunk_interval(differences, repeats, level=level)


def shrunk_interval(values: Floats, repeats: float, *, level: float) -> tuple[float, float]:
    """The Bonett-Price interval with t quantiles of the mean of *values* in −1 … 1.

    Two pseudo values of ± 1/√repeats keep it from collapsing where all values are equal.

    Raises:
        ValueError: there are no values, or one is NaN.
    """
    values = numbers(values)
    n = len(values)
    shrunk = float(np.sum(values)) / (n + 2)
    squares = float(np.sum(values**2)) + 2 / repeats - (n + 2) * shrunk**2
    spread = np.sqrt(max(squares, 0.0) / (n + 1))
    half = two_sided(level, max(n - 1, 1)) * float(spread) / float(np.sqrt(n + 2))
    return max(shrunk - half, -1.0), min(shrunk + half, 1.0)


def clustered_interval(
    differences: Floats, clusters: Counts, *, level: float
) -> tuple[float, float]:
    """The t interval of the mean of *differences* with whole *clusters* (subjects) sampled.

    The cluster-robust standard error with the factor C/(C-1) (CR1), C - 1 degrees of freedom;
    Zero wide if every question differs by the same.

    Raises:
        ValueError: there are less than two clusters, or a difference is NaN.
    """
    differences = numbers(differences)
    mean = float(np.mean(differences))
    sums = numbers(np.bincount(clusters, weights=differences - mean), least=2)
    count = len(sums)
    se = float(np.sqrt(np.sum(sums**2) * count / (count - 1))) / len(differences)
    half = two_sided(level, count - 1) * se
    return max(mean - half, -1.0), min(mean + half, 1.0)


def log_ratio_interval(ratios: Floats, *, level: float) -> tuple[float, float, float]:
    """The geometric mean of *ratios*, one per question, with its t interval.

    Raises:
        ValueError: there are less than two, or one is not above zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = numbers(np.log(ratios), least=2)
    mean = float(np.mean(logs))
    half = two_sided(level, len(logs) - 1) * float(np.std(logs, ddof=1)) / np.sqrt(len(logs))
    return float(np.exp(mean)), float(np.exp(mean - half)), float(np.exp(mean + half))

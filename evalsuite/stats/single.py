"""One arm's accuracy, and rates that are means over questions."""

import numpy as np

from evalsuite.stats.checked import numbers, tallies
from evalsuite.stats.paired import Counts, Floats, own_within
from evalsuite.stats.quantiles import two_sided


def wilson(rate: float, trials: float, *, level: float) -> tuple[float, float]:
    """The score interval of a proportion (E. Wilson, JASA 22 (1927)); *trials* need be no integer.

    Without warnings at a rate of 0 or 1.

    Raises:
        ValueError: *rate* lies outside 0 … 1, or *trials* are not above 0.
    """
    if not (0 <= rate <= 1 and trials > 0):
        raise ValueError(f"no proportion: {rate} of {trials} trials")
    z = two_sided(level)
    scale = 1 + z * z / trials
    middle = (rate + z * z / (2 * trials)) / scale
    half = z / scale * (max(rate * (1 - rate), 0.0) / trials + z * z / (4 * trials**2)) ** 0.5
    # Rounding must not leave the rate outside.
    return max(min(middle - half, rate), 0.0), min(max(middle + half, rate), 1.0)


def single_interval(right: Counts, draws: Counts, level: float) -> tuple[float, float]:
    """The interval of one arm's accuracy on the fixed benchmark: Wilson at effective size.

    That size is p(1−p)/SE², with the SE from the variances within questions; the number of
    questions where there are single draws only, or where nothing varies.

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    tallies(right, draws)
    rates = right / draws
    accuracy, questions = float(np.mean(rates)), len(draws)
    effective = float(questions)
    within = own_within(rates, draws)
    if within is not None:
        variance = float(np.sum(within / draws)) / questions**2
        spread = accuracy * (1 - accuracy)
        effective = spread / variance if variance > 0 and spread > 0 else float(questions)
    return wilson(accuracy, effective, level=level)


def rate_interval(rates: Floats, *, level: float) -> tuple[float, float]:
    """The interval of a mean of *rates* in 0 … 1, one per question: Wilson at effective size.

    Questions are the unit, so draws of one question are not taken for independent ones.

    Raises:
        ValueError: there are no rates, or one is NaN.
    """
    rates = numbers(rates)
    mean, questions = float(np.mean(rates)), len(rates)
    spread = mean * (1 - mean)
    variance = float(np.var(rates, ddof=1)) / questions if questions > 1 else 0.0
    effective = spread / variance if variance > 0 and spread > 0 else float(questions)
    return wilson(mean, max(effective, 1.0), level=level)

"""Repeats where they tell most: more of questions that were right now and wrong then.

J. Neyman (JRSS 97 (1934)): repeats in proportion to the deviation of one draw. Pass rates are
smoothed (Jeffreys) and a quarter of the mean is the least, because rates taken as they are give the
questions that were always right no repeats, and what is left of their noise then decides all: in
simulation that doubles the variance, while this takes 15 to 40 % off.
"""

import math

import numpy as np

from evalsuite.stats.paired import Counts

FLOOR = 0.25


def shared_repeats(right: Counts, draws: Counts, repeats: int) -> Counts:
    """Repeats per question, *repeats* on average, by earlier *right* among *draws* (≥ 0 each).

    The draws must be of an earlier run: the repeats are then independent of what they will find,
    so that the mean over questions stays unbiased.
    """
    rates = (right + 0.5) / (draws + 1)
    deviations = np.sqrt(rates * (1 - rates))
    least = max(math.ceil(FLOOR * repeats), 1)
    spare = len(draws) * (repeats - least)
    exact = spare * deviations / np.sum(deviations)
    shares = np.floor(exact).astype(np.int64)
    # What rounding left over goes to the largest remainders, ties in the questions' order.
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: spare - int(shares.sum())]] += 1
    return np.asarray(shares + least, dtype=np.int64)

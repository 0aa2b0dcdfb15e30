"""From pairs to questions and repeats, and how a budget is best spent.

For a fixed number of pairs more questions are never worse than more repeats (the variance is
V/n + ψ/(nk)), so repeats begin where the questions are used up.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evalsuite.stats.paired import Counts

HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many *questions* are asked, each *repeats* times."""

    questions: int
    repeats: int

    @property
    def pairs(self) -> int:
        """Paired draws."""
        return self.questions * self.repeats


def size_for(pairs: float, questions: int) -> Size:
    """The smallest size of at least *pairs*, out of *questions* that there are."""
    if pairs <= questions:
        return Size(questions=max(math.ceil(pairs), 1), repeats=1)
    return Size(questions=questions, repeats=math.ceil(pairs / questions))


def macro_pairs(discordances: Sequence[float], costs: Sequence[float]) -> list[float]:
    """Pairs per benchmark, up to a common factor, that make their plain mean most precise.

    Neyman's split (J. Neyman, JRSS 97 (1934)): N ∝ √(ψ/cost of a pair).
    """
    return [math.sqrt(psi / cost) for psi, cost in zip(discordances, costs, strict=True)]


def macro_se(discordances: Sequence[float], pairs: Sequence[float]) -> float:
    """The standard error of the plain mean of the benchmarks' differences."""
    parts = (psi / count for psi, count in zip(discordances, pairs, strict=True))
    return math.sqrt(sum(parts)) / len(pairs)


def largest(within: Callable[[float], bool], low: float, high: float) -> float | None:
    """The largest x in [low, high] that is *within*, which holds below it; None if none is."""
    if not within(low):
        return None
    if within(high):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) else (low, middle)
    return low


def blinded_discordance(
    right: Counts, draws: Counts, *, prior: float = 0.5, weight: float = 1.0
) -> float | None:
    """ψ from draws whose arms nobody needs to know: twice the mean variance within questions.

    *right* of *draws* per question, all arms together, so that looking at it says nothing of their
    difference (D. Zucker et al., Statistics in Medicine 18 (1999)). None if every question was
    drawn once. *weight* pairs that flip at the rate *prior* are added, so that silence is not taken
    for certainty.
    """
    many = draws > 1
    if not many.any():
        return None
    rates, counts = right[many] / draws[many], draws[many]
    within = 2 * rates * (1 - rates) * counts / (counts - 1)
    pairs = float(np.sum(counts)) / 2
    return (float(np.mean(within)) * pairs + prior * weight) / (pairs + weight)

"""The paired difference of two arms on a fixed benchmark, with repeated draws.

The benchmark's questions are the whole of it; only sampling is random. With one draw per question
this is Tango (1998) exactly. With more, the draws are turned into virtual pairs whose discordance
mass comes from the variances within questions (conditional Tango), so that a question that is
always right or always wrong adds no noise. Draws of the two arms count as independent given the
question: equal seeds decouple within a few tokens, and no saving is claimed for them.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalsuite.stats.tango import noninferiority_p, score_interval

Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """Virtual pairs: *pairs* in all, *gains* right in the candidate only, *losses* the reverse.

    `discordance` (ψ) is the rate expected of two single draws of the arms.
    """

    difference: float
    gains: float
    losses: float
    pairs: float
    discordance: float

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval of the difference at *level*."""
        return score_interval(self.gains, self.losses, self.pairs, level=level)

    def noninferiority_p(self, margin: float) -> float:
        """The p-value of "the loss is at least *margin*"."""
        return noninferiority_p(self.gains, self.losses, self.pairs, margin=margin)


def paired_counts(right_a: Counts, right_b: Counts, draws: Counts) -> PairedCounts:
    """Virtual pairs of the baseline *a* and the candidate *b*.

    Arrays hold one entry per question: right draws of each arm among *draws* (≥ 1) paired ones.
    """
    rate_a, rate_b = right_a / draws, right_b / draws
    difference = float(np.mean(rate_b - rate_a))
    questions = len(draws)
    if int(draws.max()) == 1:
        gains, losses = float(np.sum(right_b > right_a)), float(np.sum(right_a > right_b))
        return _counts(difference, gains, losses, questions, (gains + losses) / questions)
    within = _within(rate_a, draws) + _within(rate_b, draws)
    discordance = float(np.mean(within))
    variance = float(np.sum(within / draws)) / questions**2
    if variance == 0.0:
        # Every question is always right or always wrong: no precision is claimed from silence.
        gains = float(np.sum(np.maximum(rate_b - rate_a, 0)))
        losses = float(np.sum(np.maximum(rate_a - rate_b, 0)))
        return _counts(difference, gains, losses, questions, 0.0)
    pairs = discordance / variance
    mass = pairs * (discordance + difference**2)
    # Rounding and extreme differences must not leave a negative count.
    mass = max(mass, pairs * abs(difference))
    net = pairs * difference
    return _counts(difference, (mass + net) / 2, (mass - net) / 2, pairs, discordance)


def single_interval(right: Counts, draws: Counts, level: float) -> tuple[float, float]:
    """The interval of one arm's accuracy: Wilson (1927) at the effective number of draws."""
    from scipy.stats import norm

    rates = right / draws
    accuracy, questions = float(np.mean(rates)), len(draws)
    effective = float(questions)
    if int(draws.max()) > 1:
        variance = float(np.sum(_within(rates, draws) / draws)) / questions**2
        spread = accuracy * (1 - accuracy)
        effective = spread / variance if variance > 0 and spread > 0 else float(questions)
    z = float(norm.ppf((1 + level) / 2))
    middle = (accuracy + z * z / (2 * effective)) / (1 + z * z / effective)
    half = (
        z
        / (1 + z * z / effective)
        * float(np.sqrt(accuracy * (1 - accuracy) / effective + z * z / (4 * effective**2)))
    )
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _within(rates: Floats, draws: Counts) -> Floats:
    """The unbiased variance of one draw within each question.

    A question with a single draw tells nothing of it and takes the mean of the others.
    """
    many = draws > 1
    variances = np.zeros(len(rates))
    variances[many] = rates[many] * (1 - rates[many]) * draws[many] / (draws[many] - 1)
    variances[~many] = variances[many].mean()
    return variances


def _counts(
    difference: float, gains: float, losses: float, pairs: float, discordance: float
) -> PairedCounts:
    return PairedCounts(
        difference=difference, gains=gains, losses=losses, pairs=pairs, discordance=discordance
    )

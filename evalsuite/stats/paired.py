"""The paired difference of two arms on a fixed benchmark, with repeated draws.

The benchmark's questions are the whole of it; only sampling is random. With one draw per question
this is Tango (1998) exactly. With more, the draws are turned into virtual pairs whose discordance
mass comes from the variances within questions (conditional Tango), so that a question that is
always right or always wrong adds no noise. The arms may have drawn unequally often.

Single draws are compared with Student's quantiles of as many degrees of freedom as there are
questions, less one, not with normal ones: of thirty questions asked once those err in up to 6.0 %
of cases rather than 5 (exact enumeration, `tests/stats/test_exact_size.py`).
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalsuite.stats.quantiles import above, two_sided
from evalsuite.stats.tango import score_limits, score_z

Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """Virtual pairs: *pairs* in all, *gains* right in the candidate only, *losses* the reverse.

    `discordance` (ψ) is the rate expected of two single draws of the arms, `freedom` the degrees
    of freedom of the quantiles: infinite with repeats.
    """

    difference: float
    gains: float
    losses: float
    pairs: float
    discordance: float
    freedom: float = math.inf

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval of the difference at *level*."""
        return self.limits(two_sided(level, self.freedom))

    def limits(self, quantile: float) -> tuple[float, float]:
        """The differences that the score statistic is *quantile* away from."""
        return score_limits(self.gains, self.losses, self.pairs, quantile=quantile)

    def z(self, difference: float) -> float:
        """The score statistic of "the true difference is *difference*"."""
        return score_z(self.gains, self.losses, self.pairs, difference)

    def noninferiority_p(self, margin: float) -> float:
        """The p-value of "the loss is at least *margin*"."""
        return above(self.z(-margin), self.freedom)


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceParts:
    """Where the noise of the difference comes from (E. Miller, arXiv:2411.00640, sec. 3).

    `sampling_se` is what drawing again moves: it falls with repeats. `questions_se` is what
    other questions would add, which no repeat lowers; None where single draws cannot tell.
    """

    sampling_se: float
    questions_se: float | None


def paired_counts(
    right_a: Counts, right_b: Counts, draws_a: Counts, draws_b: Counts | None = None
) -> PairedCounts:
    """Virtual pairs of the baseline *a* and the candidate *b*.

    Arrays hold one entry per question: right draws of each arm among its draws (≥ 1). Without
    *draws_b* both arms drew *draws_a* times.
    """
    draws_b = draws_a if draws_b is None else draws_b
    rate_a, rate_b = right_a / draws_a, right_b / draws_b
    difference = float(np.mean(rate_b - rate_a))
    questions = len(draws_a)
    if int(max(draws_a.max(), draws_b.max())) == 1:
        gains, losses = float(np.sum(right_b > right_a)), float(np.sum(right_a > right_b))
        return _few(difference, gains, losses, questions, (gains + losses) / questions)
    within_a, within_b = within_variances(rate_a, rate_b, draws_a, draws_b)
    discordance = float(np.mean(within_a + within_b))
    variance = float(np.sum(within_a / draws_a + within_b / draws_b)) / questions**2
    if variance == 0.0:
        # Every question is always right or always wrong: no precision is claimed from silence.
        gains = float(np.sum(np.maximum(rate_b - rate_a, 0)))
        losses = float(np.sum(np.maximum(rate_a - rate_b, 0)))
        return _few(difference, gains, losses, questions, 0.0)
    return virtual_counts(difference, discordance, variance)


def virtual_counts(difference: float, discordance: float, variance: float) -> PairedCounts:
    """The pairs whose mean would have *variance* at that *difference* and *discordance*."""
    pairs = discordance / variance
    # Rounding and extreme differences must not leave a negative count.
    mass = max(pairs * (discordance + difference**2), pairs * abs(difference))
    net = pairs * difference
    return PairedCounts(
        difference=difference,
        gains=(mass + net) / 2,
        losses=(mass - net) / 2,
        pairs=pairs,
        discordance=discordance,
    )


def within_variances(
    rate_a: Floats, rate_b: Floats, draws_a: Counts, draws_b: Counts
) -> tuple[Floats, Floats]:
    """The unbiased variance of one draw within each question, of both arms.

    A question with a single draw takes the mean over the arm's others. An arm with single draws
    only takes what its distance from the other arm's rates leaves: on average its own variance
    and the arms' true squared difference, just as Tango's discordance at one draw each.
    """
    own_a, own_b = own_within(rate_a, draws_a), own_within(rate_b, draws_b)
    if own_a is None and own_b is None:
        half = (rate_a - rate_b) ** 2 / 2
        return half, half
    apart = (rate_a - rate_b) ** 2
    if own_a is None:
        assert own_b is not None
        return _rest(apart, own_b / draws_b), own_b
    if own_b is None:
        return own_a, _rest(apart, own_a / draws_a)
    return own_a, own_b


def variance_parts(
    right_a: Counts, right_b: Counts, draws_a: Counts, draws_b: Counts
) -> VarianceParts:
    """The standard errors of the difference that sampling and the choice of questions make."""
    rate_a, rate_b = right_a / draws_a, right_b / draws_b
    questions = len(draws_a)
    within_a, within_b = within_variances(rate_a, rate_b, draws_a, draws_b)
    sampling = float(np.mean(within_a / draws_a + within_b / draws_b))
    told = questions > 1 and int(min(draws_a.max(), draws_b.max())) > 1
    between = float(np.var(rate_b - rate_a, ddof=1)) - sampling if told else 0.0
    return VarianceParts(
        sampling_se=float(np.sqrt(sampling / questions)),
        questions_se=float(np.sqrt(max(between, 0.0) / questions)) if told else None,
    )


def own_within(rates: Floats, draws: Counts) -> Floats | None:
    """The unbiased variances within the questions of one arm; None if it only has single draws."""
    many = draws > 1
    if not many.any():
        return None
    variances = np.zeros(len(rates))
    variances[many] = rates[many] * (1 - rates[many]) * draws[many] / (draws[many] - 1)
    variances[~many] = variances[many].mean()
    return variances


def _rest(apart: Floats, noise: Floats) -> Floats:
    return np.full(len(apart), max(float(np.mean(apart - noise)), 0.0))


def _few(
    difference: float, gains: float, losses: float, questions: int, discordance: float
) -> PairedCounts:
    """Pairs that are the questions themselves."""
    return PairedCounts(
        difference=difference,
        gains=gains,
        losses=losses,
        pairs=questions,
        discordance=discordance,
        freedom=max(questions - 1, 1),
    )

"""The paired difference of two arms on a fixed benchmark, with repeated draws.

The benchmark's questions are the whole of it; only sampling is random. With one draw per question
this is Tango (1998) exactly. With more, the draws are turned into virtual pairs whose discordance
mass comes from the variances within questions (conditional Tango), so that a question that is
always right or always wrong adds no noise. The arms may have drawn unequally often.

Three things keep the error rates on small benchmarks (`benchmarks/statistics_simulation.py` has
them). The statistic is the more cautious of Tango's score and the plain distance in standard
errors: the score alone calls an arm at the margin *worse* in up to 9.6 % of cases, because the
losses of whole pairs lean to one side as the draws of fixed questions do not. Quantiles are
Student's: of thirty questions asked once normal ones err in up to 6.0 %
(`tests/stats/test_exact_size.py`). And with repeats the degrees of freedom are those of the
estimated variance (F. Satterthwaite, Biometrics 2 (1946)).
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalsuite.stats.checked import tallies
from evalsuite.stats.quantiles import above, as_normal, as_student, two_sided
from evalsuite.stats.tango import score_limits, score_z

Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
# An arm that drew so many times less often than the other is not taken to vary less than it.
FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """Virtual pairs: *pairs* in all, *gains* right in the candidate only, *losses* the reverse.

    `discordance` (ψ) is the rate expected of two single draws of the arms. `freedom`: the degrees
    of freedom of the quantiles. `se`: the difference's standard error; 0 where nothing varies.
    """

    difference: float
    gains: float
    losses: float
    pairs: float
    discordance: float
    freedom: float
    se: float

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval of the difference at *level*."""
        return self.limits(two_sided(level, self.freedom))

    def limits(self, quantile: float) -> tuple[float, float]:
        """The differences whose statistic is *quantile*, the higher one minus it."""
        low, high = score_limits(self.gains, self.losses, self.pairs, quantile=quantile)
        reach = quantile * self.se
        return (
            max(min(low, self.difference - reach), -1.0),
            min(max(high, self.difference + reach), 1.0),
        )

    def z(self, difference: float) -> float:
        """The statistic of "the true difference is *difference*": the more cautious of two.

        Tango's score, or the distance in standard errors where that is less.
        """
        score = score_z(self.gains, self.losses, self.pairs, difference)
        if self.se == 0:
            return score
        return min(score, (self.difference - difference) / self.se, key=abs)

    def normal_z(self, difference: float) -> float:
        """The normal quantile that is as rare as `z` is by Student's."""
        return as_normal(self.z(difference), self.freedom)

    def normal_limits(self, quantile: float) -> tuple[float, float]:
        """The differences whose `normal_z` is *quantile*, the higher one minus it."""
        return self.limits(as_student(quantile, self.freedom))

    def noninferiority_p(self, margin: float) -> float:
        """The p-value of "the loss is at least *margin*"."""
        return above(self.z(-margin), self.freedom)

    def inferiority_p(self, margin: float) -> float:
        """The p-value of "the loss is at most *margin*"."""
        return above(-self.z(-margin), self.freedom)


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

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    draws_b = draws_a if draws_b is None else draws_b
    tallies(right_a, draws_a)
    tallies(right_b, draws_b)
    rate_a, rate_b = right_a / draws_a, right_b / draws_b
    difference = float(np.mean(rate_b - rate_a))
    questions = len(draws_a)
    gains = float(np.sum(np.maximum(rate_b - rate_a, 0)))
    losses = float(np.sum(np.maximum(rate_a - rate_b, 0)))
    if int(max(draws_a.max(), draws_b.max())) == 1:
        return _observed(gains, losses, questions, discordance=(gains + losses) / questions)
    within_a, within_b = _within(rate_a, rate_b, draws_a, draws_b)
    total = within_a.total + within_b.total
    if total == 0.0:
        # Every question is always right or always wrong: no precision is claimed from silence.
        return _observed(gains, losses, questions, discordance=0.0)
    most = max(float(np.sum(draws_a - 1) + np.sum(draws_b - 1)), 1.0)
    noise = max(within_a.noise + within_b.noise, 2 * total**2 / most)
    return virtual_counts(
        difference,
        discordance=float(np.mean(within_a.variances + within_b.variances)),
        variance=total / questions**2,
        freedom=max(2 * total**2 / noise, 1.0),
    )


def virtual_counts(
    difference: float, *, discordance: float, variance: float, freedom: float
) -> PairedCounts:
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
        freedom=freedom,
        se=math.sqrt(variance),
    )


def _observed(gains: float, losses: float, questions: int, *, discordance: float) -> PairedCounts:
    """Pairs that are the questions themselves."""
    difference, freedom = (gains - losses) / questions, max(questions - 1, 1)
    return PairedCounts(
        difference=difference,
        gains=gains,
        losses=losses,
        pairs=questions,
        discordance=discordance,
        freedom=freedom,
        se=math.sqrt(max(discordance - difference**2, 0.0) / freedom),
    )


def variance_parts(
    right_a: Counts, right_b: Counts, draws_a: Counts, draws_b: Counts
) -> VarianceParts:
    """The standard errors of the difference that sampling and the choice of questions make.

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    tallies(right_a, draws_a)
    tallies(right_b, draws_b)
    rate_a, rate_b = right_a / draws_a, right_b / draws_b
    questions = len(draws_a)
    within_a, within_b = _within(rate_a, rate_b, draws_a, draws_b)
    sampling = (within_a.total + within_b.total) / questions
    told = questions > 1 and int(min(draws_a.max(), draws_b.max())) > 1
    between = float(np.var(rate_b - rate_a, ddof=1)) - sampling if told else 0.0
    return VarianceParts(
        sampling_se=float(np.sqrt(sampling / questions)),
        questions_se=float(np.sqrt(max(between, 0.0) / questions)) if told else None,
    )


def own_within(rates: Floats, draws: Counts) -> Floats | None:
    """The unbiased variances within the questions of one arm; None if it only has single draws.

    A question with a single draw takes the mean over the arm's others.
    """
    many = draws > 1
    if not many.any():
        return None
    variances = np.zeros(len(rates))
    variances[many] = rates[many] * (1 - rates[many]) * draws[many] / (draws[many] - 1)
    variances[~many] = variances[many].mean()
    return variances


@dataclass(frozen=True, slots=True, kw_only=True)
class _Within:
    """The variances of one draw within each question of an arm.

    `total` is the variance of the sum of the pass rates, `noise` the variance of that estimate.
    """

    variances: Floats
    total: float
    noise: float


def _within(
    rate_a: Floats, rate_b: Floats, draws_a: Counts, draws_b: Counts
) -> tuple[_Within, _Within]:
    """Both arms'; an arm with single draws only takes what its distance from the other leaves.

    That is on average its own variance and the arms' true squared difference, as Tango's
    discordance at one draw each, but never less than the other arm's draws vary. Nor is less
    believed of few draws beside many: a handful that happen to agree would claim to be certain.
    """
    own_a, own_b = own_within(rate_a, draws_a), own_within(rate_b, draws_b)
    apart = (rate_a - rate_b) ** 2
    if own_a is None and own_b is None:
        return (_flat(apart / 2, 0.0),) * 2
    if own_a is None:
        assert own_b is not None
        return _flat(apart - own_b / draws_b, float(own_b.mean())), _own(own_b, rate_b, draws_b)
    if own_b is None:
        return _own(own_a, rate_a, draws_a), _flat(apart - own_a / draws_a, float(own_a.mean()))
    found_a, found_b = _own(own_a, rate_a, draws_a), _own(own_b, rate_b, draws_b)
    many_a, many_b = float(np.mean(draws_a)), float(np.mean(draws_b))
    if FEW * many_b <= many_a:
        found_b = max(found_b, _own(own_a, rate_a, draws_a, draws_b), key=lambda one: one.total)
    elif FEW * many_a <= many_b:
        found_a = max(found_a, _own(own_b, rate_b, draws_b, draws_a), key=lambda one: one.total)
    return found_a, found_b


def _flat(estimates: Floats, least: float) -> _Within:
    """One variance for every question of single draws: the mean of the *estimates*."""
    n = len(estimates)
    mean = max(float(np.mean(estimates)), least)
    noise = n * float(np.var(estimates, ddof=1)) if n > 1 else mean**2
    return _Within(variances=np.full(n, mean), total=n * mean, noise=noise)


def _own(variances: Floats, rates: Floats, draws: Counts, over: Counts | None = None) -> _Within:
    """An arm with repeats, or one with the draws *over* whose questions vary as this one's do.

    Where four draws or more allow it, the noise is unbiased.
    """
    over = draws if over is None else over
    many = draws > 1
    k, right = draws[many], (rates * draws)[many]
    # Var(s²) = E(s⁴) − σ⁴, and σ⁴ = p²(1−p)² by factorial moments; less than four draws: E(s⁴).
    ways = np.maximum(k * (k - 1.0) * (k - 2) * (k - 3), 1.0)
    fourth = right * (right - 1) * (k - right) * (k - right - 1) / ways
    noise = variances[many] ** 2 - np.where(k > 3, fourth, 0.0)  # noqa: PLR2004 - as said above
    # What the questions with a single draw borrow hangs on all the others.
    weights = 1 / over[many] + float(np.sum(1 / over[~many])) / len(k)
    return _Within(
        variances=variances,
        total=float(np.sum(variances / over)),
        noise=float(np.sum(noise * weights**2)),
    )

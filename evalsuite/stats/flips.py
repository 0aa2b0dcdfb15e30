"""What changed beneath equal averages: flips, answers, and a test that anything changed at all.

Two single draws of one unchanged model differ often at a temperature above zero. So each figure
comes with what the arms' own sampling makes, and with what is left over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalsuite.stats.checked import tallies
from evalsuite.stats.paired import Counts, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipRates:
    """Per question, in 0 … 1: a baseline draw against a candidate draw, all against all.

    `lost` and `gained`; `within_a`, `within_b` are how often two draws of one arm differ
    (None with single draws); `excess` is what the arms differ beyond that, unbiased for
    (p − q)² and therefore below zero now and then.
    """

    lost: Floats
    gained: Floats
    within_a: Floats | None
    within_b: Floats | None
    excess: Floats | None


def flip_rates(right_a: Counts, right_b: Counts, draws_a: Counts, draws_b: Counts) -> FlipRates:
    """Flips between the arms and within each (J. Dutta et al., arXiv:2407.09141, for the idea).

    p(1−q) + q(1−p) − p(1−p) − q(1−q) = (p−q)²; the within terms take k/(k−1). Questions with a
    single draw in an arm tell nothing of its noise and are left out of `within` and `excess`.

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    tallies(right_a, draws_a)
    tallies(right_b, draws_b)
    p, q = right_a / draws_a, right_b / draws_b
    lost, gained = p * (1 - q), q * (1 - p)
    many = (draws_a > 1) & (draws_b > 1)
    if not many.any():
        return FlipRates(lost=lost, gained=gained, within_a=None, within_b=None, excess=None)
    within_a, within_b = (
        2 * r[many] * (1 - r[many]) * d[many] / (d[many] - 1)
        for r, d in ((p, draws_a), (q, draws_b))
    )
    excess = lost[many] + gained[many] - within_a / 2 - within_b / 2
    return FlipRates(lost=lost, gained=gained, within_a=within_a, within_b=within_b, excess=excess)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Per question: how often two draws give the same answer, across the arms and within each.

    `excess` is (within_a + within_b)/2 − cross: half the squared distance of the two answer
    distributions (an MMD with the identity kernel; I. Gao et al., arXiv:2410.20247).
    """

    cross: Floats
    within_a: Floats | None
    within_b: Floats | None
    excess: Floats | None


def agreement(answers_a: Sequence[Sequence[str]], answers_b: Sequence[Sequence[str]]) -> Agreement:
    """One sequence of answers per question and arm; no answer is an answer of its own.

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    for answers in (answers_a, answers_b):
        lengths = np.asarray([len(one) for one in answers], dtype=np.int64)
        tallies(np.zeros_like(lengths), lengths)
    rows = [_agreement(one, other) for one, other in zip(answers_a, answers_b, strict=True)]
    cross = np.asarray([row[0] for row in rows])
    many = np.asarray([row[1] is not None for row in rows])
    if not many.any():
        return Agreement(cross=cross, within_a=None, within_b=None, excess=None)
    own_a = np.asarray([row[1] for row in rows if row[1] is not None])
    own_b = np.asarray([row[2] for row in rows if row[2] is not None])
    excess = (own_a + own_b) / 2 - cross[many]
    return Agreement(cross=cross, within_a=own_a, within_b=own_b, excess=excess)


def _agreement(
    ours: Sequence[str], theirs: Sequence[str]
) -> tuple[float, float | None, float | None]:
    count_a, count_b = _tally(ours), _tally(theirs)
    a, b = len(ours), len(theirs)
    cross = sum(count * count_b.get(answer, 0) for answer, count in count_a.items()) / (a * b)
    if min(a, b) == 1:
        return cross, None, None
    same_a = sum(n * (n - 1) for n in count_a.values()) / (a * (a - 1))
    same_b = sum(n * (n - 1) for n in count_b.values()) / (b * (b - 1))
    return cross, same_a, same_b


def _tally(answers: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for answer in answers:
        found[answer] = found.get(answer, 0) + 1
    return found


def changed_at_all_p(
    right_a: Counts,
    right_b: Counts,
    draws_a: Counts,
    draws_b: Counts,
    *,
    trials: int = 10_000,
    seed: int = 0,
) -> float | None:
    """The p-value of "every question has one pass rate, whichever arm draws".

    The labels of the arms are exchanged within each question, which makes right draws
    hypergeometric; the statistic is Σ (q − p)². Monte Carlo with *trials* and a fixed seed, so that
    equal data give equal p: (1 + as extreme)/(1 + trials), never 0. None if no question can
    differ (one draw each, or always the same): it would say nothing.

    Raises:
        ValueError: there is no question, or one was never drawn.
    """
    tallies(right_a, draws_a)
    tallies(right_b, draws_b)
    total, draws = right_a + right_b, draws_a + draws_b
    open_ = (total > 0) & (total < draws) & (draws_a + draws_b > 2)  # noqa: PLR2004 - one each
    if not open_.any():
        return None
    a, b, right = draws_a[open_], draws_b[open_], total[open_]
    observed = float(np.sum((right_b[open_] / b - right_a[open_] / a) ** 2))
    chance = np.random.default_rng(seed)
    extreme, left = 0, trials
    while left:
        batch = min(left, max(1, 2_000_000 // len(a)))
        drawn = chance.hypergeometric(right, a + b - right, a, size=(batch, len(a)))
        statistic = np.sum(((right - drawn) / b - drawn / a) ** 2, axis=1)
        extreme += int(np.sum(statistic >= observed - 1e-9))
        left -= batch
    return (1 + extreme) / (1 + trials)

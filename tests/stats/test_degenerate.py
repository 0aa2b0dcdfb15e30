"""Inputs that break formulas: each has an answer, without a warning."""

import math

import numpy as np
import pytest

from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.decide import formal_state
from evalsuite.stats.flips import agreement, changed_at_all_p, flip_rates
from evalsuite.stats.mcnemar import mcnemar_p
from evalsuite.stats.multiple import benjamini_hochberg, holm
from evalsuite.stats.paired import paired_counts, variance_parts
from evalsuite.stats.planning import detectable, pairs_needed, planning_discordance, power_of
from evalsuite.stats.pooling import heterogeneity, plain_mean, shrunk
from evalsuite.stats.questions import (
    clustered_interval,
    log_ratio_interval,
    new_questions_interval,
    shrunk_interval,
)
from evalsuite.stats.sequential import (
    REACH,
    critical_values,
    inflation,
    kim_demets,
    stagewise_p,
)
from evalsuite.stats.single import rate_interval, single_interval, wilson
from evalsuite.stats.stopping import anytime_stop


def array(*values):
    return np.asarray(values, dtype=np.int64)


@pytest.mark.parametrize(
    "arrays",
    [
        (array(1), array(0), array(1), array(1)),
        (array(1), array(64), array(1), array(64)),
        (array(0), array(0), array(1), array(64)),
        (array(1, 0, 1), array(40, 2, 64), array(1, 1, 1), array(64, 64, 64)),
        (array(40, 2, 64), array(1, 0, 1), array(64, 64, 64), array(1, 1, 1)),
        (array(4, 4), array(0, 0), array(4, 4), array(4, 4)),
        (array(1, 2), array(1, 0), array(1, 2), array(3, 1)),
    ],
)
def test_every_interval_is_finite_and_holds_its_estimate(arrays):
    """One question, one draw against 64, all right, all wrong, mixed repeats."""
    counts, parts = paired_counts(*arrays), variance_parts(*arrays)
    low, high = counts.interval(0.95)
    assert -1 <= low <= counts.difference <= high <= 1
    assert low < high
    assert math.isfinite(parts.sampling_se)
    for right, draws in ((arrays[0], arrays[2]), (arrays[1], arrays[3])):
        low, high = single_interval(right, draws, 0.95)
        assert 0 <= low < high <= 1


NONE = np.zeros(0, dtype=np.int64)
ONES = np.ones(3, dtype=np.int64)
WHY = r"no questions|draws|needed at least|is -?(nan|inf)|no proportion"
GAP = np.asarray([0.5, math.nan, 0.1])


@pytest.mark.parametrize(
    "broken",
    [
        lambda: paired_counts(NONE, NONE, NONE),
        lambda: paired_counts(ONES, ONES, ONES, ONES - 1),
        lambda: paired_counts(2 * ONES, ONES, ONES),
        lambda: paired_counts(GAP, GAP, ONES),
        lambda: variance_parts(NONE, NONE, NONE, NONE),
        lambda: single_interval(NONE, NONE, 0.95),
        lambda: wilson(math.nan, 30, level=0.95),
        lambda: wilson(0.5, 0, level=0.95),
        lambda: rate_interval(NONE, level=0.95),
        lambda: rate_interval(GAP, level=0.95),
        lambda: new_questions_interval(NONE, NONE, NONE, level=0.95),
        lambda: shrunk_interval(GAP, 1, level=0.95),
        lambda: clustered_interval(GAP, array(0, 1, 1), level=0.95),
        lambda: clustered_interval(np.zeros(3), array(0, 0, 0), level=0.95),
        lambda: log_ratio_interval(np.ones(1), level=0.95),
        lambda: log_ratio_interval(np.asarray([1.0, 0.0]), level=0.95),
        lambda: log_ratio_interval(np.asarray([1.0, -1.0]), level=0.95),
        lambda: flip_rates(NONE, NONE, NONE, NONE),
        lambda: agreement([[]], [["1"]]),
        lambda: agreement([], []),
        lambda: changed_at_all_p(ONES, ONES, ONES, ONES - 1),
        lambda: holm([0.1, math.nan]),
        lambda: benjamini_hochberg([math.nan]),
        lambda: plain_mean([], []),
        lambda: heterogeneity([0.1, math.nan], [0.1, 0.1]),
        lambda: shrunk([0.1, 0.2], [math.nan, 0.1]),
    ],
)
def test_what_is_no_data_is_refused(broken):
    """No questions, a question never asked, NaN: a ValueError that says so, never a NaN back."""
    with pytest.raises(ValueError, match=WHY):
        broken()


@pytest.mark.parametrize("draws", [1, 4])
@pytest.mark.parametrize("right", [0, 1])
@pytest.mark.parametrize("questions", [1, 2, 500])
def test_always_right_or_always_wrong_is_defined_everywhere(draws, right, questions):
    """All right, all wrong, one question: intervals of some width, nothing decided by few."""
    k = np.full(questions, draws)
    same = right * k
    counts = paired_counts(same, same, k)
    low, high = counts.interval(0.90)
    assert (counts.difference, counts.z(0.0), counts.se) == (0, 0, 0)
    assert -1 <= low < 0 < high <= 1
    assert formal_state(low, high, margin=0.02) == (
        "equivalent" if questions == 500 else "inconclusive"
    )
    assert 0 <= counts.noninferiority_p(0.02) < 0.5
    parts = variance_parts(same, same, k, k)
    assert parts.sampling_se == 0
    assert parts.questions_se in {0.0, None}
    low, high = new_questions_interval(same, same, k, level=0.95)
    assert low < 0 < high
    low, high = single_interval(same, k, 0.95)
    assert 0 <= low <= right <= high <= 1
    assert low < high
    flips = flip_rates(same, same, k, k)
    assert flips.lost.sum() == flips.gained.sum() == 0
    assert changed_at_all_p(same, same, k, k) is None


def test_one_arm_always_right_and_the_other_always_wrong():
    """The largest difference there is: worse, whatever the repeats, and its own p-value 1."""
    for draws in (1, 64):
        k = np.full(30, draws)
        counts = paired_counts(k, 0 * k, k)
        low, high = counts.interval(0.95)
        assert low == pytest.approx(-1)
        assert -1 < high < -0.7
        assert counts.noninferiority_p(0.03) > 0.9999
        # Many draws of always the same claim no more than one draw of each question.
        assert counts.pairs == 30


def test_one_draw_against_many_uses_the_noise_that_many_show():
    """Single draws that happen to agree are no proof that the arm never varies."""
    many, once = np.full(30, 64), np.ones(30, dtype=np.int64)
    half = np.full(30, 32)
    agreeing = paired_counts(half, array(*[1, 0] * 15), many, once)
    told = paired_counts(half, half, many)
    assert agreeing.se > 5 * told.se
    silent = paired_counts(many, once, many, once)
    assert (silent.pairs, silent.gains, silent.losses) == (30, 0, 0)


@pytest.mark.parametrize("discordance", [0.0, 1e-12, 0.5, 1.0])
@pytest.mark.parametrize("margin", [0.001, 0.03, 0.5])
def test_plans_are_finite_for_any_flips(discordance, margin):
    """No flips at all, nothing but flips: sizes above zero, powers and fractions within 0 and 1."""
    pairs = pairs_needed(discordance, margin)
    assert 0 < pairs < math.inf
    assert 0 <= power_of(discordance, pairs, margin) <= 1
    assert 0 <= detectable(discordance, pairs) <= 1
    stakes = bets(discordance, margin)
    for fraction in (stakes.holds, stakes.worse, stakes.futile):
        assert 0 < fraction < 1 / (1 - margin)
    for won, lost, asked in ((0, 0, 1), (1, 0, 1), (0, 1, 1), (500, 500, 1000)):
        seen = evidence(won, lost, asked, bets=stakes, alpha=0.05)
        assert -1 <= seen.low <= seen.high <= 1
        assert not math.isnan(seen.log_e_holds + 0.0)
        assert anytime_stop(seen) in {"holds", "worse", "futile", None}


def test_planning_from_an_accuracy_of_one_asks_for_something():
    """An arm that is always right flips never; the pairs needed come from the margin alone."""
    assert planning_discordance(1.0) == 0
    z = 1.6448536269514722  # silence: z² (1 − margin)/margin
    assert pairs_needed(planning_discordance(1.0), 0.01) == pytest.approx(z * z * 99)


def test_one_draw_against_many_claims_less_than_many_against_many():
    """A single baseline pass leaves its own noise in the interval."""
    chance = np.random.default_rng(3)
    rates = chance.beta(2, 1, 200)
    many = np.full(200, 64)
    widths = []
    for each in (np.ones(200, dtype=np.int64), many):
        low, high = paired_counts(
            chance.binomial(each, rates), chance.binomial(many, rates), each, many
        ).interval(0.95)
        widths.append(high - low)
    assert widths[0] > 3 * widths[1]


def test_nothing_differs():
    """No flips, no answers that differ, no alarm; the tests say nothing rather than NaN."""
    ones = array(1, 1)
    found = flip_rates(ones, ones, ones, ones)
    assert found.lost.sum() == found.gained.sum() == 0
    assert found.excess is None
    assert changed_at_all_p(ones, ones, ones, ones) is None
    assert changed_at_all_p(array(4), array(4), array(4), array(4)) is None
    assert mcnemar_p(0, 0) == 1
    assert agreement([["1"]], [["1"]]).cross.tolist() == [1.0]
    assert rate_interval(np.zeros(30), level=0.95)[1] > 0.1
    assert rate_interval(np.ones(1), level=0.95)[0] < 0.9


def test_looks_that_crowd_are_refused():
    """Nearer than the recursion's grid can tell apart: an error, not a wrong boundary."""
    with pytest.raises(ValueError, match="apart"):
        critical_values((0.25, 0.2501, 1.0), (0.01, 0.02, 0.05))


def test_a_look_that_spends_nothing_has_a_boundary_out_of_reach():
    """Where the plan grew, nothing is left to spend, and the next look takes it up again."""
    first, silent, last = critical_values((0.5, 0.6, 1.0), (0.02, 0.02, 0.05))
    assert first < silent == REACH
    assert 1.6 < last < first


def test_families_of_none_and_of_one():
    """No p-values, one difference, exact differences."""
    assert holm([]) == benjamini_hochberg([]) == []
    assert heterogeneity([0.1], [0.01]) is None
    assert heterogeneity([0.1, 0.2], [0.0, 0.01]) is None
    assert shrunk([0.1], [0.01]) == [0.1]
    assert plain_mean([0.0, 0.0], [0.0, 0.0]).z(-0.01) == 0.0


def test_a_change_is_found_and_noise_is_not():
    """Exchanging the arms' labels within questions: equal rates are let go, moved ones are not."""
    chance = np.random.default_rng(5)
    rates, k = chance.beta(1, 1, 198), np.full(198, 8)
    ours = chance.binomial(k, rates)
    same = changed_at_all_p(ours, chance.binomial(k, rates), k, k)
    moved = changed_at_all_p(ours, chance.binomial(k, np.roll(rates, 1)), k, k)
    assert same > 0.05
    assert moved == pytest.approx(1 / 10_001)


def test_looks_spend_alpha_once():
    """At the last critical value the stage-wise p is α; looking more often needs more at most."""
    shares = (0.25, 0.5, 0.75, 1.0)
    four = critical_values(shares, [kim_demets(0.05, share) for share in shares])
    assert stagewise_p(four[-1], 3, shares, four) == pytest.approx(0.05, abs=1e-6)
    assert stagewise_p(four[0], 0, shares, four) < 0.05
    assert inflation(shares, alpha=0.05, beta=0.1) == pytest.approx(1.121, abs=5e-4)
    assert critical_values((1.0,), (0.05,))[0] == pytest.approx(1.644854, abs=1e-6)
    assert inflation((1.0,), alpha=0.05, beta=0.1) == pytest.approx(1, abs=1e-6)


def test_betting_says_nothing_before_it_has_seen_anything():
    """The confidence sequence starts at everything, narrows, and agrees with the e-values."""
    stakes = bets(0.06, 0.01)
    nothing = evidence(0, 0, 0, bets=stakes, alpha=0.05)
    assert (nothing.low, nothing.high) == (-1, 1)
    much = evidence(300, 300, 20_000, bets=stakes, alpha=0.05)
    assert much.log_e_holds > math.log(20)
    assert -0.01 < much.low < 0 < much.high < 0.02
    bad = evidence(100, 700, 10_000, bets=stakes, alpha=0.05)
    assert bad.log_e_worse > math.log(20)
    assert bad.high < -0.01

"""Inputs that break formulas: each has an answer, without a warning."""

import math

import numpy as np
import pytest

from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.flips import agreement, changed_at_all_p, flip_rates
from evalsuite.stats.mcnemar import mcnemar
from evalsuite.stats.multiple import benjamini_hochberg, holm
from evalsuite.stats.paired import paired_counts, variance_parts
from evalsuite.stats.pooling import heterogeneity, plain_mean, shrunk
from evalsuite.stats.sequential import boundaries, stagewise_p
from evalsuite.stats.single import rate_interval, single_interval


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
    assert mcnemar(0, 0).exact == 1
    assert agreement([["1"]], [["1"]]).cross.tolist() == [1.0]
    assert rate_interval(np.zeros(30), level=0.95)[1] > 0.1
    assert rate_interval(np.ones(1), level=0.95)[0] < 0.9


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
    four = boundaries((0.25, 0.5, 0.75, 1.0), alpha=0.05, beta=0.1)
    assert stagewise_p(four.critical[-1], 3, four.information, four.critical) == (
        pytest.approx(0.05, abs=1e-6)
    )
    assert stagewise_p(four.critical[0], 0, four.information, four.critical) < 0.05
    assert four.inflation == pytest.approx(1.121, abs=5e-4)
    single = boundaries((1.0,), alpha=0.05, beta=0.1)
    assert single.critical[0] == pytest.approx(1.644854, abs=1e-6)
    assert single.inflation == pytest.approx(1, abs=1e-6)


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

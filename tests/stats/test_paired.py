"""The paired difference with repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from evalsuite.stats.decide import formal_state, repeats_to_decide
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.planning import pairs_to_decide
from evalsuite.stats.questions import (
    clustered_interval,
    log_ratio_interval,
    new_questions_interval,
)
from evalsuite.stats.single import single_interval


def array(*values):
    return np.asarray(values, dtype=np.int64)


def test_one_draw_each_is_tango_on_the_observed_pairs():
    """With a single draw the counts are the discordant pairs themselves."""
    counts = paired_counts(array(1, 1, 0, 0, 1), array(1, 0, 1, 0, 0), array(1, 1, 1, 1, 1))
    assert (counts.gains, counts.losses, counts.pairs) == (1, 2, 5)


def test_repeats_become_virtual_pairs():
    """Balanced repeats give n·k pairs whose mass is the variance within plus the difference².

    Definition of the reference case cond_tango_aime_k16: N = n k, n10 + n01 = (v + D²) N.
    """
    right_a, right_b = array(4, 8, 2, 16), array(4, 6, 3, 16)
    draws = array(16, 16, 16, 16)
    counts = paired_counts(right_a, right_b, draws)
    rates = right_a / 16, right_b / 16
    within = sum(float(np.mean(p * (1 - p) * 16 / 15)) for p in rates)
    assert counts.pairs == pytest.approx(64)
    assert counts.gains + counts.losses == pytest.approx(64 * (within + counts.difference**2))
    assert counts.gains - counts.losses == pytest.approx(64 * counts.difference)


@pytest.mark.parametrize("right", [0, 4])
def test_no_variance_claims_no_precision(right):
    """Arms that are always right (or wrong) are as precise as their number of questions."""
    counts = paired_counts(array(right, right), array(right, right), array(4, 4))
    assert (counts.pairs, counts.gains, counts.losses) == (2, 0, 0)
    low, high = counts.interval(0.95)
    assert low == pytest.approx(-high)
    assert high > 0.5


@given(
    st.lists(
        st.integers(1, 6).flatmap(
            lambda k: st.tuples(st.integers(0, k), st.integers(0, k), st.just(k))
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_counts_have_a_finite_interval_around_the_difference(rows):
    """Unequal repeats, extremes and single questions all get limits in [-1, 1]."""
    right_a, right_b, draws = (
        np.asarray(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    counts = paired_counts(right_a, right_b, draws)
    low, high = counts.interval(0.90)
    assert -1 <= low <= counts.difference + 1e-9
    assert counts.difference - 1e-9 <= high <= 1
    assert 0 <= counts.noninferiority_p(0.01) <= 1
    for right in (right_a, right_b):
        below, above = single_interval(right, draws, 0.95)
        assert 0 <= below <= float(np.mean(right / draws)) + 1e-9
        assert above <= 1
    left, end = new_questions_interval(right_a, right_b, draws, level=0.95)
    assert -1 <= left <= end <= 1


@pytest.mark.parametrize(
    ("right", "questions", "limits"),
    [
        (27, 30, (0.743789174208159, 0.965400111252666)),
        (1270, 1319, (0.951226541428754, 0.971786561810779)),
        (137, 198, (0.62446728532143, 0.752065863240059)),
    ],
)
def test_single_arm_is_wilson(right, questions, limits):
    """One draw a question: base R 4.2.2, prop.test(correct=FALSE)."""
    marks = array(*([1] * right + [0] * (questions - right)))
    found = single_interval(marks, np.ones(questions, dtype=np.int64), 0.95)
    assert found == pytest.approx(limits, rel=1e-6)


def test_single_arm_knows_the_variance_within():
    """With repeats the effective number of draws is p(1-p)/SE².

    SE is variance_components_1's se_mean_fixed_items, base R 4.2.2 anova(lm()).
    """
    right, draws = array(4, 3, 1, 4, 0, 2), np.full(6, 4)
    se = 0.0760725774312731
    p = 14 / 24
    low, high = single_interval(right, draws, 0.95)
    effective = p * (1 - p) / se**2
    z = 1.95996398454005
    middle = (p + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z / (1 + z**2 / effective) * np.sqrt(se**2 + z**2 / (4 * effective**2))
    assert (low, high) == pytest.approx((middle - half, middle + half), rel=1e-9)


@pytest.mark.parametrize(
    ("gains", "losses", "pairs", "limits"),
    [
        (1, 7, 21, (-0.508359306666439, -0.0133798237683433)),
        (12, 9, 1319, (-0.00484350097152089, 0.00938551459756177)),
        (0, 0, 30, (-0.0866189890218548, 0.0866189890218548)),
    ],
)
def test_new_questions_are_bonett_price(gains, losses, pairs, limits):
    """One draw each: R contingencytables 3.0.0, with t and n + 1 for its normal and n + 2."""
    right_a = array(*([0] * gains + [1] * losses + [1] * (pairs - gains - losses)))
    right_b = array(*([1] * gains + [0] * losses + [1] * (pairs - gains - losses)))
    low, high = new_questions_interval(right_a, right_b, np.ones(pairs, dtype=int), level=0.95)
    middle, half = (low + high) / 2, (high - low) / 2
    half *= float(norm.ppf(0.975) / student.ppf(0.975, pairs - 1))
    half *= ((pairs + 1) / (pairs + 2)) ** 0.5
    assert (middle - half, middle + half) == pytest.approx(limits, rel=1e-6)


def test_clusters_are_cr1():
    """The standard error is R sandwich's CR1 for the reference case cluster_se_1."""
    y = np.asarray([0, 0, -1, 0, 1, 0, 0, -1, -1, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 1, 0.0])
    clusters = array(0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5)
    low, high = clustered_interval(y, clusters, level=0.95)
    t_5 = 2.5705818366147395  # R: qt(.975, 5)
    assert (low + high) / 2 == pytest.approx(-0.0869565217391304)
    assert (high - low) / 2 / t_5 == pytest.approx(0.119389314482638, rel=1e-6)


def test_length_ratio_has_the_t_interval_of_its_logarithms():
    """The reference case tost_t_1, base R 4.2.2 t.test."""
    logs = [-0.0625, 0, 0.125, -0.25, 0.0625, 0, 0, -0.125, 0.1875, -0.0625, 0, 0.0625]
    found = log_ratio_interval(np.exp(logs), level=0.95)
    expected = (-0.00520833333333333, -0.0779563916398874, 0.0675397249732207)
    assert np.log(found) == pytest.approx(expected, rel=1e-6)


def test_length_ratio_is_geometric():
    """Doubling one and halving another is no change."""
    value, low, high = log_ratio_interval(np.asarray([2.0, 0.5, 1.0]), level=0.95)
    assert value == pytest.approx(1.0)
    assert low < 1 < high


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (-0.005, 0.005, "equivalent"),
        (-0.005, 0.05, "non-inferior"),
        (-0.05, -0.02, "inferior"),
        (-0.05, 0.05, "inconclusive"),
        (-0.01, 0.0, "inconclusive"),
    ],
)
def test_states_follow_the_limits(low, high, state):
    """The four states of a margin of one point, the edge included."""
    assert formal_state(low, high, margin=0.01) == state


@pytest.mark.parametrize(
    ("discordance", "margin", "pairs"),
    [(0.0585, 0.01, 5080.29281776008), (0.031, 0.02, 770.772700799425)],
)
def test_pairs_to_decide_are_nams(discordance, margin, pairs):
    """No difference, power .9: the closed form of Nam (1997) evaluated in R 4.2.2."""
    found = pairs_to_decide(
        gain_rate=discordance / 2, loss_rate=discordance / 2, margin=margin, power=0.9
    )
    assert found == pytest.approx(pairs, rel=1e-6)


def test_repeats_to_decide_grow_as_the_margin_nears():
    """GPQA's size: a difference near the margin needs more, one at the margin no number meets."""

    def repeats(loss_rate):
        return repeats_to_decide(gain_rate=0.07, loss_rate=loss_rate, questions=198, margin=0.03)

    assert repeats(0.07) < repeats(0.08) < repeats(0.095)
    assert repeats(0.1) == 0
    assert repeats(0.10000001) == 0
    assert repeats_to_decide(gain_rate=0, loss_rate=0, questions=30, margin=0.03) == 0

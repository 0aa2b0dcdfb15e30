"""The paired difference with repeats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsuite.stats.decide import formal_state, repeats_to_decide
from evalsuite.stats.paired import paired_counts, single_interval
from evalsuite.stats.questions import (
    clustered_interval,
    log_ratio_interval,
    new_questions_interval,
)


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


def test_clusters_are_cr1():
    """The standard error is R sandwich's CR1 for the reference case cluster_se_1."""
    y = np.asarray([0, 0, -1, 0, 1, 0, 0, -1, -1, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 1, 0.0])
    clusters = array(0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5)
    low, high = clustered_interval(y, clusters, level=0.95)
    t_5 = 2.5705818366147395  # R: qt(.975, 5)
    assert (low + high) / 2 == pytest.approx(-0.0869565217391304)
    assert (high - low) / 2 / t_5 == pytest.approx(0.119389314482638, rel=1e-6)


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


def test_repeats_to_decide_grow_as_the_margin_nears():
    """(z.05 + z.20)² ψ / (n d²): 6.1826 · 0.148 / (198 · 0.03²) = 5.14, so six repeats."""
    assert repeats_to_decide(difference=0, discordance=0.148, questions=198, margin=0.03) == 6
    assert repeats_to_decide(difference=-0.03, discordance=0.148, questions=198, margin=0.03) == 0


def test_noninferiority_errs_as_often_as_stated():
    """A loss of exactly the margin is called non-inferior in at most 5 % of simulated runs."""
    chance = np.random.default_rng(7)
    questions, draws, margin, trials = 30, 8, 0.03, 1500
    passes = 0
    for _ in range(trials):
        ours = np.clip(chance.beta(1.2, 0.5, questions), 0.05, 0.97)
        theirs = ours - margin
        k = np.full(questions, draws)
        right = chance.binomial(k, ours), chance.binomial(k, np.clip(theirs, 0, 1))
        counts = paired_counts(*right, k)
        passes += counts.interval(0.90)[0] > -margin
    assert passes / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5

"""Repeats where they tell most."""

import numpy as np
import pytest

from evalsuite.stats.allocation import shared_repeats


def test_uncertain_questions_get_more_and_the_sum_stays():
    """A question at a half gets most, one that was always right a quarter of the mean and a bit."""
    right, draws = np.array([16, 8, 0, 12]), np.full(4, 16)
    found = shared_repeats(right, draws, 16)
    assert found.sum() == 64
    assert found[1] == found.max() > 16
    assert 4 <= found[0] == found[2] < 16


@pytest.mark.parametrize("repeats", [1, 2, 3, 7, 64])
def test_no_question_is_left_out(repeats):
    """However few there are, each is asked; what was never asked before counts as uncertain."""
    chance = np.random.default_rng(repeats)
    draws = chance.integers(0, 9, 31)
    right = chance.binomial(draws, 0.7)
    found = shared_repeats(right, draws, repeats)
    assert found.sum() == 31 * repeats
    assert found.min() >= max(repeats / 4, 1)


def test_the_variance_falls_on_questions_of_mixed_difficulty():
    """Drawn from bimodal rates, by a history of sixteen draws: at least a tenth less noise."""
    chance = np.random.default_rng(5)
    rates = chance.beta(0.6, 0.3, 2_000)
    shared = shared_repeats(chance.binomial(16, rates), np.full(2_000, 16), 16)
    noise = rates * (1 - rates)
    assert np.sum(noise / shared) < 0.9 * np.sum(noise / 16)

"""From pairs to questions and repeats."""

import numpy as np
import pytest

from evalsuite.stats.flips import flip_rates
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.sizes import (
    Size,
    blinded_discordance,
    largest,
    macro_pairs,
    macro_se,
    size_for,
)


def test_repeats_begin_where_the_questions_are_used_up():
    """As many questions as pairs, then whole repeats of all."""
    assert size_for(6_492, 14_042) == Size(questions=6_492, repeats=1)
    assert size_for(1_824, 198) == Size(questions=198, repeats=10)
    assert size_for(0.2, 30) == Size(questions=1, repeats=1)


def test_split_for_the_mean_cannot_be_bettered():
    """Moving tokens between benchmarks only makes the mean less precise."""
    psi, cost = [0.06, 0.19], [1_000, 7_000]
    split = macro_pairs(psi, cost)
    best = macro_se(psi, split)
    for moved in (-50.0, 50.0):
        other = [split[0] + moved * 1e-6 / cost[0], split[1] - moved * 1e-6 / cost[1]]
        assert macro_se(psi, other) > best


def test_largest_is_found_to_the_digit():
    """The end where all is within, None where nothing is."""
    assert largest(lambda x: x * x <= 2, 0.0, 5.0) == pytest.approx(2**0.5)
    assert largest(lambda x: x <= 9, 0.0, 5.0) == 5.0
    assert largest(lambda x: x < 0, 0.0, 5.0) is None


def test_blinded_discordance_is_that_of_the_arms_where_nothing_changed():
    """All arms together tell how often two draws differ, without knowing which arm is which."""
    chance = np.random.default_rng(1)
    rates = chance.beta(2, 1, 4_000)
    right = chance.binomial(4, rates), chance.binomial(4, rates)
    draws = np.full(4_000, 4)
    found = blinded_discordance(right[0] + right[1], 2 * draws)
    assert found == pytest.approx(paired_counts(*right, draws).discordance, rel=0.02)
    assert found == pytest.approx(float(np.mean(2 * rates * (1 - rates))), rel=0.03)
    swapped = flip_rates(right[1], right[0], draws, draws)
    assert swapped.lost.mean() + swapped.gained.mean() == pytest.approx(found, rel=0.03)


def test_blinded_discordance_of_single_passes_counts_flips():
    """Two passes: the share of questions that are right once, nearly; silence is no certainty."""
    right, draws = np.array([0, 1, 1, 2] * 100), np.full(400, 2)
    assert blinded_discordance(right, draws) == pytest.approx(0.5, abs=0.001)
    assert blinded_discordance(np.full(30, 2), np.full(30, 2)) == pytest.approx(0.5 / 31)
    assert blinded_discordance(np.full(30, 1), np.full(30, 1)) is None

"""The drift chart's arithmetic against reference values, and its error rates by simulation."""

import math

import numpy as np
import pytest

from evalsuite.stats.drift import (
    beginning,
    ewma,
    found_within,
    limit,
    pooled,
    shares_of,
    spread,
)


def test_ewma_and_its_deviation_are_the_definition_s():
    """Lucas and Saccucci 1990; the NIST handbook, 6.3.2.4."""
    values, deviations = ewma([0.3, -0.4, -1.2, -0.8, -1.9, -2.2, 0.1])
    assert values == pytest.approx(
        [0.06, -0.032, -0.2656, -0.37248, -0.677984, -0.9823872, -0.76590976]
    )
    assert deviations == pytest.approx(
        [0.2, 0.256124969, 0.286328483, 0.304088408, 0.31492959, 0.321676256, 0.325920838], rel=1e-8
    )


@pytest.mark.parametrize(
    ("nights", "expected"), [(5, 3.63), (10, 3.29), (20, 3.08), (30, 3.00), (60, 2.91)]
)
def test_limits_with_a_known_spread(nights, expected):
    """5 % per 30 nights after 5 to 60 reference nights, as simulated independently."""
    found = limit(reference=1 / nights, freedom=math.inf, rate=0.05)
    assert found == pytest.approx(expected, abs=0.03)


def test_an_estimated_spread_widens_the_limit():
    """What nineteen degrees of freedom do not know costs distance; many cost little."""
    known, many, few = (
        limit(reference=1 / 20, freedom=freedom, rate=0.025) for freedom in (math.inf, 95, 19)
    )
    assert known < many < few
    assert many - known < 0.15


@pytest.mark.parametrize("phi", [1.0, 1.15, 1.5])
def test_false_alarms_stay_below_the_rate(phi):
    """Reference nights, their mean and their spread drawn anew: at most 5 % of healthy months."""
    rng = np.random.default_rng(7)
    reference_nights, months = 20, 4_000
    at = limit(reference=1 / reference_nights, freedom=reference_nights - 1, rate=0.05)
    alarms = 0
    for _ in range(months):
        x = phi * rng.standard_normal(reference_nights + 30)
        mean = x[:reference_nights].mean()
        own = (x[:reference_nights] - mean) / math.sqrt(1 - 1 / reference_nights)
        z = (x[reference_nights:] - mean) / math.sqrt(spread(own).phi2 * (1 + 1 / reference_nights))
        values, deviations = ewma(z)
        alarms += any(v < -at * d for v, d in zip(values, deviations, strict=True))
    assert alarms / months < 0.05 + 2 * math.sqrt(0.05 * 0.95 / months)


def test_power_is_that_of_the_design():
    """A drop of 2.47 standard errors within 1, 3 and 7 nights: .37, .94 and 1.00."""
    at = limit(reference=0.0, freedom=math.inf, rate=0.05)
    found = found_within([1, 3, 7], drop=2.47, reference=0.0, freedom=math.inf, limit=at)
    assert found == pytest.approx([0.37, 0.94, 1.0], abs=0.015)


def test_power_after_healthy_nights():
    """Twenty quiet nights slow the chart down, as its weights are then its asymptotic ones."""
    facts = {"drop": 2.0, "reference": 1 / 60, "freedom": math.inf, "limit": 2.91}
    fresh, later = (found_within([3], before=before, **facts)[0] for before in (0, 20))
    assert 0.3 < later < fresh


def test_spread_tests_what_it_estimates():
    """White noise is no overdispersion, twice its variance is."""
    rng = np.random.default_rng(1)
    quiet, loud = spread(rng.standard_normal(100)), spread(2 * rng.standard_normal(100))
    assert quiet.p_value > 0.01
    assert loud.p_value < 1e-6
    assert loud.phi2 == pytest.approx(4, rel=0.3)
    assert spread([0.1, -0.1, 0.1]).phi2 == 1.0


def test_pooling_adds_squares_and_degrees():
    """Two charts of equal length give the mean of their φ²."""
    a, b = [2.0, -2.0, 2.0], [1.0, -1.0, 1.0]
    both = pooled([(a, spread(a)), (b, spread(b))])
    assert both.freedom == 4
    assert both.phi2 == pytest.approx(2.5)


def test_the_budget_is_spent_once():
    """Half for the mean; the others' rates together make the other half."""
    mean, each = shares_of(0.05, 5)
    assert mean == 0.025
    assert 1 - (1 - each) ** 5 == pytest.approx(0.025)


def test_a_step_s_beginning_is_found():
    """The likeliest first night, with those that the data do not rule out."""
    rng = np.random.default_rng(3)
    z = rng.standard_normal(30)
    z[20:] -= 4
    found = beginning(z)
    assert found.at == 20
    assert found.first <= 20 <= found.last


def test_a_beginning_of_one_night_is_that_night():
    """An outlier at the end begins and ends there."""
    assert beginning([0.1, 0.2, -6.0]).at == 2
    assert beginning([1.0]).at == 0

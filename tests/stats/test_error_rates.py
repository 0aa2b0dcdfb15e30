"""How often the verdict errs, by seeded simulation.

The whole of it is `benchmarks/statistics_simulation.py`. The bound is the nominal rate plus three
standard errors of the simulation itself.
"""

import numpy as np
import pytest

from evalsuite.stats.decide import formal_state, repeats_to_decide
from evalsuite.stats.paired import paired_counts

NOMINAL, TRIALS = 0.05, 1000


@pytest.mark.parametrize(
    ("title", "repeats"),
    [
        ("AIME", (1, 1)),
        ("AIME", (4, 4)),
        ("AIME", (64, 64)),
        ("AIME", (64, 4)),
        ("GPQA", (2, 2)),
        ("GPQA", (64, 1)),
        ("MATH", (1, 1)),
        ("GSM8K", (2, 2)),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else value,
)
def test_a_loss_of_the_margin_is_seldom_decided(simulation, title, repeats):
    """Called *holds* or *worse* in at most 5 % of runs each, and covered in 95 %."""
    rates = simulation("statistics_simulation")
    sizes = [size for size in rates.SIZES if title in size.title]
    bound = NOMINAL + 3 * (NOMINAL * (1 - NOMINAL) / TRIALS) ** 0.5
    for hits in rates.simulate(sizes, (repeats,), TRIALS, 7, processes=1).values():
        assert hits.trials == TRIALS
        assert max(hits.holds, hits.worse) / TRIALS <= bound
        assert min(hits.covered, hits.covered_equal) / TRIALS >= 1 - bound


def test_the_simulation_decides_as_the_verdict_does(simulation):
    """It compares the statistic with its quantile: just what the limits of the interval say."""
    rates = simulation("statistics_simulation")
    chance = np.random.default_rng(3)
    for size in rates.SIZES[2:]:
        truth = rates.arms(size, 0.35, -size.margin, chance)
        for repeats in ((1, 1), (4, 4), (8, 2)):
            counts = rates.drawn(truth, repeats, chance)
            z, quantile = counts.z(-size.margin), rates.quantile(counts, 0.90)
            state = formal_state(*counts.interval(0.90), margin=size.margin)
            assert (z > quantile) == (state in {"equivalent", "non-inferior"})
            assert (z < -quantile) == (state == "inferior")


def test_that_many_repeats_do_decide():
    """At the number of repeats named, about four of five simulated runs reach the verdict."""
    chance, questions, margin = np.random.default_rng(11), 198, 0.03
    rates = chance.beta(1.4, 0.7, questions)
    rate = float(np.mean(rates * (1 - rates)))
    repeats = repeats_to_decide(gain_rate=rate, loss_rate=rate, questions=questions, margin=margin)
    k = np.full(questions, repeats)
    decided = [
        paired_counts(chance.binomial(k, rates), chance.binomial(k, rates), k).interval(0.90)[0]
        > -margin
        for _ in range(300)
    ]
    assert np.mean(decided) == pytest.approx(0.8, abs=0.07)

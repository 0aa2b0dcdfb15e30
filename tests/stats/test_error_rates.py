"""How often the verdict errs, by seeded simulation.

The whole of it is `benchmarks/statistics_simulation.py`. The bound is the nominal rate plus three
standard errors of the simulation itself.
"""

import numpy as np
import pytest

from evalsuite.stats.decide import repeats_to_decide
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.tango import score_z

NOMINAL, Z_95, Z_975 = 0.05, 1.6448536269514722, 1.959963984540054


@pytest.mark.parametrize(
    ("questions", "repeats", "margin", "shape"),
    [
        (30, 1, 0.03, (1.2, 0.35)),
        (30, 8, 0.03, (1.2, 0.35)),
        (30, 64, 0.03, (1.2, 0.35)),
        (1319, 1, 0.01, (2.0, 0.09)),
        (1319, 2, 0.01, (2.0, 0.09)),
    ],
    ids=["AIME × 1", "AIME × 8", "AIME × 64", "GSM8K × 1", "GSM8K × 2"],
)
def test_a_loss_of_the_margin_seldom_holds(questions, repeats, margin, shape):
    """Called non-inferior in at most 5 % of runs, and covered by the 95 % interval in most."""
    chance, trials = np.random.default_rng([7, questions, repeats]), 1500
    ours = chance.beta(*shape, questions)
    theirs = ours - margin * ours / ours.mean()
    each = np.full(questions, repeats)
    z = np.asarray(
        [
            score_z(one.gains, one.losses, one.pairs, -margin)
            for one in (
                paired_counts(chance.binomial(each, ours), chance.binomial(each, theirs), each)
                for _ in range(trials)
            )
        ]
    )
    assert np.mean(z > Z_95) <= NOMINAL + 3 * (NOMINAL * (1 - NOMINAL) / trials) ** 0.5
    assert np.mean(abs(z) <= Z_975) >= 0.95 - 3 * (0.05 * 0.95 / trials) ** 0.5


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

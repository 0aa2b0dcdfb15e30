"""How often few questions asked once err, without simulation: every table is counted.

The worst case over all rates of discordance of the chance to decide about a loss of exactly the
margin, to either side. T. Tango's score with normal quantiles errs in 6.0 % of thirty questions at
three points, and calls 198 questions *worse* in 7.7 % if all that changes is lost.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom

from evalsuite.stats.paired import paired_counts
from evalsuite.stats.tango import score_z

NORMAL = 1.6448536269514722


def tables(questions):
    """Every count of gains and losses."""
    for gains in range(questions + 1):
        for losses in range(questions + 1 - gains):
            yield gains, losses


def ours(questions, margin):
    """+1 holds, −1 worse, for every table."""
    found = np.zeros((questions + 1, questions + 1))
    once = np.ones(questions, dtype=int)
    for gains, losses in tables(questions):
        right = np.zeros((2, questions), dtype=int)
        right[1, :gains] = right[0, gains : gains + losses] = 1
        low, high = paired_counts(right[0], right[1], once).interval(0.90)
        found[gains, losses] = (low > -margin) - (high < -margin)
    return found


def tango(questions, margin):
    """The same by the score and normal quantiles."""
    found = np.zeros((questions + 1, questions + 1))
    for gains, losses in tables(questions):
        z = score_z(gains, losses, questions, -margin)
        found[gains, losses] = (z > NORMAL) - (z < -NORMAL)
    return found


def worst_sizes(verdicts, margin):
    """Over the discordance: the largest chance of *holds*, and of *worse*, at the margin."""
    questions = len(verdicts) - 1
    rates = np.concatenate([np.linspace(margin * 1.0001, 0.3, 40), np.linspace(0.3, 0.9, 20)])
    sizes = [size_at(verdicts, questions, rate, margin) for rate in rates]
    return [max(side) for side in zip(*sizes, strict=True)]


def size_at(verdicts, questions, discordance, margin):
    gain, holds, worse = (discordance - margin) / 2 / discordance, 0.0, 0.0
    for found, chance in enumerate(binom.pmf(np.arange(questions + 1), questions, discordance)):
        gains = np.arange(found + 1)
        split, said = binom.pmf(gains, found, gain), verdicts[gains, found - gains]
        holds += chance * split[said > 0].sum()
        worse += chance * split[said < 0].sum()
    return holds, worse


@pytest.mark.parametrize(("questions", "margin"), [(30, 0.01), (30, 0.03), (30, 0.05), (60, 0.02)])
def test_few_questions_asked_once_keep_both_rates(questions, margin):
    """Called *holds* or *worse* in at most 5.5 % each, whatever the discordance."""
    assert max(worst_sizes(ours(questions, margin), margin)) <= 0.055


def test_tango_alone_does_not():
    """Why it is not alone: both sides exceed the rate."""
    assert worst_sizes(tango(30, 0.03), 0.03)[0] == pytest.approx(0.060, abs=5e-4)
    assert worst_sizes(tango(60, 0.05), 0.05)[1] > 0.08


def test_the_verdict_grows_with_the_gains():
    """One more gain never turns *holds* into less."""
    found = ours(20, 0.03)
    for losses in range(20):
        along = found[: 21 - losses, losses]
        assert all(after >= before for before, after in pairwise(along))

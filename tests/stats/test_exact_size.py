"""How often thirty questions asked once err, without simulation: every table is counted.

The worst case over all rates of discordance of the chance to call a loss of exactly the margin
*holds*: T. Tango's score with normal quantiles errs in 6.0 % at three points.
"""

import numpy as np
import pytest
from scipy.stats import binom

from evalsuite.stats.quantiles import two_sided
from evalsuite.stats.tango import score_z


def worst_size(questions, margin, quantile):
    """Over ψ: the chance that the score at −margin exceeds *quantile* if the loss is the margin."""
    rejected = np.zeros((questions + 1, questions + 1))
    for gains in range(questions + 1):
        for losses in range(questions + 1 - gains):
            rejected[gains, losses] = score_z(gains, losses, questions, -margin) > quantile
    pairs = np.arange(questions + 1)
    sizes = []
    for discordance in np.linspace(margin * 1.0001, 0.9, 60):
        gain = (discordance - margin) / 2 / discordance
        size = 0.0
        for found, chance in zip(pairs, binom.pmf(pairs, questions, discordance), strict=True):
            gains = np.arange(found + 1)
            size += chance * np.sum(binom.pmf(gains, found, gain) * rejected[gains, found - gains])
        sizes.append(size)
    return max(sizes)


@pytest.mark.parametrize("margin", [0.01, 0.02, 0.03, 0.05])
def test_thirty_questions_asked_once_keep_the_rate(margin):
    """With the quantiles of single draws at most 5.5 %, whatever the discordance."""
    assert worst_size(30, margin, two_sided(0.90, 29)) <= 0.055


def test_normal_quantiles_do_not():
    """Why single draws do not take them: AIME's size and margin."""
    assert worst_size(30, 0.03, two_sided(0.90)) == pytest.approx(0.0601, abs=5e-4)

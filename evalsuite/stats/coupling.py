"""What equal seeds in both arms save, measured rather than assumed.

Draws with one seed may go the same way in both arms (N. Benz et al., arXiv:2502.01754); long
answers drift apart. The comparison takes the arms' draws for independent, which is cautious
wherever they are coupled.
"""

import numpy as np

from evalsuite.stats.paired import Counts


def saved_by_coupling(
    right_a: Counts, right_b: Counts, both_right: Counts, draws: Counts
) -> float | None:
    """The share of the sampling variance that matched draws take off; below zero by chance.

    1 − Σ s²(d)/Σ(s²_A + s²_B) over the questions with two matched draws or more, d the matched
    differences. *both_right*: matched draws that are right in both arms. None where no question
    can tell.
    """
    many = draws > 1
    if not many.any():
        return None
    k, a, b, both = draws[many], right_a[many], right_b[many], both_right[many]
    apart = (a + b - 2 * both - (b - a) ** 2 / k) / (k - 1)
    alone = (a * (k - a) + b * (k - b)) / (k * (k - 1))
    total = float(np.sum(alone))
    return 1 - float(np.sum(apart)) / total if total > 0 else None

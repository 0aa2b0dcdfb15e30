"""The histogram of token ratios."""

import numpy as np
import pytest

from evalsuite.comparison.lengths import length_histogram


def test_every_question_is_counted_also_outside_the_edges():
    """Ratios beyond half and twice fall into the last bins; 1 is where two bins meet."""
    made = length_histogram(np.asarray([0.01, 0.99, 1.01, 1.01, 50.0]))

    assert len(made.counts) == len(made.edges) - 1
    assert sum(made.counts) == 5
    assert (made.counts[0], made.counts[19], made.counts[20], made.counts[-1]) == (1, 1, 2, 1)
    assert made.median == pytest.approx(1.01)

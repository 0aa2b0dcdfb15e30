"""How much longer the candidate's answers are, question by question."""

import numpy as np

from evalsuite.comparison.types import LengthHistogram
from evalsuite.stats.paired import Floats

# From half to twice the tokens in steps of 2 ** 0.05; what lies outside counts in the last bins.
EDGES = 2.0 ** np.linspace(-1.0, 1.0, 41)


def length_histogram(ratios: Floats) -> LengthHistogram:
    """*ratios* of tokens, candidate over baseline, one per question, in bins of equal log width."""
    inside = np.clip(ratios, EDGES[0], EDGES[-1])
    counts, _ = np.histogram(inside, EDGES)
    return LengthHistogram(
        edges=tuple(round(float(edge), 6) for edge in EDGES),
        counts=tuple(int(count) for count in counts),
        median=float(np.median(ratios)),
    )

"""How much longer the candidate's answers are, question by question."""

import numpy as np

from evalsuite.comparison.pairs import Marks, Pairs
from evalsuite.comparison.types import LengthHistogram
from evalsuite.stats.paired import Floats

# From half to twice the tokens in steps of 2 ** 0.05; what lies outside counts in the last bins.
EDGES = 2.0 ** np.linspace(-1.0, 1.0, 41)


def token_ratios(pairs: Pairs, among: Marks | None = None) -> Floats | None:
    """Candidate over baseline per question, only *among* some; None if a count is missing."""
    lengths = pairs.ours.mean_tokens(), pairs.theirs.mean_tokens()
    if lengths[0] is None or lengths[1] is None:
        return None
    counted = (lengths[0] > 0) & (lengths[1] > 0)
    if among is not None:
        counted &= among
    return lengths[1][counted] / lengths[0][counted] if counted.any() else None


def length_histogram(ratios: Floats) -> LengthHistogram:
    """*ratios* of tokens, candidate over baseline, one per question, in bins of equal log width."""
    inside = np.clip(ratios, EDGES[0], EDGES[-1])
    counts, _ = np.histogram(inside, EDGES)
    return LengthHistogram(
        edges=tuple(round(float(edge), 6) for edge in EDGES),
        counts=tuple(int(count) for count in counts),
        median=float(np.median(ratios)),
    )

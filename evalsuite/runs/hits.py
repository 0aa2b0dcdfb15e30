"""How often each question was answered right."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from evalsuite.runs.rows import Draw


class Hits(NamedTuple):
    """`right` of the `draws` of one question."""

    right: int
    draws: int


def hits_of(draws: Iterable[Draw]) -> dict[str, Hits]:
    """Question → its hits, in the order of the first of its *draws*, which are of one task."""
    found: defaultdict[str, Hits] = defaultdict(lambda: Hits(0, 0))
    for draw in draws:
        right, count = found[draw.key.question]
        found[draw.key.question] = Hits(right + (draw.outcome == "correct"), count + 1)
    return dict(found)

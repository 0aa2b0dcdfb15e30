"""The verdict if answers that could not be read had been graded otherwise."""

from collections.abc import Sequence

import numpy as np

from evalsuite.comparison.estimates import verdict_of
from evalsuite.comparison.judging import Judge
from evalsuite.comparison.pairs import Marks, Pairs, Side
from evalsuite.comparison.types import Estimate, Scenario
from evalsuite.stats.decide import LEVEL_90, LEVEL_95
from evalsuite.stats.paired import paired_counts


def scenarios(pairs: Pairs, margin: float, judge: Judge) -> tuple[Scenario, ...]:
    """Dropped, best and worst for the candidate; none if every answer could be read.

    Unreadable is what ended by itself and gave no answer; what was cut off is wrong.
    """
    sides = pairs.ours, pairs.theirs
    unread = [_unreadable(side) for side in sides]
    if not (unread[0].any() or unread[1].any()):
        return ()
    right: list[Marks] = [
        np.asarray([one.outcome == "correct" for one in side.draws], dtype=bool) for side in sides
    ]
    read = [~marks for marks in unread]
    everything = [np.ones(len(side.draws), dtype=bool) for side in sides]
    cases = {
        "dropped": (right, read),
        "best for the candidate": ([right[0], right[1] | unread[1]], everything),
        "worst for the candidate": ([right[0] | unread[0], right[1]], everything),
    }
    found = (_scenario(name, pairs, *case, margin, judge) for name, case in cases.items())
    return tuple(one for one in found if one is not None)


def _unreadable(side: Side) -> Marks:
    return np.asarray(
        [one.outcome == "no_answer" and one.finish_reason != "length" for one in side.draws],
        dtype=bool,
    )


def _scenario(
    name: str,
    pairs: Pairs,
    right: Sequence[Marks],
    kept: Sequence[Marks],
    margin: float,
    judge: Judge,
) -> Scenario | None:
    """None if no question is left with a draw of both arms."""
    sides = pairs.ours, pairs.theirs
    draws = [side.count(marks) for side, marks in zip(sides, kept, strict=True)]
    left = (draws[0] > 0) & (draws[1] > 0)
    if not left.any():
        return None
    hits = [side.count(r & k)[left] for side, r, k in zip(sides, right, kept, strict=True)]
    counts = paired_counts(hits[0], hits[1], draws[0][left], draws[1][left])
    interval_90 = judge.interval(counts, LEVEL_90)
    return Scenario(
        name=name,
        questions=int(left.sum()),
        difference=Estimate(value=counts.difference, interval=judge.interval(counts, LEVEL_95)),
        interval_90=interval_90,
        verdict=verdict_of(interval_90, margin),
    )

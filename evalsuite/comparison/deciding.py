"""What would decide an undecided benchmark: repeats, questions, tokens, hours, or nothing."""

import math
from dataclasses import dataclass

from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.parts import Decides
from evalsuite.stats.decide import LIKELY, repeats_to_decide
from evalsuite.stats.paired import PairedCounts
from evalsuite.stats.planning import pairs_to_decide

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Output tokens of one answer of each arm, and seconds of their engines for it, if known."""

    tokens: float | None
    seconds: float | None


def price_of(pairs: Pairs, speeds: tuple[float | None, float | None]) -> Price:
    """The price of a pair of answers; *speeds* are tokens per second of the two engines."""
    ours, theirs = pairs.ours.tokens_per_draw(), pairs.theirs.tokens_per_draw()
    if ours is None or theirs is None:
        return Price(tokens=None, seconds=None)
    seconds = ours / speeds[0] + theirs / speeds[1] if speeds[0] and speeds[1] else None
    return Price(tokens=ours + theirs, seconds=seconds)


def decides(counts: PairedCounts, pairs: Pairs, *, margin: float, price: Price) -> Decides:
    """What would decide with power `LIKELY` if the rates of *counts* per pair stay.

    Where nothing ever differed, asking the same questions again shows nothing new; others might.
    """
    questions, asked = len(pairs.questions), len(pairs.keys)
    silent = counts.gains + counts.losses == 0
    gained, lost = counts.gains / counts.pairs, counts.losses / counts.pairs
    repeats = repeats_to_decide(
        gain_rate=gained, loss_rate=lost, questions=questions, margin=margin
    )
    if not (repeats or silent):
        return Decides(repeats=None, questions=None, tokens=None, hours=None, why="at the margin")
    needed = pairs_to_decide(gain_rate=gained, loss_rate=lost, margin=margin, power=LIKELY)
    # An undecided verdict needs more than there is, whatever the rates of so few promise.
    wanted = max(math.ceil(needed / (asked / questions)), questions + 1)
    repeats = max(repeats, int(pairs.theirs.counts.max()) + 1)
    more = (wanted * asked / questions if silent else repeats * questions) - asked
    return Decides(
        repeats=None if silent else repeats,
        questions=wanted,
        tokens=None if price.tokens is None else more * price.tokens,
        hours=None if price.seconds is None else more * price.seconds / HOUR_S,
        why="nothing differs" if silent else "",
    )

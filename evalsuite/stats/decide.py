"""From an interval to a verdict, and what would decide an undecided one.

Two one-sided tests at 5 %: the limits are those of the 90 % interval (D. Schuirmann 1987).
"""

import math
from typing import Literal, TypeAlias

from evalsuite.stats.planning import pairs_to_decide

Formal: TypeAlias = Literal["equivalent", "non-inferior", "inferior", "inconclusive"]

LEVEL_90 = 0.90
LEVEL_95 = 0.95
LIKELY = 0.8
MOST_REPEATS = 100_000


def formal_state(low: float, high: float, *, margin: float) -> Formal:
    """What the 90 % limits of the difference say of a loss of *margin*."""
    if low > -margin:
        return "equivalent" if high < margin else "non-inferior"
    return "inferior" if high < -margin else "inconclusive"


def repeats_to_decide(
    *,
    gain_rate: float,
    loss_rate: float,
    questions: int,
    margin: float,
    power: float = LIKELY,
) -> int:
    """Repeats per question at which the verdict would be reached with *power*.

    Assumes that the rates observed per (virtual) pair stay. 0 if no number will do: the
    difference lies at the margin, or nothing ever differs and more of the same shows nothing.
    """
    if gain_rate + loss_rate == 0:
        return 0
    pairs = pairs_to_decide(gain_rate=gain_rate, loss_rate=loss_rate, margin=margin, power=power)
    repeats = pairs / questions
    return math.ceil(repeats) if repeats <= MOST_REPEATS else 0

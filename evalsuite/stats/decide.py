"""From an interval to a verdict, and what would decide an undecided one.

Two one-sided tests at 5 %: the limits are those of the 90 % interval (D. Schuirmann 1987).
"""

import math
from typing import Literal, TypeAlias

Formal: TypeAlias = Literal["equivalent", "non-inferior", "inferior", "inconclusive"]

LEVEL_90 = 0.90
LEVEL_95 = 0.95
MOST_REPEATS = 100_000


def formal_state(low: float, high: float, *, margin: float) -> Formal:
    """What the 90 % limits of the difference say of a loss of *margin*."""
    if low > -margin:
        return "equivalent" if high < margin else "non-inferior"
    return "inferior" if high < -margin else "inconclusive"


def repeats_to_decide(
    *, difference: float, discordance: float, questions: int, margin: float, power: float = 0.8
) -> int:
    """Repeats per question at which the verdict would be reached with *power*.

    Assumes that the observed *difference* and *discordance* stay: k = (z_α + z_β)² ψ / (n d²),
    d the distance from the margin (the normal form of Nam 1997). 0 if no number will do.
    """
    from scipy.stats import norm

    distance = abs(difference + margin)
    if distance == 0 or discordance == 0:
        return 0
    reach = float(norm.ppf(0.95) + norm.ppf(power))
    repeats = math.ceil(reach**2 * discordance / (questions * distance**2))
    return repeats if repeats <= MOST_REPEATS else 0

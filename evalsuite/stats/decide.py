"""From an interval to a verdict, and what would decide an undecided one.

Two one-sided tests at 5 %: the limits are those of the 90 % interval (D. Schuirmann 1987).
"""

import math
from typing import Literal, TypeAlias

from evalsuite.stats.tango import null_variance

Formal: TypeAlias = Literal["equivalent", "non-inferior", "inferior", "inconclusive"]

LEVEL_90 = 0.90
LEVEL_95 = 0.95
ALPHA = 0.05
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


def pairs_to_decide(*, gain_rate: float, loss_rate: float, margin: float, power: float) -> float:
    """Pairs at which the score test of a loss of *margin* is decided with *power*; may be inf.

    N = ((z_α σ₀ + z_β σ₁) / d)², d the distance of the difference from the margin, σ₁ and σ₀ the
    deviations of one pair as it is and under the hypothesis (J. Nam, Biometrics 53 (1997)).
    """
    from scipy.stats import norm

    difference = gain_rate - loss_rate
    distance = abs(difference + margin)
    if distance == 0:
        return math.inf
    spread = math.sqrt(max(gain_rate + loss_rate - difference**2, 0.0))
    null_spread = math.sqrt(max(null_variance(gain_rate, loss_rate, 1.0, -margin), 0.0))
    reach = float(norm.ppf(1 - ALPHA)) * null_spread + float(norm.ppf(power)) * spread
    return (reach / distance) ** 2

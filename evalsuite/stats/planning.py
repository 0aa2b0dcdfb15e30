"""How much must be asked: pairs, repeats, and the difference that can be seen.

ψ is the discordance: how often a draw of one arm is right and one of the other wrong, on average
over the questions. It sets the price of everything: all sizes are proportional to it.
"""

import math

from evalsuite.stats.tango import null_variance

ALPHA = 0.05
POWER = 0.9
# Share of the variance μ(1−μ) that lies within questions, where nothing was measured yet.
WITHIN_SHARE = 0.45


def planning_discordance(accuracy: float, share: float = WITHIN_SHARE) -> float:
    """ψ = 2 w μ(1−μ) of two equal arms with that *accuracy* μ and within-question *share* w."""
    return 2 * share * accuracy * (1 - accuracy)


def pairs_needed(
    discordance: float, margin: float, *, alpha: float = ALPHA, power: float = POWER
) -> float:
    """Pairs for a non-inferiority test of equal arms by the score test.

    N = ((z_α σ₀ + z_β σ₁)/margin)², σ₁² = ψ, σ₀² Tango's constrained variance at −margin
    (J. Nam, Biometrics 53 (1997)).
    """
    return pairs_to_decide(
        gain_rate=discordance / 2,
        loss_rate=discordance / 2,
        margin=margin,
        alpha=alpha,
        power=power,
    )


def pairs_to_decide(
    *, gain_rate: float, loss_rate: float, margin: float, alpha: float = ALPHA, power: float
) -> float:
    """Pairs at which the score test of a loss of *margin* is decided with *power*; may be inf.

    σ₁ is the deviation of one pair as it is, the distance that of the difference from the margin.
    """
    from scipy.stats import norm

    difference = gain_rate - loss_rate
    distance = abs(difference + margin)
    if distance == 0:
        return math.inf
    spread = math.sqrt(max(gain_rate + loss_rate - difference**2, 0.0))
    null_spread = math.sqrt(max(null_variance(gain_rate, loss_rate, 1.0, -margin), 0.0))
    reach = float(norm.ppf(1 - alpha)) * null_spread + float(norm.ppf(power)) * spread
    return (reach / distance) ** 2


def power_of(discordance: float, pairs: float, margin: float, *, alpha: float = ALPHA) -> float:
    """The chance that equal arms are found to hold; `pairs_needed` solved for the power."""
    from scipy.stats import norm

    null_spread = math.sqrt(max(null_variance(discordance / 2, discordance / 2, 1.0, -margin), 0.0))
    reach = margin * math.sqrt(pairs) - float(norm.ppf(1 - alpha)) * null_spread
    if discordance <= 0:
        return 1.0 if reach > 0 else 0.0
    return float(norm.cdf(reach / math.sqrt(discordance)))


def detectable(
    discordance: float, pairs: float, *, alpha: float = ALPHA, power: float = POWER
) -> float:
    """The smallest loss that is found with *power*: (z_α + z_β) √(ψ/pairs), at most 1."""
    from scipy.stats import norm

    reach = float(norm.ppf(1 - alpha) + norm.ppf(power))
    return min(reach * math.sqrt(discordance / pairs), 1.0)

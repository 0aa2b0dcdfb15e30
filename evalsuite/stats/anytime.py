"""Betting against a loss: evidence that may be looked at at any time, for as long as one likes.

I. Waudby-Smith and A. Ramdas (JRSS B 86 (2024)): capital that bets a fixed fraction λ on paired
differences d in {−1, 0, 1}; it exceeds 1/α with a chance of at most α if the loss is the margin or
more, whenever one stops. On a fixed benchmark this holds after whole passes over the questions.
A third bet, that the candidate is worse at all, says when going on is hopeless.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bets:
    """Fixed fractions: *holds* bets that the loss is below the margin, *worse* that it is above.

    *futile* bets that there is a loss at all.
    """

    margin: float
    holds: float
    worse: float
    futile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """log e-values after *won* and *lost* paired draws of *pairs*, and the confidence sequence.

    `low`, `high`: the differences that neither side's bets have refuted at 1/α each.
    """

    log_e_holds: float
    log_e_worse: float
    log_e_futile: float
    low: float
    high: float


def bets(discordance: float, margin: float) -> Bets:
    """The growth-optimal fractions if the arms are equal, with *discordance* flips per pair."""
    fraction = growth_optimal(discordance, margin)
    # Against a loss of twice the margin, mirrored: what `worse` should find is as far away.
    # Against no loss, Kelly's fraction for a loss of the margin: (P(−1) − P(1))/(P(−1) + P(1)).
    futile = min(margin / discordance, 1 - 1e-9) if discordance > 0 else 1 - 1e-9
    return Bets(margin=margin, holds=fraction, worse=fraction, futile=futile)


def growth_optimal(discordance: float, margin: float) -> float:
    """λ that makes log(1 + λ(d + margin)) grow fastest for P(±1) = discordance/2.

    (P. Grünwald, R. de Heide and W. Koolen, JRSS B 86 (2024).) Inside (0, 1/(1 − margin)).
    """
    from scipy.optimize import brentq

    half = min(max(discordance, 1e-9), 1.0) / 2

    def slope(fraction: float) -> float:
        def of(d: float) -> float:
            return (d + margin) / (1 + fraction * (d + margin))

        return half * of(1.0) + (1 - 2 * half) * of(0.0) + half * of(-1.0)

    most = (1 - 1e-9) / (1 - margin)
    return float(brentq(slope, 0.0, most, xtol=1e-15)) if slope(most) < 0 else most


def log_e(won: int, lost: int, pairs: int, *, fraction: float, against: float) -> float:
    """Log Π(1 + fraction·(d − against)): the evidence that the mean of d exceeds *against*.

    A negative *fraction* bets that it is below. −inf once a bet lost everything.
    """
    total = 0.0
    for d, times in ((1.0, won), (0.0, pairs - won - lost), (-1.0, lost)):
        stake = 1 + fraction * (d - against)
        if times:
            total += times * math.log(stake) if stake > 0 else -math.inf
    return total


def evidence(won: int, lost: int, pairs: int, *, bets: Bets, alpha: float) -> Evidence:
    """What *pairs* paired draws say; the limits are −1 and 1 before there are any."""
    worse = _worse_fraction(bets)
    return Evidence(
        log_e_holds=log_e(won, lost, pairs, fraction=bets.holds, against=-bets.margin),
        log_e_worse=log_e(won, lost, pairs, fraction=-worse, against=-bets.margin),
        log_e_futile=log_e(won, lost, pairs, fraction=-bets.futile, against=0.0),
        low=_limit(won, lost, pairs, bets.holds, alpha),
        high=-_limit(lost, won, pairs, worse, alpha),
    )


def _worse_fraction(bets: Bets) -> float:
    """The fraction against gains, kept solvent for every difference up to one."""
    return min(bets.worse, (1 - 1e-9) / (1 + bets.margin))


def _limit(won: int, lost: int, pairs: int, fraction: float, alpha: float) -> float:
    """The largest mean that bets with *fraction* have refuted; −1 if none."""
    from scipy.optimize import brentq

    # The stake must stay positive for d = −1: against < 1/fraction − 1.
    top = min(1.0, 1 / fraction - 1) * (1 - 1e-12)

    def excess(against: float) -> float:
        return log_e(won, lost, pairs, fraction=fraction, against=against) + math.log(alpha)

    if not pairs or excess(-1.0) <= 0:
        return -1.0
    return float(brentq(excess, -1.0, top, xtol=1e-12)) if excess(top) < 0 else top

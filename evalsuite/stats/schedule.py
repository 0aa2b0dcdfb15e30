"""When to look: after how many draws a group-sequential run is judged, and what it then spends.

Looks lie where the *information* wants them, also within a pass over the questions: whoever needs
a pass and a half asks a random half of the questions once more. The plan is made anew at every
look from ψ as all draws together show it, whichever arm they are of (blinded re-estimation,
T. Friede and M. Kieser, Biometrical Journal 48 (2006)), so that a first guess of ψ that is far off
costs little. The errors are spent by the share of the plan that is there at a look (K. Lan and
D. DeMets, Biometrika 70 (1983)), so that neither the number of looks nor their places need be
known beforehand.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from evalsuite.stats.paired import Counts
from evalsuite.stats.planning import ALPHA, pairs_needed, power_of
from evalsuite.stats.sequential import inflation, kim_demets
from evalsuite.stats.sizes import blinded_discordance

# A plan that turns out right has this many looks, at equal steps.
LOOKS = 12
# ψ may be this much smaller than planned, and the first look still comes in time.
SMALLEST = 1 / 3
# The guess of ψ counts as much as this many flips seen.
GUESSED_FLIPS = 0.25
# Until looks are a step apart each comes at this much more than the one before it.
GROWTH = 0.5
# A look so near the end of the plan is its end; one so near the end of a pass is there.
NEAR = 0.5
# Of the chance to miss a good candidate futility spends this share, the last look the rest.
FUTILE_SHARE = 0.75
# It must not spend more than this, however small the chance to decide is from the start.
MOST_BETA = 0.8
# An open-ended run is looked at about so often.
ANYTIME_LOOKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is spent by a look: *information* in pairs (see `Plan.information`).

    `share` of the planned information sets the error that the verdicts have spent; `futile` is the
    error that giving up has spent.
    """

    information: float
    share: float
    futile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A benchmark of *questions* that the candidate is asked *most* times at most.

    `stored` draws of every question the baseline holds already, which count from the first look.
    """

    margin: float
    power: float
    questions: int
    most: int
    stored: int = 0

    def information(self, draws: int) -> float:
        """Pairs of balanced arms that tell as much as *draws* of the candidate do.

        ψ/SE² where all questions vary alike: a part of them has been drawn once more than the
        rest, and the baseline `stored` times if that is more.
        """
        whole, rest = divmod(draws, self.questions)
        if not whole:
            return draws * self._repeats(1)
        part = rest / self.questions
        return self.questions / (
            (1 - part) / self._repeats(whole) + part / self._repeats(whole + 1)
        )

    def _repeats(self, draws: int) -> float:
        """Balanced draws of one question that tell as much as *draws* of the candidate."""
        return 2 / (1 / draws + 1 / max(draws, self.stored))

    def draws_for(self, information: float) -> int:
        """The fewest draws of the candidate with so much *information*, or all there may be."""
        every = range(1, self.questions * self.most + 1)
        return min(bisect_left(every, information, key=self.information) + 1, every[-1])

    def horizon(self, discordance: float) -> float:
        """The information at which the plan ends if ψ is *discordance*, or that of all draws.

        The fixed design's (J. Nam) times what the looks take on top.
        """
        fixed = pairs_needed(discordance, self.margin, power=self.power)
        return min(fixed * equal_looks(self.power), self.information(self.questions * self.most))

    def first(self, discordance: float) -> int:
        """Draws of the candidate at the first look, before more than a guess of ψ is known."""
        return self.draws_for(self.horizon(SMALLEST * discordance) / LOOKS)

    def stage(
        self, draws: int, *, discordance: float, difference: float, before: Sequence[Stage]
    ) -> Stage:
        """What the look after *draws* spends, ψ being *discordance* by all draws together.

        Giving up never makes the verdicts err, so its clock may know the *difference* seen: a loss
        adds flips of its own to ψ, and equal arms would need as few pairs as are flipped without.
        """
        information, horizon = self.information(draws), self.horizon(discordance)
        last = draws >= self.questions * self.most
        share = 1.0 if last else self._rounded(information / horizon)
        equal = self.horizon(max(discordance + min(difference, 0.0), 0.0))
        reached = power_of(discordance, horizon / equal_looks(self.power), self.margin)
        beta = FUTILE_SHARE * min(max(1 - reached, 1 - self.power), MOST_BETA)
        futile = kim_demets(beta, min(information / equal, 1.0))
        if before:
            share, futile = max(share, before[-1].share), max(futile, before[-1].futile)
        return Stage(information=information, share=share, futile=futile)

    def next(self, draws: int, discordance: float) -> int:
        """Draws at the look after the one at *draws*, if ψ is *discordance*."""
        there, horizon = self.information(draws), self.horizon(discordance)
        step = min(horizon / LOOKS, GROWTH * there)
        wanted = there + step
        found = max(self.draws_for(wanted), draws + 1)
        if self._rounded(self.information(found) / horizon) == 1:
            return max(self.draws_for(horizon), draws + 1)
        # At the end of a pass a draw tells most.
        end = round(found / self.questions) * self.questions
        near = end > draws and abs(self.information(end) - wanted) <= NEAR * step
        return end if near else found

    def ahead(self, draws: int, discordance: float) -> tuple[int, ...]:
        """Draws at all looks after the one at *draws*, if ψ stays *discordance*."""
        found: list[int] = []
        most = self.questions * self.most
        while (
            draws < most and self._rounded(self.information(draws) / self.horizon(discordance)) < 1
        ):
            draws = self.next(draws, discordance)
            found.append(draws)
        return tuple(found)

    def fixed(self, discordance: float) -> int:
        """Draws of the candidate that one look alone would need, however many there may be."""
        pairs = pairs_needed(discordance, self.margin, power=self.power)
        unlimited = Plan(
            margin=self.margin,
            power=self.power,
            questions=self.questions,
            most=max(math.ceil(pairs / self.questions), 1),
            stored=self.stored,
        )
        return unlimited.draws_for(pairs)

    def _rounded(self, share: float) -> float:
        """*share*, or 1 where no further look would fit before it."""
        return 1.0 if share > 1 - NEAR / LOOKS else share


def revised(guess: float, right: Counts, draws: Counts) -> float:
    """ψ by *right* of *draws* per question of both arms together, and by a *guess* (> 0)."""
    found = blinded_discordance(right, draws, prior=guess, weight=GUESSED_FLIPS / guess)
    return guess if found is None else found


@cache
def equal_looks(power: float) -> float:
    """The size of a plan with `LOOKS` equal steps over that of one look."""
    steps = tuple((number + 1) / LOOKS for number in range(LOOKS))
    return inflation(steps, alpha=ALPHA, beta=1 - power)


def passes_between(most: int) -> Sequence[int]:
    """After which passes an open-ended run of *most* is looked at: about `ANYTIME_LOOKS` times."""
    step = math.ceil(most / ANYTIME_LOOKS)
    return sorted({*range(step, most + 1, step), most})

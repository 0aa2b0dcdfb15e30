"""When to look: after how many pairs a group-sequential run is judged, and by which boundaries.

The horizon is the fixed design's size (J. Nam) times the looks' inflation, for a discordance that
is known before the arms are compared. Looks come after whole passes over the questions where
there are enough of them, else after equal blocks of pairs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalsuite.stats.planning import ALPHA, pairs_needed, power_of
from evalsuite.stats.sequential import Boundaries, boundaries

FEW_LOOKS, MANY_LOOKS = 4, 8
# An open-ended run is looked at about so often.
ANYTIME_LOOKS = 16
# Two looks lie at least this share of the horizon apart.
SOONEST = 0.05
# Futility must not spend more than this, however small the chance to decide is from the start.
MOST_BETA = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Looks after so many *pairs* of draws, rising; `fixed` is what one look alone would need.

    `beta`: the chance that a candidate as good as the baseline is not found to hold.
    """

    pairs: tuple[int, ...]
    fixed: int
    beta: float

    def bounds(self, alpha: float = ALPHA) -> Boundaries:
        """The boundaries of all looks at the one-sided error *alpha*."""
        return boundaries(
            tuple(count / self.pairs[-1] for count in self.pairs), alpha=alpha, beta=self.beta
        )


def schedule(
    *, discordance: float, margin: float, questions: int, most: int, asked: int, power: float
) -> Schedule:
    """The looks for *questions* asked *most* times at most, *asked* pairs of which are there.

    What is there already is the first look at the earliest: it told the *discordance*.
    """
    fixed = max(pairs_needed(discordance, margin, power=power), 1.0)
    equal = [(number + 1) / MANY_LOOKS for number in range(MANY_LOOKS)]
    inflation = boundaries(tuple(equal), alpha=ALPHA, beta=1 - power).inflation
    horizon = min(math.ceil(fixed * inflation), questions * most)
    pairs = [max(count, asked) for count in looks(horizon, questions, most)]
    reached = power_of(discordance, pairs[-1] / inflation, margin)
    return Schedule(
        pairs=_apart(sorted(set(pairs))),
        fixed=math.ceil(fixed),
        beta=min(max(1 - reached, 1 - power), MOST_BETA),
    )


def _apart(pairs: Sequence[int]) -> tuple[int, ...]:
    """*pairs* without those that come too soon after another to tell anything new."""
    kept = [pairs[0]]
    for count in pairs[1:]:
        if count - kept[-1] >= SOONEST * pairs[-1]:
            kept.append(count)
    # The last look is where α is spent to the end; what came just before gives way to it.
    return (*[count for count in kept if pairs[-1] - count >= SOONEST * pairs[-1]], pairs[-1])


def looks(horizon: int, questions: int, most: int) -> list[int]:
    """Pairs at each look, up to *horizon*: whole passes if there are `FEW_LOOKS` at least.

    Else eight equal blocks: the first must be small, for it is asked before anything is known.
    Beyond the first pass the last look ends a pass, so that every question is asked equally often.
    """
    passes = min(math.ceil(horizon / questions), most)
    if passes >= FEW_LOOKS:
        count = MANY_LOOKS if passes >= MANY_LOOKS else FEW_LOOKS
        return _equal(passes, count, unit=questions)
    last = horizon if horizon <= questions else passes * questions
    return _equal(last, MANY_LOOKS, unit=1)


def passes_between(most: int) -> Sequence[int]:
    """After which passes an open-ended run of *most* is looked at: about `ANYTIME_LOOKS` times."""
    step = math.ceil(most / ANYTIME_LOOKS)
    return sorted({*range(step, most + 1, step), most})


def _equal(last: int, count: int, *, unit: int) -> list[int]:
    return sorted({math.ceil(last * (number + 1) / count) * unit for number in range(count)})

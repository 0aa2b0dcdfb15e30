"""From stored draws to the next look: pure, so that a killed run takes the same ones again."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalsuite.model import Key
from evalsuite.runs.looks import Look, Looks, TaskLooks
from evalsuite.runs.rows import Draw
from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.paired import Counts, paired_counts
from evalsuite.stats.planning import ALPHA, pairs_needed
from evalsuite.stats.schedule import Schedule, passes_between, schedule
from evalsuite.stats.sizes import blinded_discordance
from evalsuite.stats.stopping import anytime_stop, sequential_stop

Draws = Mapping[Key, Draw]


def looked(
    looks: Looks, one: TaskLooks, order: Sequence[Key], baseline: Draws, candidate: Draws
) -> TaskLooks:
    """*one* after the look at its target, whose draws both arms have been asked for.

    Before the first look of a planned run the schedule is made, from both arms' draws together.
    """
    keys = order[: one.target]
    if one.schedule is None:
        one = _scheduled(looks, one, keys, baseline, candidate)
        if one.target > len(keys):
            return one
    both = [key for key in keys if key in baseline and key in candidate]
    if not both:
        # Nothing can be said; the run will ask the failed ones again before it looks again.
        return one
    look = _look(looks, one, both, baseline, candidate)
    return replace(one, taken=(*one.taken, look))


def _scheduled(
    looks: Looks, one: TaskLooks, keys: Sequence[Key], baseline: Draws, candidate: Draws
) -> TaskLooks:
    if looks.rule == "anytime":
        pairs = tuple(passes * one.questions for passes in passes_between(one.most))
        fixed = pairs_needed(one.bet_discordance, one.margin, power=looks.power)
        plan = Schedule(pairs=pairs, fixed=math.ceil(fixed), beta=1 - looks.power)
        return replace(one, discordance=one.bet_discordance, schedule=plan)
    right, draws = _tally([arm[key] for arm in (baseline, candidate) for key in keys if key in arm])
    found = blinded_discordance(right, draws) if len(draws) else None
    discordance = one.bet_discordance if found is None else found
    plan = schedule(
        discordance=discordance,
        margin=one.margin,
        questions=one.questions,
        most=one.most,
        asked=len(keys),
        power=looks.power,
    )
    return replace(one, discordance=discordance, schedule=plan)


def _look(
    looks: Looks, one: TaskLooks, both: Sequence[Key], baseline: Draws, candidate: Draws
) -> Look:
    assert one.schedule is not None
    right_a, draws = _tally([baseline[key] for key in both])
    right_b, _ = _tally([candidate[key] for key in both])
    counts = paired_counts(right_a, right_b, draws)
    if looks.rule == "anytime":
        won, lost = _flips(both, baseline, candidate)
        stakes = bets(one.bet_discordance, one.margin)
        found = anytime_stop(evidence(won, lost, len(both), bets=stakes, alpha=ALPHA))
    else:
        found = sequential_stop(counts, one.schedule.bounds(), len(one.taken), margin=one.margin)
    return Look(pairs=one.target, paired=len(both), z=counts.z(-one.margin), found=found)


def _flips(both: Sequence[Key], baseline: Draws, candidate: Draws) -> tuple[int, int]:
    """Draws won and lost by the candidate."""
    marks = [
        (candidate[key].outcome == "correct") - (baseline[key].outcome == "correct") for key in both
    ]
    return marks.count(1), marks.count(-1)


def _tally(draws: Sequence[Draw]) -> tuple[Counts, Counts]:
    """Right draws and draws per question, the questions in a fixed order."""
    found: dict[str, list[int]] = {}
    for draw in draws:
        had = found.setdefault(draw.key.question, [0, 0])
        had[0] += draw.outcome == "correct"
        had[1] += 1
    table = np.asarray([found[name] for name in sorted(found)], dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]

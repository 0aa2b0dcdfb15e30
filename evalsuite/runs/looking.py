"""From stored draws to the next look: pure, so that a killed run takes the same ones again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalsuite.model import Key
from evalsuite.runs.looks import Look, Looks, Rule, TaskLooks
from evalsuite.runs.rows import Draw
from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.paired import Counts, paired_counts
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.schedule import Plan, passes_between, revised
from evalsuite.stats.stopping import anytime_stop, sequential_stop

Draws = Mapping[Key, Draw]


def unseen(task: str, rule: Rule, plan: Plan, guessed: float) -> TaskLooks:
    """*task* before anything is asked of it: when it is looked at if ψ is as *guessed*."""
    first = plan.first(guessed)
    if rule == "anytime":
        ahead = tuple(passes * plan.questions for passes in passes_between(plan.most))
    else:
        ahead = (first, *plan.ahead(first, guessed))
    return TaskLooks(
        task=task,
        margin=plan.margin,
        questions=plan.questions,
        most=plan.most,
        stored=plan.stored,
        guessed=guessed,
        discordance=guessed,
        fixed=plan.fixed(guessed),
        ahead=ahead,
    )


def looked(
    looks: Looks, one: TaskLooks, order: Sequence[Key], baseline: Draws, candidate: Draws
) -> TaskLooks:
    """*one* after the look at its target, whose draws both arms have been asked for.

    *order* is that of `ordered`; draws that the look must not see are left out.
    """
    both = [key for key in order[: one.target] if key in baseline and key in candidate]
    if not both:
        # Nothing can be said; the run will ask the failed ones again before it looks again.
        return one
    if looks.rule == "anytime":
        return _bet(one, both, baseline, candidate)
    asked = {key.question for key in both}
    more = [key for key in one.surplus(order) if key in baseline and key.question in asked]
    return _judged(looks, one, (_tally(baseline, [*both, *more]), _tally(candidate, both)))


Tally = tuple[Counts, Counts]


def _judged(looks: Looks, one: TaskLooks, arms: tuple[Tally, Tally]) -> TaskLooks:
    """*one* after a planned look at what the arms' *tallies* say."""
    (right_a, draws_a), (right_b, draws_b) = arms
    counts = paired_counts(right_a, right_b, draws_a, draws_b)
    plan = one.plan(looks.power)
    # Both arms' draws together: what is asked next does not know which arm is ahead.
    discordance = revised(one.guessed, right_a + right_b, draws_a + draws_b)
    stage = plan.stage(
        one.target, discordance=discordance, difference=counts.difference, before=one.course
    )
    look = Look(
        pairs=one.target,
        paired=int(draws_b.sum()),
        z=counts.z(-one.margin),
        stage=stage,
        found=sequential_stop(counts, (*one.course, stage), margin=one.margin),
    )
    return replace(
        one,
        discordance=discordance,
        fixed=plan.fixed(discordance),
        ahead=() if stage.share >= 1 else plan.ahead(one.target, discordance),
        taken=(*one.taken, look),
    )


def _bet(one: TaskLooks, both: Sequence[Key], baseline: Draws, candidate: Draws) -> TaskLooks:
    """*one* after a look by bets."""
    (right_a, draws), (right_b, _) = _tally(baseline, both), _tally(candidate, both)
    won, lost = _flips(both, baseline, candidate)
    said = evidence(won, lost, len(both), bets=bets(one.guessed, one.margin), alpha=ALPHA)
    look = Look(
        pairs=one.target,
        paired=len(both),
        z=paired_counts(right_a, right_b, draws).z(-one.margin),
        stage=None,
        found=anytime_stop(said),
    )
    return replace(one, ahead=one.ahead[1:], taken=(*one.taken, look))


def _flips(both: Sequence[Key], baseline: Draws, candidate: Draws) -> tuple[int, int]:
    """Draws won and lost by the candidate."""
    marks = [
        (candidate[key].outcome == "correct") - (baseline[key].outcome == "correct") for key in both
    ]
    return marks.count(1), marks.count(-1)


def _tally(draws: Draws, keys: Collection[Key]) -> Tally:
    """Right draws and draws per question among *keys*, the questions in a fixed order."""
    found: dict[str, list[int]] = {}
    for key in keys:
        had = found.setdefault(key.question, [0, 0])
        had[0] += draws[key].outcome == "correct"
        had[1] += 1
    table = np.asarray([found[name] for name in sorted(found)], dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]

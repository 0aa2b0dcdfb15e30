"""What a run that may stop early was looked at, and which of its answers count."""

from dataclasses import replace

from evalsuite.comparison.judging import Stops
from evalsuite.comparison.pairs import Draws, Pairs, pair
from evalsuite.errors import NotComparable
from evalsuite.model import Key
from evalsuite.runs.folder import Run
from evalsuite.runs.looks import TaskLooks, ordered, read_looks


def stops_of(baseline: Run, candidate: Run) -> dict[str, Stops]:
    """Task → how it was looked at, of tasks that were looked at against *baseline*.

    Raises:
        NotComparable: the candidate stopped early against another baseline, or was asked other
            questions since: no interval is known to be right for either.
    """
    looks = read_looks(candidate.path)
    if looks is None:
        return {}
    if looks.baseline != baseline.info.id:
        raise NotComparable(
            f"{candidate.info.id} was stopped early by what it showed against {looks.baseline}, "
            f"so it cannot be compared with {baseline.info.id}: no interval would be right. "
            "Compare it with the former, or run it under another name."
        )
    found = {}
    stored = candidate.store.answered()
    for one in looks.tasks:
        if one.taken:
            # What the last look saw, also where the next one is planned already.
            seen_last = replace(one, ahead=())
            order = _order(candidate, one)
            keys = seen_last.wanted(order)
            found[one.task] = Stops(
                rule=looks.rule,
                task=one,
                keys=keys,
                surplus=seen_last.surplus(order),
                left_out=sum(key.task == one.task and key not in keys for key in stored),
            )
    return found


def seen(baseline: Draws, candidate: Draws, stops: Stops | None) -> Pairs | None:
    """The pairs of both arms' draws that the last look saw; what came later does not count."""
    if stops is None:
        return pair(baseline, candidate)
    ours = stops.keys | stops.surplus
    return pair(
        {key: draw for key, draw in baseline.items() if key in ours},
        {key: draw for key, draw in candidate.items() if key in stops.keys},
        asked=stops.keys,
    )


def _order(run: Run, one: TaskLooks) -> list[Key]:
    names = [name for task, name in run.store.question_hashes() if task == one.task]
    if len(names) != one.questions:
        raise NotComparable(
            f"{run.info.id}: {one.task} was looked at with {one.questions} questions and has "
            f"{len(names)} now, so no interval would be right. Run it under another name."
        )
    return ordered(one.task, names, one.most)

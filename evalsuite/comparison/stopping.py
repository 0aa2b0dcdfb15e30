"""What a run that may stop early was looked at, and which of its answers count."""

from collections.abc import Mapping

from evalsuite.comparison.judging import Stops
from evalsuite.errors import NotComparable
from evalsuite.model import Key
from evalsuite.runs.folder import Run
from evalsuite.runs.looks import TaskLooks, ordered, read_looks
from evalsuite.runs.rows import Draw


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
            keys = _looked_at(candidate, one)
            left_out = sum(key.task == one.task and key not in keys for key in stored)
            found[one.task] = Stops(rule=looks.rule, task=one, keys=keys, left_out=left_out)
    return found


def seen(draws: Mapping[Key, Draw], stops: Stops | None) -> Mapping[Key, Draw]:
    """Those of *draws* that the last look saw; what came later does not count."""
    if stops is None:
        return draws
    return {key: draw for key, draw in draws.items() if key in stops.keys}


def _looked_at(run: Run, one: TaskLooks) -> frozenset[Key]:
    names = [name for task, name in run.store.question_hashes() if task == one.task]
    if len(names) != one.questions:
        raise NotComparable(
            f"{run.info.id}: {one.task} was looked at with {one.questions} questions and has "
            f"{len(names)} now, so no interval would be right. Run it under another name."
        )
    return frozenset(ordered(one.task, names, one.most)[: one.taken[-1].pairs])

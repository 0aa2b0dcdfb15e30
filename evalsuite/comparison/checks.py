"""May the two be compared? One `Check` for each thing that could make the answer no."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evalsuite.comparison.facts import fact_checks
from evalsuite.comparison.margins import Margin, margins_check
from evalsuite.comparison.task_facts import task_checks
from evalsuite.comparison.types import Benchmark, Check, CheckStatus
from evalsuite.grading import Grader
from evalsuite.model import Question, Sampling
from evalsuite.runs.folder import Run
from evalsuite.runs.store import Store

IMPORTED = "imported"
# Shares of cut-off answers that may move a result: of one arm, and between the two.
MANY_CUT = 0.05
UNLIKE_CUT = 0.01


def checks(
    baseline: Run,
    candidate: Run,
    benchmarks: Sequence[Benchmark],
    *,
    margins: Sequence[Margin],
    control: Run | None,
) -> tuple[Check, ...]:
    """What is the same in the two runs and what differs, the gravest first."""
    found = [
        *_twice(baseline, candidate),
        _questions(baseline, candidate),
        *_sampling(baseline, candidate),
        _grader(baseline.store, candidate.store),
        _tasks(baseline, candidate),
        _missing(benchmarks),
        _failures(baseline, candidate),
        _duplicates(baseline, candidate, benchmarks),
        margins_check(margins, candidate.info),
        *(_control(baseline, control) if control else ()),
        _truncation(benchmarks),
        _thinking(baseline.store, candidate.store),
        *_task_records(baseline, candidate),
        *fact_checks(baseline.info, candidate.info),
    ]
    order: Mapping[CheckStatus, int] = {"stop": 0, "warn": 1, "note": 2, "same": 3}
    return tuple(sorted(found, key=lambda check: order[check.status]))


def _twice(baseline: Run, candidate: Run) -> Iterator[Check]:
    """A run holds against itself, and that says nothing."""
    if baseline.path.resolve() == candidate.path.resolve():
        where = str(baseline.info.id)
        yield _check("runs", "warn", where, where, "one run, compared with itself")


def _control(baseline: Run, control: Run) -> Iterator[Check]:
    """May the control be read as the baseline asked again? Every way in which it may not."""
    found = [
        *_twice(baseline, control),
        _questions(baseline, control),
        *_sampling(baseline, control),
        _grader(baseline.store, control.store),
        *_same_engine(baseline, control),
    ]
    odd = [check for check in found if check.status != "same"]
    for check in odd:
        yield replace(check, name=f"control: {check.name}")
    if not odd:
        ours, theirs = baseline.info.id, control.info.id
        yield _check("control", "same", ours, theirs, "the control is the baseline asked again")


def _same_engine(baseline: Run, control: Run) -> Iterator[Check]:
    """The control has the baseline's engine and other seeds."""
    ours, theirs = baseline.info, control.info
    alike = {"precision", "model", "revision", "checkpoint files"}
    for found in fact_checks(ours, theirs):
        if found.status in ("stop", "warn") or found.name in alike:
            same = found.status == "same"
            message = "" if same else "this is not the baseline asked again"
            yield replace(found, status="same" if same else "warn", message=message)
    if ours.seed == theirs.seed and not (ours.imported or theirs.imported):
        message = "asked with the baseline's seeds, so its draws may be the same draws"
        yield _check("seed", "warn", str(ours.seed), str(theirs.seed), message)


def _questions(baseline: Run, candidate: Run) -> Check:
    """The prompts and golds of the questions that both runs asked.

    Each question is compared by its own hash, so a run of a part of the data may be compared with
    a run of the whole, and nothing that was asked can differ unseen.
    """
    ours, theirs = baseline.store.question_hashes(), candidate.store.question_hashes()
    common = ours.keys() & theirs.keys()
    changed = sorted(where for where in common if ours[where] != theirs[where])
    counts = f"{len(ours)} questions", f"{len(theirs)} questions"
    if not changed:
        return _check("questions", "same", *counts, "the same prompts and golds")
    first = " ".join(changed[0])
    if baseline.info.imported or candidate.info.imported:
        golds = _other_golds(baseline.store, candidate.store, changed)
        if not golds:
            message = "answers were imported: the golds are the same, the prompts are not known"
            return _check("questions", "warn", *counts, message)
        changed, first = golds, " ".join(golds[0])
    message = (
        f"{len(changed)} questions have another prompt or gold (the first: {first}); run both "
        "with the same task files and data"
    )
    return _check("questions", "stop", *counts, message)


def _other_golds(
    ours: Store, theirs: Store, where: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Those of *where* whose golds are not the same answer: 73 and 073 are one."""
    with Grader() as grader:
        return [
            one
            for one in where
            if not _same_gold(grader, ours.question(*one), theirs.question(*one))
        ]


def _same_gold(grader: Grader, ours: Question | None, theirs: Question | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if ours.gold == theirs.gold:
        return True
    score = grader.grade_text(
        kind=ours.kind, gold=ours.gold, text=theirs.gold, choices=ours.choices, bare=True
    )
    return score.outcome == "correct"


def _task_records(baseline: Run, candidate: Run) -> Iterator[Check]:
    theirs = {task.name: task for task in candidate.info.tasks}
    for task in baseline.info.tasks:
        if task.name in theirs:
            yield from task_checks(task, theirs[task.name])


def _sampling(baseline: Run, candidate: Run) -> Iterator[Check]:
    """Temperature, top-p, top-k and token limit of each common task."""
    theirs = {task.name: task for task in candidate.info.tasks}
    pairs = [
        (task.name, _words(task.sampling), _words(theirs[task.name].sampling))
        for task in baseline.info.tasks
        if task.name in theirs
    ]
    odd = [row for row in pairs if row[1] != row[2] or row[1] == "unknown"]
    if not odd and pairs:
        words = "; ".join(dict.fromkeys(ours for _, ours, _ in pairs))
        yield _check("sampling", "same", words, words, "the same sampling and limit")
    for name, ours, other in odd:
        unknown = "unknown" in (ours, other)
        message = (
            "not known of imported answers"
            if unknown
            else "another sampling or limit; run both with the same configuration"
        )
        yield _check(f"sampling of {name}", "warn" if unknown else "stop", ours, other, message)


def _words(sampling: Sampling | None) -> str:
    if sampling is None:
        return "unknown"
    return (
        f"T {sampling.temperature:g}, top-p {sampling.top_p:g}, top-k {sampling.top_k}, "
        f"{sampling.max_tokens} tokens"
    )


def _grader(baseline: Store, candidate: Store) -> Check:
    ours, theirs = baseline.graders(), candidate.graders()
    graded = (ours | theirs) - {IMPORTED}
    words = [", ".join(sorted(versions)) or "none" for versions in (ours, theirs)]
    if IMPORTED in ours | theirs and len(graded) <= 1:
        message = "outcomes were imported, not graded here"
        return _check("grader", "warn", words[0], words[1], message)
    if ours == theirs and len(ours) == 1:
        return _check("grader", "same", words[0], words[1], "the same grader version")
    message = "graded by several versions; run `evalsuite rescore` on both runs"
    return _check("grader", "stop", words[0], words[1], message)


def _tasks(baseline: Run, candidate: Run) -> Check:
    """Which tasks and how many questions and repeats."""
    ours, theirs = (
        {task.name: f"{task.questions} × {task.repeats}" for task in run.info.tasks}
        for run in (baseline, candidate)
    )
    words = [", ".join(f"{name} {size}" for name, size in one.items()) for one in (ours, theirs)]
    if ours == theirs:
        return _check("tasks", "same", words[0], words[1], "the same tasks, questions × repeats")
    return _check("tasks", "warn", words[0], words[1], "only what both runs hold is compared")


def _missing(benchmarks: Sequence[Benchmark]) -> Check:
    left = sum(one.missing.only_baseline for one in benchmarks)
    right = sum(one.missing.only_candidate for one in benchmarks)
    status: CheckStatus = "warn" if left or right else "same"
    message = (
        "answers without a partner are left out" if left or right else "every answer is paired"
    )
    return _check("unpaired answers", status, str(left), str(right), message)


def _failures(baseline: Run, candidate: Run) -> Check:
    ours, theirs = len(baseline.store.failures()), len(candidate.store.failures())
    status: CheckStatus = "warn" if ours or theirs else "same"
    message = (
        "requests without an answer; run again to ask them" if ours or theirs else "none failed"
    )
    return _check("failed requests", status, str(ours), str(theirs), message)


def _truncation(benchmarks: Sequence[Benchmark]) -> Check:
    """Answers that the limit cut off: an arm that writes longer loses by it."""
    counts = [
        (sum(arm.truncated for arm in arms), sum(arm.draws for arm in arms))
        for arms in ([one.baseline for one in benchmarks], [one.candidate for one in benchmarks])
    ]
    ours, theirs = (cut / total if total else 0.0 for cut, total in counts)
    mine, other = (f"{cut} of {total}" for cut, total in counts)
    if not ours and not theirs:
        return _check("cut-off answers", "same", mine, other, "the limit cut none off")
    grave = max(ours, theirs) >= MANY_CUT or abs(ours - theirs) >= UNLIKE_CUT
    message = "the limit cuts answers off, and what is cut off counts as wrong; raise max_tokens"
    return _check("cut-off answers", "warn" if grave else "note", mine, other, message)


def _thinking(ours: Store, theirs: Store) -> Check:
    """How most answers came by their thinking: R1 skips it at times unless the prompt opens it."""
    ways = [one.thinking() for one in (ours, theirs)]
    mine, other = (max(found, key=lambda way: found[way], default="") for found in ways)
    message = "one arm was made to think and the other was not, or was read after a parser"
    status: CheckStatus = "same" if mine == other else "warn"
    return _check("thinking", status, mine, other, "" if status == "same" else message)


def _duplicates(baseline: Run, candidate: Run, benchmarks: Sequence[Benchmark]) -> Check:
    """Equal texts of different seeds: some engines ignore the seed of a request."""
    counts = [
        (sum(arm.duplicate_draws for arm in arms), sum(arm.draws for arm in arms))
        for arms in ([one.baseline for one in benchmarks], [one.candidate for one in benchmarks])
    ]
    words = [f"{same} of {total}" for same, total in counts]
    if not any(same for same, _ in counts):
        return _check("duplicate draws", "same", words[0], words[1], "no text came twice")
    honest = baseline.info.backend.honours_seed and candidate.info.backend.honours_seed
    message = "draws with the text of an earlier draw of the question" + (
        "" if honest else "; does the engine honour seeds?"
    )
    return _check("duplicate draws", "note" if honest else "warn", words[0], words[1], message)


def _check(name: str, status: CheckStatus, baseline: str, candidate: str, message: str) -> Check:
    return Check(name=name, status=status, baseline=baseline, candidate=candidate, message=message)

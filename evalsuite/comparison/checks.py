"""May the two be compared? One `Check` for each thing that could make the answer no."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evalsuite.comparison.margins import Margin, margins_check
from evalsuite.comparison.types import Benchmark, Check, CheckStatus
from evalsuite.model import Sampling
from evalsuite.runs.folder import Run
from evalsuite.runs.store import Store

IMPORTED = "imported"


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
        *_facts(baseline, candidate),
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
    pairs = {
        "precision": (ours.precision, theirs.precision),
        "model": (ours.backend.model, theirs.backend.model),
        "backend": (ours.backend.backend, theirs.backend.backend),
        "engine version": (ours.backend.engine_version, theirs.backend.engine_version),
    }
    for name, (one, other) in pairs.items():
        yield _fact(name, one, other, "this is not the baseline asked again", differs="warn")
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
        golds = [
            where
            for where in changed
            if _gold(baseline.store, where) != _gold(candidate.store, where)
        ]
        if not golds:
            message = "answers were imported: the golds are the same, the prompts are not known"
            return _check("questions", "warn", *counts, message)
        changed, first = golds, " ".join(golds[0])
    message = (
        f"{len(changed)} questions have another prompt or gold (the first: {first}); run both "
        "with the same task files and data"
    )
    return _check("questions", "stop", *counts, message)


def _gold(store: Store, where: tuple[str, str]) -> str | None:
    question = store.question(*where)
    return None if question is None else question.gold


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


def _facts(baseline: Run, candidate: Run) -> Iterator[Check]:
    """What may differ, and what is the point of the comparison."""
    ours, theirs = baseline.info, candidate.info
    yield _fact("precision", ours.precision, theirs.precision, "what is compared")
    yield _fact("model", ours.backend.model, theirs.backend.model, "the checkpoints")
    yield _fact("seed", str(ours.seed), str(theirs.seed), "draws with other seeds")
    for name, differs in (("backend", "warn"), ("engine_version", "warn"), ("hardware", "note")):
        yield _fact(
            name.replace("_", " "),
            str(getattr(ours.backend, name)),
            str(getattr(theirs.backend, name)),
            "the engines differ, too",
            differs="warn" if differs == "warn" else "note",
        )
    for name in sorted(ours.versions.keys() & theirs.versions.keys()):
        yield _fact(name, ours.versions[name], theirs.versions[name], "software differs")


def _fact(
    name: str, ours: str, theirs: str, message: str, *, differs: CheckStatus = "note"
) -> Check:
    same = ours == theirs
    return _check(name, "same" if same else differs, ours, theirs, "" if same else message)


def _check(name: str, status: CheckStatus, baseline: str, candidate: str, message: str) -> Check:
    return Check(name=name, status=status, baseline=baseline, candidate=candidate, message=message)

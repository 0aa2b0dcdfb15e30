"""What the history keeps of one task of one arm in one night."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from evalsuite.comparison.types import Comparison
from evalsuite.config import config_hash
from evalsuite.errors import RunError, UsageError
from evalsuite.model import BackendInfo, Role, RunInfo
from evalsuite.nightly.result import TaskResult, results_of
from evalsuite.questions.sample import rank
from evalsuite.runs.folder import Run
from evalsuite.runs.hits import hits_of
from evalsuite.runs.looks import read_looks

# The questions that stand for all: every fixed sample holds the first of them, rotation or not.
LANDMARKS = 20
_NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}([T._-][A-Za-z0-9:._-]{1,40})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One run as the history names it; `checkpoint` changes when the weights do, if known."""

    run: str
    arm: str
    precision: str
    model: str
    backend: str
    engine_version: str
    hardware: str
    checkpoint: str
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: a night, an arm and a task, with the paired result and what was run.

    `measured` is equal where questions, prompts, sampling and grader are; nights are only held
    against nights that measured the same. `versions` are the candidate's. `counts`: question →
    (right, draws) of the candidate.
    """

    night: str
    arm: str
    task: str
    role: Role
    experiment: str
    commit: str
    versions: Mapping[str, str]
    measured: str
    baseline: Side
    candidate: Side
    result: TaskResult
    counts: Mapping[str, tuple[int, int]]


def entries_of(
    comparison: Comparison,
    baseline: Run,
    candidate: Run,
    *,
    night: str | None = None,
    commit: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> list[Entry]:
    """One entry for each task of *comparison* of the two runs.

    *night* is a date, if need be with more behind it; without it the day (UTC) at which the
    candidate's run began. *commit* is that of the engine or whatever else is under test, without
    it evalsuite's own. *facts* are further versions to name where something changes.

    Raises:
        UsageError: *night* is no date.
        RunError: the candidate may have stopped early.
    """
    info = candidate.info
    when = checked_night(night or info.created[:10])
    _refuse_early_stops(candidate)
    sides = _side(baseline), _side(candidate)
    return [
        Entry(
            night=when,
            arm=info.arm,
            task=result.task,
            role=info.role,
            experiment=info.experiment,
            commit=commit or info.versions.get("commit", ""),
            versions={**info.versions, **(facts or {})},
            measured=_measured(candidate, result.task),
            baseline=sides[0],
            candidate=sides[1],
            result=result,
            counts=hits_of(candidate.store.draws(result.task)),
        )
        for result in results_of(comparison, info)
    ]


def checked_night(name: str) -> str:
    """*name*, if it is a date, if need be with more behind it.

    Raises:
        UsageError: it is not.
    """
    if not _NIGHT.fullmatch(name):
        raise UsageError(f"{name!r} is no night: it begins with a date, as in 2026-11-25.")
    return name


def changes(before: Entry, after: Entry) -> list[str]:
    """One line for each thing that differs between two nights and may explain a step.

    The new value comes first: where there is room for one word only, it is the one to look at.
    """
    pairs = {"commit": (before.commit, after.commit)}
    for name in ("engine_version", "checkpoint", "model", "hardware"):
        ours, theirs = getattr(before.candidate, name), getattr(after.candidate, name)
        pairs[name.replace("_", " ")] = (ours, theirs)
    for name in sorted(before.versions.keys() | after.versions.keys()):
        if name != "commit":
            pairs[name] = (before.versions.get(name, "none"), after.versions.get(name, "none"))
    return [
        f"{theirs or 'unknown'} ({name}, was {ours or 'unknown'})"
        for name, (ours, theirs) in pairs.items()
        if ours != theirs
    ]


def without_counts(entry: Entry) -> Entry:
    """*entry* as tables show it."""
    return replace(entry, counts={})


def _refuse_early_stops(run: Run) -> None:
    """When a run stops depends on what it found, which biases its mean and so a chart of means."""
    looks = read_looks(run.path)
    if looks is not None:
        raise RunError(
            f"{run.path}: was asked with --{looks.rule}, and stopping at what was found biases an "
            "accuracy, so it is no night of the history. Put it before `evalsuite gate` or "
            "`evalsuite compare`, which know how it stopped."
        )


def _measured(run: Run, task: str) -> str:
    info = run.task(task)
    hashes = {question: one for (_, question), one in run.store.question_hashes(task).items()}
    first = sorted(hashes, key=lambda question: rank(task, question))[:LANDMARKS]
    parts = [
        [(question, hashes[question]) for question in first],
        info.revision,
        info.think,
        None if info.sampling is None else asdict(info.sampling),
        sorted(run.store.graders()),
    ]
    return config_hash(parts)[:16]


def _side(run: Run) -> Side:
    info: RunInfo = run.info
    return Side(
        run=info.id,
        arm=info.arm,
        precision=info.precision,
        model=info.backend.model,
        backend=info.backend.backend,
        engine_version=info.backend.engine_version,
        hardware=info.backend.hardware,
        checkpoint=_checkpoint(info.backend),
        created=info.created,
    )


def _checkpoint(backend: BackendInfo) -> str:
    """The model, with a hash of whatever is known of its weights."""
    told: list[tuple[str, ...]] = [
        (name, value)
        for name, value in sorted(backend.details.items())
        if name.endswith("sha256") or "revision" in name
    ]
    if backend.checkpoint is not None:
        told.append(("revision", backend.checkpoint.revision))
        told += [(one.name, str(one.bytes), one.sha256) for one in backend.checkpoint.files]
    if not told:
        return backend.model
    return f"{backend.model}@{config_hash(told)[:12]}"

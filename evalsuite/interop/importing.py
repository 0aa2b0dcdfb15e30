"""Answers made elsewhere → a run folder, whole or not at all."""

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from evalsuite.config import config_hash
from evalsuite.errors import DataError, RunError, UsageError
from evalsuite.grading import Grader
from evalsuite.interop.reading import Choice, Item, Reader, survey
from evalsuite.interop.rows import generation_of, title_of
from evalsuite.model import (
    Answer,
    BackendInfo,
    Kind,
    Outcome,
    RunInfo,
    Score,
    TaskInfo,
)
from evalsuite.runs.folder import GENERATIONS, write_info
from evalsuite.runs.provenance import now, versions
from evalsuite.runs.rows import question_hash
from evalsuite.runs.store import Store

IMPORTED = "imported"
NOT_JUDGED = "not_judged"
UNKNOWN = "unknown"
GROUP = 256
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(slots=True)
class TaskCount:
    """What one task of the run came to; `not_judged` counts outcomes that were null."""

    kind: Kind
    draws: Counter[str] = field(default_factory=Counter)
    hashes: dict[str, str] = field(default_factory=dict)
    golds: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    not_judged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A run that was made of rows: where it is, what it is, what each task came to."""

    path: Path
    info: RunInfo
    tasks: Mapping[str, TaskCount]


def import_run(
    files: Sequence[Path],
    *,
    name: str,
    results: Path,
    choice: Choice,
    arm: str | None = None,
    workers: int = 1,
) -> Imported:
    """Make the run *results*/*name* of the rows in *files* that *choice* wants.

    Rows with a text are graded here, with *workers* processes for algebra. The files are read
    twice, so that nothing is written before all rows are known to be good.

    Raises:
        UsageError: the name cannot be used, or the wanted rows are not those of one run.
        DataError: a file or row cannot be used; the message says which.
        RunError: there is such a run already, or the folder cannot be written.
    """
    for one in (name, arm or name):
        if not _NAME.fullmatch(one):
            raise UsageError(f"{one!r} is no name for a run or arm: use letters, digits, . _ -")
    if (results / name).exists():
        raise RunError(f"{results / name}: is there already. Name another run, or remove it.")
    seen = survey(files, choice)
    with _folder(results, name) as draft:
        tasks = _fill(draft / GENERATIONS, files, choice, workers)
        info = _info(name, arm or name, choice, seen, tasks, _settings(files, choice))
        write_info(draft, info)
    return Imported(path=results / name, info=info, tasks=tasks)


@contextmanager
def _folder(results: Path, name: str) -> Iterator[Path]:
    """A folder to fill, which becomes *results*/*name* if all goes well and goes if not."""
    draft = results / f".{name}.{os.getpid()}.part"
    try:
        draft.mkdir(parents=True)
        yield draft
        draft.rename(results / name)
    except OSError as error:
        raise RunError(
            f"{error.filename or draft}: cannot be written ({error.strerror}). Free space or name "
            "another folder with --results."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fill(file: Path, files: Sequence[Path], choice: Choice, workers: int) -> dict[str, TaskCount]:
    """Store and grade all rows, a group at a time."""
    tasks: dict[str, TaskCount] = {}
    reader = Reader(files, choice)
    items = reader.items()
    with (
        closing(Store(file)) as store,
        Grader(workers=workers) as grader,
        ThreadPoolExecutor(workers) as threads,
    ):
        while group := list(islice(items, GROUP)):
            scores = list(threads.map(lambda item: _score(item, grader), group))
            _put(store, group, scores, grader.version)
            _tally(tasks, group, scores)
    if reader.problems:
        raise DataError(f"{reader.problems[0]} It changed while it was read.")
    return tasks


def _score(item: Item, grader: Grader) -> Score:
    """The grade of a text, else the outcome as it came; what nobody judged is no answer.

    Leaving unjudged draws out would be no fair sample: they count as wrong, as ours do.
    """
    row = item.row
    if row.response is not None:
        return grader.grade(item.question, generation_of(row))
    if row.correct is None:
        return Score(outcome="no_answer", reason=NOT_JUDGED, rule=IMPORTED)
    return Score(
        outcome="correct" if row.correct else "incorrect",
        reason=IMPORTED,
        answer=row.final_answer if row.final_answer is not None else row.answer,
        rule=IMPORTED,
    )


def _put(store: Store, group: Sequence[Item], scores: Sequence[Score], version: str) -> None:
    store.put_questions(item.question for item in group)
    judged = list(zip(group, scores, strict=True))
    # When they were asked and with which seed is not known.
    store.put(
        [
            Answer(key=item.key, seed=0, generation=generation_of(item.row), asked_at=0.0)
            for item in group
        ]
    )
    for grader in (version, IMPORTED):
        store.put(
            scores=[
                (item.key, score)
                for item, score in judged
                if (item.row.response is None) == (grader == IMPORTED)
            ],
            grader=grader,
        )


def _tally(tasks: dict[str, TaskCount], group: Sequence[Item], scores: Sequence[Score]) -> None:
    for item, score in zip(group, scores, strict=True):
        question = item.question
        task = tasks.setdefault(question.task, TaskCount(question.kind))
        task.hashes[question.id] = question_hash(question)
        task.golds[question.id] = question.gold
        task.draws[question.id] += 1
        task.outcomes[score.outcome] += 1
        task.not_judged += score.reason == NOT_JUDGED


def _settings(files: Sequence[Path], choice: Choice) -> dict[str, str]:
    """What is known of how the answers came here; the sampling is not."""
    settings = {"backend": IMPORTED, "sampling": UNKNOWN, "seed": UNKNOWN}
    for file in files:
        with file.open("rb") as stream:
            settings[f"file.{file.name}"] = hashlib.file_digest(stream, "sha256").hexdigest()
    for column, values in choice.select.items():
        settings[f"select.{column}"] = " or ".join(sorted(values))
    if choice.renumber:
        settings["samples"] = "numbered in the order of the rows"
    return settings


def _info(
    name: str,
    arm: str,
    choice: Choice,
    seen: Reader,
    tasks: Mapping[str, TaskCount],
    settings: Mapping[str, str],
) -> RunInfo:
    precision = choice.precision or _said(seen, "precision")
    return RunInfo(
        id=name,
        experiment=name,
        arm=arm,
        role="candidate",
        precision=precision,
        seed=0,
        tasks=tuple(_task_info(task, count, settings) for task, count in tasks.items()),
        backend=BackendInfo(
            backend=IMPORTED,
            model=choice.model or _said(seen, "model"),
            precision=precision,
            engine_version=UNKNOWN,
            hardware=UNKNOWN,
            honours_seed=False,
            max_in_flight=1,
        ),
        fingerprint=config_hash(settings),
        settings=settings,
        versions=versions(),
        created=now(),
        imported=True,
    )


def _task_info(name: str, count: TaskCount, settings: Mapping[str, str]) -> TaskInfo:
    files = [key.removeprefix("file.") for key in settings if key.startswith("file.")]
    return TaskInfo(
        name=name,
        title=title_of(name),
        kind=count.kind,
        source=f"imported from {', '.join(files)}",
        revision="",
        synthetic=False,
        data_hash=_hash(f"{one}\n{gold}" for one, gold in sorted(count.golds.items())),
        prompt_hash=_hash(f"{one}\n{digest}" for one, digest in sorted(count.hashes.items())),
        questions=len(count.draws),
        repeats=max(count.draws.values()),
        sampling=None,
    )


def _said(seen: Reader, column: str) -> str:
    return next(iter(seen.values[column]), UNKNOWN)


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()

"""A run's folder: `run.json`, `generations.sqlite`, and a lock while it is written."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from pydantic import TypeAdapter, ValidationError

from evalsuite.config import config_hash
from evalsuite.errors import RunError
from evalsuite.files import put
from evalsuite.model import Question, RunInfo, TaskInfo
from evalsuite.runs.rows import question_hash
from evalsuite.runs.store import Store

INFO = "run.json"
GENERATIONS = "generations.sqlite"
LOCK = "run.lock"
LOOK_S = 0.05
_RUN_INFO = TypeAdapter(RunInfo)


@dataclass(frozen=True, slots=True)
class Run:
    """An open run folder; a context manager that closes its store."""

    path: Path
    info: RunInfo
    store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.store.close()

    def task(self, name: str) -> TaskInfo:
        """What run.json says of task *name*."""
        return next(task for task in self.info.tasks if task.name == name)


def open_run(path: Path) -> Run:
    """Open the run at *path* for reading.

    Raises:
        RunError: it is no run folder, holds no answers, or is damaged.
    """
    info = read_info(path)
    store = path / GENERATIONS
    if not store.is_file():
        raise RunError(f"{path}: {GENERATIONS} is missing; run it again, or name another folder.")
    return Run(path, info, Store(store, readonly=True))


def read_info(path: Path) -> RunInfo:
    """What `run.json` in *path* says.

    Raises:
        RunError: it is missing or damaged.
    """
    file = path / INFO
    try:
        return _RUN_INFO.validate_json(file.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path}: is no run folder: it holds no {INFO}.{_near(path)}") from None
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{file}: is damaged at {where or 'its start'}: {first['msg']}.") from error


def write_info(path: Path, info: RunInfo) -> None:
    """Write `run.json` into *path*, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    with _folder_errors(path):
        put(path / INFO, _RUN_INFO.dump_json(info, indent=2) + b"\n", durable=True)


@contextmanager
def writing(path: Path, info: RunInfo, questions: Sequence[Question]) -> Iterator[Run]:
    """Make the run folder *path*, or open it to go on, and hold its lock.

    Asking more questions or repeats than before is going on; whatever else differs is refused.

    Raises:
        RunError: another process writes there, the folder cannot be written, or it was made
            with another configuration.
    """
    with _folder_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    with _locked(path / LOCK):
        info = _continued(path, info)
        with closing(Store(path / GENERATIONS)) as store:
            store.put_questions(_new_questions(path, store, questions))
            write_info(path, info)
            yield Run(path, info, store)


def refuse_changes(path: Path, info: RunInfo, questions: Sequence[Question]) -> None:
    """Refuse what `writing` would refuse of a folder that is there; changes nothing.

    Raises:
        RunError: the run at *path* was made with another configuration or other data.
    """
    if (path / INFO).exists():
        _continued(path, info)
        if _holds_answers(path / GENERATIONS):
            with closing(Store(path / GENERATIONS, readonly=True)) as store:
                _new_questions(path, store, questions)


@contextmanager
def rewriting(path: Path) -> Iterator[Run]:
    """Open the run at *path* to replace its scores, and hold its lock.

    Raises:
        RunError: it is no run folder, another process writes there, or it cannot be written.
    """
    info = read_info(path)
    with _locked(path / LOCK), closing(Store(path / GENERATIONS)) as store:
        yield Run(path, info, store)


def writer_of(path: Path) -> str | None:
    """Which process writes the run at *path* now, None if none does."""
    try:
        lock = (path / LOCK).open(encoding="utf-8")
    except OSError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(lock.read())
        return None


def _holds_answers(store: Path) -> bool:
    """Whether a run that was killed at its very start got as far as making *store*."""
    return store.is_file() and store.stat().st_size > 0


def _continued(path: Path, info: RunInfo) -> RunInfo:
    """*info* joined with what an earlier call of the same run asked."""
    if not (path / INFO).exists():
        return info
    before = read_info(path)
    changed = differences(before.settings, info.settings)
    if changed:
        lines = "\n".join(f"  {line}" for line in changed)
        raise RunError(
            f"{path}: was made with another configuration:\n{lines}\n"
            "Nothing was asked. Give the experiment another name, or another --results folder."
        )
    settings = {**before.settings, **info.settings}
    return replace(
        info,
        created=before.created,
        backend=replace(before.backend, stated={**before.backend.stated, **info.backend.stated}),
        versions=before.versions,
        settings=settings,
        fingerprint=config_hash(settings),
        tasks=_joined(before.tasks, info.tasks),
    )


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """One line for each setting that both name and that differs."""
    return [
        f"{name}: {before[name]} before, {now[name]} now"
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    ]


def _joined(before: Iterable[TaskInfo], now: Iterable[TaskInfo]) -> tuple[TaskInfo, ...]:
    """The tasks of both calls; each as the call saw it that asked more questions."""
    tasks = {task.name: task for task in before}
    for task in now:
        old = tasks.get(task.name, task)
        most = task if task.questions >= old.questions else old
        tasks[task.name] = replace(
            most,
            repeats=max(old.repeats, task.repeats),
            margin_pp=task.margin_pp,
            think=task.think,
        )
    return tuple(tasks.values())


def _new_questions(path: Path, store: Store, questions: Sequence[Question]) -> list[Question]:
    """Those of *questions* that are not stored yet.

    A smaller or larger part of the same data is fine; a question that is stored with another
    prompt or gold is refused, and so is other data.
    """
    before = store.question_hashes()
    now = {(one.task, one.id): one for one in questions}
    changed = [
        where
        for where, one in now.items()
        if where in before and before[where] != question_hash(one)
    ]
    for task in {task for task, _ in now}:
        gone = {where for where in before if where[0] == task} - now.keys()
        new = {where for where in now if where[0] == task} - before.keys()
        changed += sorted(new) if gone else []
    if changed:
        task, name = changed[0]
        raise RunError(
            f"{path}: {len(changed)} question(s) differ from those that were asked before "
            f"(the first is {name} of {task}): the data or the task files changed. Nothing was "
            "asked. Give the experiment another name, or another --results folder."
        )
    return [one for where, one in now.items() if where not in before]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file; it falls free with the process, however that ends."""
    with _folder_errors(path.parent):
        lock = path.open("a+", encoding="utf-8")
    with lock:
        _lock(lock, path.parent)
        yield


def _lock(lock: TextIO, folder: Path) -> None:
    """Take *lock* and write into it who holds it, or say who does."""
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_S)  # `writer_of` may have looked just now
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise RunError(
            f"{folder}: another process writes this run ({_holder(lock.read())}). "
            "Wait for it, stop it, or give this one another name."
        ) from None
    with _folder_errors(folder):
        lock.truncate(0)
        json.dump({"pid": os.getpid(), "host": socket.gethostname()}, lock)
        lock.flush()


def _holder(text: str) -> str:
    try:
        held = json.loads(text)
        return f"pid {int(held['pid'])} on {held['host']}"
    except (ValueError, KeyError, TypeError):
        return "unknown"


@contextmanager
def _folder_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(
            f"{error.filename or path}: cannot be written ({error.strerror}). What was stored "
            "before is kept; free space or name another folder with --results."
        ) from error


def _near(path: Path) -> str:
    """The runs beside *path*, for a message."""
    try:
        found = sorted(one.parent.name for one in path.parent.glob(f"*/{INFO}"))
    except OSError:
        return ""
    return f" Beside it: {', '.join(found[:10])}." if found else ""

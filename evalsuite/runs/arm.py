"""One arm of an experiment, from its folder's lock to its last score."""

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, RunError
from evalsuite.grading import Grader
from evalsuite.model import BackendInfo, Key, Question, Request, RunInfo
from evalsuite.runs.folder import (
    GENERATIONS,
    Run,
    read_info,
    refuse_changes,
    write_info,
    writing,
)
from evalsuite.runs.opening import opened
from evalsuite.runs.plan import PlannedTask, Queue, requests
from evalsuite.runs.progress import Progress
from evalsuite.runs.provenance import now, recorded, versions_joined
from evalsuite.runs.runner import DRAIN_S, Runner, Tally
from evalsuite.runs.store import Store
from evalsuite.runs.writer import grade_rest


class Stoppable(Protocol):
    """What can be told to ask nothing new."""

    @property
    def stopping(self) -> bool:
        """Whether it was told."""
        ...

    def stop(self) -> None:
        """Tell it; a second time gives up what is under way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of an experiment, ready to run into the folder *path*.

    `lengths_from` are run folders of the same questions whose answers' lengths order the queue;
    `concurrency` None is what the engine likes best; `timeout_s` is how long one answer may take,
    None for what `Patience` says.
    """

    path: Path
    info: RunInfo
    tasks: Sequence[PlannedTask]
    open_backend: Callable[[], Backend]
    grader: Grader
    progress: Progress
    concurrency: int | None = None
    timeout_s: float | None = None
    lengths_from: Sequence[Path] = ()

    def check(self) -> None:
        """Refuse a folder that this arm must not go on in; nothing is started or changed.

        Raises:
            RunError: the folder's run was made with another configuration or other data.
        """
        refuse_changes(self.path, self.info, self.questions())

    def run(self) -> Tally:
        """Ask what is missing, store it, grade it; the engine is opened only if there is any.

        Raises:
            RunError: the folder is locked, changed or cannot be written.
            BackendError: the engine cannot start, or failed for good; what arrived is stored.
        """
        with writing(self.path, self.info, self.questions()) as run:
            try:
                tally = self._ask_missing(run)
                if not tally.stopped:
                    grade_rest(run.store, self.grader, self.progress)
                    write_info(self.path, replace(read_info(self.path), finished=now()))
            finally:
                self.progress.finished()
        return tally

    def questions(self) -> list[Question]:
        """The questions of all its tasks."""
        return [question for task in self.tasks for question in task.questions]

    def begin(self, run: Run, keys: AbstractSet[Key]) -> AbstractSet[Key]:
        """Tell what of *keys* is stored and how it was graded; what is missing."""
        missing = keys - run.store.answered()
        wanted = Counter(key.task for key in keys)
        left = Counter(key.task for key in missing)
        tasks = [task.name for task in self.tasks if wanted[task.name]]
        self.progress.started(
            self.info,
            {name: wanted[name] for name in tasks},
            {name: wanted[name] - left[name] for name in tasks},
        )
        self.progress.recalled(run.store.kept())
        _tell_scores(run.store, self.grader, self.progress)
        return missing

    def runner(
        self, run: Run, backend: Backend, *, settled: Callable[[Key], None] = lambda _: None
    ) -> Runner:
        """What asks *backend* and stores into *run*; *settled* is told what needs no more.

        Raises:
            RunError: it is not the engine that the run was begun on.
        """
        _note_engine(run, backend.info, self.info.versions)
        return Runner(
            backend=backend,
            store=run.store,
            grader=self.grader,
            questions={(q.task, q.id): q for q in self.questions()},
            progress=self.progress,
            concurrency=self._in_flight(backend.info),
            timeout_s=self.timeout_s,
            settled=settled,
        )

    def queue(self, run: Run) -> Queue:
        """The requests of any keys as *run* asks them."""
        lengths = known_lengths([self.path, *self.lengths_from])
        return partial(requests, self.tasks, seed=run.info.seed, lengths=lengths)

    async def ask(
        self, runner: Runner, engine: BackendInfo, queue: Iterable[Request | None]
    ) -> Tally:
        """Ask *queue*, of keys that `begin` told.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        self.progress.opened(engine, self._in_flight(engine))
        return await runner.run(queue)

    def _in_flight(self, engine: BackendInfo) -> int:
        return self.concurrency or engine.max_in_flight

    def _ask_missing(self, run: Run) -> Tally:
        missing = self.begin(run, {key for task in self.tasks for key in task.keys()})  # noqa: SIM118 - no mapping
        if not missing:
            return Tally()
        # Not on the event loop: it takes minutes, and Ctrl-C must end it.
        backend = opened(self.open_backend, self.progress)
        return asyncio.run(self._ask_and_close(run, backend, missing))

    async def _ask_and_close(self, run: Run, backend: Backend, missing: AbstractSet[Key]) -> Tally:
        try:
            runner = self.runner(run, backend)
            with signals(partial(stop_runner, runner, self.progress)):
                return await self.ask(runner, backend.info, self.queue(run)(missing))
        except EngineFailed as error:
            raise EngineFailed(
                f"{error}\nEverything that arrived is stored; the same command goes on from there."
            ) from error
        finally:
            await backend.aclose()


def known_lengths(folders: Iterable[Path]) -> dict[tuple[str, str], float]:
    """(task, question) → mean output tokens, from the first of *folders* that knows."""
    found: dict[tuple[str, str], float] = {}
    for folder in folders:
        # A neighbour's lengths only order the queue; that it cannot be read is its own matter.
        with suppress(RunError):
            store = Store(folder / GENERATIONS, readonly=True)
            try:
                found = store.lengths() | found
            finally:
                store.close()
    return found


def _tell_scores(store: Store, grader: Grader, progress: Progress) -> None:
    """Tell what earlier calls graded, unless it will be graded again."""
    if store.graders() == {grader.version}:
        for draw in store.draws():
            progress.scored(draw.key, draw.outcome)


def _note_engine(run: Run, engine: BackendInfo, versions: Mapping[str, str]) -> None:
    """Write what the engine says of itself; refuse to mix the answers of two engines."""
    before = run.info.backend
    engine = recorded(engine, before.stated)
    changed = _changed(before, engine) if before.engine_version else ""
    if changed:
        raise RunError(
            f"{run.path}: was begun on {changed}. Nothing was asked. Give the experiment another "
            "name, or another --results folder."
        )
    joined = versions_joined(run.info.versions, versions)
    write_info(run.path, replace(run.info, backend=engine, versions=joined))


def _changed(before: BackendInfo, engine: BackendInfo) -> str:
    """In what *engine* is not the one before, "" if it is the same."""
    was, is_now = (f"{one.model} {one.precision} {one.engine_version}" for one in (before, engine))
    if was != is_now:
        return f"{was}, the engine is now {is_now}"
    if before.checkpoint and engine.checkpoint:
        files = {one.name: one for one in before.checkpoint.files}
        for one in engine.checkpoint.files:
            if files.get(one.name) != one:
                return f"another checkpoint: its {one.name} has changed"
    return ""


def stop_runner(runner: Stoppable, progress: Progress) -> None:
    """Stop *runner*; the first time it waits for what is under way, the second it does not."""
    if not runner.stopping:
        progress.said(
            f"Stopping: waiting up to {DRAIN_S:.0f} s for what is under way. "
            "Ctrl-C again stops at once."
        )
    runner.stop()


@contextmanager
def signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call *stop* at Ctrl-C and SIGTERM.

    Only the main thread hears of signals; whoever runs arms in others stops them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)

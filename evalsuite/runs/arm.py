"""One arm of an experiment, from its folder's lock to its last score."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, RunError
from evalsuite.grading import Grader
from evalsuite.model import BackendInfo, Key, RunInfo
from evalsuite.runs.folder import GENERATIONS, Run, open_run, write_info, writing
from evalsuite.runs.plan import PlannedTask, known_lengths, requests
from evalsuite.runs.progress import Progress
from evalsuite.runs.runner import Runner, Tally, grade_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm of an experiment, ready to run into the folder *path*.

    `lengths_from` are run folders of the same questions whose answers' lengths order the queue;
    `concurrency` None is what the engine likes best.
    """

    path: Path
    info: RunInfo
    tasks: Sequence[PlannedTask]
    open_backend: Callable[[], Backend]
    grader: Grader
    progress: Progress
    concurrency: int | None = None
    lengths_from: Sequence[Path] = ()

    def run(self) -> Tally:
        """Ask what is missing, store it, grade it; the engine is opened only if there is any.

        Raises:
            RunError: the folder is locked, changed or cannot be written.
            EngineFailed: the engine failed for good; what arrived is stored.
        """
        questions = [question for task in self.tasks for question in task.questions]
        with writing(self.path, self.info, questions) as run:
            stored = run.store.answered()
            keys = [key for task in self.tasks for key in task.keys()]  # noqa: SIM118 - no mapping
            self.progress.started(self.info.arm, *_counts(self.tasks, keys, stored))
            tally = Tally()
            if any(key not in stored for key in keys):
                tally = asyncio.run(self._ask(run))
            if not tally.stopped:
                grade_rest(run.store, self.grader, self.progress)
            self.progress.finished()
        return tally

    async def _ask(self, run: Run) -> Tally:
        """Open the engine, ask what is missing, close it."""
        backend = self.open_backend()
        try:
            _note_engine(run, backend.info)
            runner = Runner(
                backend=backend,
                store=run.store,
                grader=self.grader,
                questions={(q.task, q.id): q for task in self.tasks for q in task.questions},
                progress=self.progress,
                concurrency=self.concurrency or backend.info.max_in_flight,
            )
            _stop_on_signals(runner, self.progress)
            queue = requests(
                self.tasks,
                seed=run.info.seed,
                answered=run.store.answered(),
                lengths=_lengths(self.lengths_from),
            )
            return await runner.run(queue)
        except EngineFailed as error:
            raise EngineFailed(
                f"{error}\nEverything that arrived is stored; the same command goes on from there."
            ) from error
        finally:
            await backend.aclose()


def _counts(
    tasks: Sequence[PlannedTask], keys: Sequence[Key], stored: set[Key]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Draws per task: wanted in all, stored already."""
    wanted = dict.fromkeys((task.name for task in tasks), 0)
    there = dict(wanted)
    for key in keys:
        wanted[key.task] += 1
        there[key.task] += key in stored
    return wanted, there


def _note_engine(run: Run, engine: BackendInfo) -> None:
    """Write what the engine says of itself; refuse to mix the answers of two engines."""
    before = run.info.backend
    now = (engine.model, engine.precision, engine.engine_version)
    was = (before.model, before.precision, before.engine_version)
    if before.engine_version and was != now:
        raise RunError(
            f"{run.path}: was begun on {' '.join(was)}, the engine is now {' '.join(now)}. "
            "Nothing was asked. Give the experiment another name, or another --results folder."
        )
    write_info(run.path, replace(run.info, backend=engine))


def _lengths(folders: Iterable[Path]) -> dict[tuple[str, str], float]:
    """Lengths from the first of *folders* that knows any."""
    for folder in folders:
        if (folder / GENERATIONS).is_file():
            with open_run(folder) as earlier:
                found = known_lengths(earlier.store)
            if found:
                return found
    return {}


def _stop_on_signals(runner: Runner, progress: Progress) -> None:
    """Ctrl-C or SIGTERM once: finish what is in flight; twice: give that up, too."""

    def stop() -> None:
        if not runner.tally.stopped:
            progress.said("Stopping: finishing what is in flight. Ctrl-C again gives that up.")
        runner.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)

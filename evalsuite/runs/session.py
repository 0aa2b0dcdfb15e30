"""An arm whose folder is locked and whose engine is open, asked one list after another."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from evalsuite.model import Key
from evalsuite.runs.arm import Arm, known_lengths, note_engine, tell_scores
from evalsuite.runs.folder import Run, read_info, write_info
from evalsuite.runs.opening import opened
from evalsuite.runs.plan import requests
from evalsuite.runs.provenance import now
from evalsuite.runs.rows import Draw
from evalsuite.runs.runner import Runner, Tally
from evalsuite.runs.writer import grade_rest

if TYPE_CHECKING:
    from evalsuite.backends.base import Backend


class Session:
    """One arm between its first question and its last; the engine opens when it is needed.

    `open` blocks and is not for an event loop; `ask` is for one loop only.
    """

    def __init__(self, arm: Arm, run: Run) -> None:
        self._arm, self._run = arm, run
        self._backend: Backend | None = None
        self._runner: Runner | None = None

    def lacks(self, keys: AbstractSet[Key]) -> bool:
        """Whether an answer to one of *keys* is not stored."""
        return not keys <= self._run.store.answered()

    def open(self) -> None:
        """Open the engine, unless it is open.

        Raises:
            RunError: it is not the engine that the run was begun on.
            BackendError: it cannot be opened.
        """
        if self._backend is None:
            backend = opened(self._arm.open_backend, self._arm.progress)
            self._backend = backend
            note_engine(self._run, backend.info, self._arm.info.versions)
            self._runner = Runner(
                backend=backend,
                store=self._run.store,
                grader=self._arm.grader,
                questions={
                    (one.task, one.id): one for task in self._arm.tasks for one in task.questions
                },
                progress=self._arm.progress,
                concurrency=self._arm.concurrency or backend.info.max_in_flight,
                timeout_s=self._arm.timeout_s,
            )

    async def ask(self, keys: AbstractSet[Key]) -> Tally:
        """Ask what is missing of *keys*, and grade it.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        arm, store = self._arm, self._run.store
        answered = store.answered()
        tasks = sorted({key.task for key in keys})
        arm.progress.started(
            arm.info,
            {task: sum(key.task == task for key in keys) for task in tasks},
            {task: sum(key.task == task for key in keys & answered) for task in tasks},
        )
        arm.progress.recalled(store.kept())
        tell_scores(store, arm.grader, arm.progress)
        tally = Tally()
        if keys - answered:
            assert self._runner is not None
            assert self._backend is not None
            arm.progress.opened(
                self._backend.info, arm.concurrency or self._backend.info.max_in_flight
            )
            queue = requests(
                arm.tasks,
                seed=self._run.info.seed,
                answered=answered,
                only=keys,
                lengths=known_lengths([arm.path, *arm.lengths_from]),
            )
            tally = await self._runner.run(queue)
        if not tally.stopped:
            await asyncio.to_thread(grade_rest, store, arm.grader, arm.progress)
        arm.progress.finished()
        return tally

    def draws(self, tasks: Sequence[str]) -> dict[str, dict[Key, Draw]]:
        """The scored answers of each of *tasks*."""
        return {task: {draw.key: draw for draw in self._run.store.draws(task)} for task in tasks}

    def finish(self) -> None:
        """Note in run.json that all that was wanted is there."""
        info = read_info(self._arm.path)
        write_info(self._arm.path, replace(info, finished=now()))

    @property
    def stopping(self) -> bool:
        """Whether nothing new is asked any more; an engine that is shut asks nothing."""
        return self._runner is None or self._runner.stopping

    def stop(self) -> None:
        """Ask nothing new; a second call gives up what is under way, too."""
        if self._runner is not None:
            self._runner.stop()

    async def aclose(self) -> None:
        """Close the engine if it is open."""
        if self._backend is not None:
            await self._backend.aclose()
            self._backend = None

"""An arm whose folder is locked and whose engine is open, asked one list after another."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from evalsuite.model import Key
from evalsuite.runs.arm import Arm
from evalsuite.runs.folder import Run, read_info, write_info
from evalsuite.runs.opening import opened
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
            self._runner = self._arm.runner(self._run, backend)

    async def ask(self, keys: AbstractSet[Key]) -> Tally:
        """Ask what is missing of *keys*, and grade it.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        arm = self._arm
        tally = Tally()
        missing = arm.begin(self._run, keys)
        if missing:
            assert self._runner is not None
            assert self._backend is not None
            tally = await arm.ask(self._run, self._runner, self._backend.info, missing)
        if not tally.stopped:
            await asyncio.to_thread(grade_rest, self._run.store, arm.grader, arm.progress)
        arm.progress.finished()
        return tally

    def draws(self, tasks: Sequence[str]) -> dict[str, dict[Key, Draw]]:
        """The scored answers of each of *tasks*."""
        return {task: {draw.key: draw for draw in self._run.store.draws(task)} for task in tasks}

    def repeats(self, task: str, questions: Sequence[str]) -> int:
        """How many scored draws, the first ones, it has of every one of *questions*."""
        there = {draw.key for draw in self._run.store.draws(task)}
        count = 0
        while all(Key(task, question, count) in there for question in questions):
            count += 1
        return count

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

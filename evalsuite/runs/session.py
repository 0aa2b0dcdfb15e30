"""An arm whose folder is locked and whose engine is open; what is wanted of it may change."""

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from evalsuite.model import Key
from evalsuite.runs.arm import Arm
from evalsuite.runs.feed import Feed
from evalsuite.runs.folder import Run, read_info, write_info
from evalsuite.runs.opening import opened
from evalsuite.runs.provenance import now
from evalsuite.runs.rows import Draw
from evalsuite.runs.runner import Runner, Tally
from evalsuite.runs.store import Store
from evalsuite.runs.writer import grade_rest

if TYPE_CHECKING:
    from evalsuite.backends.base import Backend


class Session:
    """One arm between its first question and its last; the engine opens when it is needed.

    `open` blocks and is not for an event loop; all else is for one loop only, and may be called
    while `ask` is under way.
    """

    def __init__(self, arm: Arm, run: Run) -> None:
        self._arm, self._run = arm, run
        self._backend: Backend | None = None
        self._runner: Runner | None = None
        self._feed: Feed | None = None
        self._wanted: Sequence[AbstractSet[Key]] = ()
        self._spare: AbstractSet[Key] = frozenset()
        self._missing: AbstractSet[Key] = frozenset()
        self._settled: set[Key] = set()

    def open(self) -> None:
        """Open the engine, unless it is open.

        Raises:
            RunError: it is not the engine that the run was begun on.
            BackendError: it cannot be opened.
        """
        if self._backend is None:
            backend = opened(self._arm.open_backend, self._arm.progress)
            self._backend = backend
            self._runner = self._arm.runner(self._run, backend, settled=self._settled.add)

    @property
    def is_open(self) -> bool:
        """Whether the engine is."""
        return self._backend is not None

    def lacks(self, keys: AbstractSet[Key]) -> bool:
        """Whether an answer to one of *keys* was not stored when `begin` told them."""
        return not self._missing.isdisjoint(keys)

    def want(
        self, parts: Sequence[AbstractSet[Key]], *, spare: AbstractSet[Key] = frozenset()
    ) -> None:
        """Have the keys of *parts* asked, each part once those before it are on their way.

        The *spare* ones come last and are not told as wanted.
        """
        self._wanted, self._spare = parts, spare
        if self._feed is not None:
            self._feed.want([*parts, spare])
            self._wake()

    def has(self, keys: Iterable[Key]) -> bool:
        """Whether each of *keys* is graded, or has failed for now."""
        return all(map(self._settled.__contains__, keys))

    def again(self, keys: AbstractSet[Key]) -> None:
        """Ask *keys*, which have failed, once more when they are wanted."""
        self._settled -= keys
        if self._feed is not None:
            self._feed.again(keys)

    def drop(self, task: str) -> None:
        """Give up what is under way of *task*."""
        if self._runner is not None:
            self._runner.drop(lambda key: key.task == task)

    def end(self) -> None:
        """Let `ask` return when all that is wanted is done."""
        if self._feed is not None:
            self._feed.end()
            self._wake()

    def begin(self) -> None:
        """Tell what is wanted and what is stored, before the engine is opened."""
        self._missing = self._arm.begin(self._run, frozenset[Key]().union(*self._wanted))
        self._feed = Feed(self._arm.queue(self._run), self._run.store.answered())
        self._feed.want([*self._wanted, self._spare])

    async def grade(self) -> None:
        """Grade what is stored and has no score.

        Raises:
            RunError: the store cannot be written.
        """
        arm, store = self._arm, self._run.store
        await asyncio.to_thread(grade_rest, store, arm.grader, arm.progress)
        self._settled |= store.answered()

    async def ask(self) -> Tally:
        """Ask what is wanted and missing, and grade it, until `end`; nothing if it is shut.

        After `begin`.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        arm, tally = self._arm, Tally()
        if self._runner is not None and self._backend is not None and self._feed is not None:
            tally = await arm.ask(self._runner, self._backend.info, self._feed)
        if not tally.stopped:
            await self.grade()
        return tally

    def rest(self) -> None:
        """Tell that nothing is asked for now, however all since `begin` ended."""
        self._feed = None
        self._arm.progress.finished()

    def draws(self, task: str) -> dict[Key, Draw]:
        """The scored answers of *task*; may be called in a thread of its own."""
        # The other connection belongs to who writes.
        with closing(Store(self._run.store.path, readonly=True)) as store:
            return {draw.key: draw for draw in store.draws(task)}

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
    def idle(self) -> bool:
        """Whether the engine has nothing to do."""
        return self._runner is None or self._runner.idle

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

    def _wake(self) -> None:
        if self._runner is not None:
            self._runner.wake()

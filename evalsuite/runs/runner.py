"""Keeps an engine full, stores what comes back, and grades it beside.

A run never dies of one request: what fails is tried again, then left missing, and asked again by
the next call. It ends early only when the engine fails for good, the disk does, or a reader
says stop; then everything that arrived is on disk.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from evalsuite.backends.base import Backend
from evalsuite.grading import Grader
from evalsuite.model import Answer, Failure, Key, Question, Request
from evalsuite.runs.dispatch import Dispatch, Manner
from evalsuite.runs.pace import Pace
from evalsuite.runs.patience import Patience
from evalsuite.runs.progress import Progress
from evalsuite.runs.store import Store
from evalsuite.runs.think import THINK_TAGS, opens_unseen
from evalsuite.runs.writer import Writer

DRAIN_S = 20.0  # Slurm kills 30 s after its SIGTERM
TICK_S = 1.0


@dataclass(slots=True)
class Tally:
    """What one call did; `stopped` says that a reader ended it early."""

    answered: int = 0
    failed: int = 0
    stopped: bool = False

    def __add__(self, other: Self) -> "Tally":
        return Tally(
            answered=self.answered + other.answered,
            failed=self.failed + other.failed,
            stopped=self.stopped or other.stopped,
        )


class Runner:
    """Puts requests to *backend*, at most *concurrency* at a time, and the answers into *store*.

    An open engine can be given one list of requests after another: `run` may be called any number
    of times, one after the other and all in one event loop, as a backend belongs to one loop. What
    was learnt of the engine (its pace, how long its answers take) stays. The caller opens and
    closes the backend. Two runners with a store and a backend each may run side by side or in
    turns in the same loop.

    Args:
        backend: an open engine.
        store: one writer at a time; nobody else writes it while `run` runs.
        grader: grades beside.
        questions: (task, id) → question, of all requests that will come.
        progress: hears of everything.
        concurrency: requests in flight; less while the engine refuses many.
        timeout_s: seconds that one answer may take; None for what `Patience` says.
        settled: is given each key that is graded, or that failed for now.
    """

    def __init__(
        self,
        *,
        backend: Backend,
        store: Store,
        grader: Grader,
        questions: Mapping[tuple[str, str], Question],
        progress: Progress,
        concurrency: int,
        timeout_s: float | None = None,
        settled: Callable[[Key], None] = lambda _: None,
    ) -> None:
        self._backend = backend
        self._store, self._grader, self._questions = store, grader, questions
        self._progress, self._settled = progress, settled
        self._manner = Manner(pace=Pace(concurrency), patience=Patience(timeout_s))
        self._stopping = asyncio.Event()
        self._given_up = asyncio.Event()
        self._dispatch: Dispatch | None = None
        self._warned = False

    @property
    def stopping(self) -> bool:
        """Whether nothing new is asked any more, by this call of `run` or a later one."""
        return self._stopping.is_set()

    @property
    def idle(self) -> bool:
        """Whether the engine has nothing to do."""
        return self._dispatch is None or self._dispatch.idle

    def wake(self) -> None:
        """Look again whether there is something to ask."""
        if self._dispatch is not None:
            self._dispatch.fill()

    def drop(self, unwanted: Callable[[Key], bool]) -> None:
        """Give up what is under way and *unwanted*; nothing is noted of it."""
        if self._dispatch is not None:
            self._dispatch.drop(unwanted)

    async def run(self, requests: Iterable[Request | None]) -> Tally:
        """Ask *requests* in their order; returns when each is answered, failed, or was stopped.

        Where they may still change, None among them is "nothing for now"; `wake` says that there
        is more, or that they have ended.

        Answers are on disk and told to `progress` when this returns; those whose grading was not
        done by then are left to `writer.grade_rest`.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        writer = Writer(
            store=self._store,
            grader=self._grader,
            questions=self._questions,
            progress=self._progress,
            settled=self._settled,
        )

        def put(came: Answer | Failure) -> None:
            writer.put(came)
            self._warn_of_thinking(came)

        self._dispatch = dispatch = Dispatch(
            self._backend,
            iter(requests),
            manner=self._manner,
            put=put,
            full=lambda: writer.full,
            say=self._progress.said,
        )
        writing = asyncio.create_task(writer.run(dispatch.fill))
        beside = [
            asyncio.create_task(self._tick(dispatch)),
            asyncio.create_task(self._drain(dispatch)),
        ]
        if self.stopping:
            dispatch.stop()
        dispatch.fill()
        try:
            done, _ = await asyncio.wait(
                {dispatch.ended, writing}, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                one.result()
        finally:
            await _cancelled(beside)
            await dispatch.give_up()
            writer.finish()
            await writing
            self._dispatch = None
        return Tally(answered=writer.answered, failed=writer.failed, stopped=self.stopping)

    def stop(self) -> None:
        """Ask nothing new; a second call gives up what is under way, too."""
        if self.stopping:
            self._given_up.set()
        self._stopping.set()

    async def _drain(self, dispatch: Dispatch) -> None:
        """After a stop, give up what is still under way when the patience is at its end."""
        await self._stopping.wait()
        dispatch.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._given_up.wait(), DRAIN_S)
        dispatch.cancel()

    async def _tick(self, dispatch: Dispatch) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            dispatch.tick()
            left_s = self._manner.gate.waits(loop.time())
            if left_s is not None:
                self._progress.waiting(self._manner.gate.why, left_s)
            self._progress.tick()

    def _warn_of_thinking(self, came: Answer | Failure) -> None:
        """Say once that thinking is not recognised, before many answers are cut off in it."""
        if not self._warned and isinstance(came, Answer) and opens_unseen(came.generation):
            self._warned = True
            self._progress.said(THINK_TAGS)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel *tasks* and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

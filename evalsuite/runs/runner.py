"""Keeps an engine full, stores what comes back, and grades it beside.

A run never dies of one request: what fails is tried again, then left missing, and asked again by
the next call. It ends early only when the engine fails for good, the disk does, or a reader
says stop; then everything that arrived is on disk.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import get_args

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, Rejection, RequestRejected, TransientError
from evalsuite.grading import Grader
from evalsuite.model import Answer, Failure, Key, Question, Request
from evalsuite.runs.progress import Progress
from evalsuite.runs.store import Store
from evalsuite.runs.writer import Writer

ATTEMPTS = 5
BACKOFF_S = 1.0
DRAIN_S = 20.0  # Slurm kills 30 s after its SIGTERM
TICK_S = 1.0
REJECTIONS = frozenset(get_args(Rejection))
MESSAGE_MOST = 2_000  # characters of an engine's error that are worth keeping


@dataclass(slots=True)
class Tally:
    """What one call did; `stopped` says that a reader ended it early."""

    answered: int = 0
    failed: int = 0
    stopped: bool = False


class Runner:
    """Puts requests to *backend*, at most *concurrency* at a time, and the answers into *store*.

    A request that fails is tried again after about `BACKOFF_S`, twice that, and so on. After a
    stop, answers that are under way are waited for, `DRAIN_S` at most.
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
    ) -> None:
        self._backend = backend
        self._concurrency = concurrency
        self._progress = progress
        self._writer = Writer(store=store, grader=grader, questions=questions, progress=progress)
        self._workers: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._given_up = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether nothing new is asked any more."""
        return self._stopping.is_set()

    async def run(self, requests: Iterator[Request]) -> Tally:
        """Ask everything; returns when each request is answered, failed, or was stopped.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        writing = asyncio.create_task(self._writer.run())
        self._workers = {
            asyncio.create_task(self._work(requests)) for _ in range(self._concurrency)
        }
        finished = asyncio.create_task(_finished(self._workers))
        beside = [asyncio.create_task(self._tick()), asyncio.create_task(self._drain())]
        try:
            done, _ = await asyncio.wait({finished, writing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _cancelled([finished, *self._workers, *beside])
            self._writer.finish()
            await writing
        return Tally(
            answered=self._writer.answered, failed=self._writer.failed, stopped=self.stopping
        )

    def stop(self) -> None:
        """Ask nothing new; a second call gives up what is under way, too."""
        if self.stopping:
            self._given_up.set()
        self._stopping.set()

    async def _drain(self) -> None:
        """After a stop, give up what is still under way when the patience is at its end."""
        await self._stopping.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._given_up.wait(), DRAIN_S)
        for worker in self._workers:
            worker.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._progress.tick()

    async def _work(self, requests: Iterator[Request]) -> None:
        """Ask one request after the other; all workers draw from the same iterator."""
        while not self.stopping:
            request = next(requests, None)
            if request is None:
                return
            # Nothing is awaited between an answer's arrival and its place in the queue, so that
            # cancelling a worker cannot lose one.
            self._writer.put(await self._ask(request))
            await self._writer.room()

    async def _ask(self, request: Request) -> Answer | Failure:
        """The answer to *request*, or why there is none after `ATTEMPTS` tries."""
        chance = random.Random(request.seed)
        attempt = 1
        while True:
            came = await self._try(request, attempt)
            if isinstance(came, Answer) or came.kind in REJECTIONS or attempt == ATTEMPTS:
                return came
            await self._pause(BACKOFF_S * 2 ** (attempt - 1) * chance.uniform(0.5, 1.0))
            if self.stopping:
                return came
            attempt += 1

    async def _try(self, request: Request, attempt: int) -> Answer | Failure:
        """Ask once. Whatever goes wrong is a failure, and never a wrong answer."""
        asked_at = time.time()
        try:
            generation = await self._backend.generate(request)
        except EngineFailed:
            raise
        except RequestRejected as error:
            return _failure(request.key, error.rejection, error, attempt)
        except TransientError as error:
            return _failure(request.key, error.fault, error, attempt)
        except Exception as error:  # noqa: BLE001 - an engine may raise anything
            return _failure(request.key, type(error).__name__, error, attempt)
        return Answer(
            key=request.key,
            seed=request.seed,
            generation=generation,
            asked_at=asked_at,
            attempts=attempt,
        )

    async def _pause(self, pause_s: float) -> None:
        """Wait before the next try; a stop ends the wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause_s)


def _failure(key: Key, kind: str, error: Exception, attempts: int) -> Failure:
    return Failure(key=key, kind=kind, message=str(error)[:MESSAGE_MOST], attempts=attempts)


async def _finished(workers: set[asyncio.Task[None]]) -> None:
    """Wait for all *workers*; raises what the first that fails raises."""
    done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    for worker in done:
        if not worker.cancelled():
            worker.result()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel *tasks* and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

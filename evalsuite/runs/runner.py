"""Keeps an engine full, stores what comes back, and grades it beside.

A run never dies of one request: what fails is tried again, then left missing, and asked again by
the next call. It ends early only when the engine fails for good, the disk does, or a reader
says stop; then everything that arrived is on disk.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, RequestRejected
from evalsuite.grading import Grader
from evalsuite.model import Answer, Failure, Generation, Key, Question, Request, Score
from evalsuite.runs.progress import Progress
from evalsuite.runs.store import Store

Arrived: TypeAlias = Answer | Failure | tuple[Key, Score] | None

ATTEMPTS = 5
GROUP_S = 0.2
GROUP_MOST = 64
GRADING_MOST = 256


@dataclass(slots=True)
class Tally:
    """What one call did; `stopped` says that a reader ended it early."""

    answered: int = 0
    failed: int = 0
    stopped: bool = False


class Runner:
    """Puts *requests* to *backend*, at most *concurrency* at a time, into *store*."""

    def __init__(
        self,
        *,
        backend: Backend,
        store: Store,
        grader: Grader,
        questions: Mapping[tuple[str, str], Question],
        progress: Progress,
        concurrency: int,
        backoff_s: float = 0.5,
    ) -> None:
        self._backend = backend
        self._store = store
        self._grader = grader
        self._questions = questions
        self._progress = progress
        self._concurrency = concurrency
        self._backoff_s = backoff_s
        self._arrived: asyncio.Queue[Arrived] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="grading")
        self._grading: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self.tally = Tally()

    async def run(self, requests: Iterator[Request]) -> Tally:
        """Ask everything; returns when each request is answered, failed, or was stopped.

        Raises:
            EngineFailed: the engine serves nothing any more; what arrived is stored.
            RunError: the store cannot be written.
        """
        writer = asyncio.create_task(self._write())
        self._workers = [
            asyncio.create_task(self._work(requests)) for _ in range(self._concurrency)
        ]
        try:
            await self._until_done(writer)
        finally:
            await self._wind_up(writer)
        return self.tally

    def stop(self) -> None:
        """Ask nothing new; a second call gives up what is in flight, too."""
        if self.tally.stopped:
            for worker in self._workers:
                worker.cancel()
        self.tally.stopped = True

    async def _until_done(self, writer: asyncio.Task[None]) -> None:
        """Wait for the workers; a worker's or the writer's failure ends the wait."""
        pending: set[asyncio.Task[None]] = set(self._workers)
        while pending:
            done, _ = await asyncio.wait({*pending, writer}, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            for task in done:
                if not task.cancelled():
                    task.result()

    async def _wind_up(self, writer: asyncio.Task[None]) -> None:
        """Store what has arrived, whatever ended the run; what is not graded yet can wait."""
        for task in (*self._workers, *self._grading):
            task.cancel()
        await asyncio.gather(*self._workers, *self._grading, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._arrived.put_nowait(None)
        await writer

    async def _work(self, requests: Iterator[Request]) -> None:
        for request in requests:
            if self.tally.stopped:
                return
            # Nothing is awaited between an answer's arrival and its place in the queue, so that
            # cancelling a worker cannot lose one.
            self._arrived.put_nowait(await self._ask(request))

    async def _ask(self, request: Request) -> Answer | Failure:
        """The answer to *request*, or why there is none after `ATTEMPTS` tries."""
        chance = random.Random(request.seed)
        kind, message = "", ""
        for attempt in range(1, ATTEMPTS + 1):
            asked_at = time.time()
            try:
                generation = await self._backend.generate(request)
            except EngineFailed:
                raise
            except RequestRejected as error:
                return Failure(
                    key=request.key, kind="rejected", message=str(error), attempts=attempt
                )
            except Exception as error:  # noqa: BLE001 - an engine may raise anything; never a wrong answer
                kind, message = type(error).__name__, str(error)
            else:
                return Answer(
                    key=request.key,
                    seed=request.seed,
                    generation=generation,
                    asked_at=asked_at,
                    attempts=attempt,
                )
            if self.tally.stopped:
                break
            await asyncio.sleep(self._backoff_s * 2**attempt * chance.uniform(0.5, 1.0))
        return Failure(key=request.key, kind=kind, message=message, attempts=attempt)

    async def _write(self) -> None:
        """Store what arrives in small groups, until None comes."""
        going = True
        while going:
            group = [await self._arrived.get()]
            closes = time.monotonic() + GROUP_S
            while len(group) < GROUP_MOST and group[-1] is not None:
                try:
                    left = max(closes - time.monotonic(), 0)
                    group.append(await asyncio.wait_for(self._arrived.get(), left))
                except TimeoutError:
                    break
            going = group[-1] is not None
            await asyncio.to_thread(self._commit, group)
            self._tell(group)

    def _commit(self, group: list[Arrived]) -> None:
        answers = [one for one in group if isinstance(one, Answer)]
        failures = [one for one in group if isinstance(one, Failure)]
        scores = [one for one in group if isinstance(one, tuple)]
        if answers:
            self._store.put(answers)
        if failures:
            self._store.put_failures(failures)
        if scores:
            self._store.put_scores(scores, self._grader.version)

    def _tell(self, group: list[Arrived]) -> None:
        for one in group:
            if isinstance(one, Answer):
                self.tally.answered += 1
                self._progress.answered(one.key, one.generation)
                self._grade_beside(one.key, one.generation)
            elif isinstance(one, Failure):
                self.tally.failed += 1
                self._progress.failed(one)
            elif one is not None:
                self._progress.scored(*one)

    def _grade_beside(self, key: Key, generation: Generation) -> None:
        """Grade in a thread; with too much waiting leave it to `grade_rest`, never wait."""
        if len(self._grading) < GRADING_MOST:
            task = asyncio.create_task(self._grade(key, generation))
            self._grading.add(task)
            task.add_done_callback(self._grading.discard)

    async def _grade(self, key: Key, generation: Generation) -> None:
        question = self._questions[key.task, key.question]
        loop = asyncio.get_running_loop()
        score = await loop.run_in_executor(self._threads, self._grader.grade, question, generation)
        self._arrived.put_nowait((key, score))


def grade_rest(
    store: Store, grader: Grader, progress: Progress, *, everything: bool = False
) -> int:
    """Grade the answers that *grader*'s version has not scored yet, or all; returns how many."""
    group: list[tuple[Key, Score]] = []
    count = 0
    for question, answer in store.unscored("" if everything else grader.version):
        score = grader.grade(question, answer.generation)
        group.append((answer.key, score))
        progress.scored(answer.key, score)
        count += 1
        if len(group) == GROUP_MOST:
            store.put_scores(group, grader.version)
            group.clear()
    store.put_scores(group, grader.version)
    return count

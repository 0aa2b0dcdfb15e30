"""Puts what arrives on disk in small groups, and has it graded beside."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeAlias

from evalsuite.grading import Grader
from evalsuite.model import Answer, Failure, Key, Question, Score
from evalsuite.runs.progress import Progress
from evalsuite.runs.store import Store

Arrived: TypeAlias = Answer | Failure | tuple[Key, Score] | None

GROUP_S = 0.2  # a kill loses what came since; each group costs a millisecond of processor
GROUP_MOST = 64
WAITING_MOST = 1_024  # answers in memory when the disk stalls
UNGRADED_MOST = 256  # answers in memory when the grader is slow
GRADED_AT_ONCE = 16  # going to a thread and back costs as much as grading an answer
GRADING_THREADS = 2


class Writer:
    """Stores answers, failures and scores; the only one that writes while a run goes on.

    Grading never holds an answer up: with too much waiting it is left to `grade_rest`. *settled*
    is given each key that is graded, or that failed for now.
    """

    def __init__(
        self,
        *,
        store: Store,
        grader: Grader,
        questions: Mapping[tuple[str, str], Question],
        progress: Progress,
        settled: Callable[[Key], None],
    ) -> None:
        self._store = store
        self._grader = grader
        self._questions = questions
        self._progress, self._settled = progress, settled
        self._arrived: asyncio.Queue[Arrived] = asyncio.Queue()
        self._finishing = asyncio.Event()
        self._ungraded: deque[Answer] = deque()
        self._grading: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(GRADING_THREADS, thread_name_prefix="grading")
        self.answered = 0
        self.failed = 0

    def put(self, came: Answer | Failure) -> None:
        """Take what came of a request; it is on disk soon."""
        self._arrived.put_nowait(came)

    @property
    def full(self) -> bool:
        """Whether more is waiting for the disk than memory should hold."""
        return self._arrived.qsize() > WAITING_MOST

    def finish(self) -> None:
        """Let `run` end when everything that was put is on disk."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for task in self._grading:
            task.cancel()
        self._finishing.set()
        self._arrived.put_nowait(None)

    async def run(self, stored: Callable[[], None]) -> None:
        """Store what arrives until `finish` is called; *stored* is called after each group.

        Raises:
            RunError: the store cannot be written.
        """
        going = True
        while going:
            group = [await self._arrived.get()]
            if self._arrived.qsize() < GROUP_MOST:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._finishing.wait(), GROUP_S)
            while len(group) < GROUP_MOST and not self._arrived.empty():
                group.append(self._arrived.get_nowait())
            going = None not in group
            await asyncio.to_thread(self._commit, group)
            for one in group:
                self._tell(one)
            self._grade_beside()
            stored()

    def _commit(self, group: list[Arrived]) -> None:
        answers = [one for one in group if isinstance(one, Answer)]
        failures = [one for one in group if isinstance(one, Failure)]
        scores = [one for one in group if isinstance(one, tuple)]
        self._store.put(answers, failures=failures, scores=scores, grader=self._grader.version)

    def _tell(self, one: Arrived) -> None:
        if isinstance(one, Answer):
            self.answered += 1
            self._progress.answered(one.key, one.generation)
            if len(self._ungraded) < UNGRADED_MOST:
                self._ungraded.append(one)
        elif isinstance(one, Failure):
            self.failed += 1
            self._progress.failed(one)
            self._settled(one.key)
        elif one is not None:
            self._progress.scored(one[0], one[1].outcome)
            self._settled(one[0])

    def _grade_beside(self) -> None:
        """Give the threads that are free some answers each, unless the run has ended."""
        if self._finishing.is_set():
            return
        while self._ungraded and len(self._grading) < GRADING_THREADS:
            count = min(len(self._ungraded), GRADED_AT_ONCE)
            some = [self._ungraded.popleft() for _ in range(count)]
            task = asyncio.create_task(self._grade(some))
            self._grading.add(task)
            task.add_done_callback(self._graded)

    def _graded(self, task: asyncio.Task[None]) -> None:
        self._grading.discard(task)
        self._grade_beside()

    async def _grade(self, some: Sequence[Answer]) -> None:
        loop = asyncio.get_running_loop()
        for scored in await loop.run_in_executor(self._threads, self._scores, some):
            self._arrived.put_nowait(scored)

    def _scores(self, some: Sequence[Answer]) -> list[tuple[Key, Score]]:
        """Grade in a thread, until the run has ended."""
        scores = []
        for answer in some:
            if self._finishing.is_set():
                break
            question = self._questions[answer.key.task, answer.key.question]
            # What cannot be graded here is graded again after the run, where its error is seen.
            with suppress(Exception):
                scores.append((answer.key, self._grader.grade(question, answer.generation)))
        return scores


def grade_rest(
    store: Store, grader: Grader, progress: Progress, *, everything: bool = False
) -> int:
    """Grade the answers that *grader*'s version has not scored yet, or all; returns how many."""
    group: list[tuple[Key, Score]] = []
    count = 0
    for question, answer in store.unscored("" if everything else grader.version):
        score = grader.grade(question, answer.generation)
        group.append((answer.key, score))
        progress.scored(answer.key, score.outcome)
        count += 1
        if len(group) == GROUP_MOST:
            store.put(scores=group, grader=grader.version)
            group.clear()
    store.put(scores=group, grader=grader.version)
    return count

"""Continuous batching in one thread: requests join and leave between steps."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from evalsuite.backends.embedded.cache import Cache
from evalsuite.backends.embedded.formats import Floats
from evalsuite.backends.embedded.network import TILE, Integers, Network, in_tiles
from evalsuite.backends.embedded.sampling import Drawer, draw
from evalsuite.model import FinishReason

# More prompts at once would make the running sequences wait for longer than they gain.
PROMPTS_A_STEP = 16


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One request on its way through the engine."""

    prompt: list[int]
    max_tokens: int
    drawer: Drawer
    done: Callable[["Job"], None]
    written: list[int] = field(default_factory=list)
    finish_reason: FinishReason = "unknown"
    error: BaseException | None = None
    cancelled: bool = False

    @property
    def length(self) -> int:
        """Tokens so far, prompt and answer."""
        return len(self.prompt) + len(self.written)


class Engine:
    """Answers jobs with *network*, at most *batch* of them at a time."""

    def __init__(self, network: Network, *, end: int, batch: int) -> None:
        self._network = network
        self._end = end
        self._batch = batch
        self._cache = Cache(network.shape, batch)
        self._running: list[list[Job]] = [[] for _ in self._cache.pools]
        self._waiting: deque[Job] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="embedded-engine", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue *job*; `job.done` is called in the engine's thread when it is over."""
        with self._wake:
            if self._broken is None and not self._closed:
                self._waiting.append(job)
                self._wake.notify()
                return
            job.error = self._broken or RuntimeError("the engine is closed")
        job.done(job)

    def cancel(self, job: Job) -> None:
        """Drop *job* at the next step; `job.done` is not called for it."""
        with self._wake:
            job.cancelled = True
            self._wake.notify()

    def close(self) -> None:
        """Stop after the step at hand; what is unfinished fails."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            while self._wait():
                self._step()
        except BaseException as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            self._fail_all(error)
        else:
            self._fail_all(RuntimeError("the engine was closed"))

    def _fail_all(self, error: BaseException) -> None:
        with self._wake:
            self._broken = error
            left = [*self._waiting, *(job for pool in self._running for job in pool)]
            self._waiting.clear()
        for job in left:
            if not job.cancelled:
                job.error = error
                job.done(job)

    def _wait(self) -> bool:
        """Sleep until there is something to do; False when the engine is to stop."""
        with self._wake:
            self._wake.wait_for(lambda: self._closed or self._waiting or any(self._running))
            return not self._closed

    def _step(self) -> None:
        self._drop_cancelled()
        if admitted := self._admitted():
            self._read_prompts(admitted)
        if any(self._running):
            self._write_next()

    def _drop_cancelled(self) -> None:
        for pool, jobs in enumerate(self._running):
            for place in reversed(range(len(jobs))):
                if jobs[place].cancelled:
                    self._leave(pool, place)

    def _admitted(self) -> list[Job]:
        """Jobs that start now, as many as there is room for."""
        with self._wake:
            room = min(self._batch - sum(map(len, self._running)), PROMPTS_A_STEP)
            chosen: list[Job] = []
            while self._waiting and len(chosen) < room:
                job = self._waiting.popleft()
                if not job.cancelled:
                    chosen.append(job)
            return chosen

    def _read_prompts(self, jobs: list[Job]) -> None:
        """Fill the cache with the prompts of *jobs* and draw their first tokens."""
        homes = [self._enter(job) for job in jobs]
        padded = [-(-len(job.prompt) // TILE) * TILE for job in jobs]
        ends = np.cumsum(padded)
        tokens = np.zeros(int(ends[-1]), np.int64)
        for job, size, end in zip(jobs, padded, ends, strict=True):
            tokens[end - size : end - size + len(job.prompt)] = job.prompt
        positions = np.concatenate([np.arange(size) for size in padded])

        def attend(layer: int, queries: Floats, keys: Floats, values: Floats) -> Floats:
            spans = [slice(end - size, end) for size, end in zip(padded, ends, strict=True)]
            parts = [
                self._cache.attend_prompt(layer, *home, (queries[span], keys[span], values[span]))
                for home, span in zip(homes, spans, strict=True)
            ]
            return np.concatenate(parts)

        hidden = self._network.hidden(tokens, positions, attend)
        starts = ends - padded
        last = [start + len(job.prompt) - 1 for start, job in zip(starts, jobs, strict=True)]
        self._extend(jobs, hidden[last])

    def _write_next(self) -> None:
        """One more token for every running sequence."""
        jobs = [job for pool in self._running for job in pool]
        tokens = _filled([job.written[-1] for job in jobs])
        positions = _filled([job.length - 1 for job in jobs])

        def attend(layer: int, queries: Floats, keys: Floats, values: Floats) -> Floats:
            return self._cache.attend_next(layer, positions, (queries, keys, values))

        hidden = self._network.hidden(tokens, positions, attend)
        self._extend(jobs, hidden[: len(jobs)])

    def _extend(self, jobs: list[Job], hidden: Floats) -> None:
        logits = self._network.logits(hidden)
        drawn = draw(logits, [job.drawer for job in jobs])
        for job, token in zip(jobs, drawn.tolist(), strict=True):
            if token == self._end:
                job.finish_reason = "stop"
            job.written.append(token)
            full = job.length >= self._network.shape.context
            if job.finish_reason == "unknown" and (full or len(job.written) >= job.max_tokens):
                job.finish_reason = "length"
        self._settle()

    def _settle(self) -> None:
        """Let the finished leave and the grown move to a larger pool."""
        for pool in reversed(range(len(self._running))):
            jobs = self._running[pool]
            for place in reversed(range(len(jobs))):
                job = jobs[place]
                if job.finish_reason != "unknown":
                    self._leave(pool, place)
                    job.done(job)
                elif job.length > self._cache.pools[pool].room:
                    self._grow(pool, place)

    def _enter(self, job: Job) -> tuple[int, int]:
        pool = self._cache.pool_for(-(-(len(job.prompt) + 1) // TILE) * TILE)
        self._running[pool].append(job)
        return pool, self._cache.pools[pool].take()

    def _leave(self, pool: int, place: int) -> Job:
        jobs = self._running[pool]
        moved = self._cache.pools[pool].give_back(place)
        jobs[place], jobs[moved] = jobs[moved], jobs[place]
        return jobs.pop()

    def _grow(self, pool: int, place: int) -> None:
        self._cache.copy(pool, place, pool + 1)
        self._running[pool + 1].append(self._leave(pool, place))


def _filled(numbers: list[int]) -> Integers:
    """*numbers* with zeros up to whole tiles."""
    return in_tiles(np.array(numbers, np.int64)[:, None])[:, 0]

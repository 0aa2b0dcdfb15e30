"""The numbers of a run that goes on, as any view of it shows them."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from evalsuite.model import BackendInfo, Failure, Generation, Key, Outcome, RunInfo
from evalsuite.runs.rows import Kept, is_empty, text_hash

RATE_WINDOW_S = 30.0
WAIT_LASTS_S = 2.5  # it is told each second


@dataclass(slots=True)
class TaskCount:
    """One task of the arm that runs now; `correct` of `graded` answers were right.

    `cut_off` answers ended at the limit of tokens, `empty` ones say that they are finished. An
    answer is `alike` if another draw for its question is word for word the same: an engine that
    heeds no seeds gives many of them (greedy sampling and short answers do, too). `fresh` answers
    came in this call and took `seconds` in all, where the engine was timed.
    """

    title: str
    wanted: int
    done: int
    graded: int = 0
    correct: int = 0
    failed: int = 0
    cut_off: int = 0
    empty: int = 0
    alike: int = 0
    fresh: int = 0
    seconds: float = 0.0

    @property
    def missing(self) -> int:
        """Draws that are neither stored nor given up."""
        return max(self.wanted - self.done - self.failed, 0)

    def facts(self) -> dict[str, int]:
        """The numbers as they are told to programs."""
        return {
            "wanted": self.wanted,
            "done": self.done,
            "graded": self.graded,
            "correct": self.correct,
            "failed": self.failed,
            "cut_off": self.cut_off,
            "empty": self.empty,
            "alike": self.alike,
        }

    def notes(self) -> list[str]:
        """What went otherwise than well, each with its number."""
        named = (
            (self.failed, "failed"),
            (self.cut_off, "cut off"),
            (self.empty, "empty"),
            (self.alike, "alike"),
        )
        return [f"{number:,} {name}" for number, name in named if number]

    def accuracy(self) -> str:
        """The running accuracy in percent ± its 95 % half-width (Agresti and Coull 1998).

        Short answers finish first, so it starts too high: marked with ~ until all is graded.
        """
        if not self.graded:
            return "—"
        rate = (self.correct + 2) / (self.graded + 4)
        half = 1.96 * (rate * (1 - rate) / (self.graded + 4)) ** 0.5
        mark = "" if self.graded >= self.wanted else "~"
        return f"{mark}{100 * self.correct / self.graded:.1f} ± {100 * half:.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The engine is away since *since*; the run ends *left_s* after *told_at*."""

    why: str
    since: float
    told_at: float
    left_s: float

    def lasts(self, now: float) -> bool:
        """Whether it was told lately enough to be true still."""
        return now - self.told_at < WAIT_LASTS_S


class Arrival(NamedTuple):
    """When an answer of *task* came, and its output tokens."""

    at: float
    task: str
    tokens: int


class Counting:
    """Counts what a run tells; views of a run are its subclasses."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.run: RunInfo | None = None
        self.tasks: dict[str, TaskCount] = {}
        self.engine = ""
        self._in_flight = 1
        self._began = clock()
        self._waits: Wait | None = None
        self._texts: set[tuple[str, str, bytes]] = set()
        self._arrivals: deque[Arrival] = deque()

    def started(self, run: RunInfo, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """A new arm begins; what is stored counts as done."""
        titles = {task.name: task.title for task in run.tasks}
        self.run, self.engine, self._began = run, "", self.clock()
        self._arrivals.clear()
        self._texts.clear()
        self.tasks = {
            name: TaskCount(title=titles.get(name, name), wanted=wanted[name], done=stored[name])
            for name in wanted
        }

    def recalled(self, kept: Iterable[Kept]) -> None:
        """What is stored is looked at as what comes; it is counted as done already."""
        for one in kept:
            if one.key.task in self.tasks:
                self._look_at(one)

    def opened(self, engine: BackendInfo, in_flight: int) -> None:
        """The engine can be asked from now on."""
        flying = f"{in_flight} in flight" if in_flight else ""
        parts = (engine.backend, engine.engine_version, engine.model, engine.hardware, flying)
        self.engine = " · ".join(part for part in parts if part)
        self._in_flight, self._began = max(in_flight, 1), self.clock()

    def answered(self, key: Key, generation: Generation) -> None:
        """One more answer is stored."""
        task = self.tasks[key.task]
        task.done += 1
        task.fresh += 1
        task.seconds += generation.latency_s or 0.0
        self._look_at(
            Kept(key, generation.finish_reason, is_empty(generation), text_hash(generation))
        )
        self._arrivals.append(Arrival(self.clock(), key.task, generation.output_tokens or 0))

    def _look_at(self, one: Kept) -> None:
        task = self.tasks[one.key.task]
        task.cut_off += one.finish_reason == "length"
        task.empty += one.empty
        text = (one.key.task, one.key.question, one.text_hash)
        task.alike += bool(one.text_hash) and text in self._texts
        self._texts.add(text)

    def scored(self, key: Key, outcome: Outcome) -> None:
        """One more answer is graded; those of questions outside this call do not count."""
        task = self.tasks.get(key.task)
        if task is not None and task.graded < task.wanted:
            task.graded += 1
            task.correct += outcome == "correct"

    def failed(self, failure: Failure) -> None:
        """One more request stays without an answer."""
        if failure.key.task in self.tasks:
            self.tasks[failure.key.task].failed += 1

    def waiting(self, why: str, left_s: float) -> None:
        """The engine is not there; holds for the next seconds, unless it is told again."""
        now = self.clock()
        if self._waits is None or not self._waits.lasts(now):
            self._waits = Wait(why=why, since=now, told_at=now, left_s=left_s)
        else:
            self._waits = replace(self._waits, why=why, told_at=now, left_s=left_s)

    def wait(self) -> str:
        """What is waited for, since when and how long still; empty if nothing is."""
        now, waits = self.clock(), self._waits
        if waits is None or not waits.lasts(now):
            return ""
        left = clock_time(max(waits.left_s - (now - waits.told_at), 0.0))
        return f"waiting for the engine ({clock_time(now - waits.since)}, {left} left): {waits.why}"

    def tick(self) -> None:
        """Nothing; a view that must speak up now and then does it here."""

    @property
    def elapsed_s(self) -> float:
        """Seconds since the engine was open."""
        return self.clock() - self._began

    def tokens_per_s(self, task: str = "") -> float:
        """Output tokens a second over the last 30 s, of *task* or of all."""
        now = self.clock()
        while self._arrivals and self._arrivals[0].at < now - RATE_WINDOW_S:
            self._arrivals.popleft()
        tokens = sum(one.tokens for one in list(self._arrivals) if task in ("", one.task))
        return tokens / min(max(self.elapsed_s, 1.0), RATE_WINDOW_S)

    def left_s(self, task: str = "") -> float | None:
        """About how long *task* or the arm still takes, from the answers of this call.

        None while there is none. A task without answers yet is taken to be like the others.
        """
        fresh = sum(one.fresh for one in self.tasks.values())
        if not fresh:
            return None
        timed = sum(one.seconds for one in self.tasks.values())
        every_s = timed / fresh if timed else self.elapsed_s * self._in_flight / fresh
        chosen = [one for name, one in self.tasks.items() if task in ("", name)]
        work_s = sum(
            one.missing * (one.seconds / one.fresh if one.seconds else every_s) for one in chosen
        )
        return work_s / self._in_flight


def clock_time(seconds: float) -> str:
    """*seconds* as 1:02:03 or 02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"

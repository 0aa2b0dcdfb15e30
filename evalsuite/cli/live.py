"""A run as it goes on: a live table on a terminal, plain lines elsewhere, or JSON lines."""

import json
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from evalsuite.model import Failure, Generation, Key, Score
from evalsuite.runs.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

LINE_EVERY_S = 300.0  # CI kills jobs that are silent for longer
RATE_WINDOW_S = 30.0


def watcher(kind: str) -> Progress:
    """The watcher named *kind*: auto, plain, json or none; all of them write to stderr."""
    if kind == "none":
        return Silent()
    if kind == "json":
        return Lines(sys.stderr, as_json=True)
    if kind == "auto" and sys.stderr.isatty():
        return LiveTable()
    return Lines(sys.stderr)


@dataclass(slots=True)
class TaskCount:
    """One task of the arm that runs now; `correct` of `graded` answers were right."""

    wanted: int
    done: int
    graded: int = 0
    correct: int = 0
    failed: int = 0

    def accuracy(self) -> str:
        """The running accuracy in percent with its 95 % half-width; not final, so with ~."""
        if not self.graded:
            return "—"
        rate = self.correct / self.graded
        half = 1.96 * (rate * (1 - rate) / self.graded) ** 0.5
        return f"~{100 * rate:.1f} ± {100 * half:.1f}"


class Counting:
    """Counts what a run tells."""

    def __init__(self) -> None:
        self.arm = ""
        self.tasks: dict[str, TaskCount] = {}
        self._tokens: deque[tuple[float, int]] = deque()
        self._began = time.monotonic()
        self._fresh = 0

    def started(self, arm: str, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """A new arm begins; what is stored counts as done."""
        self.arm = arm
        self.tasks = {name: TaskCount(wanted=wanted[name], done=stored[name]) for name in wanted}
        self._began, self._fresh = time.monotonic(), 0

    def answered(self, key: Key, generation: Generation) -> None:
        """One more answer is stored."""
        self.tasks[key.task].done += 1
        self._fresh += 1
        self._tokens.append((time.monotonic(), generation.output_tokens or 0))

    def scored(self, key: Key, score: Score) -> None:
        """One more answer is graded."""
        task = self.tasks.get(key.task)
        if task is not None:
            task.graded += 1
            task.correct += score.outcome == "correct"

    def failed(self, failure: Failure) -> None:
        """One more request stays without an answer."""
        self.tasks[failure.key.task].failed += 1

    def tokens_per_s(self) -> float:
        """Output tokens a second over the last 30 s."""
        now = time.monotonic()
        while self._tokens and self._tokens[0][0] < now - RATE_WINDOW_S:
            self._tokens.popleft()
        if not self._tokens:
            return 0.0
        return sum(count for _, count in self._tokens) / max(now - self._tokens[0][0], 1.0)

    def left(self) -> str:
        """About how long the arm still takes, from the answers of this call."""
        missing = sum(task.wanted - task.done for task in self.tasks.values())
        if not missing:
            return "done"
        if not self._fresh:
            return "—"
        seconds = missing * (time.monotonic() - self._began) / self._fresh
        return f"about {int(seconds // 60)}:{int(seconds % 60):02d}"


class Lines(Counting):
    """A line per task at each tenth, and at least every five minutes; or each as JSON."""

    def __init__(self, stream: TextIO, *, as_json: bool = False) -> None:
        super().__init__()
        self._stream = stream
        self._as_json = as_json
        self._tenths: dict[str, int] = {}
        self._said_at = time.monotonic()

    def started(self, arm: str, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Say what there is to do."""
        super().started(arm, wanted, stored)
        self._tenths = {name: self._tenth(name) for name in wanted}
        there, total = sum(stored.values()), sum(wanted.values())
        self.said(f"{arm}: {total} answers wanted, {there} stored, {total - there} to ask")

    def answered(self, key: Key, generation: Generation) -> None:
        """Say when a tenth is full, or when nothing was said for long."""
        super().answered(key, generation)
        tenth = self._tenth(key.task)
        if tenth > self._tenths[key.task] or time.monotonic() - self._said_at > LINE_EVERY_S:
            self._tenths[key.task] = tenth
            self._task_line(key.task)

    def failed(self, failure: Failure) -> None:
        """Say which request failed, and why."""
        super().failed(failure)
        task, question, repeat = failure.key
        self.said(
            f"{self.arm} {task} {question} repeat {repeat}: {failure.kind}: {failure.message}"
        )

    def said(self, text: str) -> None:
        """Print *text* as a line."""
        self._print({"event": "note", "text": text}, text)

    def finished(self) -> None:
        """Say how each task ended."""
        for name in self.tasks:
            self._task_line(name)

    def _tenth(self, task: str) -> int:
        count = self.tasks[task]
        return 10 * count.done // max(count.wanted, 1)

    def _task_line(self, name: str) -> None:
        count, rate = self.tasks[name], self.tokens_per_s()
        fact = {
            "event": "progress",
            "arm": self.arm,
            "task": name,
            "wanted": count.wanted,
            "done": count.done,
            "graded": count.graded,
            "correct": count.correct,
            "failed": count.failed,
            "tokens_per_s": round(rate, 1),
        }
        text = (
            f"{self.arm} {name}: {count.done}/{count.wanted}, accuracy {count.accuracy()}, "
            f"{rate:.0f} tok/s, {count.failed} failed, {self.left()}"
        )
        self._print(fact, text)

    def _print(self, fact: Mapping[str, object], text: str) -> None:
        self._said_at = time.monotonic()
        print(json.dumps(fact) if self._as_json else text, file=self._stream, flush=True)


class LiveTable(Counting):
    """One row per task, redrawn four times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._live: Live | None = None

    def started(self, arm: str, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Open the view."""
        from rich.console import Console
        from rich.live import Live

        super().started(arm, wanted, stored)
        self._live = Live(
            console=Console(stderr=True), get_renderable=self._table, refresh_per_second=4
        )
        self._live.start()

    def said(self, text: str) -> None:
        """Print *text* above the table."""
        if self._live:
            self._live.console.print(text, markup=False, highlight=False)

    def finished(self) -> None:
        """Leave the last state of the table standing."""
        if self._live:
            self._live.stop()
            self._live = None

    def _table(self) -> "Table":
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for title, justify in (
            (self.arm, "left"),
            ("", "left"),
            ("done", "right"),
            ("accuracy so far", "right"),
            ("failed", "right"),
        ):
            table.add_column(title, justify=justify)  # type: ignore[arg-type]
        for name, count in self.tasks.items():
            table.add_row(
                name,
                ProgressBar(total=max(count.wanted, 1), completed=count.done, width=24),
                f"{count.done:,}/{count.wanted:,}",
                count.accuracy(),
                str(count.failed),
            )
        table.caption = f"{self.tokens_per_s():,.0f} tok/s   {self.left()}   Ctrl-C stops tidily"
        table.caption_justify = "left"
        return table

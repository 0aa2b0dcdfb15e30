"""A run as it goes on: a live table on a terminal, plain lines elsewhere, or JSON lines."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from evalsuite.cli.counting import Counting, clock_time
from evalsuite.cli.questions import plain
from evalsuite.model import BackendInfo, Failure, Generation, Key, RunInfo
from evalsuite.runs.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.table import Table

LINE_EVERY_S = 300.0  # CI kills jobs that are silent for longer
WAIT_EVERY_S = 15.0
FAILURES_SHOWN = 10


def watcher(kind: str, screen: "Screen") -> Progress:
    """An arm's watcher, named *kind*: auto, plain, json or none; all of them write to stderr.

    The arms share the *screen*, as they may run side by side.
    """
    if kind == "none":
        return Silent()
    if kind == "json":
        return Lines(sys.stderr, as_json=True)
    if kind == "auto" and sys.stderr.isatty():
        return LiveTable(screen)
    return Lines(sys.stderr)


class Lines(Counting):
    """A line per task at each tenth, and at least every five minutes; or each as JSON."""

    def __init__(self, stream: TextIO, *, as_json: bool = False) -> None:
        super().__init__()
        self._stream = stream
        self._as_json = as_json
        self._tenths: dict[str, int] = {}
        self._said_at = self._waited_at = self.clock()

    def started(self, run: RunInfo, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Say what there is to do."""
        super().started(run, wanted, stored)
        self._tenths = {name: self._tenth(name) for name in wanted}
        total, there = sum(wanted.values()), sum(stored.values())
        fact = {"event": "started", "run": run.id, "wanted": total, "stored": there}
        self._print(fact, f"{run.id}: {total} answers, {there} stored, {total - there} to ask")

    def opened(self, engine: BackendInfo, in_flight: int) -> None:
        """Say which engine answers."""
        super().opened(engine, in_flight)
        self._print({"event": "opened", "engine": self.engine}, self.engine)

    def answered(self, key: Key, generation: Generation) -> None:
        """Say when a tenth is full."""
        super().answered(key, generation)
        tenth = self._tenth(key.task)
        if tenth > self._tenths[key.task]:
            self._tenths[key.task] = tenth
            self._task_line(key.task)

    def failed(self, failure: Failure) -> None:
        """Say which request failed, and why; of many only the first."""
        super().failed(failure)
        count = sum(task.failed for task in self.tasks.values())
        if count <= FAILURES_SHOWN:
            self.said(
                f"{failure.key.task} {failure.key.question} repeat {failure.key.repeat}: "
                f"{failure.kind}: {failure.message}"
            )
        if count == FAILURES_SHOWN:
            self.said("Further failed requests are only counted here; the run keeps each.")

    def waiting(self, why: str, left_s: float) -> None:
        """Say what is waited for, now and then."""
        before = self.wait()
        super().waiting(why, left_s)
        if not before or self.clock() - self._waited_at >= WAIT_EVERY_S:
            self._waited_at = self.clock()
            fact = {"event": "waiting", "why": why, "left_s": round(left_s, 1)}
            self._print(fact, self.wait())

    def tick(self) -> None:
        """Say how far it is when nothing was said for long."""
        if self.clock() - self._said_at > LINE_EVERY_S:
            for name, count in self.tasks.items():
                if count.missing:
                    self._task_line(name)

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
        count, rate, left_s = self.tasks[name], self.tokens_per_s(), self.left_s()
        arm = self.run.arm if self.run else ""
        fact = {
            "event": "progress",
            "arm": arm,
            "task": name,
            **count.facts(),
            "tokens_per_s": round(rate, 1),
            "left_s": None if left_s is None else round(left_s, 1),
        }
        parts = [f"{arm} {count.title}: {count.done:,}/{count.wanted:,}"]
        parts += [f"accuracy {count.accuracy()}"] if count.graded else []
        parts += count.notes()
        if count.missing:
            parts.append(f"{rate:,.0f} tok/s")
            parts += [] if left_s is None else [f"about {clock_time(left_s)} left"]
        self._print(fact, ", ".join(parts))

    def _print(self, fact: Mapping[str, object], text: str) -> None:
        self._said_at = self.clock()
        line = json.dumps(fact) if self._as_json else plain(text)
        print(line, file=self._stream, flush=True)


class Screen:
    """The part of a terminal that is redrawn, four times a second: the tables that are open."""

    def __init__(self) -> None:
        self._tables: list[LiveTable] = []
        self._open: set[LiveTable] = set()
        self._live: Live | None = None

    def open(self, table: "LiveTable") -> None:
        """Show *table*, below those that are shown."""
        from rich.console import Console
        from rich.live import Live

        if table not in self._tables:
            self._tables.append(table)
        self._open.add(table)
        if self._live is None:
            self._live = Live(
                console=Console(stderr=True), get_renderable=self._drawn, refresh_per_second=4
            )
            self._live.start()

    def say(self, text: str) -> None:
        """Print *text* above the tables, or where they will be."""
        from rich.console import Console

        console = self._live.console if self._live else Console(stderr=True)
        console.print(plain(text), markup=False, highlight=False)

    def close(self, table: "LiveTable") -> None:
        """Change *table* no more; with the last one, leave all of them standing."""
        self._open.discard(table)
        if self._live and not self._open:
            self._live.stop()
            self._live = None
            self._tables.clear()

    def _drawn(self) -> "Group":
        from rich.console import Group

        return Group(*(table.table() for table in self._tables))


class LiveTable(Counting):
    """One row per task, on a *screen* that others may share."""

    def __init__(self, screen: Screen | None = None) -> None:
        super().__init__()
        self._screen = screen or Screen()

    def started(self, run: RunInfo, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Open the view."""
        super().started(run, wanted, stored)
        self._screen.open(self)

    def said(self, text: str) -> None:
        """Print *text* above the table."""
        self._screen.say(text)

    def finished(self) -> None:
        """Leave the last state of the table standing."""
        self._screen.close(self)

    def table(self) -> "Table":
        """The table as it is now."""
        from evalsuite.cli.running_table import running_table

        return running_table(self, caption=self.wait() or self._pace())

    def _pace(self) -> str:
        left_s = self.left_s()
        left = "" if not left_s else f"left about {clock_time(left_s)}   "
        return (
            f"{self.tokens_per_s():,.0f} tok/s   elapsed {clock_time(self.elapsed_s)}   {left}"
            "Ctrl-C stops, the same command goes on from here"
        )

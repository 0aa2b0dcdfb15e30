"""A run as its folder shows it from outside: how far it is, who writes it, when it last did."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from evalsuite.cli.counting import RATE_WINDOW_S, Arrival, Counting, clock_time
from evalsuite.runs.folder import Run, open_run, writer_of
from evalsuite.runs.store import Finished

PACE_WINDOW_S = 600.0


class Seen(Counting):
    """The counts of a run in its folder.

    `writer` says who writes it, None if nobody does; `failures` counts by kind; `last_at` is when
    the last timed answer arrived, in seconds since the epoch.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(clock=time.time)
        self.writer = writer_of(path)
        self.failures: Counter[str] = Counter()
        self.last_at: float | None = None

    @property
    def missing(self) -> int:
        """Draws that are not stored; those that failed are."""
        return sum(count.wanted - count.done for count in self.tasks.values())

    def read(self, run: Run) -> None:
        """Count what *run* holds."""
        kept = list(run.store.kept())
        stored = Counter(one.key.task for one in kept)
        tasks = {task.name: task.questions * task.repeats for task in run.info.tasks}
        self.started(run.info, tasks, {name: stored[name] for name in tasks})
        self.opened(run.info.backend, 0)
        self.recalled(kept)
        for draw in run.store.draws():
            self.scored(draw.key, draw.outcome)
        for failure in run.store.failures():
            self.failed(failure)
            self.failures[failure.kind] += 1
        self._pace(list(run.store.finished()))

    def _pace(self, came: Iterable[Finished]) -> None:
        """Learn from what came how long the rest takes: by Little's law, L = rate x time."""
        timed = [one for one in came if one.task in self.tasks]
        if not timed:
            return
        self.last_at = max(one.at for one in timed)
        self._began = min(one.at - one.seconds for one in timed)
        window_s = max(min(PACE_WINDOW_S, self.last_at - self._began), 1.0)
        lately = [one for one in timed if one.at >= self.last_at - window_s]
        self._in_flight = max(round(sum(one.seconds for one in lately) / window_s), 1)
        for one in timed:
            task = self.tasks[one.task]
            task.fresh += 1
            task.seconds += one.seconds
            if one.at >= self.clock() - RATE_WINDOW_S:
                self._arrivals.append(Arrival(one.at, one.task, one.tokens))


def seen(path: Path) -> Seen:
    """What the run at *path* shows.

    Raises:
        RunError: it is no run folder, holds no answers yet, or is damaged.
    """
    found = Seen(path)
    with open_run(path) as run:
        found.read(run)
    return found


def show(found: Seen) -> None:
    """Print *found* as a table."""
    from rich.console import Console

    from evalsuite.cli.running_table import running_table

    console = Console(file=sys.stdout)
    console.print(running_table(found, caption=_state(found)))
    if found.failures:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in found.failures.most_common())
        console.print(f"failed: {kinds}", markup=False, highlight=False)


def json_of(found: Seen) -> str:
    """*found* as JSON."""
    assert found.run
    facts = {
        "run": found.run.id,
        "writer": found.writer,
        "missing": found.missing,
        "last_answer": None if found.last_at is None else _when(found.last_at),
        "tokens_per_s": round(found.tokens_per_s(), 1),
        "left_s": found.left_s() if found.writer else None,
        "failures": dict(found.failures),
        "tasks": {name: count.facts() for name, count in found.tasks.items()},
    }
    return json.dumps(facts, indent=2)


def _state(found: Seen) -> str:
    """One line: running, stopped or complete, and since when."""
    last = ""
    if found.last_at is not None:
        ago = clock_time(max(found.clock() - found.last_at, 0.0))
        last = f"   last answer {_when(found.last_at)}, {ago} ago"
    if found.writer:
        left_s = found.left_s()
        left = f"   left about {clock_time(left_s)}" if left_s else ""
        return f"running: {found.writer}   {found.tokens_per_s():,.0f} tok/s{left}{last}"
    if found.missing:
        return f"not running, {found.missing:,} to ask: the same command goes on from here{last}"
    return f"complete{last}"


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

"""A run's kept answers, graded again, and what that changed; no engine is asked."""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from evalsuite.errors import UsageError
from evalsuite.grading import Grader
from evalsuite.model import ThinkRule
from evalsuite.runs.folder import GENERATIONS, INFO, Run, open_run, rewriting, write_info
from evalsuite.runs.progress import Silent
from evalsuite.runs.rows import Draw
from evalsuite.runs.writer import grade_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One draw whose outcome is another than before; `before` is None if it had none."""

    before: Draw | None
    after: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """What grading a run again came to. `before`: the graders' versions whose scores it held."""

    run: str
    graded: int
    before: tuple[str, ...]
    changes: tuple[Change, ...]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How often each outcome became which other."""
        found = Counter(
            (one.before.outcome if one.before else "ungraded", one.after.outcome)
            for one in self.changes
        )
        return dict(sorted(found.items()))


@contextmanager
def opened(path: Path, *, think: ThinkRule | None, dry_run: bool) -> Iterator[Run]:
    """The run at *path* to be graded again, or a copy of it that is thrown away.

    *think* replaces its tasks' rule for several closing think tags, and is kept in `run.json`.

    Raises:
        RunError: it is no run folder, another process writes there, or it cannot be written.
    """
    with _copied(path) if dry_run else _as_it_is(path) as folder, rewriting(folder) as run:
        info = run.info
        if think is not None:
            info = replace(info, tasks=tuple(replace(task, think=think) for task in info.tasks))
            write_info(folder, info)
        yield Run(path, info, run.store)


def think_rules(runs: Sequence[Run]) -> dict[str, ThinkRule]:
    """Task → its rule for several closing think tags, the same in all *runs*.

    Raises:
        UsageError: two runs were made with different rules.
    """
    rules: dict[str, ThinkRule] = {}
    for run in runs:
        for task in run.info.tasks:
            if rules.setdefault(task.name, task.think) != task.think:
                raise UsageError(
                    f"{run.path}: reads {task.name} by the rule think: {task.think}, the run "
                    "before by another; choose one for both with --think."
                )
    return rules


def rescored(run: Run, grader: Grader, *, everything: bool) -> Rescored:
    """Grade the answers of *run* that *grader*'s version has not scored, or *everything*."""
    graders = tuple(sorted(run.store.graders()))
    before = {draw.key: draw for draw in run.store.draws()}
    graded = grade_rest(run.store, grader, Silent(), everything=everything)
    changes = [
        Change(before=was, after=draw)
        for draw in run.store.draws()
        if (was := before.get(draw.key)) is None or was.outcome != draw.outcome
    ]
    return Rescored(run=str(run.path), graded=graded, before=graders, changes=tuple(changes))


@contextmanager
def _as_it_is(path: Path) -> Iterator[Path]:
    yield path


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """A copy of the run at *path* in a folder that is removed; a run that goes on may be copied."""
    open_run(path).store.close()
    with tempfile.TemporaryDirectory(prefix="evalsuite-") as folder:
        copy = Path(folder)
        shutil.copyfile(path / INFO, copy / INFO)
        with (
            closing(sqlite3.connect(path / GENERATIONS)) as source,
            closing(sqlite3.connect(copy / GENERATIONS)) as target,
        ):
            source.backup(target)
        yield copy

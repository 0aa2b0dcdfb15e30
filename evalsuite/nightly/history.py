"""The history: one SQLite file, one row per night, arm and task.

A rollback journal rather than WAL, so that the file is safe on cluster file systems; one
transaction per call, taken before anything is read, so that two writers wait for each other and
a night is there whole or not at all, whatever ends the process.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from evalsuite.errors import RunError, UsageError
from evalsuite.nightly.entry import Entry, without_counts
from evalsuite.runs.database import connected

VERSION = 1
WAITS_S = 60.0
# `entry` holds the numbers for whoever asks in SQL; `body` is what this program reads.
TABLES = (
    """CREATE TABLE IF NOT EXISTS row (
        night TEXT, arm TEXT, task TEXT, body TEXT NOT NULL, counts BLOB NOT NULL,
        PRIMARY KEY (night, arm, task)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS reset (
        night TEXT, arm TEXT, why TEXT NOT NULL, rebase INTEGER NOT NULL,
        PRIMARY KEY (night, arm)) WITHOUT ROWID""",
    """CREATE VIEW IF NOT EXISTS entry AS SELECT night, arm, task,
        json_extract(body, '$.result.verdict') AS verdict,
        100 * json_extract(body, '$.result.difference.value') AS difference_pp,
        100 * json_extract(body, '$.result.difference.interval.low') AS low_pp,
        100 * json_extract(body, '$.result.difference.interval.high') AS high_pp,
        100 * json_extract(body, '$.result.margin') AS margin_pp,
        json_extract(body, '$.result.baseline.value') AS baseline_accuracy,
        json_extract(body, '$.result.candidate.value') AS candidate_accuracy,
        json_extract(body, '$.result.pairs') AS pairs,
        json_extract(body, '$.result.planned') AS planned,
        json_extract(body, '$.result.flips.lost') AS lost,
        json_extract(body, '$.result.flips.won') AS won,
        json_extract(body, '$.result.length_ratio.value') AS length_ratio,
        json_extract(body, '$.result.rates[0].baseline.value') AS baseline_truncated,
        json_extract(body, '$.result.rates[0].candidate.value') AS candidate_truncated,
        json_extract(body, '$.candidate.model') AS model,
        json_extract(body, '$.candidate.checkpoint') AS checkpoint,
        json_extract(body, '$.candidate.engine_version') AS engine_version,
        json_extract(body, '$.commit') AS commit_id,
        json_extract(body, '$.versions') AS versions FROM row""",
    f"PRAGMA user_version = {VERSION}",
)
_ENTRY = TypeAdapter(Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Somebody looked at *arm*'s alarms after *night*: its charts begin again behind it.

    `rebase`: the nights behind it are also held against new reference nights.
    """

    night: str
    arm: str
    why: str
    rebase: bool


class History:
    """The file at *path*, made if it is not there unless *readonly*; a context manager.

    Raises:
        RunError: it is missing, damaged, of another version, busy, or cannot be written.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        if readonly and not path.is_file():
            raise RunError(_nothing_yet(path))
        with self._explained():
            if not readonly:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = connected(
                path, readonly=readonly, waits_s=WAITS_S, synchronous="EXTRA", explicit=True
            )
        try:
            self._check(readonly=readonly)
        except RunError:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def add(self, entries: Sequence[Entry], *, replace: bool = False) -> int:
        """Keep *entries*, all or none; how many are new.

        What is there already with the same content is left alone, so that adding twice is adding
        once.

        Raises:
            RunError: a night is there with another content, unless *replace*.
        """
        with self._transaction():
            new = [one for one in entries if replace or not self._holds(one)]
            if replace:
                self._db.executemany(
                    "DELETE FROM row WHERE night = ? AND arm = ?",
                    sorted({(one.night, one.arm) for one in entries}),
                )
            self._db.executemany("INSERT INTO row VALUES (?,?,?,?,?)", map(_row, new))
        return len(new)

    def entries(self, arm: str | None = None) -> list[Entry]:
        """The rows of *arm*, or all: by night, then arm and task."""
        with self._explained():
            rows = self._db.execute(
                "SELECT body, counts FROM row WHERE ? IS NULL OR arm = ? ORDER BY night, arm, task",
                (arm, arm),
            ).fetchall()
            return [_entry(*row) for row in rows]

    def put_reset(self, reset: Reset) -> None:
        """Keep *reset*; one for the same night and arm is replaced.

        Raises:
            UsageError: the arm has no such night.
        """
        with self._transaction():
            known = [
                night
                for (night,) in self._db.execute(
                    "SELECT DISTINCT night FROM row WHERE arm = ? ORDER BY night", (reset.arm,)
                )
            ]
            if reset.night not in known:
                raise UsageError(
                    f"{reset.arm} has no night {reset.night}; "
                    f"{f'the last is {known[-1]}' if known else 'it has none'}."
                )
            self._db.execute(
                "INSERT OR REPLACE INTO reset VALUES (?,?,?,?)",
                (reset.night, reset.arm, reset.why, reset.rebase),
            )

    def resets(self) -> list[Reset]:
        """All resets, by night."""
        with self._explained():
            rows = self._db.execute("SELECT night, arm, why, rebase FROM reset ORDER BY night, arm")
            return [
                Reset(night=night, arm=arm, why=why, rebase=bool(rebase))
                for night, arm, why, rebase in rows
            ]

    def _holds(self, entry: Entry) -> bool:
        where = (entry.night, entry.arm, entry.task)
        found = self._db.execute(
            "SELECT body, counts FROM row WHERE night = ? AND arm = ? AND task = ?", where
        ).fetchone()
        if found is None:
            return False
        if _entry(*found) != _entry(*_row(entry)[3:]):
            raise RunError(
                f"{self.path}: night {entry.night} of {entry.arm} holds another result of "
                f"{entry.task}. Nothing was added. Name another night with --night, or --replace."
            )
        return True

    def _check(self, *, readonly: bool) -> None:
        """Make the tables, or refuse a file that this program cannot read."""
        with self._explained():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not readonly:
            with self._transaction():
                for statement in TABLES:
                    self._db.execute(statement)
        elif version == 0:  # its writer was killed before the first night was there
            raise RunError(_nothing_yet(self.path))
        elif version != VERSION:
            raise RunError(
                f"{self.path}: is no history of this program (version {version}, not {VERSION})."
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; the writer's lock is taken first."""
        with self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors and the file system's into ours."""
        try:
            yield
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written ({error.strerror}).") from error
        except (sqlite3.Error, zlib.error, ValidationError, ValueError) as error:
            raise RunError(
                f"{self.path}: {error}. What was added before is kept; nothing of this call is. "
                "Free space or repair the file, then run the same command again."
            ) from error


def _nothing_yet(path: Path) -> str:
    return f"{path}: there is no history yet; add a night to it: evalsuite history add"


def _row(entry: Entry) -> tuple[str, str, str, str, bytes]:
    counts = json.dumps(entry.counts, sort_keys=True).encode()
    body = _ENTRY.dump_json(without_counts(entry)).decode()
    return entry.night, entry.arm, entry.task, body, zlib.compress(counts)


def _entry(body: str, counts: bytes) -> Entry:
    found: dict[str, Any] = json.loads(body)
    found["counts"] = json.loads(zlib.decompress(counts))
    return _ENTRY.validate_python(found)

"""One SQLite file a run: what was asked, what came back, what it was worth.

One process writes, in small groups; a rollback journal rather than WAL, so that the file is safe
on cluster file systems. The primary key (task, question, repeat) makes asking twice impossible.
Answers are never changed; scores are derived and may be replaced.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from evalsuite.errors import RunError
from evalsuite.model import Answer, Failure, Key, Question, Score
from evalsuite.runs.database import connected
from evalsuite.runs.rows import (
    Draw,
    Kept,
    answer_of,
    answer_row,
    draw_of,
    failure_of,
    failure_row,
    kept_of,
    question_of,
    question_row,
    score_of,
    score_row,
)

VERSION = 3
# An answer's texts come last: SQLite reads through them to reach what stands behind.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS question (
    task TEXT, id TEXT, kind TEXT NOT NULL, gold TEXT NOT NULL, subject TEXT NOT NULL,
    level TEXT NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (task, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    task TEXT, question TEXT, repeat INTEGER, seed INTEGER NOT NULL,
    finish_reason TEXT NOT NULL, starts_in_thinking INTEGER NOT NULL,
    prompt_tokens INTEGER, output_tokens INTEGER, latency_s REAL, asked_at REAL NOT NULL,
    attempts INTEGER NOT NULL, text_hash BLOB NOT NULL, text BLOB NOT NULL, reasoning BLOB,
    PRIMARY KEY (task, question, repeat));
CREATE TABLE IF NOT EXISTS failure (
    task TEXT, question TEXT, repeat INTEGER, kind TEXT NOT NULL, message TEXT NOT NULL,
    attempts INTEGER NOT NULL, PRIMARY KEY (task, question, repeat));
CREATE TABLE IF NOT EXISTS score (
    task TEXT, question TEXT, repeat INTEGER, grader TEXT NOT NULL, outcome TEXT NOT NULL,
    reason TEXT NOT NULL, answer BLOB, rule TEXT NOT NULL, weak INTEGER NOT NULL,
    restarts INTEGER, marks TEXT,
    PRIMARY KEY (task, question, repeat));
PRAGMA user_version = {VERSION};
"""
# By the version that is found; 0 is a file without tables.
UPGRADES = {
    0: SCHEMA,
    1: "ALTER TABLE score ADD COLUMN restarts INTEGER; ALTER TABLE score ADD COLUMN marks TEXT;"
    f"PRAGMA user_version = {VERSION};",
    2: f"ALTER TABLE score ADD COLUMN marks TEXT; PRAGMA user_version = {VERSION};",
}
ANSWER = (
    "answer.task, answer.question, answer.repeat, answer.seed, answer.text, answer.reasoning,"
    " answer.finish_reason, answer.starts_in_thinking, answer.prompt_tokens,"
    " answer.output_tokens, answer.latency_s, answer.asked_at, answer.attempts"
)
IN_ORDER = "ORDER BY answer.task, answer.question, answer.repeat"
SAME_KEY = "USING (task, question, repeat)"
# Whoever reads a run while it goes on must not end it: the writer waits for a long reader.
SHORT_BYTES = 24  # of a compressed text, which may then be blank
WRITER_WAITS_S = 600.0
READER_WAITS_S = 60.0


class Finished(NamedTuple):
    """When an answer came (seconds since the epoch), of which task, its seconds and tokens."""

    at: float
    task: str
    seconds: float
    tokens: int


class Store:
    """The SQLite file at *path*, made if it is not there unless *readonly*.

    Raises:
        RunError: the file is missing, damaged, of another version, or cannot be written.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        with self._explained():
            waits_s = READER_WAITS_S if readonly else WRITER_WAITS_S
            self._db = connected(path, readonly=readonly, waits_s=waits_s, synchronous="FULL")
        try:
            self._check(readonly=readonly)
        except RunError:
            self._db.close()
            raise

    def _check(self, *, readonly: bool) -> None:
        """Make the tables, or refuse a file that this program cannot read.

        Version 1 did not keep how often a response went back into thinking, 2 not its marks.
        """
        with self._explained():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if not readonly and version in UPGRADES:
                self._db.executescript(UPGRADES[version])
        restarts = "NULL" if readonly and version == 1 else "score.restarts"
        marks = "NULL" if readonly and version in (1, 2) else "score.marks"
        self._seen = f"{restarts}, {marks}"
        if version == 0 and readonly:
            raise RunError(f"{self.path}: holds no answers yet; run its experiment again.")
        if version not in (0, 1, 2, VERSION):
            raise RunError(
                f"{self.path}: version {version} is not this program's ({VERSION}); "
                "use the evalsuite that wrote it, or another --results folder."
            )

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._db.close()

    def put_questions(self, questions: Iterable[Question]) -> None:
        """Keep *questions*; those that are there already stay as they are."""
        with self._explained(), self._db:
            self._db.executemany(
                "INSERT OR IGNORE INTO question VALUES (?,?,?,?,?,?,?,?)",
                map(question_row, questions),
            )

    def questions(self, task: str | None = None) -> Iterator[Question]:
        """The questions, of *task* or of all tasks, in the order of their ids."""
        where, values = _where("task", task)
        with self._explained():
            for row in self._db.execute(
                f"SELECT task, id, kind, subject, level, body FROM question {where}"  # noqa: S608
                " ORDER BY task, id",
                values,
            ):
                yield question_of(row)

    def question(self, task: str, question: str) -> Question | None:
        """One question, None if it is not in this run."""
        with self._explained():
            row = self._db.execute(
                "SELECT task, id, kind, subject, level, body FROM question"
                " WHERE task = ? AND id = ?",
                (task, question),
            ).fetchone()
        return None if row is None else question_of(row)

    def question_hashes(self, task: str | None = None) -> dict[tuple[str, str], str]:
        """(task, id) → sha256 of all that was put to the engine and of the gold."""
        where, values = _where("task", task)
        query = f"SELECT task, id, hash FROM question {where}"  # noqa: S608 - fixed text
        with self._explained():
            return {(row[0], row[1]): row[2] for row in self._db.execute(query, values)}

    def put(
        self,
        answers: Sequence[Answer] = (),
        *,
        failures: Sequence[Failure] = (),
        scores: Sequence[tuple[Key, Score]] = (),
        grader: str = "",
    ) -> None:
        """Keep all that in one transaction; it is on disk when this returns.

        An answer takes the place of its failure; *scores*, which are version *grader*'s, that of
        earlier ones.

        Raises:
            RunError: the file cannot be written, or holds one of the answers already.
        """
        with self._explained(), self._db:
            self._db.executemany(
                "INSERT INTO answer VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", map(answer_row, answers)
            )
            self._db.executemany(
                "DELETE FROM failure WHERE task = ? AND question = ? AND repeat = ?",
                (one.key for one in answers),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO failure VALUES (?,?,?,?,?,?)",
                map(failure_row, failures),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO score VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (score_row(key, score, grader) for key, score in scores),
            )

    def answered(self) -> set[Key]:
        """The keys that have an answer."""
        with self._explained():
            rows = self._db.execute("SELECT task, question, repeat FROM answer")
            return {Key(*row) for row in rows}

    def answers(self, task: str | None = None) -> Iterator[Answer]:
        """The answers, of *task* or of all tasks, one by one in key order."""
        where, values = _where("task", task)
        with self._explained():
            for row in self._db.execute(
                f"SELECT {ANSWER} FROM answer {where} {IN_ORDER}",  # noqa: S608 - fixed text
                values,
            ):
                yield answer_of(row)

    def kept(self) -> Iterator[Kept]:
        """Every answer as it looks from outside, graded or not; texts are not read."""
        with self._explained():
            for row in self._db.execute(
                "SELECT task, question, repeat, finish_reason, text_hash,"
                " CASE WHEN length(text) <= ? THEN text END FROM answer",
                (SHORT_BYTES,),
            ):
                yield kept_of(row)

    def answer(self, key: Key) -> Answer | None:
        """The answer to *key*, None if there is none."""
        with self._explained():
            row = self._db.execute(
                f"SELECT {ANSWER} FROM answer WHERE task = ? AND question = ? AND repeat = ?",  # noqa: S608
                key,
            ).fetchone()
        return None if row is None else answer_of(row)

    def failures(self) -> list[Failure]:
        """The requests that are without an answer because they failed."""
        with self._explained():
            rows = self._db.execute(
                "SELECT task, question, repeat, kind, message, attempts FROM failure"
                " ORDER BY task, question, repeat"
            )
            return [failure_of(row) for row in rows]

    def unscored(self, grader: str) -> Iterator[tuple[Question, Answer]]:
        """Answers with text that version *grader* has not scored, with their questions."""
        with self._explained():
            for row in self._db.execute(
                f"SELECT {ANSWER}, q.task, q.id, q.kind, q.subject, q.level, q.body"  # noqa: S608
                " FROM answer JOIN question AS q ON q.task = answer.task AND q.id = answer.question"
                f" LEFT JOIN score {SAME_KEY}"
                " WHERE score.grader IS NULL OR score.grader NOT IN (?, 'imported')"
                f" {IN_ORDER}",
                (grader,),
            ):
                yield question_of(row[13:]), answer_of(row[:13])

    def score(self, key: Key) -> Score | None:
        """The score of *key*, None if there is none."""
        with self._explained():
            row = self._db.execute(
                f"SELECT outcome, reason, answer, rule, weak, {self._seen} FROM score"  # noqa: S608
                " WHERE task = ? AND question = ? AND repeat = ?",
                key,
            ).fetchone()
        return None if row is None else score_of(row)

    def graders(self) -> set[str]:
        """The versions of the grader whose scores are stored."""
        with self._explained():
            return {row[0] for row in self._db.execute("SELECT DISTINCT grader FROM score")}

    def draws(self, task: str | None = None) -> Iterator[Draw]:
        """Every scored answer without its text, in key order."""
        where, values = _where("answer.task", task)
        with self._explained():
            for row in self._db.execute(
                "SELECT task, question, repeat, score.outcome, score.reason, score.answer,"  # noqa: S608
                " score.weak, answer.finish_reason, answer.output_tokens, answer.latency_s,"
                f" answer.text_hash, {self._seen}"
                f" FROM answer JOIN score {SAME_KEY} {where} {IN_ORDER}",
                values,
            ):
                yield draw_of(row)

    def lengths(self) -> dict[tuple[str, str], float]:
        """(task, question) → mean output tokens of its answers, where the engine counted them."""
        with self._explained():
            rows = self._db.execute(
                "SELECT task, question, avg(output_tokens) FROM answer"
                " WHERE output_tokens IS NOT NULL GROUP BY task, question"
            )
            return {(row[0], row[1]): row[2] for row in rows}

    def finished(self) -> Iterator[Finished]:
        """When each timed answer came, in no order."""
        with self._explained():
            for row in self._db.execute(
                "SELECT asked_at + latency_s, task, latency_s, coalesce(output_tokens, 0)"
                " FROM answer WHERE latency_s IS NOT NULL"
            ):
                yield Finished(*row)

    def spans(self) -> Iterator[tuple[float, float, int]]:
        """When each timed and counted answer was asked (epoch), its seconds and output tokens."""
        with self._explained():
            yield from self._db.execute(
                "SELECT asked_at, latency_s, output_tokens FROM answer"
                " WHERE latency_s IS NOT NULL AND output_tokens IS NOT NULL ORDER BY asked_at"
            )

    def thinking(self) -> dict[str, int]:
        """How the answers came by their thinking → how many did so."""
        with self._explained():
            return dict(
                self._db.execute(
                    "SELECT CASE WHEN reasoning IS NOT NULL THEN 'split off by the server'"
                    " WHEN starts_in_thinking THEN 'opened by the prompt' ELSE 'in the text' END,"
                    " count(*) FROM answer GROUP BY 1"
                ).fetchall()
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise RunError(f"{self.path}: an answer was to be stored twice ({error}).") from error
        except (sqlite3.Error, zlib.error, ValueError) as error:
            raise RunError(f"{self.path}: {_what_next(error)}") from error


def _what_next(error: Exception) -> str:
    """What happened, and what to do."""
    if isinstance(error, sqlite3.OperationalError):
        return (
            f"{error}. What was stored before is kept; free space or repair the folder (or name "
            "another with --results), then run the same command again."
        )
    return f"is damaged ({error}). Take a copy from a backup, or run into another folder."


def _where(column: str, task: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if task is None else (f"WHERE {column} = ?", (task,))

"""One SQLite file a run: what was asked, what came back, what it was worth.

One process writes, in small groups; a rollback journal rather than WAL, so that the file is safe
on cluster file systems. The primary key (task, question, repeat) makes asking twice impossible.
Answers are never changed; scores are derived and may be replaced.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalsuite.errors import RunError
from evalsuite.model import (
    Answer,
    Failure,
    FinishReason,
    Generation,
    Key,
    Message,
    Outcome,
    Question,
    Score,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS question (
    task TEXT, id TEXT, kind TEXT NOT NULL, gold TEXT NOT NULL, subject TEXT NOT NULL,
    level TEXT NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (task, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    task TEXT, question TEXT, repeat INTEGER, seed INTEGER NOT NULL, text BLOB NOT NULL,
    reasoning BLOB, finish_reason TEXT NOT NULL, starts_in_thinking INTEGER NOT NULL,
    prompt_tokens INTEGER, output_tokens INTEGER, latency_s REAL, asked_at REAL NOT NULL,
    attempts INTEGER NOT NULL, text_hash BLOB NOT NULL,
    PRIMARY KEY (task, question, repeat));
CREATE TABLE IF NOT EXISTS failure (
    task TEXT, question TEXT, repeat INTEGER, kind TEXT NOT NULL, message TEXT NOT NULL,
    attempts INTEGER NOT NULL, PRIMARY KEY (task, question, repeat));
CREATE TABLE IF NOT EXISTS score (
    task TEXT, question TEXT, repeat INTEGER, grader TEXT NOT NULL, outcome TEXT NOT NULL,
    reason TEXT NOT NULL, answer BLOB, rule TEXT NOT NULL, weak INTEGER NOT NULL,
    PRIMARY KEY (task, question, repeat));
PRAGMA user_version = 1;
"""
ANSWER = (
    "answer.task, answer.question, answer.repeat, answer.seed, answer.text, answer.reasoning,"
    " answer.finish_reason, answer.starts_in_thinking, answer.prompt_tokens,"
    " answer.output_tokens, answer.latency_s, answer.asked_at, answer.attempts"
)
IN_ORDER = "ORDER BY answer.task, answer.question, answer.repeat"
SAME_KEY = "USING (task, question, repeat)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One scored answer without its text.

    `text_hash` is equal for equal texts; it is empty where there was no text.
    """

    key: Key
    outcome: Outcome
    reason: str
    answer: str | None
    weak: bool
    finish_reason: FinishReason
    output_tokens: int | None
    latency_s: float | None
    text_hash: bytes


class Store:
    """The SQLite file at *path*, made if it is not there unless *readonly*.

    Raises:
        RunError: the file is missing, damaged, of another version, or cannot be written.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        with self._explained():
            if readonly:
                uri = f"{path.resolve().as_uri()}?mode=ro"
                self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
            else:
                self._db = sqlite3.connect(path, check_same_thread=False)
                self._db.execute("PRAGMA synchronous = FULL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and not readonly:
                self._db.executescript(SCHEMA)
            elif version != 1:
                raise RunError(
                    f"{path}: version {version} is not this program's (1); "
                    "use the evalsuite that wrote it, or another --results folder."
                )

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._db.close()

    def put_questions(self, questions: Iterable[Question]) -> None:
        """Keep *questions*; those that are there already stay as they are."""
        rows = (
            (q.task, q.id, q.kind, _text(q.gold), _text(q.subject), _text(q.level), body, digest)
            for q in questions
            for body, digest in [_body(q)]
        )
        with self._explained(), self._db:
            self._db.executemany("INSERT OR IGNORE INTO question VALUES (?,?,?,?,?,?,?,?)", rows)

    def questions(self, task: str | None = None) -> Iterator[Question]:
        """The questions, of *task* or of all tasks, in the order of their ids."""
        where, values = _where("task", task)
        with self._explained():
            for row in self._db.execute(
                f"SELECT task, id, kind, gold, subject, level, body FROM question {where}"  # noqa: S608
                " ORDER BY task, id",
                values,
            ):
                yield _question(row)

    def question(self, task: str, question: str) -> Question | None:
        """One question, None if it is not in this run."""
        with self._explained():
            row = self._db.execute(
                "SELECT task, id, kind, gold, subject, level, body FROM question"
                " WHERE task = ? AND id = ?",
                (task, question),
            ).fetchone()
        return None if row is None else _question(row)

    def question_hashes(self, task: str | None = None) -> dict[tuple[str, str], str]:
        """(task, id) → sha256 of all that was put to the engine and of the gold."""
        where, values = _where("task", task)
        query = f"SELECT task, id, hash FROM question {where}"  # noqa: S608 - fixed text
        with self._explained():
            return {(row[0], row[1]): row[2] for row in self._db.execute(query, values)}

    def put(self, answers: Sequence[Answer]) -> None:
        """Keep *answers* in one transaction; they are on disk when this returns.

        Raises:
            RunError: the file cannot be written, or holds one of the answers already.
        """
        with self._explained(), self._db:
            self._db.executemany(
                "INSERT INTO answer VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", map(_row, answers)
            )
            self._db.executemany(
                "DELETE FROM failure WHERE task = ? AND question = ? AND repeat = ?",
                (one.key for one in answers),
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
                yield _answer(row)

    def answer(self, key: Key) -> Answer | None:
        """The answer to *key*, None if there is none."""
        with self._explained():
            row = self._db.execute(
                f"SELECT {ANSWER} FROM answer WHERE task = ? AND question = ? AND repeat = ?",  # noqa: S608
                key,
            ).fetchone()
        return None if row is None else _answer(row)

    def put_failures(self, failures: Sequence[Failure]) -> None:
        """Note requests that stayed without an answer."""
        with self._explained(), self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO failure VALUES (?,?,?,?,?,?)",
                ((*one.key, one.kind, _text(one.message), one.attempts) for one in failures),
            )

    def failures(self) -> list[Failure]:
        """The requests that are without an answer because they failed."""
        with self._explained():
            rows = self._db.execute(
                "SELECT task, question, repeat, kind, message, attempts FROM failure"
                " ORDER BY task, question, repeat"
            )
            return [
                Failure(key=Key(*row[:3]), kind=row[3], message=row[4], attempts=row[5])
                for row in rows
            ]

    def put_scores(self, scores: Sequence[tuple[Key, Score]], grader: str) -> None:
        """Keep *scores* as version *grader* gave them, in place of earlier ones."""
        rows = (
            (*key, grader, s.outcome, s.reason, _bytes(s.answer), s.rule, s.weak)
            for key, s in scores
        )
        with self._explained(), self._db:
            self._db.executemany("INSERT OR REPLACE INTO score VALUES (?,?,?,?,?,?,?,?,?)", rows)

    def unscored(self, grader: str) -> Iterator[tuple[Question, Answer]]:
        """Answers with text that version *grader* has not scored, with their questions."""
        with self._explained():
            for row in self._db.execute(
                f"SELECT {ANSWER}, q.task, q.id, q.kind, q.gold, q.subject, q.level, q.body"  # noqa: S608
                " FROM answer JOIN question AS q ON q.task = answer.task AND q.id = answer.question"
                f" LEFT JOIN score {SAME_KEY}"
                " WHERE score.grader IS NULL OR score.grader NOT IN (?, 'imported')"
                f" {IN_ORDER}",
                (grader,),
            ):
                yield _question(row[13:]), _answer(row[:13])

    def score(self, key: Key) -> Score | None:
        """The score of *key*, None if there is none."""
        with self._explained():
            row = self._db.execute(
                "SELECT outcome, reason, answer, rule, weak FROM score"
                " WHERE task = ? AND question = ? AND repeat = ?",
                key,
            ).fetchone()
        if row is None:
            return None
        outcome, reason, answer, rule, weak = row
        return Score(
            outcome=outcome, reason=reason, answer=_string(answer), rule=rule, weak=bool(weak)
        )

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
                f" answer.text_hash FROM answer JOIN score {SAME_KEY} {where} {IN_ORDER}",
                values,
            ):
                yield _draw(row)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise RunError(f"{self.path}: an answer was to be stored twice ({error}).") from error
        except sqlite3.Error as error:
            raise RunError(
                f"{self.path}: {error}. What was stored before is kept; free space or repair the"
                " folder (or name another with --results), then run the same command again."
            ) from error


def _where(column: str, task: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if task is None else (f"WHERE {column} = ?", (task,))


def _text(text: str) -> str:
    """*text* without lone surrogates, which SQLite's text cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _string(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogatepass")


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpack(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")


def question_hash(question: Question) -> str:
    """The sha256 of all that is put to the engine for *question*, and of its gold."""
    return _body(question)[1]


def _body(question: Question) -> tuple[bytes, str]:
    shown = {"messages": [asdict(m) for m in question.messages], "choices": question.choices}
    text = json.dumps(shown)
    digest = hashlib.sha256(f"{text}\n{question.kind}\n{question.gold!r}".encode()).hexdigest()
    return _pack(text), digest


def _question(row: Sequence[Any]) -> Question:
    task, name, kind, gold, subject, level, body = row
    shown = json.loads(_unpack(body))
    return Question(
        task=task,
        id=name,
        kind=kind,
        messages=tuple(Message(**message) for message in shown["messages"]),
        gold=gold,
        choices=tuple(shown["choices"]),
        subject=subject,
        level=level,
    )


def _row(answer: Answer) -> tuple[Any, ...]:
    came = answer.generation
    text = came.text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(text + (_bytes(came.reasoning) or b"")).digest()[:16] if text else b""
    return (
        *answer.key,
        answer.seed,
        zlib.compress(text),
        None if came.reasoning is None else _pack(came.reasoning),
        came.finish_reason,
        came.starts_in_thinking,
        came.prompt_tokens,
        came.output_tokens,
        came.latency_s,
        answer.asked_at,
        answer.attempts,
        digest,
    )


def _answer(row: Sequence[Any]) -> Answer:
    generation = Generation(
        text=_unpack(row[4]),
        reasoning=None if row[5] is None else _unpack(row[5]),
        finish_reason=row[6],
        starts_in_thinking=bool(row[7]),
        prompt_tokens=row[8],
        output_tokens=row[9],
        latency_s=row[10],
    )
    return Answer(
        key=Key(*row[:3]), seed=row[3], generation=generation, asked_at=row[11], attempts=row[12]
    )


def _draw(row: Sequence[Any]) -> Draw:
    return Draw(
        key=Key(*row[:3]),
        outcome=row[3],
        reason=row[4],
        answer=_string(row[5]),
        weak=bool(row[6]),
        finish_reason=row[7],
        output_tokens=row[8],
        latency_s=row[9],
        text_hash=row[10],
    )

"""Rows of the store: facts to SQLite's values, and back.

Answers' texts are compressed, and all texts kept with lone surrogates and NULs as they came.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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

Row = Sequence[Any]
LEVEL = 4  # of zlib: on R1's traces 40 % less processor time than its default, 5 % larger


class _Marks(dict[str, frozenset[str]]):
    """Few sets serve many draws."""

    def __missing__(self, text: str) -> frozenset[str]:
        found = self[text] = frozenset(text.split())
        return found


MARKS = _Marks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One scored answer without its text.

    `text_hash` is equal for equal texts; it is empty where there was no text. `restarts` is None
    where it was not counted, `marks` where nobody looked.
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
    restarts: int | None = None
    marks: frozenset[str] | None = None


class Kept(NamedTuple):
    """What a stored answer looks like from outside, graded or not."""

    key: Key
    finish_reason: FinishReason
    empty: bool
    text_hash: bytes


def is_empty(generation: Generation) -> bool:
    """Whether the engine says that the answer is finished and nothing stands there."""
    return generation.finish_reason != "length" and not generation.text.strip()


def text_hash(generation: Generation) -> bytes:
    """16 bytes that are equal for equal texts, reasoning included; none where there is no text."""
    said = (generation.reasoning or "") + generation.text
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()[:16] if said else b""


def question_hash(question: Question) -> str:
    """The sha256 of all that is put to the engine for *question*, and of its gold."""
    return hashlib.sha256(_body(question)).hexdigest()


def question_row(question: Question) -> Row:
    """The values of table `question`."""
    body = _body(question)
    return (
        question.task,
        question.id,
        question.kind,
        plain(question.gold),
        plain(question.subject),
        plain(question.level),
        body,  # plain: 14,000 of them stand between the start of a run and its first request
        hashlib.sha256(body).hexdigest(),
    )


def question_of(row: Row) -> Question:
    """The question of task, id, kind, subject, level, body."""
    task, name, kind, subject, level, body = row
    # The first runs have it compressed.
    shown = json.loads(body if body.startswith(b"{") else zlib.decompress(body))
    return Question(
        task=task,
        id=name,
        kind=kind,
        messages=tuple(Message(**message) for message in shown["messages"]),
        gold=shown["gold"],
        choices=tuple(shown["choices"]),
        subject=subject,
        level=level,
    )


def answer_row(answer: Answer) -> Row:
    """The values of table `answer`."""
    came = answer.generation
    return (
        *answer.key,
        answer.seed,
        came.finish_reason,
        came.starts_in_thinking,
        came.prompt_tokens,
        came.output_tokens,
        came.latency_s,
        answer.asked_at,
        answer.attempts,
        text_hash(came),
        _pack(came.text),
        None if came.reasoning is None else _pack(came.reasoning),
    )


def answer_of(row: Row) -> Answer:
    """The answer of key, seed, text, reasoning, and what was counted."""
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


def kept_of(row: Row) -> Kept:
    """What key, finish reason, hash and, where it is short, the text look like from outside."""
    empty = row[3] != "length" and row[5] is not None and not _unpack(row[5]).strip()
    return Kept(Key(*row[:3]), row[3], empty, row[4])


def failure_row(failure: Failure) -> Row:
    """The values of table `failure`."""
    return (*failure.key, failure.kind, plain(failure.message), failure.attempts)


def failure_of(row: Row) -> Failure:
    """The failure of a row of table `failure`."""
    return Failure(key=Key(*row[:3]), kind=row[3], message=row[4], attempts=row[5])


def score_row(key: Key, score: Score, grader: str) -> Row:
    """The values of table `score`."""
    read = _bytes(score.answer)
    told = (score.outcome, score.reason, read, score.rule, score.weak, score.restarts)
    return (*key, grader, *told, None if score.marks is None else " ".join(score.marks))


def score_of(row: Row) -> Score:
    """The score of outcome, reason, answer, rule, weak, restarts, marks."""
    outcome, reason, answer, rule, weak, restarts, marks = row
    return Score(
        outcome=outcome,
        reason=reason,
        answer=_string(answer),
        rule=rule,
        weak=bool(weak),
        restarts=restarts or 0,
        marks=None if marks is None else tuple(marks.split()),
    )


def draw_of(row: Row) -> Draw:
    """The draw of key, outcome, reason, answer, weak, and the answer's facts."""
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
        restarts=row[11],
        marks=None if row[12] is None else MARKS[row[12]],
    )


def plain(text: str) -> str:
    """*text* without lone surrogates, which SQLite's text cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _body(question: Question) -> bytes:
    shown = {
        "kind": question.kind,
        "messages": [{"role": one.role, "content": one.content} for one in question.messages],
        "choices": question.choices,
        "gold": question.gold,
    }
    return json.dumps(shown).encode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _string(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogatepass")


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), LEVEL)


def _unpack(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")

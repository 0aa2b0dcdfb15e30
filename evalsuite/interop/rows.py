"""Rows of answers made elsewhere: columns checked, then put into evalsuite's words.

Problems name columns and never quote a cell: some texts must not reach a log.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from evalsuite.errors import UsageError
from evalsuite.model import FinishReason, Generation, Kind, Message, Question
from evalsuite.questions import read_task

FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_length": "length",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it may come; every other column is ignored.

    With a `response` the row is graded here; without one, `correct` is taken over (None: it
    was not judged). `sample` numbers the draws for one question.
    """

    __pydantic_config__ = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    benchmark: Name | None = None
    kind: Kind | None = None
    item_id: str | None = None
    question: str | None = None
    options: tuple[str, ...] | None = None
    gold: str | None = None
    subject: str | None = None
    level: str | None = None
    sample: Whole | None = None
    response: str | None = None
    finish_reason: str | None = None
    tokens: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    think_prefilled: bool | None = None
    correct: bool | None = None
    final_answer: str | None = None
    answer: str | None = None


_ROW = TypeAdapter(Row)


class BadRow(ValueError):  # noqa: N818 - says what it is
    """A row that cannot be used; its text says why and never quotes a cell."""


def parse(line: bytes) -> dict[str, Any]:
    """The JSON object in *line*.

    Raises:
        BadRow: it is none.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", type(error).__name__)
        raise BadRow(f"is not one complete JSON object ({reason}). Is the file cut off?") from error
    if not isinstance(row, dict):
        raise BadRow(f"must be a JSON object, not {type(row).__name__}")
    return row


def checked(raw: Mapping[str, Any]) -> Row:
    """*raw* with its columns checked.

    Raises:
        BadRow: a column is of another type, or a needed one is missing.
    """
    try:
        row: Row = _ROW.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadRow(f"{first['loc'][0]}: {_lower(first['msg'])}") from error
    if row.response is None and "correct" not in raw:
        raise BadRow("holds neither `response` nor `correct`")
    if not row.item_id and not row.question:
        raise BadRow("holds neither `item_id` nor `question`")
    return row


def question_of(row: Row, *, task: str | None) -> Question:
    """The question that *row* answers; *task* names it where the row does not.

    Raises:
        BadRow: its benchmark, kind or gold is missing or cannot be.
    """
    name = row.benchmark or task
    if name is None:
        raise BadRow("holds no `benchmark`; name it with --task")
    kind = row.kind or kind_of(name)
    if kind is None:
        raise BadRow(
            f"{name} is no benchmark of evalsuite: say how its answers are read in a column "
            "`kind` (choice, integer, numeric or math)"
        )
    options = row.options or ()
    identity = row.item_id or hashlib.sha256(_encoded("question", row.question)).hexdigest()[:16]
    _encoded("item_id", identity)
    return Question(
        task=name,
        id=identity,
        kind=kind,
        messages=(Message(role="user", content=row.question),) if row.question else (),
        gold=_gold(row, kind, options),
        choices=options,
        subject=row.subject or "",
        level=row.level or "",
    )


def generation_of(row: Row) -> Generation:
    """What came back, as far as *row* tells."""
    return Generation(
        text=row.response or "",
        finish_reason=FINISH_REASONS.get((row.finish_reason or "").lower(), "unknown"),
        starts_in_thinking=bool(row.think_prefilled),
        output_tokens=row.tokens,
    )


@cache
def kind_of(task: str) -> Kind | None:
    """How the answers of *task* are read; None if evalsuite does not know it."""
    if task == "mmlu_pro":
        return "choice"
    try:
        return read_task(task).kind
    except UsageError:
        return None


@cache
def title_of(task: str) -> str:
    """*task* as a reader should see it named."""
    try:
        return read_task(task).title
    except UsageError:
        return task


def _gold(row: Row, kind: Kind, options: tuple[str, ...]) -> str:
    """The reference answer; outcomes that were judged elsewhere need none."""
    gold = (row.gold or "").strip()
    if row.response is None and not gold:
        return ""
    if not gold:
        raise BadRow("holds a `response` and no `gold`")
    if kind == "choice" and gold not in list(LETTERS[: len(options) or None]):
        raise BadRow("`gold` must be the letter of an option (A is the first)")
    return gold


def _encoded(column: str, text: str | None) -> bytes:
    try:
        return (text or "").encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"{column}: holds text that is not Unicode") from error


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]

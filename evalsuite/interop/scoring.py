"""Rows of responses in JSONL or parquet → the same rows with their scores."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from evalsuite.errors import DataError
from evalsuite.grading import Grader
from evalsuite.interop.rows import FINISH_REASONS, BadRow, kind_of
from evalsuite.interop.tables import Row, numbered
from evalsuite.model import Kind, Score, ThinkRule

MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response to grade; other columns of the file are passed through."""

    __pydantic_config__ = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    gold: str
    response: str
    task: str | None = None
    kind: Kind | None = None
    finish_reason: str | None = None
    choices: Annotated[tuple[str, ...] | None, Field(max_length=10)] = None
    think_prefilled: bool | None = None
    form: Literal["response", "answer"] = "response"


_RESPONSE = TypeAdapter(Response)


def score_columns() -> dict[str, Any]:
    """The columns that a score adds to a row, with their types."""
    return get_type_hints(Score)


def score_file(
    path: Path, grader: Grader, *, think: ThinkRule = "first"
) -> Iterator[tuple[Score, Row]]:
    """The score of each row of *path*, and the row with it.

    *think*: after which of several closing think tags an answer stands.

    The file is read twice, so that every row is checked before one is graded.

    Raises:
        DataError: the file cannot be read, or has bad rows; each is named by its place.
    """
    problems = [problem for _, problem in _rows(path) if isinstance(problem, str)]
    if problems:
        shown = "\n".join(f"  {one}" for one in problems[:MOST_PROBLEMS])
        raise DataError(f"{path}: {len(problems)} bad row(s); nothing was graded:\n{shown}")
    return (
        _scored(raw, row, grader, think) for raw, row in _rows(path) if isinstance(row, Response)
    )


def _rows(path: Path) -> Iterator[tuple[Row, Response | str]]:
    """Each row with what it says, or with what is wrong in it."""
    for place, raw in numbered(path):
        try:
            if isinstance(raw, BadRow):
                raise raw
            yield raw, _checked(raw)
        except BadRow as error:
            yield {}, f"{place}: {error}"


def _checked(raw: Row) -> Response:
    said = {name: cell for name, cell in raw.items() if cell is not None}
    try:
        row: Response = _RESPONSE.validate_python(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadRow(f"{first['loc'][0]}: {first['msg']}") from error
    if row.kind is None and (row.task is None or kind_of(row.task) is None):
        raise BadRow(f"task {row.task!r} is no benchmark of evalsuite; add a column `kind`")
    return row


def _scored(raw: Row, row: Response, grader: Grader, think: ThinkRule) -> tuple[Score, Row]:
    kind = row.kind or kind_of(row.task or "")
    assert kind is not None
    score = grader.grade_text(
        kind=kind,
        gold=row.gold,
        text=row.response,
        finish_reason=FINISH_REASONS.get((row.finish_reason or "").lower(), "unknown"),
        choices=row.choices or (),
        starts_in_thinking=bool(row.think_prefilled),
        bare=row.form == "answer",
        think=think,
    )
    return score, {**raw, **asdict(score)}

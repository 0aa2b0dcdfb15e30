"""One task of a run: its questions, and the hashes that pin them."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from evalsuite.errors import DataError
from evalsuite.model import Message, Question, Sampling, TaskInfo
from evalsuite.questions.lm_eval_api import Doc, render
from evalsuite.questions.rows import Rows
from evalsuite.questions.sample import Sample, sampled
from evalsuite.questions.tasks import TaskSpec, read_task

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTask:
    """A task that is ready to be asked."""

    info: TaskInfo
    questions: tuple[Question, ...]


def load_task(
    name: str,
    *,
    repeats: int,
    sampling: Sampling,
    data: Path | None = None,
    revision: str | None = None,
    limit: int | None = None,
    sample: Sample | None = None,
    include: Path | None = None,
    margin_pp: float | None = None,
) -> LoadedTask:
    """The questions of task *name*, from *data* or from its public data set at *revision*.

    *limit* takes the first questions only, *sample* some of those; ids depend on neither.

    Raises:
        UsageError: there is no such task, or its file cannot be used.
        DataError: the data cannot be had or used; the message says what to do.
    """
    spec, rows, docs, questions = _load(
        name, data=data, revision=revision, limit=limit, include=include
    )
    if sample is not None:
        drawn = sampled(name, [one.id for one in questions], sample)
        docs = [doc for doc, one in zip(docs, questions, strict=True) if one.id in drawn]
        questions = tuple(one for one in questions if one.id in drawn)
    info = TaskInfo(
        name=name,
        title=spec.title,
        kind=spec.kind,
        source=rows.source,
        revision=rows.revision,
        synthetic=rows.synthetic,
        data_hash=_hash(_content(doc.row, spec.columns) for doc in docs),
        prompt_hash=_hash(
            [one.id, one.messages[0].content, one.gold, *one.choices] for one in questions
        ),
        questions=len(questions),
        repeats=repeats,
        sampling=sampling,
        margin_pp=margin_pp,
    )
    return LoadedTask(info=info, questions=questions)


def load_questions(
    name: str, *, data: Path | None = None, include: Path | None = None
) -> tuple[Question, ...]:
    """All questions of task *name*; raises as `load_task` does."""
    return _load(name, data=data, revision=None, limit=None, include=include).questions


class _Loaded(NamedTuple):
    spec: TaskSpec
    rows: Rows
    docs: list[Doc]
    questions: tuple[Question, ...]


def _load(
    name: str,
    *,
    data: Path | None,
    revision: str | None,
    limit: int | None,
    include: Path | None,
) -> _Loaded:
    spec = read_task(name, include=include, functions=True)
    rows = _rows(spec, data=data, revision=revision)
    rows.check(spec.columns)
    docs = list(islice(_docs(spec, rows), limit))
    return _Loaded(spec, rows, docs, tuple(_questions(spec, docs, rows)))


def _rows(spec: TaskSpec, *, data: Path | None, revision: str | None) -> Rows:
    if data is not None:
        from evalsuite.questions.files import read_local

        return read_local(data, name=spec.name, title=spec.title)
    from evalsuite.questions.hub import read_public

    return read_public(spec, revision=revision or spec.revision)


def _docs(spec: TaskSpec, rows: Rows) -> Iterator[Doc]:
    """The documents of *rows*; a row that the task file cannot use is named."""
    docs = render(spec.config, rows.rows)
    for index in range(len(rows.rows)):
        with _row_errors(rows, index):
            doc = next(docs, None)
        if doc is None:
            return
        yield doc


def _questions(spec: TaskSpec, docs: Iterable[Doc], rows: Rows) -> Iterator[Question]:
    seen: Counter[str] = Counter()
    for index, doc in enumerate(docs):
        with _row_errors(rows, index):
            question = _question(spec, doc, index)
        seen[question.id] += 1
        if seen[question.id] > 1:
            if spec.id:
                raise DataError(f"{rows.where(index)}: its id occurs a second time.")
            question = replace(question, id=f"{question.id}-{seen[question.id]}")
        yield question


def _question(spec: TaskSpec, doc: Doc, index: int) -> Question:
    doc.prompt.encode()  # no engine can be asked what is not Unicode
    return Question(
        task=spec.name,
        id=_id(spec, index, doc.row),
        kind=spec.kind,
        messages=(Message(role="user", content=doc.prompt),),
        gold=_gold(spec, doc),
        choices=doc.options,
        subject=_filled(spec.subject, index, doc.row),
        level=_filled(spec.level, index, doc.row),
    )


@contextmanager
def _row_errors(rows: Rows, index: int) -> Iterator[None]:
    """Say where a row is that the task file cannot use, and never what is in it.

    The text of some data sets must not reach a log.
    """
    try:
        yield
    except KeyError as error:
        raise DataError(f"{rows.where(index)}: there is no column {error}.") from error
    except UnicodeError as error:
        raise DataError(f"{rows.where(index)}: holds text that is not Unicode.") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DataError(f"{rows.where(index)}: {error}.") from error


def _id(spec: TaskSpec, index: int, row: Mapping[str, Any]) -> str:
    """The data set's own id, else a hash of the row, which no re-ordering changes."""
    return _filled(spec.id, index, row) if spec.id else _hash([_content(row, spec.columns)])[:16]


def _filled(template: str, index: int, row: Mapping[str, Any]) -> str:
    return template.format_map({**row, "row": index}).strip() if template else ""


def _gold(spec: TaskSpec, doc: Doc) -> str:
    """The reference answer as text; an option's number becomes its letter."""
    if isinstance(doc.target, list | tuple):
        raise ValueError("there are several reference answers; evalsuite grades against one")  # noqa: TRY004
    by_number = isinstance(doc.target, int) and doc.options
    gold = LETTERS[int(str(doc.target))] if by_number else str(doc.target).strip()
    if not gold:
        raise ValueError("there is no reference answer")
    if spec.kind == "choice" and gold not in list(LETTERS[: len(doc.options) or None]):
        raise ValueError("the reference answer is not the letter of an option")
    return gold


def _content(row: Mapping[str, Any], columns: Iterable[str]) -> list[list[Any]]:
    """What of *row* is pinned: the task's columns, however a file format types the cells."""
    names = tuple(columns) or sorted(row)
    return [[name, _plain(row.get(name))] for name in names]


def _plain(cell: object) -> object:
    return [_plain(one) for one in cell] if isinstance(cell, list) else str(cell).strip()


def _hash(parts: Iterable[object]) -> str:
    """The sha256 of *parts*, one JSON line each."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part).encode() + b"\n")
    return digest.hexdigest()

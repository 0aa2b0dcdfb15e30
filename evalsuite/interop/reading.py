"""Files of rows → the items of one run, each with its place; problems are gathered, not raised."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalsuite.errors import DataError, UsageError
from evalsuite.interop.files import lines
from evalsuite.interop.rows import BadRow, Row, checked, parse, question_of
from evalsuite.model import Key, Question
from evalsuite.runs.rows import question_hash

MOST_PROBLEMS = 20
MOST_VALUES = 50
# A run is one arm: where the rows have these columns, each holds one value.
ONE_VALUE = ("run", "model", "precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rows are wanted, and what they do not say themselves.

    `select` maps a column to the values to take; several columns must all agree. `task` names
    the benchmark of rows that name none. `renumber` counts the draws for a question in the
    order of the rows instead of by `sample`. `model` and `precision` stand for the columns.
    """

    select: Mapping[str, frozenset[str]] = field(default_factory=dict)
    task: str | None = None
    renumber: bool = False
    model: str | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row is: the number of its file and its line, from 1."""

    file: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One wanted row in evalsuite's words."""

    row: Row
    question: Question
    key: Key


@dataclass(slots=True)
class _Seen:
    """A question of an earlier row, and the places of the draws for it."""

    hash: str
    place: Place
    draws: dict[int, Place] = field(default_factory=dict)


class Reader:
    """Reads the wanted rows of *files* once, from the first to the last.

    `items` yields what is usable and counts what is `bad`; the first `problems` are kept.
    `values` counts what the wanted rows say in the columns of `ONE_VALUE`, `skipped` what the
    other rows say in the columns that selected.
    """

    def __init__(self, files: Sequence[Path], choice: Choice) -> None:
        self.problems: list[str] = []
        self.values: dict[str, Counter[str]] = {column: Counter() for column in ONE_VALUE}
        self.skipped: dict[str, Counter[str]] = {column: Counter() for column in choice.select}
        self.count = self.bad = 0
        self._files = files
        self._choice = choice
        self._seen: dict[tuple[str, str], _Seen] = {}

    def items(self) -> Iterator[Item]:
        """The usable rows, in the order of the files.

        Raises:
            DataError: a file cannot be read.
        """
        for file, path in enumerate(self._files):
            for line, content in lines(path):
                place = Place(file=file, line=line)
                try:
                    raw = parse(content)
                    if not self._wanted(raw):
                        continue
                    self.count += 1
                    item = self._item(checked(raw), place)
                except BadRow as error:
                    self.bad += 1
                    if self.bad <= MOST_PROBLEMS:
                        self.problems.append(f"{self._words(place)}: {error}")
                else:
                    yield item

    def _wanted(self, raw: Mapping[str, Any]) -> bool:
        said = {column: _word(raw.get(column)) for column in self._choice.select}
        if any(said[column] not in values for column, values in self._choice.select.items()):
            for column, word in said.items():
                _count(self.skipped[column], word)
            return False
        for column in ONE_VALUE:
            if raw.get(column) is not None:
                _count(self.values[column], _word(raw[column]))
        return True

    def _item(self, row: Row, place: Place) -> Item:
        question = question_of(row, task=self._choice.task)
        seen = self._same_question(question, place)
        repeat = len(seen.draws) if self._choice.renumber else row.sample or 0
        if repeat in seen.draws:
            raise BadRow(
                f"answers {question.task} {question.id} sample {repeat} again, as "
                f"{self._words(seen.draws[repeat])} does; select one of the two, or number them "
                "in the order of the rows with --renumber"
            )
        seen.draws[repeat] = place
        return Item(row=row, question=question, key=Key(question.task, question.id, repeat))

    def _same_question(self, question: Question, place: Place) -> _Seen:
        digest = question_hash(question)
        seen = self._seen.setdefault((question.task, question.id), _Seen(digest, place))
        if seen.hash != digest:
            raise BadRow(
                f"gives {question.task} {question.id} another kind, question, gold or options "
                f"than {self._words(seen.place)}"
            )
        return seen

    def _words(self, place: Place) -> str:
        return f"{self._files[place.file]}, line {place.line}"


def survey(files: Sequence[Path], choice: Choice) -> Reader:
    """Read everything once, keep nothing but counts, and refuse what is no run.

    Raises:
        DataError: rows cannot be used; the message names each with file and line.
        UsageError: no row is wanted, or the wanted ones are of several runs.
    """
    reader = Reader(files, choice)
    for _ in reader.items():
        pass
    if not reader.count and not reader.bad:
        raise UsageError(_nothing(files, reader))
    named = {
        "run": len(choice.select.get("run", ())) > 1,  # whoever names several means to join them
        "model": choice.model is not None,
        "precision": choice.precision is not None,
    }
    for column in ONE_VALUE:
        if len(reader.values[column]) > 1 and not named[column]:
            raise UsageError(_several(column, reader.values[column]))
    if reader.bad:
        raise DataError(_problems(reader))
    return reader


def _word(cell: object) -> str:
    """A cell as `--select` names it: JSON's words for null, true and false."""
    words = {None: "null", True: "true", False: "false"}
    return words[cell] if cell is None or isinstance(cell, bool) else str(cell)


def _count(counter: Counter[str], word: str) -> None:
    """Count *word*, of a bounded number of different ones."""
    if word in counter or len(counter) < MOST_VALUES:
        counter[word] += 1


def _problems(reader: Reader) -> str:
    more = reader.bad - len(reader.problems)
    lines = [f"{reader.bad} row(s) cannot be used:", *reader.problems]
    return "\n".join([*lines, f"and {more} more."] if more else lines)


def _nothing(files: Sequence[Path], reader: Reader) -> str:
    where = ", ".join(map(str, files))
    if not any(reader.skipped.values()):
        return f"{where}: holds no rows. Is the file complete?"
    columns = "\n".join(_listed(column, counts) for column, counts in reader.skipped.items())
    return f"{where}: no row is as --select says. There are:\n{columns}"


def _several(column: str, counts: Counter[str]) -> str:
    return (
        f"The rows are of {len(counts)} values of `{column}`, and a run is one arm. Take one of "
        f"them with --select {column}=…:\n{_listed(column, counts)}"
    )


def _listed(column: str, counts: Counter[str]) -> str:
    return "\n".join(
        f"  {column}={word[:200]} ({count} rows)" for word, count in sorted(counts.items())
    )

"""Rows of JSONL and parquet files, numbered; and rows written as parquet, a group at a time."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from evalsuite.errors import DataError
from evalsuite.interop.files import lines
from evalsuite.interop.rows import BadRow, parse

PARQUET = b"PAR1"
GROUP = 1_000

Row = Mapping[str, Any]


def numbered(path: Path) -> Iterator[tuple[str, Row | BadRow]]:
    """Each row of *path* with its place ("line 3", "row 3"), or with what is wrong in it.

    Whether the file is parquet, its first bytes say; else it is JSONL (also .gz, or in a .zip).

    Raises:
        DataError: the file cannot be read.
    """
    return _parquet_rows(path) if _is_parquet(path) else _json_rows(path)


def _json_rows(path: Path) -> Iterator[tuple[str, Row | BadRow]]:
    for number, line in lines(path):
        try:
            yield f"line {number}", parse(line)
        except BadRow as error:
            yield f"line {number}", error


def _parquet_rows(path: Path) -> Iterator[tuple[str, Row | BadRow]]:
    from pyarrow import parquet

    number = 0
    with _arrow_errors(path), parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(GROUP):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row


def write_parquet(path: Path, source: Path, rows: Iterable[Row], added: Mapping[str, Any]) -> None:
    """Write *rows* (those of *source* with the columns *added*) to *path*, whole or not at all.

    Cells keep the types that they have in *source*; text that is not Unicode is replaced.

    Raises:
        DataError: a column holds values of several types, or the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _arrow_errors(path):
            schema = _schema(source, added)
            with parquet.ParquetWriter(draft, schema) as writer:
                for group in _groups(rows):
                    writer.write_table(pa.Table.from_pylist(group, schema=schema))
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _schema(source: Path, added: Mapping[str, Any]) -> Any:
    """The columns of *source* with their types, and those *added*."""
    import pyarrow as pa
    from pyarrow import parquet

    if _is_parquet(source):
        found = parquet.read_schema(source).remove_metadata()
    else:
        kept = (row for _, row in numbered(source) if not isinstance(row, BadRow))
        found = pa.unify_schemas(
            [pa.schema([]), *(pa.Table.from_pylist(group).schema for group in _groups(kept))],
            promote_options="permissive",
        )
    types = {bool: pa.bool_(), int: pa.int64()}
    several = pa.list_(pa.string())
    own = [
        pa.field(name, several if "tuple" in str(kind) else types.get(kind, pa.string()))
        for name, kind in added.items()
    ]
    return pa.schema([*(one for one in found if one.name not in added), *own])


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """*rows* by the thousand, with what parquet's strings can hold; all have the same columns."""
    left = iter(rows)
    while group := list(islice(left, GROUP)):
        names = dict.fromkeys(name for row in group for name in row)
        yield [{name: _unicode(row.get(name)) for name in names} for row in group]


def _unicode(cell: object) -> object:
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    if isinstance(cell, list):
        return [_unicode(one) for one in cell]
    if isinstance(cell, dict):
        return {name: _unicode(one) for name, one in cell.items()}
    return cell


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET)) == PARQUET
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error


@contextmanager
def _arrow_errors(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except pa.ArrowException as error:
        first = str(error).partition("\n")[0]
        raise DataError(
            f"{path}: parquet fails ({first}). A damaged file must be made again; a column with "
            "values of several types can be kept as JSONL."
        ) from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read or written ({error}).") from error

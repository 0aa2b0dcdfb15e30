"""Rows from local files: jsonl, parquet, csv, or one of these in a zip with a password.

A zip is read in memory and never unpacked: GPQA's authors ask that its questions not be
spread in plain text. Errors name the place and never quote a row.
"""

import csv
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from evalsuite.errors import DataError
from evalsuite.questions.rows import Row, Rows

PASSWORD_VARIABLE = "EVALSUITE_GPQA_PASSWORD"  # noqa: S105 - the variable's name, not a password
_PASSWORD_HINT = (
    f"Set {PASSWORD_VARIABLE} to the archive's password; GPQA's authors publish theirs in the "
    "README of github.com/idavidrein/gpqa."
)


def read_local(path: Path, *, name: str, title: str) -> Rows:
    """The rows of task *name* from *path*, a file or a folder that holds one for it.

    Raises:
        DataError: there is no such file, or it cannot be read; the message says where.
    """
    file = _file_for(path, name) if path.is_dir() else path
    synthetic = _is_synthetic(file.parent)
    data = _bytes(file)
    ending, place = file.suffix.lower(), str(file)
    if ending == ".zip":
        ending, place, data = _member(data, place=place, name=name)
    return Rows(
        rows=_reader(ending, place)(data, place),
        source=f"synthetic, {title} format" if synthetic else f"{file.name}, local",
        place=place,
        synthetic=synthetic,
        unit="line" if ending == ".jsonl" else "row",
    )


def _file_for(folder: Path, name: str) -> Path:
    """The file in *folder* whose stem says that it holds task *name*."""
    endings = [*READERS, ".zip"]
    names = [f"{stem}{ending}" for stem in (f"{name}_test", name) for ending in endings]
    found = [folder / one for one in names if (folder / one).is_file()]
    if not found:
        raise DataError(f"{folder}: holds no file for task {name!r}. Looked for {names}.")
    if len(found) > 1:
        both = " and ".join(file.name for file in found)
        raise DataError(f"{folder}: holds {both} for task {name!r}. Name one of them as `data`.")
    return found[0]


def _is_synthetic(folder: Path) -> bool:
    """Whether *folder*'s `dataset.json` says that its rows are invented."""
    note = folder / "dataset.json"
    if not note.is_file():
        return False
    try:
        said = json.loads(_bytes(note))
    except ValueError as error:
        raise DataError(f"{note}: is not JSON ({error}).") from error
    return isinstance(said, Mapping) and said.get("synthetic") is True


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}).") from error


def _reader(ending: str, place: str) -> Callable[[bytes, str], Sequence[Row]]:
    if ending not in READERS:
        valid = ", ".join([*READERS, ".zip"])
        raise DataError(f"{place}: is not a file of rows. Known endings: {valid}.")
    return READERS[ending]


def _member(data: bytes, *, place: str, name: str) -> tuple[str, str, bytes]:
    """The ending, place and content of the one file for task *name* in a zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _member_name(archive.namelist(), place=place, name=name)
            password = os.environ.get(PASSWORD_VARIABLE, "").encode() or None
            content = archive.read(member, pwd=password)
    except RuntimeError as error:  # how zipfile says "no password" and "wrong password"
        raise DataError(f"{place}: does not open ({_reason(error)}). {_PASSWORD_HINT}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(
            f"{place}: is damaged, not a zip archive, or the password is wrong "
            f"({_reason(error)}). {_PASSWORD_HINT}"
        ) from error
    return PurePosixPath(member).suffix.lower(), f"{place}:{member}", content


def _member_name(members: Sequence[str], *, place: str, name: str) -> str:
    usable = [one for one in members if PurePosixPath(one).suffix.lower() in READERS]
    named = [one for one in usable if PurePosixPath(one).stem in {name, f"{name}_test"}]
    found = named or usable
    if len(found) != 1:
        raise DataError(
            f"{place}: must hold one file for task {name!r} (for instance {name}.csv); "
            f"it holds {list(members)}."
        )
    return found[0]


def _reason(error: Exception) -> str:
    return str(error).partition(" for ")[0].partition("<")[0].strip() or type(error).__name__


def _text(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: is not UTF-8 (byte {error.start}).") from error


def _read_jsonl(data: bytes, place: str) -> list[Row]:
    lines = _text(data, place).rstrip().split("\n")
    return [
        _json_row(line, f"{place}, line {n}") for n, line in enumerate(lines, start=1) if lines[0]
    ]


def _json_row(line: str, place: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", type(error).__name__)
        raise DataError(
            f"{place}: is not one complete JSON object ({reason}). Is the file cut off?"
        ) from error
    if not isinstance(row, dict):
        raise DataError(f"{place}: must be a JSON object, not {type(row).__name__}.")
    return row


def _read_csv(data: bytes, place: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(_text(data, place), newline=""), strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            if None in row:
                raise DataError(f"{place}, row {len(rows) + 1}: has more cells than the header.")
            rows.append(row)
    except csv.Error as error:
        raise DataError(
            f"{place}, near line {reader.reader.line_num}: is not CSV ({error}). "
            "Is the file cut off?"
        ) from error
    return rows


def _read_parquet(data: bytes, place: str) -> list[dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # Not read_table: it imports pandas, a quarter of a second.
        rows: list[dict[str, Any]] = parquet.ParquetFile(io.BytesIO(data)).read().to_pylist()
    except (pa.ArrowException, OSError) as error:
        first_line = str(error).partition("\n")[0]
        raise DataError(f"{place}: is not a complete parquet file ({first_line}).") from error
    return rows


READERS: Mapping[str, Callable[[bytes, str], Sequence[Row]]] = {
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
    ".csv": _read_csv,
}

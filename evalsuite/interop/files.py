"""Lines of JSONL files: plain, gzip, or the one member of a zip, which is read in memory only."""

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from evalsuite.errors import DataError
from evalsuite.questions.files import PASSWORD_VARIABLE

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonlines", ".ndjson")


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The numbers (from 1) and contents of the lines of *path* that are not blank.

    What the file is, its first bytes say. A zip is never unpacked to disk: some archives have a
    password because their texts must not be spread.

    Raises:
        DataError: the file cannot be read, is damaged, or needs another password.
    """
    with _errors(path), _opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(GZIP):
            with gzip.open(file) as stream:
                yield cast("IO[bytes]", stream)
        elif magic == ZIP:
            password = os.environ.get(PASSWORD_VARIABLE, "").encode() or None
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(_member(path, archive), pwd=password) as stream,
            ):
                yield stream
        else:
            yield file


def _member(path: Path, archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    found = [name for name in names if name.endswith(ENDINGS)]
    if len(found) != 1:
        raise DataError(f"{path}: must hold one .jsonl file; it holds {len(found)} of {names}.")
    return found[0]


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: is damaged, cut off, or {PASSWORD_VARIABLE} is not its password "
            f"({str(error).partition(' for ')[0]})."
        ) from error
    except RuntimeError as error:  # how zipfile says "no password" and "wrong password"
        raise DataError(
            f"{path}: needs a password or was given a wrong one. Set {PASSWORD_VARIABLE}."
        ) from error
    except (OSError, NotImplementedError) as error:
        raise DataError(
            f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})."
        ) from error

"""Plays answers back that were given before: from a run's folder, or from rows of JSON.

To grade or compare what another harness kept, and to try a whole run without an engine.
"""

import asyncio
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast, get_args

from evalsuite.errors import EngineFailed, RequestRejected
from evalsuite.model import BackendInfo, FinishReason, Generation, Key, Request

FINISH_REASONS = get_args(FinishReason)
BY_KEY = (
    "SELECT text, reasoning, finish_reason, starts_in_thinking, prompt_tokens, output_tokens,"
    " latency_s FROM answer WHERE task = ? AND question = ? AND repeat = ?"
)


class Source(Protocol):
    """Answers by their keys; texts stay on disk until they are asked for."""

    def get(self, key: Key) -> Generation | None:
        """The answer to *key*, None if there is none."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class ReplayBackend:
    """Answers each request with what *source* holds for its key.

    Args:
        precision: what the answers were made with.
        source: a run's folder, or a `.jsonl` file with `benchmark`, `item_id`, `response`, and
            optionally `sample`, `reasoning`, `finish_reason` and `tokens` in each row.
        latency_s: how long each answer takes.
        max_in_flight: how many requests it takes at once.

    Raises:
        EngineFailed: *source* cannot be read.
    """

    OPTIONS = ("source", "latency_s", "max_in_flight")

    def __init__(
        self, *, precision: str, source: str, latency_s: float = 0.0, max_in_flight: int = 64
    ) -> None:
        path = Path(source)
        facts = _facts(path)
        self._source: Source = RunSource(path) if path.is_dir() else RowSource(path)
        self._latency_s = latency_s
        self._places = asyncio.Semaphore(max_in_flight)
        self._closed = False
        self.info = BackendInfo(
            backend="replay",
            model=str(facts.get("model", path.stem)),
            precision=precision,
            engine_version=str(facts.get("engine_version", "")) or "unknown",
            hardware=str(facts.get("hardware", "")),
            honours_seed=False,
            max_in_flight=max_in_flight,
            stated={"precision": precision},
        )

    async def generate(self, request: Request) -> Generation:
        """The kept answer to *request*.

        Raises:
            RequestRejected: there is none.
            EngineFailed: the backend is closed, or the source is damaged.
        """
        async with self._places:
            await asyncio.sleep(self._latency_s)
            if self._closed:
                raise EngineFailed("The replay backend is closed.")
            found = self._source.get(request.key)
        if found is None:
            task, question, repeat = request.key
            raise RequestRejected(
                f"No answer is kept for {task} {question} repeat {repeat}.", rejection="absent"
            )
        return found

    async def aclose(self) -> None:
        """Close the source; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._source.close()


class RunSource:
    """The answers in a run's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "generations.sqlite"
        # Not mode=ro: what a killed writer left half done must be undone before reading.
        uri = f"{self._path.resolve().as_uri()}?mode=rw"
        with self._explained():
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            with self._explained():
                self._db.execute("PRAGMA query_only = 1")
                self._db.execute("SELECT 1 FROM answer LIMIT 1")
        except EngineFailed:
            self._db.close()
            raise

    def get(self, key: Key) -> Generation | None:
        """The answer to *key*, None if there is none."""
        with self._explained():
            row = self._db.execute(BY_KEY, key).fetchone()
            return None if row is None else _kept(row)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, zlib.error) as error:
            raise EngineFailed(f"{self._path}: no answers can be read ({error}).") from error


class RowSource:
    """The answers in a file of JSON rows; only their places in the file are held in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise EngineFailed(f"{path}: cannot be read ({error.strerror}).") from error
        try:
            self._places = {_key(row): place for place, row in self._rows()}
        except EngineFailed:
            self._file.close()
            raise

    def get(self, key: Key) -> Generation | None:
        """The answer to *key*, None if there is none."""
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place)
        row = json.loads(self._file.readline())
        tokens, finish = row.get("tokens"), row.get("finish_reason")
        return Generation(
            text=row["response"],
            reasoning=row.get("reasoning"),
            finish_reason=finish if finish in FINISH_REASONS else "unknown",
            output_tokens=tokens if isinstance(tokens, int) else None,
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Each row with its place in the file; a row that cannot be used is named."""
        place = 0
        for number, line in enumerate(self._file, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise EngineFailed(f"{self._path}:{number}: is no JSON ({error}).") from error
            if not isinstance(row, dict) or not isinstance(row.get("response"), str):
                raise EngineFailed(f"{self._path}:{number}: has no text `response`.")
            missing = [name for name in ("benchmark", "item_id") if name not in row]
            if missing:
                raise EngineFailed(f"{self._path}:{number}: has no {', '.join(missing)}.")
            yield place, row
            place += len(line)


def _key(row: Mapping[str, Any]) -> Key:
    return Key(str(row["benchmark"]), str(row["item_id"]), _number(row.get("sample")))


def _number(sample: object) -> int:
    """The repeat that a row's `sample` names; 0 if it names none."""
    return sample if isinstance(sample, int) else 0


def _kept(row: tuple[Any, ...]) -> Generation:
    """The generation of a row of a run's `answer` table."""
    text, reasoning, finish_reason, starts_in_thinking, prompt, output, latency_s = row
    return Generation(
        text=_text(text),
        reasoning=None if reasoning is None else _text(reasoning),
        finish_reason=finish_reason,
        starts_in_thinking=bool(starts_in_thinking),
        prompt_tokens=prompt,
        output_tokens=output,
        latency_s=latency_s,
    )


def _text(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")


def _facts(source: Path) -> Mapping[str, Any]:
    """What the run that is played back says of its engine."""
    try:
        info = json.loads((source / "run.json").read_bytes())
    except (OSError, ValueError):
        return {}
    found = info.get("backend") if isinstance(info, dict) else None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}

"""The texts behind the flips, packed so that a page with thousands of them stays small.

Chunks of pairs, each gzip and base64 in a script element of its own that no browser executes, are
inflated when one of their pairs is opened. Model text reaches the page as text nodes only.
"""

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalsuite.answers.think import CLOSES, OPENS
from evalsuite.comparison.types import Benchmark, Flip
from evalsuite.model import Generation, Key
from evalsuite.report.words import readable
from evalsuite.runs.folder import Run

CHUNK_PAIRS = 50
CHUNK_CHARACTERS = 300_000
BUDGET_BYTES = 5_000_000
LONGEST_HEAD, LONGEST_TAIL = 150_000, 50_000


class Place(NamedTuple):
    """Where the texts of a flip are: the number of the chunk, and the row in it."""

    chunk: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`chunks` of base64, and the place of each flip (by its index) whose texts are in them."""

    chunks: tuple[str, ...] = ()
    places: Mapping[int, Place]


def bundle(
    flips: Sequence[Flip],
    baseline: Run,
    candidate: Run,
    *,
    withheld: frozenset[str] = frozenset(),
    budget_bytes: int = BUDGET_BYTES,
) -> Bundle:
    """The texts of *flips*, until *budget_bytes* are full.

    Lost flips come before won ones, and the tasks take turns, so that none fills the page alone.
    Of the tasks in *withheld* neither questions nor responses are included.
    """
    chunks: list[str] = []
    places: dict[int, Place] = {}
    used = 0
    for numbers, texts in _filled(flips, baseline, candidate, withheld):
        packed = _packed(texts)
        if used + len(packed) > budget_bytes:
            break
        places |= {number: Place(len(chunks), row) for row, number in enumerate(numbers)}
        chunks.append(packed)
        used += len(packed)
    return Bundle(chunks=tuple(chunks), places=places)


def withheld_tasks(benchmarks: Sequence[Benchmark]) -> frozenset[str]:
    """The tasks whose texts a published report leaves out: GPQA in any form.

    Its authors ask that no example is put online in plain text. Synthetic items are ours to show.
    """
    return frozenset(
        one.task
        for one in benchmarks
        if "gpqa" in f"{one.task} {one.source}".lower() and not one.synthetic
    )


def _filled(
    flips: Sequence[Flip], baseline: Run, candidate: Run, withheld: frozenset[str]
) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Groups of flips' indices with their texts, each small enough to inflate at once."""
    numbers: list[int] = []
    texts: list[list[str]] = []
    size = 0
    for number in _fair_order(flips):
        if flips[number].task in withheld:
            continue
        text = _texts(flips[number], baseline, candidate)
        length = sum(map(len, text))
        if numbers and (len(numbers) == CHUNK_PAIRS or size + length > CHUNK_CHARACTERS):
            yield numbers, texts
            numbers, texts, size = [], [], 0
        numbers.append(number)
        texts.append(text)
        size += length
    if numbers:
        yield numbers, texts


def _fair_order(flips: Sequence[Flip]) -> list[int]:
    """Indices of *flips*: lost before won, the tasks in turns."""
    seen: dict[tuple[bool, str], int] = defaultdict(int)
    turns: list[tuple[bool, int, int]] = []
    for number, flip in enumerate(flips):
        kind = (flip.lost, flip.task)
        turns.append((not flip.lost, seen[kind], number))
        seen[kind] += 1
    return [number for _, _, number in sorted(turns)]


def _packed(texts: Sequence[Sequence[str]]) -> str:
    text = json.dumps(texts, ensure_ascii=True, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _texts(flip: Flip, baseline: Run, candidate: Run) -> list[str]:
    """The question, then thinking and answer of the baseline, then those of the candidate."""
    question = baseline.store.question(flip.task, flip.question)
    shown = "\n\n".join(message.content for message in question.messages) if question else ""
    key = Key(flip.task, flip.question, flip.repeat)
    return [_shown(text) for text in (shown, *_response(baseline, key), *_response(candidate, key))]


def _response(run: Run, key: Key) -> tuple[str, str]:
    """Thinking and answer of one response; empty where there is none."""
    answer = run.store.answer(key)
    return ("", "") if answer is None else _split(answer.generation)


def _split(came: Generation) -> tuple[str, str]:
    if came.reasoning is not None:
        return came.reasoning, came.text
    closing = CLOSES.search(came.text)
    if closing:
        return came.text[: closing.end()], came.text[closing.end() :]
    if came.starts_in_thinking or OPENS.search(came.text):
        return came.text, ""
    return "", came.text


def _shown(text: str) -> str:
    """*text* without what breaks a page; of a huge one the beginning and the end."""
    left_out = len(text) - LONGEST_HEAD - LONGEST_TAIL
    if left_out > 0:
        head, tail = text[:LONGEST_HEAD], text[-LONGEST_TAIL:]
        text = f"{head}\n[… {left_out:,} characters are left out of this page …]\n{tail}"
    return str(readable(text))

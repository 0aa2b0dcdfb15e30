"""The texts behind the flips, packed so that a page with thousands of them stays small.

Chunks of pairs, each gzip and base64 in a script element of its own that no browser executes, are
inflated when one of their pairs is opened. Model text reaches the page as text nodes only.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evalsuite.comparison.types import Benchmark, Flip
from evalsuite.model import Key
from evalsuite.runs.folder import Run

PER_CHUNK = 50
BUDGET_BYTES = 6_000_000
# GPQA's authors ask that no example is put online in plain text.
WITHHELD = frozenset({"gpqa_diamond"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`chunks` of base64; the first `embedded` flips of the page have their texts in them."""

    chunks: tuple[str, ...]
    embedded: int
    per_chunk: int = PER_CHUNK


def bundle(
    flips: Sequence[Flip],
    baseline: Run,
    candidate: Run,
    *,
    withheld: frozenset[str] = frozenset(),
    budget_bytes: int = BUDGET_BYTES,
) -> Bundle:
    """The texts of *flips* in order, until *budget_bytes* are full.

    Of the tasks in *withheld* neither questions nor responses are included.
    """
    chunks: list[str] = []
    used = embedded = 0
    for group in _grouped(flips):
        packed = _packed(_texts(flip, baseline, candidate, withheld) for flip in group)
        if used + len(packed) > budget_bytes:
            break
        chunks.append(packed)
        used += len(packed)
        embedded += len(group)
    return Bundle(chunks=tuple(chunks), embedded=embedded)


def withheld_tasks(benchmarks: Sequence[Benchmark]) -> frozenset[str]:
    """The tasks whose texts a published report leaves out; synthetic items are ours to show."""
    return WITHHELD & {one.task for one in benchmarks if not one.synthetic}


def _grouped(flips: Sequence[Flip]) -> Iterator[Sequence[Flip]]:
    for start in range(0, len(flips), PER_CHUNK):
        yield flips[start : start + PER_CHUNK]


def _packed(pairs: Iterable[object]) -> str:
    text = json.dumps(list(pairs), ensure_ascii=True, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _texts(
    flip: Flip, baseline: Run, candidate: Run, withheld: frozenset[str]
) -> dict[str, object] | None:
    """The question and both responses; None where they are withheld."""
    if flip.task in withheld:
        return None
    question = baseline.store.question(flip.task, flip.question)
    key = Key(flip.task, flip.question, flip.repeat)
    shown = "\n\n".join(message.content for message in question.messages) if question else ""
    return {"q": shown, "a": _response(baseline, key), "b": _response(candidate, key)}


def _response(run: Run, key: Key) -> list[str]:
    """[thinking, answer] of one response; the thinking is empty where there is none."""
    answer = run.store.answer(key)
    if answer is None:
        return ["", ""]
    came = answer.generation
    if came.reasoning is not None:
        return [came.reasoning, came.text]
    thinking, closed, rest = came.text.partition("</think>")
    if closed:
        return [thinking + closed, rest]
    return [came.text, ""] if came.starts_in_thinking else ["", came.text]

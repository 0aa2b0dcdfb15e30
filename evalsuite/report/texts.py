"""The texts of a pair, packed: gzip and base64, so that a page with thousands of them stays small.

A chunk is inflated when one of its pairs is opened. Model text reaches the page as text nodes only.
"""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from evalsuite.answers.think import CLOSES, OPENS
from evalsuite.model import Generation, Key
from evalsuite.report.words import readable
from evalsuite.runs.folder import Run

CHUNK_PAIRS = 50
CHUNK_CHARACTERS = 300_000
LONGEST_HEAD, LONGEST_TAIL = 150_000, 50_000

PairKey: TypeAlias = tuple[int, Key]
Texts: TypeAlias = Sequence[str]


class Place(NamedTuple):
    """Where the texts of a pair are: the chunk (`p0`, `p1`, ...), and the row in it."""

    chunk: str
    row: int


@dataclass(slots=True)
class Filling:
    """A chunk that grows until it is large enough to be inflated at once."""

    keys: list[PairKey] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    characters: int = 0

    def has_room(self, texts: Texts) -> bool:
        """Whether *texts* still fit; one pair always does."""
        more = self.characters + sum(map(len, texts))
        return not self.keys or (len(self.keys) < CHUNK_PAIRS and more <= CHUNK_CHARACTERS)

    def add(self, key: PairKey, texts: Texts) -> None:
        """Put one more pair in."""
        self.keys.append(key)
        self.texts.append(texts)
        self.characters += sum(map(len, texts))

    def places(self, chunk: str) -> dict[PairKey, Place]:
        """Where its pairs are, once it is the chunk of that name."""
        return {key: Place(chunk, row) for row, key in enumerate(self.keys)}


def texts_of(key: Key, baseline: Run, candidate: Run) -> Texts:
    """The question, then thinking and answer of the baseline, then those of the candidate."""
    question = baseline.store.question(key.task, key.question)
    shown = "\n\n".join(message.content for message in question.messages) if question else ""
    return [_shown(text) for text in (shown, *_response(baseline, key), *_response(candidate, key))]


def packed(value: object, *, level: int = 9) -> str:
    """*value* as JSON, gzip at *level* and base64; equal values give equal text."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), level, mtime=0)).decode()


def _response(run: Run, key: Key) -> tuple[str, str]:
    """Thinking and answer of one response; empty where there is none."""
    answer = run.store.answer(key)
    return ("", "") if answer is None else split(answer.generation)


def split(came: Generation) -> tuple[str, str]:
    """The thinking of *came*, with its closing tag, and what stands after it."""
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

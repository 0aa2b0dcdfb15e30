"""The texts of a question's draw in every arm, packed: gzip and base64, so that a page stays small.

A chunk is inflated when one of its pairs is opened. Model text reaches the page as text nodes only.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from evalsuite.answers.think import split
from evalsuite.model import Key
from evalsuite.report.words import readable
from evalsuite.runs.folder import Run

CHUNK_PAIRS = 50
CHUNK_CHARACTERS = 300_000
LEVEL = 9
LONGEST_HEAD, LONGEST_TAIL = 150_000, 50_000

Texts: TypeAlias = Sequence[str]


class Place(NamedTuple):
    """Where the texts of a key are: the chunk, and the row in it.

    Chunks `p0`, `p1`, ... are in the page, `i0`, `i1`, ... are files in `items/`.
    """

    chunk: str
    row: int


@dataclass(slots=True)
class Filling:
    """A chunk that grows until it is large enough to be inflated at once."""

    keys: list[Key] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    characters: int = 0

    def has_room(self, texts: Texts) -> bool:
        """Whether *texts* still fit; one pair always does."""
        more = self.characters + sum(map(len, texts))
        return not self.keys or (len(self.keys) < CHUNK_PAIRS and more <= CHUNK_CHARACTERS)

    def add(self, key: Key, texts: Texts) -> None:
        """Put one more key in."""
        self.keys.append(key)
        self.texts.append(texts)
        self.characters += sum(map(len, texts))

    def places(self, chunk: str) -> dict[Key, Place]:
        """Where its keys are, once it is the chunk of that name."""
        return {key: Place(chunk, row) for row, key in enumerate(self.keys)}


def filled(keys: Iterable[Key], runs: Sequence[Run]) -> Iterator[Filling]:
    """The texts of *keys* in *runs*, the baseline first, in chunks."""
    filling = Filling()
    for key in keys:
        texts = texts_of(key, runs)
        if not filling.has_room(texts):
            yield filling
            filling = Filling()
        filling.add(key, texts)
    if filling.keys:
        yield filling


def texts_of(key: Key, runs: Sequence[Run]) -> Texts:
    """The question, then thinking and answer in each of *runs*, the baseline first."""
    question = runs[0].store.question(key.task, key.question)
    shown = "\n\n".join(message.content for message in question.messages) if question else ""
    return [_shown(text) for text in (shown, *(part for run in runs for part in _said(run, key)))]


def packed(value: object) -> str:
    """*value* as JSON, gzip and base64; equal values give equal text."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), LEVEL, mtime=0)).decode()


def _said(run: Run, key: Key) -> tuple[str, str]:
    """Thinking and answer of one response; empty where there is none."""
    answer = run.store.answer(key)
    return ("", "") if answer is None else split(answer.generation)


def _shown(text: str) -> str:
    """*text* without what breaks a page; of a huge one the beginning and the end."""
    left_out = len(text) - LONGEST_HEAD - LONGEST_TAIL
    if left_out > 0:
        head, tail = text[:LONGEST_HEAD], text[-LONGEST_TAIL:]
        text = f"{head}\n\n[… {left_out:,} characters are left out of this page …]\n\n{tail}"
    return str(readable(text))

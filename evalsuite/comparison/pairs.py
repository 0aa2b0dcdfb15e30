"""The paired draws of one task, as arrays with one entry per question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalsuite.model import Key
from evalsuite.runs.rows import Draw
from evalsuite.stats.paired import Counts, Floats

Draws = Mapping[Key, Draw]
Marks: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The keys that both runs hold, sorted; `starts` marks each question's first."""

    keys: tuple[Key, ...]
    questions: tuple[str, ...]
    starts: Counts
    baseline: Draws
    candidate: Draws

    @property
    def draws(self) -> Counts:
        """Paired draws per question."""
        return np.diff(np.append(self.starts, len(self.keys)))

    def baseline_draws(self) -> list[Draw]:
        """The baseline's draws in the order of `keys`."""
        return [self.baseline[key] for key in self.keys]

    def candidate_draws(self) -> list[Draw]:
        """The candidate's draws in the order of `keys`."""
        return [self.candidate[key] for key in self.keys]

    def right(self, draws: Sequence[Draw]) -> Counts:
        """Right draws per question."""
        return self.count([draw.outcome == "correct" for draw in draws])

    def count(self, marks: Sequence[bool] | Marks) -> Counts:
        """How many of *marks* (one per key) are set, per question."""
        return np.add.reduceat(np.asarray(marks, dtype=np.int64), self.starts)

    def mean_tokens(self, draws: Sequence[Draw]) -> Floats | None:
        """Mean output tokens per question; None if a count is missing."""
        tokens = [draw.output_tokens for draw in draws]
        if any(count is None for count in tokens):
            return None
        sums = np.add.reduceat(np.asarray(tokens, dtype=np.float64), self.starts)
        return np.asarray(sums / self.draws, dtype=np.float64)


def pair(baseline: Draws, candidate: Draws) -> Pairs | None:
    """Pair two arms' draws of one task by key; None if they share none."""
    keys = tuple(sorted(baseline.keys() & candidate.keys()))
    if not keys:
        return None
    starts = [
        number
        for number, key in enumerate(keys)
        if number == 0 or key.question != keys[number - 1].question
    ]
    return Pairs(
        keys=keys,
        questions=tuple(keys[start].question for start in starts),
        starts=np.asarray(starts, dtype=np.int64),
        baseline=baseline,
        candidate=candidate,
    )


def duplicates(draws: Sequence[Draw]) -> int:
    """Draws whose text equals an earlier draw's for the same question."""
    seen: set[tuple[str, bytes]] = set()
    count = 0
    for draw in draws:
        mark = (draw.key.question, draw.text_hash)
        count += bool(draw.text_hash) and mark in seen
        seen.add(mark)
    return count

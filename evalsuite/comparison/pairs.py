"""The paired draws of one task, as arrays with one entry per question."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
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
class Side:
    """One arm's draws of the paired questions in their order; `starts` marks each one's first."""

    draws: tuple[Draw, ...]
    starts: Counts

    @property
    def counts(self) -> Counts:
        """Draws per question."""
        return np.diff(np.append(self.starts, len(self.draws)))

    @property
    def right(self) -> Counts:
        """Right draws per question."""
        return self.count([draw.outcome == "correct" for draw in self.draws])

    def count(self, marks: Sequence[bool] | Marks) -> Counts:
        """How many of *marks* (one per draw) are set, per question."""
        return np.add.reduceat(np.asarray(marks, dtype=np.int64), self.starts)

    def tokens_per_draw(self) -> float | None:
        """Mean output tokens of a draw; None if a count is missing."""
        tokens = [draw.output_tokens for draw in self.draws if draw.output_tokens is not None]
        return sum(tokens) / len(tokens) if len(tokens) == len(self.draws) else None

    def mean_tokens(self) -> Floats | None:
        """Mean output tokens per question; None if a count is missing."""
        tokens = [draw.output_tokens for draw in self.draws]
        if any(count is None for count in tokens):
            return None
        sums = np.add.reduceat(np.asarray(tokens, dtype=np.float64), self.starts)
        return np.asarray(sums / self.counts, dtype=np.float64)

    def per_question(self, values: Sequence[str]) -> list[list[str]]:
        """*values* (one per draw) as one list per question."""
        ends = [*self.starts[1:].tolist(), len(values)]
        return [list(values[at:end]) for at, end in zip(self.starts.tolist(), ends, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The `keys` that both runs hold, sorted, and each arm's draws of their questions.

    `ours` is the baseline's side: the paired draws and its `surplus`, which are repeats that the
    candidate was never asked. They have no partner, but they say more of the baseline's rates.
    `baseline` and `candidate` are all draws of the task.
    """

    keys: tuple[Key, ...]
    questions: tuple[str, ...]
    ours: Side
    theirs: Side
    baseline: Draws
    candidate: Draws
    surplus: int

    @property
    def right(self) -> tuple[Counts, Counts]:
        """Right draws per question, of both arms."""
        return self.ours.right, self.theirs.right

    @property
    def draws(self) -> tuple[Counts, Counts]:
        """Draws per question, of both arms."""
        return self.ours.counts, self.theirs.counts

    @property
    def differences(self) -> Floats:
        """The candidate's pass rate less the baseline's, per question."""
        rates = [side.right / side.counts for side in (self.ours, self.theirs)]
        return np.asarray(rates[1] - rates[0], dtype=np.float64)

    @property
    def repeats(self) -> float:
        """Draws of each arm that a question has, on average; the harmonic mean of the two arms."""
        return float(np.mean(2 / (1 / self.ours.counts + 1 / self.theirs.counts)))


def pair(
    baseline: Draws, candidate: Draws, *, asked: AbstractSet[Key] | None = None
) -> Pairs | None:
    """Pair two arms' draws of one task by key; None if they share none.

    *asked* is what the candidate was asked; None if it was whole passes.
    """
    keys = tuple(sorted(baseline.keys() & candidate.keys()))
    if not keys:
        return None
    questions = {key.question for key in keys}
    last = max(key.repeat for key in candidate)
    more = [
        key
        for key in baseline
        if key.question in questions and (key.repeat > last if asked is None else key not in asked)
    ]
    return Pairs(
        keys=keys,
        questions=tuple(sorted(questions)),
        ours=_side(baseline, sorted([*keys, *more])),
        theirs=_side(candidate, keys),
        baseline=baseline,
        candidate=candidate,
        surplus=len(more),
    )


def _side(draws: Draws, keys: Sequence[Key]) -> Side:
    starts = [
        number
        for number, key in enumerate(keys)
        if number == 0 or key.question != keys[number - 1].question
    ]
    return Side(draws=tuple(draws[key] for key in keys), starts=np.asarray(starts, dtype=np.int64))


def duplicates(draws: Sequence[Draw]) -> int:
    """Draws whose text equals an earlier draw's for the same question."""
    seen: set[tuple[str, bytes]] = set()
    count = 0
    for draw in draws:
        mark = (draw.key.question, draw.text_hash)
        count += bool(draw.text_hash) and mark in seen
        seen.add(mark)
    return count

"""What is to be asked: keys, seeds, and the order that keeps the engine full."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from evalsuite.model import Key, Question, Request, Sampling

# Tokens per answer of DeepSeek-R1, to order tasks that were never asked before; planning values.
PRIOR_TOKENS = {
    "aime_2024": 12_000,
    "gpqa_diamond": 7_000,
    "math_500": 3_000,
    "mmlu": 1_000,
    "gsm8k": 800,
}
OTHER_TOKENS = 2_000


# Keys → their requests, in the order that keeps the engine full.
Queue: TypeAlias = Callable[[AbstractSet[Key]], Iterator[Request]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One task as a run asks it: every question *repeats* times, or as often as *each* says.

    The mean of *each* is *repeats*.
    """

    name: str
    questions: tuple[Question, ...]
    repeats: int
    sampling: Sampling
    each: Mapping[str, int] | None = None

    def keys(self) -> Iterator[Key]:
        """Every draw of this task."""
        for question in self.questions:
            for repeat in range(self.each[question.id] if self.each else self.repeats):
                yield Key(self.name, question.id, repeat)


def seed_of(experiment: int, key: Key) -> int:
    """The seed of a draw, 0 to 2^63 - 1: a pure function of the experiment seed and the key."""
    text = f"{experiment}\n{key.task}\n{key.question}\n{key.repeat}"
    return (
        int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        >> 1
    )


def requests(
    tasks: Sequence[PlannedTask],
    keys: Iterable[Key],
    *,
    seed: int,
    lengths: Mapping[tuple[str, str], float],
) -> Iterator[Request]:
    """The requests of *keys*, longest expected first, all of *tasks* in one queue.

    A heavy tail decides the makespan by when the long answers start, so they start first.
    """

    def expected(key: Key) -> float:
        prior = PRIOR_TOKENS.get(key.task, OTHER_TOKENS)
        return lengths.get((key.task, key.question), prior)

    by_id = {(task.name, question.id): question for task in tasks for question in task.questions}
    sampling = {task.name: task.sampling for task in tasks}
    for key in sorted(keys, key=lambda key: (-expected(key), key)):
        yield Request(
            key=key,
            messages=by_id[key.task, key.question].messages,
            sampling=sampling[key.task],
            seed=seed_of(seed, key),
        )

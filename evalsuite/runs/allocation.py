"""Repeats shared out by an earlier run's pass rates."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evalsuite.errors import UsageError
from evalsuite.model import Question
from evalsuite.runs.folder import open_run
from evalsuite.stats.allocation import shared_repeats


def shared_out(
    task: str, questions: Sequence[Question], repeats: int, *, history: Path, experiment: str
) -> dict[str, int]:
    """Question → repeats, *repeats* on average, the same in all arms.

    Raises:
        UsageError: *history* is a run of this *experiment* itself, or knows nothing of *task*.
        RunError: it cannot be read.
    """
    right: Counter[str] = Counter()
    draws: Counter[str] = Counter()
    with open_run(history) as run:
        if run.info.experiment == experiment:
            raise UsageError(
                f"tasks.{task}.repeats_by: {history} is a run of {experiment} itself. Repeats that "
                "hang on the answers they are added to bias them; name an earlier experiment's."
            )
        for draw in run.store.draws(task):
            draws[draw.key.question] += 1
            right[draw.key.question] += draw.outcome == "correct"
    names = [question.id for question in questions]
    if not any(draws[name] for name in names):
        raise UsageError(
            f"tasks.{task}.repeats_by: {history} holds no scored answer to any of its questions."
        )
    found = shared_repeats(
        np.asarray([right[name] for name in names], dtype=np.int64),
        np.asarray([draws[name] for name in names], dtype=np.int64),
        repeats,
    )
    return dict(zip(names, found.tolist(), strict=True))

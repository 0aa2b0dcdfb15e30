"""Repeats shared out by an earlier run's pass rates."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evalsuite.errors import UsageError
from evalsuite.model import Question
from evalsuite.runs.folder import open_run
from evalsuite.runs.hits import Hits, hits_of
from evalsuite.stats.allocation import shared_repeats


def shared_out(
    task: str, questions: Sequence[Question], repeats: int, *, history: Path, experiment: str
) -> dict[str, int]:
    """Question → repeats, *repeats* on average, the same in all arms.

    Raises:
        UsageError: *history* is a run of this *experiment* itself, or knows nothing of *task*.
        RunError: it cannot be read.
    """
    with open_run(history) as run:
        if run.info.experiment == experiment:
            raise UsageError(
                f"tasks.{task}.repeats_by: {history} is a run of {experiment} itself. Repeats that "
                "hang on the answers they are added to bias them; name an earlier experiment's."
            )
        known = hits_of(run.store.draws(task))
    hits = {question.id: known.get(question.id, Hits(0, 0)) for question in questions}
    if not any(one.draws for one in hits.values()):
        raise UsageError(
            f"tasks.{task}.repeats_by: {history} holds no scored answer to any of its questions."
        )
    found = shared_repeats(
        np.asarray([one.right for one in hits.values()], dtype=np.int64),
        np.asarray([one.draws for one in hits.values()], dtype=np.int64),
        repeats,
    )
    return dict(zip(hits, found.tolist(), strict=True))

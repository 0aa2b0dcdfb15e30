"""How `run` and `import` ended, as one JSON document for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalsuite.cli.seen import Seen
from evalsuite.errors import RunError
from evalsuite.runs.folder import Run, open_run
from evalsuite.runs.hits import hits_of

if TYPE_CHECKING:
    from evalsuite.comparison import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended.

    `reason`: `complete`, or the verdict where candidates were compared; `incomplete`: requests
    stay without an answer; `stopped` by Ctrl-C or a signal. `report` is the page, if there is one.
    """

    exit_code: int
    reason: str
    comparisons: "Sequence[Comparison]" = ()
    report: Path | None = None


def told(ended: Ended, folders: Iterable[Path]) -> str:
    """*ended* and what the runs in *folders* hold, as JSON; a run without any answer is left out.

    Accuracies and differences are fractions of 1 with their 95 % interval; `failed` counts
    requests without an answer.
    """
    document = {
        "schema": 1,
        "exit_code": ended.exit_code,
        "reason": ended.reason,
        "runs": [facts for folder in folders if (facts := _run(folder))],
        "comparisons": [
            {"baseline": one.baseline.id, "candidate": one.candidate.id, **verdicts(one)}
            for one in ended.comparisons
        ],
        "report": None if ended.report is None else str(ended.report),
    }
    return json.dumps(document, indent=2)


def verdicts(comparison: "Comparison") -> dict[str, Any]:
    """The verdict of *comparison* and of each of its benchmarks."""
    return {
        "verdict": comparison.verdict,
        "benchmarks": {
            one.task: {
                "difference": one.difference.value,
                "low_95": one.difference.interval.low,
                "high_95": one.difference.interval.high,
                "margin": one.margin,
                "verdict": one.verdict,
            }
            for one in comparison.benchmarks
        },
        "stops": [check.name for check in comparison.checks if check.status == "stop"],
    }


def _run(folder: Path) -> dict[str, Any] | None:
    try:
        opened = open_run(folder)
    except RunError:  # it was stopped before it asked anything
        return None
    with opened as run:
        found = Seen(folder)
        found.read(run)
        return {
            "run": str(folder),
            "arm": run.info.arm,
            "failures": dict(found.failures),
            "tasks": {
                name: {**count.facts(), **_outcomes(run, name)}
                for name, count in found.tasks.items()
            },
        }


def _outcomes(run: Run, task: str) -> dict[str, Any]:
    """pass@1 with its interval, None if nothing is graded, and the answers that hold none."""
    # Not before: they take their time to import.
    import numpy as np

    from evalsuite.stats.decide import LEVEL_95
    from evalsuite.stats.single import single_interval

    draws = list(run.store.draws(task))
    unread = sum(draw.outcome == "no_answer" for draw in draws)
    hits = hits_of(draws).values()
    if not hits:
        return {"no_answer": unread, "accuracy": None}
    right = np.asarray([one.right for one in hits], dtype=np.int64)
    counts = np.asarray([one.draws for one in hits], dtype=np.int64)
    low, high = single_interval(right, counts, LEVEL_95)
    accuracy = {"value": float(np.mean(right / counts)), "low_95": low, "high_95": high}
    return {"no_answer": unread, "accuracy": accuracy}

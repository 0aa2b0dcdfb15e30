"""One task of one comparison, as the gate and the history read it."""

from dataclasses import dataclass

from evalsuite.comparison.types import (
    Benchmark,
    Comparison,
    Estimate,
    FlipCounts,
    Interval,
    RateChange,
    Verdict,
)
from evalsuite.model import RunInfo

MOST_LOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """A task's numbers; accuracies and differences are fractions of 1, candidate minus baseline.

    `pairs` of the `planned` draws of the candidate have a partner and a score. `verdict`,
    `p_value` and `worse_p` are at `margin`. `rates`: the change of truncation and of answers that
    are missing.
    """

    task: str
    title: str
    synthetic: bool
    questions: int
    pairs: int
    planned: int
    baseline: Estimate
    candidate: Estimate
    difference: Estimate
    interval_90: Interval
    margin: float
    p_value: float
    worse_p: float
    verdict: Verdict
    flips: FlipCounts
    control: FlipCounts | None
    length_ratio: Estimate | None
    rates: tuple[RateChange, ...]
    flags: tuple[str, ...]

    @property
    def complete(self) -> float:
        """The share of planned draws that are paired, 0 to 1."""
        return min(self.pairs / self.planned, 1.0) if self.planned else 0.0

    def rate(self, name: str) -> RateChange:
        """The change of rate *name* (`truncated`, `no_answer`)."""
        return next(one for one in self.rates if one.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A question that the candidate lost in `lost` paired draws and won in `won`."""

    task: str
    question: str
    lost: int
    won: int


def results_of(comparison: Comparison, candidate: RunInfo) -> tuple[TaskResult, ...]:
    """Every benchmark of *comparison*; *candidate* says how many draws were planned."""
    planned = {task.name: task.questions * task.repeats for task in candidate.tasks}
    return tuple(_result(one, due(one, planned[one.task])) for one in comparison.benchmarks)


def due(one: Benchmark, planned: int) -> int:
    """How many draws had to be there: *planned*, or as many as a run that stopped early wanted.

    One that may stop early and has not ended wants more than it has, whatever it has.
    """
    early = one.sequential
    if early is None:
        return planned
    return early.asked if early.finished else max(early.planned, one.pairs + 1)


def most_lost(comparison: Comparison, most: int = MOST_LOST) -> tuple[Lost, ...]:
    """The questions with the greatest net loss, at most *most*, in a fixed order."""
    counts: dict[tuple[str, str], list[int]] = {}
    for flip in comparison.flips:
        counts.setdefault((flip.task, flip.question), [0, 0])[not flip.lost] += 1
    rows = [
        Lost(task=task, question=question, lost=lost, won=won)
        for (task, question), (lost, won) in counts.items()
        if lost > won
    ]
    return tuple(sorted(rows, key=lambda row: (row.won - row.lost, row.task, row.question))[:most])


def _result(one: Benchmark, planned: int) -> TaskResult:
    return TaskResult(
        task=one.task,
        title=one.title,
        synthetic=one.synthetic,
        questions=one.questions,
        pairs=one.pairs,
        planned=planned,
        baseline=one.baseline.accuracy,
        candidate=one.candidate.accuracy,
        difference=one.difference,
        interval_90=one.interval_90,
        margin=one.margin,
        p_value=one.p_value,
        worse_p=one.worse_p,
        verdict=one.verdict,
        flips=one.flips,
        control=one.control,
        length_ratio=one.length_ratio,
        rates=one.beyond.rates,
        flags=one.flags,
    )

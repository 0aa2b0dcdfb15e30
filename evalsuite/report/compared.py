"""What a page is made of: one baseline, and every candidate with its comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, Flip
from evalsuite.errors import UsageError
from evalsuite.model import Key
from evalsuite.runs.folder import Run
from evalsuite.runs.rows import Draw

ALL_TASKS = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One candidate: its comparison with the baseline, and the run that holds its texts."""

    comparison: Comparison
    run: Run

    @property
    def label(self) -> str:
        """The candidate's name as a reader should see it."""
        return arm_label(self.comparison.candidate.arm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A flip with the number of the candidate (from 0) that it belongs to."""

    arm: int
    flip: Flip

    @property
    def key(self) -> tuple[int, Key]:
        """What the texts of the flip are found by."""
        return self.arm, Key(self.flip.task, self.flip.question, self.flip.repeat)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDraws:
    """One question and repeat that both runs answered."""

    arm: int
    key: Key
    subject: str
    gold: str
    baseline: Draw
    candidate: Draw


def listed(compared: Sequence[Compared]) -> list[Listed]:
    """Every flip of every candidate, the lost ones first, as each comparison orders them."""
    found = [
        Listed(arm=arm, flip=flip)
        for arm, one in enumerate(compared)
        for flip in one.comparison.flips
    ]
    return sorted(found, key=lambda one: not one.flip.lost)


def pairs_of(compared: Sequence[Compared], baseline: Run) -> Iterator[PairedDraws]:
    """Every pair of every candidate, task by task in the order of the page, without texts."""
    for arm, one in enumerate(compared):
        for benchmark in one.comparison.benchmarks:
            yield from _pairs(arm, benchmark.task, baseline, one.run)


def _pairs(arm: int, task: str, baseline: Run, candidate: Run) -> Iterator[PairedDraws]:
    questions = {one.id: (one.subject, one.gold) for one in baseline.store.questions(task)}
    theirs = {draw.key: draw for draw in candidate.store.draws(task)}
    for ours in baseline.store.draws(task):
        other = theirs.get(ours.key)
        if other is not None:
            subject, gold = questions[ours.key.question]
            yield PairedDraws(
                arm=arm, key=ours.key, subject=subject, gold=gold, baseline=ours, candidate=other
            )


def withheld_tasks(
    benchmarks: Sequence[Benchmark], *, publish: bool, named: Sequence[str] = ()
) -> frozenset[str]:
    """The tasks whose texts the report leaves out: those *named*, `all` for every one.

    With *publish* GPQA, too, in any form: its authors ask that no example is put online in plain
    text. Synthetic items are ours to show.

    Raises:
        UsageError: a task is named that is not on the page.
    """
    tasks = [one.task for one in benchmarks]
    strangers = sorted(set(named) - {*tasks, ALL_TASKS})
    if strangers:
        raise UsageError(
            f"--withhold {strangers[0]}: no such task here; "
            f"there are {', '.join(sorted(set(tasks)))}, or {ALL_TASKS}."
        )
    if ALL_TASKS in named:
        return frozenset(tasks)
    gpqa = (
        one.task
        for one in benchmarks
        if publish and "gpqa" in f"{one.task} {one.source}".lower() and not one.synthetic
    )
    return frozenset({*named, *gpqa})

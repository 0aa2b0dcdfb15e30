"""What a page is made of: one baseline, and every candidate with its comparison."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, DrawResult, Flip
from evalsuite.errors import UsageError
from evalsuite.model import Key
from evalsuite.runs.folder import Run
from evalsuite.runs.rows import Draw

ALL_TASKS = "all"
WITHHELD = "withheld"
NO_SLUG = re.compile(r"[^a-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One candidate: its comparison with the baseline, and the run that holds its texts."""

    comparison: Comparison
    run: Run
    name: str = ""

    @property
    def label(self) -> str:
        """The candidate's name as a reader should see it: its arm's, if no other is given."""
        return self.name or arm_label(self.comparison.candidate.arm)


def told_apart(compared: Sequence[Compared]) -> list[Compared]:
    """*compared*; candidates of the same arm are called by their runs."""
    arms = Counter(one.label for one in compared)
    return [
        one if arms[one.label] == 1 else replace(one, name=one.comparison.candidate.id)
        for one in compared
    ]


def slugs_of(compared: Sequence[Compared]) -> list[str]:
    """A name for files and addresses for each of *compared*; no two are the same."""
    made: list[str] = []
    for one in compared:
        slug = NO_SLUG.sub("-", one.label.lower()).strip("-.")[:40] or "candidate"
        while slug in made:
            slug = f"{slug}-{len(made)}"
        made.append(slug)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A flip with the number of the candidate (from 0) that it belongs to."""

    arm: int
    flip: Flip

    @property
    def key(self) -> Key:
        """What the texts of the flip are found by."""
        return Key(self.flip.task, self.flip.question, self.flip.repeat)


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


def pairs_of(
    compared: Sequence[Compared], baseline: Run, *, withheld: frozenset[str] = frozenset()
) -> list[PairedDraws]:
    """Every pair of every candidate, task by task in the order of the page, without texts.

    Golds and answers of the tasks in *withheld* are withheld, too.
    """
    return [
        pair
        for arm, one in enumerate(compared)
        for benchmark in one.comparison.benchmarks
        for pair in _pairs(arm, benchmark.task, baseline, one.run, hide=benchmark.task in withheld)
    ]


def _pairs(
    arm: int, task: str, baseline: Run, candidate: Run, *, hide: bool
) -> Iterator[PairedDraws]:
    questions = {one.id: (one.subject, one.gold) for one in baseline.store.questions(task)}
    theirs = {draw.key: draw for draw in candidate.store.draws(task)}
    for ours in baseline.store.draws(task):
        other = theirs.get(ours.key)
        if other is not None:
            subject, gold = questions[ours.key.question]
            yield PairedDraws(
                arm=arm,
                key=ours.key,
                subject=subject,
                gold=WITHHELD if hide else gold,
                baseline=_without_answer(ours) if hide else ours,
                candidate=_without_answer(other) if hide else other,
            )


def redacted(comparison: Comparison, withheld: frozenset[str]) -> Comparison:
    """*comparison* without golds and answers of the tasks in *withheld*; its numbers stay."""
    flips = tuple(
        replace(
            flip,
            gold=WITHHELD,
            baseline=_without_answer(flip.baseline),
            candidate=_without_answer(flip.candidate),
        )
        if flip.task in withheld
        else flip
        for flip in comparison.flips
    )
    return replace(comparison, flips=flips)


AnyDraw = TypeVar("AnyDraw", Draw, DrawResult)


def _without_answer(draw: AnyDraw) -> AnyDraw:
    return draw if draw.answer is None else replace(draw, answer=WITHHELD)


def withheld_tasks(
    benchmarks: Sequence[Benchmark], *, publish: bool, named: Sequence[str] = ()
) -> frozenset[str]:
    """The tasks whose texts, golds and answers the report leaves out: *named*, `all` for every one.

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

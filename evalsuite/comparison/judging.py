"""Intervals and p-values as the way a task was asked allows: once, at planned looks, or by bets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.parts import Interval, Sequential
from evalsuite.model import Key
from evalsuite.runs.looks import Rule, TaskLooks
from evalsuite.stats.anytime import Evidence, bets, evidence
from evalsuite.stats.paired import PairedCounts
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.schedule import Schedule
from evalsuite.stats.sequential import critical_values, kim_demets, stagewise_p


class Judge(Protocol):
    """What may be said of the paired counts of a task."""

    def interval(self, counts: PairedCounts, level: float) -> Interval:
        """The interval of the difference at *level*."""
        ...

    def holds_p(self, counts: PairedCounts, margin: float) -> float:
        """The p-value of "the loss is at least *margin*"."""
        ...

    def worse_p(self, counts: PairedCounts, margin: float) -> float:
        """The p-value of "the loss is at most *margin*"."""
        ...


class Once:
    """Asked once, looked at once."""

    def interval(self, counts: PairedCounts, level: float) -> Interval:
        """As the counts have it."""
        return _interval(counts.interval(level), level)

    def holds_p(self, counts: PairedCounts, margin: float) -> float:
        """As the counts have it."""
        return counts.noninferiority_p(margin)

    def worse_p(self, counts: PairedCounts, margin: float) -> float:
        """As the counts have it."""
        return counts.inferiority_p(margin)


@dataclass(frozen=True, slots=True)
class AtLook:
    """Planned looks: the repeated interval (C. Jennison and B. Turnbull 1989), stage-wise p."""

    schedule: Schedule
    look: int

    def interval(self, counts: PairedCounts, level: float) -> Interval:
        """The differences that this look's boundary does not refute; valid at every look."""
        critical = _critical(self.schedule.pairs, (1 - level) / 2)[self.look]
        return _interval(counts.limits(critical), level)

    def holds_p(self, counts: PairedCounts, margin: float) -> float:
        """Stopping earlier is more extreme (A. Tsiatis, G. Rosner and C. Mehta 1984)."""
        return self._p(counts.z(-margin))

    def worse_p(self, counts: PairedCounts, margin: float) -> float:
        """The same, mirrored."""
        return self._p(-counts.z(-margin))

    def _p(self, z: float) -> float:
        bounds = _critical(self.schedule.pairs, ALPHA)
        finite = min(max(z, -30.0), 30.0)
        return stagewise_p(finite, self.look, _information(self.schedule.pairs), bounds)


@dataclass(frozen=True, slots=True)
class ByBets:
    """The betting confidence sequence, and one over the e-value for a p-value.

    The bets on an interval are those of the plan's `margin`, those on a margin are its own.
    """

    won: int
    lost: int
    pairs: int
    discordance: float
    margin: float

    def interval(self, counts: PairedCounts, level: float) -> Interval:
        """What the bets have not refuted, and the observed difference in any case."""
        seen = self._seen(self.margin, (1 - level) / 2)
        ends = (min(seen.low, counts.difference), max(seen.high, counts.difference))
        return _interval(ends, level)

    def holds_p(self, counts: PairedCounts, margin: float) -> float:  # noqa: ARG002 - won and lost
        """By the bet that the loss is below the margin."""
        return math.exp(min(-self._seen(margin, ALPHA).log_e_holds, 0.0))

    def worse_p(self, counts: PairedCounts, margin: float) -> float:  # noqa: ARG002 - won and lost
        """By the bet that it is above."""
        return math.exp(min(-self._seen(margin, ALPHA).log_e_worse, 0.0))

    def _seen(self, margin: float, alpha: float) -> Evidence:
        stakes = bets(self.discordance, margin)
        return evidence(self.won, self.lost, self.pairs, bets=stakes, alpha=alpha)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """How a task of a run that may stop early was looked at.

    The last look saw `keys`; `left_out` answers came later.
    """

    rule: Rule
    task: TaskLooks
    keys: frozenset[Key]
    left_out: int


def judge_of(stops: Stops | None, pairs: Pairs) -> Judge:
    """How *pairs*, cut to the look, may be judged."""
    if stops is None or stops.task.schedule is None or not stops.task.taken:
        return Once()
    one, plan = stops.task, stops.task.schedule
    if stops.rule == "until-decided":
        return AtLook(plan, len(one.taken) - 1)
    marks = [
        (pairs.candidate[key].outcome == "correct") - (pairs.baseline[key].outcome == "correct")
        for key in pairs.keys
    ]
    return ByBets(marks.count(1), marks.count(-1), len(marks), one.bet_discordance, one.margin)


def sequential_of(stops: Stops, tokens: float | None) -> Sequential | None:
    """How far it is; *tokens* are those of a pair of answers, None if unknown."""
    one, plan = stops.task, stops.task.schedule
    if plan is None or not one.taken:
        return None
    look = one.taken[-1]
    # An open-ended run is held against the same fixed design.
    saved = None if tokens is None else (plan.fixed - look.paired) * tokens
    return Sequential(
        rule=stops.rule,
        look=len(one.taken),
        looks=len(plan.pairs),
        stopped=look.found,
        finished=one.stopped,
        asked=look.pairs,
        pairs=look.paired,
        planned=plan.pairs[-1],
        fixed=plan.fixed,
        saved_tokens=saved,
        left_out=stops.left_out,
    )


def _interval(ends: tuple[float, float], level: float) -> Interval:
    return Interval(low=ends[0], high=ends[1], level=level)


def _information(pairs: Sequence[int]) -> tuple[float, ...]:
    return tuple(count / pairs[-1] for count in pairs)


@cache
def _critical(pairs: tuple[int, ...], alpha: float) -> tuple[float, ...]:
    return critical_values(_information(pairs), kim_demets(round(alpha, 12)))

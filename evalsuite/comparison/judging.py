"""Intervals and p-values as the way a task was asked allows: once, at planned looks, or by bets."""

import math
from dataclasses import dataclass
from typing import Protocol

from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.parts import Interval, Sequential
from evalsuite.model import Key
from evalsuite.runs.looks import Rule, TaskLooks
from evalsuite.stats.anytime import Evidence, bets, evidence
from evalsuite.stats.paired import PairedCounts
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.schedule import Stage
from evalsuite.stats.sequential import stagewise_p
from evalsuite.stats.stopping import verdict_values


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

    course: tuple[Stage, ...]

    def interval(self, counts: PairedCounts, level: float) -> Interval:
        """The differences that this look's boundary does not refute; valid at every look."""
        critical = verdict_values(self.course, round((1 - level) / 2, 12))[-1]
        return _interval(counts.normal_limits(critical), level)

    def holds_p(self, counts: PairedCounts, margin: float) -> float:
        """Stopping earlier is more extreme (A. Tsiatis, G. Rosner and C. Mehta 1984)."""
        return self._p(counts.normal_z(-margin))

    def worse_p(self, counts: PairedCounts, margin: float) -> float:
        """The same, mirrored."""
        return self._p(-counts.normal_z(-margin))

    def _p(self, z: float) -> float:
        information = [one.information for one in self.course]
        finite = min(max(z, -30.0), 30.0)
        return stagewise_p(
            finite, len(information) - 1, information, verdict_values(self.course, ALPHA)
        )


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

    The last look saw `keys` of both arms and `surplus` of the baseline alone; `left_out` answers
    of the candidate came later.
    """

    rule: Rule
    task: TaskLooks
    keys: frozenset[Key]
    surplus: frozenset[Key]
    left_out: int


def judge_of(stops: Stops | None, pairs: Pairs) -> Judge:
    """How *pairs*, cut to the look, may be judged."""
    if stops is None:
        return Once()
    one = stops.task
    if stops.rule == "until-decided":
        return AtLook(one.course)
    marks = [
        (pairs.candidate[key].outcome == "correct") - (pairs.baseline[key].outcome == "correct")
        for key in pairs.keys
    ]
    return ByBets(marks.count(1), marks.count(-1), len(marks), one.guessed, one.margin)


def sequential_of(stops: Stops, tokens: float | None) -> Sequential:
    """How far it is; *tokens* are those of a pair of answers, None if unknown."""
    one = stops.task
    look = one.taken[-1]
    # An open-ended run is held against the same fixed design.
    answers = look.paired + stops.left_out
    saved = None if tokens is None else (one.fixed - answers) * tokens
    return Sequential(
        rule=stops.rule,
        look=len(one.taken),
        looks=len(one.taken) + len(one.ahead),
        stopped=look.found,
        finished=one.stopped,
        asked=look.pairs,
        pairs=look.paired,
        planned=one.ahead[-1] if one.ahead else look.pairs,
        fixed=one.fixed,
        saved_tokens=saved,
        left_out=stops.left_out,
    )


def _interval(ends: tuple[float, float], level: float) -> Interval:
    return Interval(low=ends[0], high=ends[1], level=level)

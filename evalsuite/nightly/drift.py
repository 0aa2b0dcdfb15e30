"""Charts of an arm's nights, and what they found."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import TypeAlias

from evalsuite.model import MACRO
from evalsuite.nightly.deviation import Deviation, deviations, joined, mean_variance
from evalsuite.nightly.entry import Entry, changes
from evalsuite.nightly.history import Reset
from evalsuite.nightly.policy import DriftPolicy
from evalsuite.stats.decide import LEVEL_95
from evalsuite.stats.drift import Spread, beginning, ewma, limit, pooled, shares_of, spread
from evalsuite.stats.quantiles import two_sided

# Below this the chart's own nights scatter too much for the φ² of all charts together.
OWN_SPREAD = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One night of a chart: its deviation from the reference (a fraction) and the chart's level.

    `level` is the EWMA in its standard deviations; None for reference nights.
    """

    night: str
    deviation: float
    level: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An alarm: raised at `night` for a loss of `size` (negative, a fraction) since `began`.

    `size` ± `reach` is the 95 % interval of the mean over these nights, φ included; that the
    beginning was chosen by the same nights is not. The data do not rule out beginnings from
    `earliest` to `latest`. `changed`: night → what differs there from the night before, `began`
    first.
    """

    night: str
    began: str
    earliest: str
    latest: str
    size: float
    reach: float
    changed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The nights of one task, or of the mean of all (`macro`), in one segment.

    `limit`, `rate`: an alarm is a level below −limit, which a healthy month has with chance
    `rate`. `spread` is None until `reference` nights are there. `night_se`: the standard error of
    a night's mean, φ included. `alarm` stays until it is reset.
    """

    arm: str
    task: str
    title: str
    segment: int
    reference: int
    points: tuple[Point, ...]
    rate: float
    limit: float | None
    spread: Spread | None
    reference_ratio: float
    night_se: float | None
    alarm: Found | None

    @property
    def watching(self) -> bool:
        """Whether the reference is complete."""
        return self.spread is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """All charts of an arm, the oldest segment first; the last of each task still runs."""

    arm: str
    charts: tuple[Chart, ...]

    @property
    def running(self) -> list[Chart]:
        """The last segment of the macro chart and of each task's."""
        last = {chart.task: chart for chart in self.charts}
        return list(last.values())

    @property
    def alarms(self) -> list[Chart]:
        """Running charts with an alarm that nobody has reset."""
        return [chart for chart in self.running if chart.alarm]


def watch(entries: Sequence[Entry], resets: Sequence[Reset], policy: DriftPolicy) -> Watch:
    """The charts of one arm's *entries* (of all its nights and tasks, one arm only)."""
    (arm,) = {one.arm for one in entries}
    by_task: dict[str, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: one.night):
        by_task.setdefault(one.task, []).append(one)
    own = [one for one in resets if one.arm == arm]
    return Watch(arm=arm, charts=tuple(_Maker(arm, by_task, own, policy).charts()))


Nights: TypeAlias = Sequence[tuple[str, Sequence[Entry]]]
Column: TypeAlias = Sequence[Deviation | None]
# Standardised deviations of reference nights, and what they say.
Scatter: TypeAlias = tuple[list[float], Spread]


class _Maker:
    """What all charts of one arm share."""

    def __init__(
        self,
        arm: str,
        by_task: Mapping[str, Sequence[Entry]],
        resets: Sequence[Reset],
        policy: DriftPolicy,
    ) -> None:
        self.arm, self.by_task, self.resets, self.policy = arm, by_task, resets, policy
        self.by_night = {one.night: one for rows in by_task.values() for one in rows}
        self.pools = self._pools(by_task)

    def charts(self) -> Iterator[Chart]:
        """The mean's, if there is more than one task, and each task's; segment by segment."""
        budget = self.policy.false_alarms_per_month
        mean_rate, task_rate = shares_of(budget, len(self.by_task))
        if len(self.by_task) > 1:
            for number, part in enumerate(self._segments(self._whole_nights())):
                yield self._chart(MACRO, "all benchmarks", number, part, mean_rate)
        else:  # no mean beside it, so the whole budget is its own
            task_rate = budget
        for task, entries in self.by_task.items():
            nights = [(one.night, [one]) for one in entries]
            for number, part in enumerate(self._segments(nights)):
                yield self._chart(task, entries[-1].result.title, number, part, task_rate)

    def _whole_nights(self) -> Nights:
        """The nights that have all tasks."""
        rows: dict[str, list[Entry]] = {}
        for entries in self.by_task.values():
            for one in entries:
                rows.setdefault(one.night, []).append(one)
        return [(night, ones) for night, ones in sorted(rows.items())
                if len(ones) == len(self.by_task)]  # fmt: skip

    def _segments(self, nights: Nights) -> Iterator[Nights]:
        """Nights in a row of the same engine that measured the same."""
        for _, part in groupby(
            nights, key=lambda night: (self._engine(night), [one.measured for one in night[1]])
        ):
            yield list(part)

    def _engine(self, night: tuple[str, Sequence[Entry]]) -> tuple[object, ...]:
        """What must stay the same in a segment, beside what is measured."""
        side = night[1][0].candidate
        rebased = sum(one.rebase and night[0] > one.night for one in self.resets)
        return (*(getattr(side, name) for name in self.policy.segment_by), rebased)

    def _pools(self, by_task: Mapping[str, Sequence[Entry]]) -> dict[object, list[Scatter]]:
        """Engine → how the reference nights of each task scatter."""
        size = self.policy.baseline_nights
        found: dict[object, list[Scatter]] = {}
        for entries in by_task.values():
            for part in self._segments([(one.night, [one]) for one in entries]):
                (column,) = _columns(part[:size], size)
                own = _spread(column, size)
                if own is not None:
                    found.setdefault(self._engine(part[0]), []).append(own)
        return found

    def _chart(self, task: str, title: str, number: int, nights: Nights, rate: float) -> Chart:
        size = self.policy.baseline_nights
        columns = _columns(nights, size)
        found = _means(columns)
        chosen = _chosen(_spread(found, size), self.pools.get(self._engine(nights[0]), []))
        ratio, variance = _typical(found, size)
        bound = None
        if chosen is not None:
            bound = limit(reference=ratio, freedom=chosen.freedom, rate=rate)
        phi2 = chosen.phi2 if chosen else 1.0
        z = {
            night: one.value / math.sqrt(phi2 * (one.night_variance + one.reference_variance))
            for (night, _), one in list(zip(nights, found, strict=True))[size:]
            if one is not None
        }
        levels, alarm = self._levels(z, bound)
        points = [
            Point(night=night, deviation=one.value, level=levels.get(night))
            for (night, _), one in zip(nights, found, strict=True)
            if one is not None
        ]
        return Chart(
            arm=self.arm,
            task=task,
            title=title,
            segment=number,
            reference=min(size, len(nights)),
            points=tuple(points),
            rate=rate,
            limit=bound,
            spread=chosen,
            reference_ratio=ratio,
            night_se=math.sqrt(variance * phi2) if chosen else None,
            alarm=self._found(alarm, z, nights, found, chosen) if alarm and chosen else None,
        )

    def _levels(
        self, z: Mapping[str, float], bound: float | None
    ) -> tuple[dict[str, float], list[str]]:
        """The level of each night, and the nights from the last restart to the alarm, if any.

        A reset starts the EWMA anew; what came before it is resolved.
        """
        levels: dict[str, float] = {}
        alarm: list[str] = []
        cuts = [one.night for one in self.resets]
        for _, group in groupby(z, key=lambda night: sum(night > cut for cut in cuts)):
            part = list(group)
            values, deviations_ = ewma([z[night] for night in part])
            scaled = [value / sd for value, sd in zip(values, deviations_, strict=True)]
            levels.update(zip(part, scaled, strict=True))
            crossed = [at for at, one in enumerate(scaled) if bound is not None and one < -bound]
            resolved = any(cut >= part[-1] for cut in cuts)
            alarm = part[: crossed[0] + 1] if crossed and not resolved else []
        return levels, alarm

    def _found(
        self,
        alarm: Sequence[str],
        z: Mapping[str, float],
        nights: Nights,
        column: Column,
        own: Spread,
    ) -> Found:
        began = beginning([z[night] for night in alarm])
        by_night = {night: one for (night, _), one in zip(nights, column, strict=True) if one}
        chosen = alarm[began.at :]
        since = [by_night[night] for night in chosen]
        variance = _variance([ones for night, ones in nights if night in chosen], since)
        possible = alarm[began.first : began.last + 1]
        first = alarm[began.at]
        near = [first, *(night for night in possible if night != first)]
        return Found(
            night=alarm[-1],
            began=first,
            earliest=possible[0],
            latest=possible[-1],
            size=sum(one.value for one in since) / len(since),
            reach=two_sided(LEVEL_95, own.freedom) * math.sqrt(own.phi2 * variance),
            changed={night: lines for night in near if (lines := self._changed(night))},
        )

    def _changed(self, night: str) -> tuple[str, ...]:
        """What differs at *night* from the arm's night before."""
        before = max((one for one in self.by_night if one < night), default=None)
        if before is None:
            return ()
        return tuple(changes(self.by_night[before], self.by_night[night]))


def _columns(nights: Nights, size: int) -> list[Column]:
    """Task by task, the deviations of *nights*."""
    tasks = zip(*(ones for _, ones in nights), strict=True)
    return [deviations([one.counts for one in column], size) for column in tasks]


def _means(columns: Sequence[Column]) -> Column:
    """Night by night, the mean over its tasks; None where one has none."""
    rows = [[one for one in row if one is not None] for row in zip(*columns, strict=True)]
    return [joined(row) if len(row) == len(columns) else None for row in rows]


def _chosen(own: Scatter | None, all_tasks: Sequence[Scatter]) -> Spread | None:
    """φ² for a chart whose *own* nights scatter so; None until its reference is complete.

    That of all tasks together, which is known best, unless its own nights scatter more than
    sampling explains.
    """
    if own is None:
        return None
    return own[1] if own[1].p_value < OWN_SPREAD or not all_tasks else pooled(all_tasks)


def _spread(found: Column, size: int) -> Scatter | None:
    """The reference nights' standardised deviations and their spread; None if some are missing."""
    reference = [one for one in found[:size] if one is not None and one.own_variance > 0]
    if len(reference) < size:
        return None
    z = [one.value / math.sqrt(one.own_variance) for one in reference]
    return z, spread(z)


def _variance(rows: Sequence[Sequence[Entry]], against: Sequence[Deviation]) -> float:
    """Of the mean of the nights *rows*, by their own draws, against their common reference.

    By the reference's it would be too small: nights that lost something scatter more.
    """
    tasks = list(zip(*rows, strict=True))
    own = sum(mean_variance([one.counts for one in task]) for task in tasks) / len(tasks) ** 2
    return own + sum(one.reference_variance for one in against) / len(against)


def _typical(found: Column, size: int) -> tuple[float, float]:
    """The middle night's reference variance over its own, and its own."""
    nights = [one for one in found[size:] or found if one is not None]
    if not nights:
        return 1 / size, 0.0
    ratio = median(one.reference_variance / one.night_variance for one in nights)
    return round(ratio, 3), median(one.night_variance for one in nights)

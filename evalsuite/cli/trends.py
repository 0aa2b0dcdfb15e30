"""The history as the report draws it."""

from collections.abc import Sequence
from pathlib import Path

from evalsuite.model import MACRO
from evalsuite.nightly.drift import Chart, watch
from evalsuite.nightly.entry import Entry
from evalsuite.nightly.history import History
from evalsuite.nightly.policy import DriftPolicy
from evalsuite.report.trend import Night, Trend


def trends_of(path: Path, drift: DriftPolicy | None, arm: str) -> list[Trend]:
    """The nights of *arm* in the history at *path*, task by task; empty if it has none.

    With *drift* the charts mark where a loss began and what changed there.

    Raises:
        RunError: the history cannot be read.
    """
    with History(path, readonly=True) as history:
        entries, resets = history.entries(arm), history.resets()
    charts = list(watch(entries, resets, drift).charts) if drift and entries else []
    tasks = dict.fromkeys(one.task for one in entries)
    return [_trend([one for one in entries if one.task == task], charts) for task in tasks]


def _trend(entries: Sequence[Entry], charts: Sequence[Chart]) -> Trend:
    """One task; what the chart of the mean found is marked on every task."""
    last = entries[-1]
    began = {
        chart.alarm.began: "; ".join(chart.alarm.changed.get(chart.alarm.began, ()))
        for chart in charts
        if chart.alarm and chart.task in (last.task, MACRO)
    }
    segments = {
        point.night: chart.segment
        for chart in charts
        if chart.task == last.task
        for point in chart.points
    }
    nights = [
        Night(
            night=one.night,
            difference=one.result.difference,
            alarm=one.night in began,
            note=began.get(one.night, ""),
            segment=segments.get(one.night, 0),
        )
        for one in entries
    ]
    return Trend(
        task=last.task, title=last.result.title, margin=last.result.margin, nights=tuple(nights)
    )

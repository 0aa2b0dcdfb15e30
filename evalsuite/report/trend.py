"""The nightly trend: Δ night by night with its interval, one small chart per benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from evalsuite.comparison.types import Estimate
from evalsuite.report.svg import Drawing, Palette, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT_INCHES = 2.5
MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night of one benchmark.

    `night` is a date as ISO 8601 writes it, or any other name (then nights stand one step apart).
    `difference` is candidate minus baseline as a fraction, with its 95 % interval. `alarm` marks
    the night at which a step or drift was found to begin, `note` says what changed there (a
    commit, a version). A new `segment` begins with a new engine or checkpoint; the line breaks.
    """

    night: str
    difference: Estimate
    alarm: bool = False
    note: str = ""
    segment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The nights of one benchmark, the oldest first; *margin* is the allowed loss, a fraction."""

    task: str
    title: str
    margin: float
    nights: tuple[Night, ...]


def trend_plot(trends: Sequence[Trend], *, name: str = "trend") -> Drawing:
    """Small multiples of Δ in percentage points: band, line, margin, and where an alarm begins.

    Trends without a night are left out; at least one must have one.
    """
    shown = [one for one in trends if one.nights]
    rows = -(-len(shown) // MOST_COLUMNS)
    height = HEIGHT_INCHES * rows

    def draw(figure: "Figure", palette: Palette) -> None:
        grid = figure.add_gridspec(
            rows,
            min(len(shown), MOST_COLUMNS),
            left=0.05,
            right=0.99,
            top=1 - 0.34 / height,
            bottom=0.42 / height,
            wspace=0.24,
            hspace=0.5,
        )
        for number, one in enumerate(shown):
            place = grid[number // MOST_COLUMNS, number % MOST_COLUMNS]
            _chart(figure.add_subplot(place), one, palette)

    return Drawing(name=name, title="Nightly trend", height_inches=height, draw=draw)


def _chart(axes: "Axes", one: Trend, palette: Palette) -> None:
    places = _places(one.nights)
    placed = list(zip(places, one.nights, strict=True))
    axes.grid(axis="y", zorder=0)
    axes.axhline(0, color=palette.soft, lw=1, ls=(0, (4, 3)), zorder=1)
    axes.axhline(-100 * one.margin, color=palette.ink, lw=1.6, zorder=1)
    starts = []
    for _, segment in groupby(placed, key=lambda each: each[1].segment):
        part = list(segment)
        starts.append(part[0][0])
        _segment(axes, part, palette)
    for start in starts[1:]:
        axes.axvline(start - 0.5, color=palette.soft, lw=1, ls=(0, (1, 2)), zorder=1)
    for at, night in placed:
        if night.alarm:
            _alarm(axes, at, night, palette, leftwards=at > (places[0] + places[-1]) / 2)
    _dates(axes, places, one.nights)
    axes.set_title(label(one.title), fontsize="medium")


def _segment(axes: "Axes", part: Sequence[tuple[int, Night]], palette: Palette) -> None:
    """The nights between two changes of the engine."""
    places = [at for at, _ in part]
    values = [100 * night.difference.value for _, night in part]
    ends = [night.difference.interval for _, night in part]
    lows, highs = [100 * one.low for one in ends], [100 * one.high for one in ends]
    if len(part) > 1:
        axes.fill_between(places, lows, highs, color=palette.box, lw=0, zorder=0.5)
    else:  # a band of one night would have no width
        axes.vlines(places, lows, highs, color=palette.noise, lw=1.4, zorder=1)
    axes.plot(places, values, "-", color=palette.candidate, lw=1.2, zorder=2)
    axes.plot(places, values, "o", color=palette.candidate, ms=2.6, zorder=2)


def _alarm(axes: "Axes", at: int, night: Night, palette: Palette, *, leftwards: bool) -> None:
    value = 100 * night.difference.value
    axes.plot(at, value, "X", color=palette.worse, mec=palette.paper, mew=0.8, ms=8, zorder=4)
    axes.annotate(
        f"✗ {label(night.note or night.night, 16)}",
        (at, value),
        xytext=(-7 if leftwards else 7, -1),
        textcoords="offset points",
        ha="right" if leftwards else "left",
        va="top",
        color=palette.worse,
        fontsize="small",
        fontweight="bold",
    )


def _dates(axes: "Axes", places: Sequence[int], nights: Sequence[Night]) -> None:
    """Name the first night and the last; what lies between is read off the distance."""
    ends = dict.fromkeys((0, len(nights) - 1))
    axes.set_xticks([places[end] for end in ends], [label(nights[end].night, 10) for end in ends])
    if len(ends) > 1:
        first, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
    axes.set_xlim(places[0] - 0.8, places[-1] + 0.8)
    axes.margins(y=0.12)


def _places(nights: Sequence[Night]) -> list[int]:
    """Days since the first night, so that a missing one leaves a gap; else the nights' numbers."""
    try:
        days = [date.fromisoformat(night.night[:10]).toordinal() for night in nights]
    except ValueError:
        return list(range(len(nights)))
    return [day - days[0] for day in days]

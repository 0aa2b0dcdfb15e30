"""Subjects as a funnel: which of many lie outside what their size allows.

D. Spiegelhalter, Statistics in Medicine 24 (2005): limits around the whole instead of a ranking.
"""

from typing import TYPE_CHECKING

from evalsuite.comparison.types import Benchmark, SubjectRow
from evalsuite.report.svg import Drawing, Palette, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Normal quantiles of the two limits: 95 % and 99.9 %, two-sided.
INNER, OUTER = 1.96, 3.29
MOST_NAMES = 8
HEIGHT_INCHES = 3.7


def funnel_plot(one: Benchmark, *, name: str) -> Drawing:
    """Δ of every subject against its number of questions, with limits around the whole's Δ."""

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = figure.add_axes((0.07, 0.15, 0.91, 0.81))
        axes.grid(zorder=0)
        axes.set_xscale("log")
        _limits(axes, one, palette)
        for row in one.subjects:
            _point(axes, row, palette, outside=strays(one, row) > INNER)
        for row in sorted(one.subjects, key=lambda row: -strays(one, row))[:MOST_NAMES]:
            if strays(one, row) > INNER:
                _name(axes, row)
        _ticks(axes, one)
        axes.set_xlabel("questions in the subject (log scale)")
        axes.set_ylabel("Δ accuracy, percentage points", color=palette.soft)

    title = f"{label(one.title)} by subject"
    return Drawing(name=name, title=title, height_inches=HEIGHT_INCHES, draw=draw)


def strays(one: Benchmark, row: SubjectRow) -> float:
    """How far *row* lies from the whole, in standard errors of a subject of its size."""
    error = one.question_sd / row.questions**0.5
    return abs(row.difference.value - one.difference.value) / error if error else 0.0


def _limits(axes: "Axes", one: Benchmark, palette: Palette) -> None:
    least, most = _sizes(one)
    steps = [least * (most / least) ** (step / 60) for step in range(61)]
    centre = 100 * one.difference.value
    axes.axhline(centre, color=palette.ink, lw=1, zorder=2)
    for quantile, dashes in ((INNER, (0, (4, 3))), (OUTER, (0, (1, 2)))):
        for sign in (-1, 1):
            ends = [centre + sign * quantile * 100 * one.question_sd / size**0.5 for size in steps]
            axes.plot(steps, ends, color=palette.soft, lw=1, ls=dashes, zorder=1)


def _point(axes: "Axes", row: SubjectRow, palette: Palette, *, outside: bool) -> None:
    axes.plot(
        row.questions,
        100 * row.difference.value,
        "D" if outside else "o",
        color=palette.candidate if outside else palette.baseline,
        mec=palette.paper,
        mew=0.8,
        ms=7.5 if outside else 6.5,
        zorder=3,
    )


def _name(axes: "Axes", row: SubjectRow) -> None:
    axes.annotate(
        label(row.subject, 28),
        (row.questions, 100 * row.difference.value),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
    )


def _ticks(axes: "Axes", one: Benchmark) -> None:
    least, most = _sizes(one)
    axes.set_xlim(least, most)
    steps = [size for power in range(6) for size in (10**power, 2 * 10**power, 5 * 10**power)]
    shown = [size for size in steps if least <= size <= most] or [round(least)]
    axes.set_xticks(shown, [f"{size:,}" for size in shown])
    axes.minorticks_off()


def _sizes(one: Benchmark) -> tuple[float, float]:
    sizes = [row.questions for row in one.subjects]
    return min(sizes) / 1.25, max(sizes) * 1.25

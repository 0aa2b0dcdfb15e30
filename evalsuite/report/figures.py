"""Figures as SVG whose colours are CSS variables, so that one file is right in light and dark."""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from evalsuite.comparison.types import Benchmark, FlipCounts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that stand for CSS variables while matplotlib draws.
INK, SOFT, GRID, BOX = "#010203", "#010204", "#010205", "#010206"
BASELINE, CANDIDATE, NOISE = "#010207", "#010208", "#010209"
HOLDS, WORSE, UNDECIDED = "#01020a", "#01020b", "#01020c"
VARIABLES = {
    INK: "ink",
    SOFT: "soft",
    GRID: "line",
    BOX: "box",
    BASELINE: "baseline",
    CANDIDATE: "candidate",
    NOISE: "noise",
    HOLDS: "holds",
    WORSE: "worse",
    UNDECIDED: "undecided",
}
VERDICTS = {"holds": (HOLDS, "o"), "worse": (WORSE, "X"), "undecided": (UNDECIDED, "D")}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "evalsuite",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": INK,
}


def forest_plot(benchmarks: Sequence[Benchmark]) -> str:
    """The paired differences with their 95 % intervals and the margins, in percentage points."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        figure, axes = _figure(height=0.62 * len(benchmarks) + 1.1)
        for row, one in enumerate(reversed(benchmarks)):
            colour, shape = VERDICTS[one.verdict]
            margin, low, high = (
                100 * value
                for value in (
                    one.margin,
                    one.difference.interval.low,
                    one.difference.interval.high,
                )
            )
            axes.barh(row, 2 * margin, left=-margin, height=0.62, color=BOX, zorder=1)
            axes.plot([-margin, -margin], [row - 0.31, row + 0.31], color=INK, lw=2, zorder=2)
            axes.plot([low, high], [row, row], color=colour, lw=2.2, zorder=3)
            axes.plot(100 * one.difference.value, row, shape, color=colour, ms=8, zorder=4)
        axes.axvline(0, color=SOFT, lw=1, ls=(0, (4, 3)), zorder=2)
        axes.set_yticks(range(len(benchmarks)), [one.title for one in reversed(benchmarks)])
        axes.set_xlabel("candidate − baseline, percentage points  (left is worse)")
        return _svg(figure, "forest")


def flip_plot(benchmarks: Sequence[Benchmark]) -> str:
    """Lost draws to the left, won ones to the right, A/A flips in grey below, in percent."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        figure, axes = _figure(height=0.72 * len(benchmarks) + 1.1)
        for row, one in enumerate(reversed(benchmarks)):
            lost, won = _shares(one.flips)
            axes.barh(row + 0.12, -lost, height=0.4, color=CANDIDATE, zorder=2)
            axes.barh(row + 0.12, won, height=0.4, color=BASELINE, zorder=2)
            _end(axes, -lost, row + 0.12, one.flips.lost, side="right")
            _end(axes, won, row + 0.12, one.flips.won, side="left")
            if one.control is not None:
                back, forth = _shares(one.control)
                axes.barh(row - 0.22, back + forth, left=-back, height=0.16, color=NOISE, zorder=2)
        axes.axvline(0, color=INK, lw=1.2, zorder=3)
        axes.set_yticks(range(len(benchmarks)), [one.title for one in reversed(benchmarks)])
        axes.margins(x=0.12)
        axes.set_xlabel("lost  ←   share of paired draws, percent   →  won")
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        return _svg(figure, "flips")


def _shares(flips: FlipCounts) -> tuple[float, float]:
    """Lost and won draws in percent of all pairs."""
    pairs = flips.both_right + flips.lost + flips.won + flips.both_wrong
    return 100 * flips.lost / pairs, 100 * flips.won / pairs


def _end(
    axes: "Axes", value: float, row: float, count: int, *, side: Literal["left", "right"]
) -> None:
    """Write *count* outside the bar that ends at *value*; *side* is how the text is aligned."""
    axes.annotate(
        str(count),
        (value, row),
        xytext=(-4 if side == "right" else 4, 0),
        textcoords="offset points",
        ha=side,
        va="center",
    )


def _figure(*, height: float) -> tuple["Figure", "Axes"]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height), layout="constrained")
    axes = figure.add_subplot()
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    axes.grid(axis="x", color=GRID, lw=0.8, zorder=0)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _svg(figure: "Figure", name: str) -> str:
    """*figure* as an inline SVG with colours from CSS and ids of its own."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var(--{variable})")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return text.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)

"""The figures of the page; every number in them is also in one of its tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from evalsuite.comparison.types import Benchmark, FlipCounts, Verdict
from evalsuite.report import svg
from evalsuite.report.words import interval, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GLYPHS: Mapping[Verdict, str] = {"holds": "✓", "worse": "✗", "undecided": "?"}
SIGNS: Mapping[Verdict, tuple[str, str]] = {
    "holds": (svg.HOLDS, "o"),
    "worse": (svg.WORSE, "X"),
    "undecided": (svg.UNDECIDED, "D"),
}

# Where the columns beside the forest plot are, in widths of the drawing.
COLUMNS = (1.13, 1.36, 1.40)

TITLE: Mapping[str, Any] = {"fontsize": "medium", "color": svg.SOFT, "pad": 2}


def forest_plot(benchmarks: Sequence[Benchmark], *, baseline: str, candidate: str) -> str:
    """The paired differences with 95 % and 90 % intervals and margins, in percentage points."""
    ours, theirs = svg.label(baseline), svg.label(candidate)

    def draw(axes: "Axes") -> None:
        for row, one in enumerate(benchmarks):
            _forest_row(axes, row, one)
        axes.axvline(0, color=svg.SOFT, lw=1, ls=(0, (4, 3)), zorder=2)
        axes.set_xlabel(f"{theirs} − {ours}, percentage points")
        _fit_around_zero(axes)
        for place, head in zip(COLUMNS, ("Δ pp", "95 % CI", "verdict"), strict=True):
            _beside(axes, place, -0.5, head, svg.SOFT, above=True)
        axes.set_title(f"← {theirs} worse", loc="left", **TITLE)
        axes.set_title(f"{theirs} better →", loc="right", **TITLE)

    return svg.drawing(
        draw,
        name="forest",
        rows=[one.title for one in benchmarks],
        row_inches=0.46,
        share=0.55,
    )


def _forest_row(axes: "Axes", row: int, one: Benchmark) -> None:
    colour, shape = SIGNS[one.verdict]
    margin, value = 100 * one.margin, 100 * one.difference.value
    axes.barh(row, 2 * margin, left=-margin, height=0.64, color=svg.BOX, zorder=1)
    axes.plot([-margin, -margin], [row - 0.32, row + 0.32], color=svg.INK, lw=2, zorder=2)
    for ends, width in ((one.difference.interval, 1.3), (one.interval_90, 3.4)):
        axes.plot(
            [100 * ends.low, 100 * ends.high],
            [row, row],
            color=colour,
            lw=width,
            solid_capstyle="butt",
            zorder=3,
        )
    axes.plot(value, row, shape, color=colour, mec=svg.PAPER, mew=1.2, ms=9, zorder=4)
    words = (
        (points(one.difference.value), svg.INK, True),
        (interval(one.difference.interval, signed=True), svg.SOFT, False),
        (f"{GLYPHS[one.verdict]} {one.verdict}", colour, True),
    )
    for place, (text, shade, bold) in zip(COLUMNS, words, strict=True):
        _beside(axes, place, row, text, shade, bold=bold)


def _beside(
    axes: "Axes",
    place: float,
    row: float,
    text: str,
    colour: str,
    *,
    bold: bool = False,
    above: bool = False,
) -> None:
    """Write *text* right of the drawing, ending at *place*; in the last column starting there."""
    axes.text(
        place,
        row,
        text,
        transform=axes.get_yaxis_transform(),
        ha="left" if place == COLUMNS[-1] else "right",
        va="bottom" if above else "center",
        color=colour,
        fontweight="bold" if bold else "normal",
    )


def flip_plot(benchmarks: Sequence[Benchmark], *, baseline: str, candidate: str) -> str:
    """Lost draws to the left, won ones to the right, A/A flips in grey below, in percent."""
    ours, theirs = svg.label(baseline), svg.label(candidate)

    def draw(axes: "Axes") -> None:
        for row, one in enumerate(benchmarks):
            _flip_row(axes, row, one)
        axes.axvline(0, color=svg.INK, lw=1.2, zorder=3)
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g} %")
        axes.set_xlabel("share of the paired draws")
        _fit_around_zero(axes)
        for text, colour, side, at in (
            (f"lost: {ours} right, {theirs} wrong", svg.CANDIDATE, "right", -12),
            (f"won: {ours} wrong, {theirs} right", svg.BASELINE, "left", 12),
        ):
            axes.annotate(
                text,
                (0, 1),
                xycoords=("data", "axes fraction"),
                xytext=(at, 4),
                textcoords="offset points",
                ha=side,
                color=colour,
                fontweight="bold",
            )

    return svg.drawing(
        draw,
        name="flips",
        rows=[one.title for one in benchmarks],
        row_inches=0.52,
        share=0.86,
    )


def _flip_row(axes: "Axes", row: int, one: Benchmark) -> None:
    lost, won = _shares(one.flips)
    up = row - 0.1 if one.control else row
    axes.barh(up, -lost, height=0.42, color=svg.CANDIDATE, zorder=2)
    axes.barh(up, won, height=0.42, color=svg.BASELINE, zorder=2)
    _end(axes, -lost, up, one.flips.lost, side="right")
    _end(axes, won, up, one.flips.won, side="left")
    if one.control is not None:
        back, forth = _shares(one.control)
        axes.barh(row + 0.24, back + forth, left=-back, height=0.18, color=svg.NOISE, zorder=2)


def _shares(flips: FlipCounts) -> tuple[float, float]:
    """Lost and won draws in percent of all pairs."""
    pairs = flips.both_right + flips.lost + flips.won + flips.both_wrong
    return 100 * flips.lost / pairs, 100 * flips.won / pairs


def _end(
    axes: "Axes", value: float, row: float, count: int, *, side: Literal["left", "right"]
) -> None:
    """Write *count* outside the bar that ends at *value*; *side* is how the text is aligned."""
    axes.annotate(
        f"{count:,}",
        (value, row),
        xytext=(-5 if side == "right" else 5, 0),
        textcoords="offset points",
        ha=side,
        va="center",
    )


def _fit_around_zero(axes: "Axes") -> None:
    """Zero in the middle, with room for the counts at the ends of the bars."""
    reach = 1.12 * max(0.01, *(abs(end) for end in axes.dataLim.intervalx))
    axes.set_xlim(-reach, reach)

"""The figures of the page; every number in them is also in one of its tables."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, FlipCounts, Scenario, Verdict
from evalsuite.comparison.words import GLYPHS, interval, points
from evalsuite.report.beneath import beneath_plot
from evalsuite.report.compared import Compared
from evalsuite.report.funnel import funnel_plot
from evalsuite.report.lengths import length_plot
from evalsuite.report.svg import Drawing, Palette, label, named
from evalsuite.report.words import SCENARIOS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHAPES: Mapping[Verdict, str] = {"holds": "o", "worse": "X", "undecided": "D"}
# A funnel of fewer subjects than this says no more than their table.
FUNNEL_FROM = 12
# Where the columns beside the forest plot are, in widths of the drawing.
COLUMNS = (1.13, 1.36, 1.40)
ABOVE_INCHES, BELOW_INCHES = 0.35, 0.6


def figures_of(compared: Sequence[Compared], slugs: Sequence[str]) -> dict[str, Drawing]:
    """Every figure of the page by its name, which is also the name of its file."""
    made = {"forest": forest_plot(compared)}
    for one, slug in zip(compared, slugs, strict=True):
        end = f"-{slug}" if len(compared) > 1 else ""
        made[f"flips{end}"] = flip_plot(one, name=f"flips{end}")
        for at, benchmark in enumerate(one.comparison.benchmarks):
            if len(benchmark.subjects) >= FUNNEL_FROM:
                name = f"funnel{at}{end}"
                made[name] = funnel_plot(benchmark, name=name)
        made[f"beneath{end}"] = beneath_plot(one.comparison.benchmarks, name=f"beneath{end}")
        if any(benchmark.beyond.scenarios for benchmark in one.comparison.benchmarks):
            made[f"grading{end}"] = grading_plot(one.comparison.benchmarks, name=f"grading{end}")
        if any(benchmark.lengths for benchmark in one.comparison.benchmarks):
            made[f"lengths{end}"] = length_plot(one.comparison.benchmarks, name=f"lengths{end}")
    return made


def forest_plot(compared: Sequence[Compared]) -> Drawing:
    """The paired differences with 95 % and 90 % intervals and margins, in percentage points."""
    rows = _rows(compared)
    several = len(compared) > 1
    theirs = "candidate" if several else named(compared[0].label)
    ours = named(arm_label(compared[0].comparison.baseline.arm))

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = _bands(
            figure,
            [name for name, _ in rows],
            height,
            share=0.48 if several else 0.55,
            left=0.2 if several else 0.13,
        )
        for row, (_, one) in enumerate(rows):
            _forest_row(axes, row, one, one.margin, palette)
        axes.axvline(0, color=palette.soft, lw=1, ls=(0, (4, 3)), zorder=2)
        axes.set_xlabel(f"{theirs} − {ours}, percentage points")
        _fit_around_zero(axes)
        for place, head in zip(COLUMNS, ("Δ pp", "95 % CI", "verdict"), strict=True):
            _beside(axes, place, -0.5, head, palette.soft, above=True)
        title: Any = {"fontsize": "medium", "color": palette.soft, "pad": 2}
        axes.set_title(f"← {theirs} worse", loc="left", **title)
        axes.set_title(f"{theirs} better →", loc="right", **title)

    height = _height(len(rows), 0.46)
    return Drawing(name="forest", title="Paired differences", height_inches=height, draw=draw)


def _rows(compared: Sequence[Compared]) -> list[tuple[str, Benchmark]]:
    """The bands of the forest plot: benchmark by benchmark, the candidates below one another."""
    tasks = dict.fromkeys(one.task for each in compared for one in each.comparison.benchmarks)
    names = _told_apart([each.label for each in compared])
    return [
        (f"{label(one.title, 12)} · {name}" if name else one.title, one)
        for task in tasks
        for each, name in zip(compared, names, strict=True)
        for one in each.comparison.benchmarks
        if one.task == task
    ]


def _told_apart(labels: Sequence[str]) -> list[str]:
    """Short names of several candidates; of a single one none is needed."""
    if len(labels) == 1:
        return [""]
    short = [named(one, 16) for one in labels]
    if len(set(short)) == len(short):
        return short
    shared = sum(1 for _ in takewhile(lambda signs: len({*signs}) == 1, zip(*labels, strict=False)))
    return [f"…{named(one[shared:], 15)}" for one in labels]


def grading_plot(benchmarks: Sequence[Benchmark], *, name: str) -> Drawing:
    """The difference as graded, and if answers that could not be read had been graded otherwise."""
    rows = [row for one in benchmarks if one.beyond.scenarios for row in _gradings(one)]

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = _bands(figure, [how for how, *_ in rows], height, share=0.47, left=0.21)
        for row, (_, one, margin) in enumerate(rows):
            _forest_row(axes, row, one, margin, palette)
        axes.axvline(0, color=palette.soft, lw=1, ls=(0, (4, 3)), zorder=2)
        axes.set_xlabel("Δ, percentage points")
        _fit_around_zero(axes)

    height = _height(len(rows), 0.36)
    return Drawing(name=name, title="Other gradings", height_inches=height, draw=draw)


def _gradings(one: Benchmark) -> Iterator[tuple[str, Benchmark | Scenario, float]]:
    title = label(one.title, 14)
    yield f"{title} · as graded", one, one.margin
    for scenario in one.beyond.scenarios:
        yield f"{title} · {SCENARIOS.get(scenario.name, scenario.name)}", scenario, one.margin


def _forest_row(
    axes: "Axes", row: int, one: Benchmark | Scenario, allowed: float, palette: Palette
) -> None:
    colour = getattr(palette, one.verdict)
    margin, value = 100 * allowed, 100 * one.difference.value
    axes.barh(row, 2 * margin, left=-margin, height=0.64, color=palette.box, zorder=1)
    axes.plot([-margin, -margin], [row - 0.32, row + 0.32], color=palette.ink, lw=2, zorder=2)
    for ends, width in ((one.difference.interval, 1.3), (one.interval_90, 3.4)):
        axes.plot(
            [100 * ends.low, 100 * ends.high],
            [row, row],
            color=colour,
            lw=width,
            solid_capstyle="butt",
            zorder=3,
        )
    axes.plot(
        value, row, SHAPES[one.verdict], color=colour, mec=palette.paper, mew=1.2, ms=9, zorder=4
    )
    words = (
        (points(one.difference.value), palette.ink, True),
        (interval(one.difference.interval, signed=True), palette.soft, False),
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


def flip_plot(compared: Compared, *, name: str) -> Drawing:
    """Lost draws to the left, won ones to the right, A/A flips in grey below, in percent."""
    benchmarks = compared.comparison.benchmarks
    ours, theirs = named(arm_label(compared.comparison.baseline.arm)), named(compared.label)

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = _bands(figure, [one.title for one in benchmarks], height, share=0.84)
        for row, one in enumerate(benchmarks):
            _flip_row(axes, row, one, palette)
        axes.axvline(0, color=palette.ink, lw=1.2, zorder=3)
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g} %")
        axes.set_xlabel("share of the paired draws")
        _fit_around_zero(axes)
        for text, colour, side, at in (
            (f"lost: {ours} right, {theirs} wrong", palette.candidate, "right", -12),
            (f"won: {ours} wrong, {theirs} right", palette.baseline, "left", 12),
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

    height = _height(len(benchmarks), 0.52)
    return Drawing(name=name, title=f"What flipped: {theirs}", height_inches=height, draw=draw)


def _flip_row(axes: "Axes", row: int, one: Benchmark, palette: Palette) -> None:
    lost, won = _shares(one.flips)
    up = row - 0.1 if one.control else row
    axes.barh(up, -lost, height=0.42, color=palette.candidate, zorder=2)
    axes.barh(up, won, height=0.42, color=palette.baseline, zorder=2)
    _end(axes, -lost, up, one.flips.lost, side="right")
    _end(axes, won, up, one.flips.won, side="left")
    if one.control is not None:
        back, forth = _shares(one.control)
        axes.barh(row + 0.24, back + forth, left=-back, height=0.18, color=palette.noise, zorder=2)


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


def _bands(
    figure: "Figure", rows: Sequence[str], height: float, *, share: float, left: float = 0.13
) -> "Axes":
    """Axes with one horizontal band per row, the first on top; *share* of the width is theirs."""
    bottom = BELOW_INCHES / height
    axes = figure.add_axes((left, bottom, share, 1 - bottom - ABOVE_INCHES / height))
    axes.grid(axis="x", zorder=0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [label(row, 36) for row in rows])
    axes.tick_params(pad=6)
    return axes


def _height(rows: int, row_inches: float) -> float:
    return row_inches * rows + ABOVE_INCHES + BELOW_INCHES


def _fit_around_zero(axes: "Axes") -> None:
    """Zero in the middle, with room for the counts at the ends of the bars."""
    reach = 1.12 * max(0.01, *(abs(end) for end in axes.dataLim.intervalx))
    axes.set_xlim(-reach, reach)

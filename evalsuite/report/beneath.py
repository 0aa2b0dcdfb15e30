"""What lies beneath the differences: flips, noise, rates, and other gradings, as figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsuite.comparison.types import Benchmark, Beyond, Estimate
from evalsuite.report.svg import Drawing, Palette, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_INCHES, ABOVE_INCHES, BELOW_INCHES = 0.44, 0.36, 0.34
# What a signed axis shows at least, in percent, so that noise does not look like news.
LEAST_REACH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One estimate of a row: how it is drawn, and where it is found (None: there is none)."""

    shape: str
    colour: str
    of: Callable[[Benchmark], Estimate | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Marks that share an axis in percent; *signed* has zero in the middle, *ratio* one."""

    title: str
    marks: Sequence[Mark]
    signed: bool = True
    ratio: bool = False


PANELS = (
    Panel(
        title="▼ lost  ▲ won",
        signed=False,
        marks=(
            Mark(shape="v", colour="candidate", of=lambda one: one.beyond.lost),
            Mark(shape="^", colour="baseline", of=lambda one: one.beyond.gained),
        ),
    ),
    Panel(
        title="● ■ own flips",
        signed=False,
        marks=(
            Mark(shape="o", colour="baseline", of=lambda one: one.beyond.own_flips_baseline),
            Mark(shape="s", colour="candidate", of=lambda one: one.beyond.own_flips_candidate),
        ),
    ),
    Panel(
        title="◆ ✚ beyond noise",
        marks=(
            Mark(shape="D", colour="ink", of=lambda one: one.beyond.excess_flips),
            Mark(shape="P", colour="undecided", of=lambda one: one.beyond.excess_disagreement),
        ),
    ),
    Panel(
        title="■ cut off  ✚ no answer",
        marks=(
            Mark(shape="s", colour="candidate", of=lambda one: rate(one.beyond, "truncated")),
            Mark(shape="P", colour="undecided", of=lambda one: rate(one.beyond, "no_answer")),
        ),
    ),
    Panel(
        title="■ longer by",
        ratio=True,
        marks=(Mark(shape="s", colour="candidate", of=lambda one: one.length_ratio),),
    ),
)


def rate(beyond: Beyond, name: str) -> Estimate | None:
    """The difference of the rate *name*."""
    return next((one.difference for one in beyond.rates if one.name == name), None)


def beneath_plot(benchmarks: Sequence[Benchmark], *, name: str) -> Drawing:
    """A row per benchmark and a column per panel, each mark with its 95 % interval, in percent."""
    shown = [
        panel for panel in PANELS if any(mark.of(one) for mark in panel.marks for one in benchmarks)
    ]
    height = ROW_INCHES * len(benchmarks) + ABOVE_INCHES + BELOW_INCHES

    def draw(figure: "Figure", palette: Palette) -> None:
        grid = figure.add_gridspec(
            1,
            len(shown),
            left=0.115,
            right=0.985,
            top=1 - ABOVE_INCHES / height,
            bottom=BELOW_INCHES / height,
            wspace=0.16,
        )
        for number, panel in enumerate(shown):
            axes = figure.add_subplot(grid[0, number])
            _panel(axes, panel, benchmarks, palette)
            names = [label(one.title) for one in benchmarks] if number == 0 else []
            axes.set_yticks(range(len(names)), names)

    return Drawing(name=name, title="Beneath the differences", height_inches=height, draw=draw)


def _panel(axes: "Axes", panel: Panel, benchmarks: Sequence[Benchmark], palette: Palette) -> None:
    axes.grid(axis="x", zorder=0)
    axes.set_ylim(len(benchmarks) - 0.5, -0.5)
    for row, one in enumerate(benchmarks):
        for number, mark in enumerate(panel.marks):
            estimate = mark.of(one)
            if estimate is not None:
                up = row + 0.26 * (number - (len(panel.marks) - 1) / 2)
                _mark(axes, panel, mark, estimate, up, palette)
    if panel.signed:
        axes.axvline(0, color=palette.soft, lw=1, ls=(0, (4, 3)), zorder=1)
        reach = 1.1 * max(LEAST_REACH, *(abs(end) for end in axes.dataLim.intervalx))
        axes.set_xlim(-reach, reach)
    else:
        axes.set_xlim(0, 1.1 * max(LEAST_REACH, axes.dataLim.intervalx[1]))
    axes.locator_params(axis="x", nbins=4)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %".replace("-", "−"))
    axes.set_title(panel.title, fontsize="medium")


def _mark(
    axes: "Axes", panel: Panel, mark: Mark, estimate: Estimate, up: float, palette: Palette
) -> None:
    colour, ends, zero = getattr(palette, mark.colour), estimate.interval, float(panel.ratio)
    low, value, high = (100 * (one - zero) for one in (ends.low, estimate.value, ends.high))
    axes.plot([low, high], [up, up], color=colour, lw=1.4, solid_capstyle="butt", zorder=3)
    axes.plot(value, up, mark.shape, color=colour, mec=palette.paper, mew=0.8, ms=7, zorder=4)

"""How much longer the candidate answers: one small histogram per benchmark."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalsuite.comparison.types import Benchmark, LengthHistogram
from evalsuite.comparison.words import change, percent
from evalsuite.report.svg import Drawing, Palette, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT_INCHES = 2.5
MOST_COLUMNS = 5


def length_plot(benchmarks: Sequence[Benchmark], *, name: str) -> Drawing:
    """Tokens of the candidate over those of the baseline, one ratio per question, log scale."""
    shown = [(one, one.lengths) for one in benchmarks if one.lengths is not None]
    rows = -(-len(shown) // MOST_COLUMNS)

    def draw(figure: "Figure", palette: Palette) -> None:
        grid = figure.add_gridspec(
            rows,
            min(len(shown), MOST_COLUMNS),
            left=0.02,
            right=0.98,
            top=1 - 0.32 / (HEIGHT_INCHES * rows),
            bottom=0.62 / (HEIGHT_INCHES * rows),
            wspace=0.14,
            hspace=0.7,
        )
        for number, (one, lengths) in enumerate(shown):
            place = grid[number // MOST_COLUMNS, number % MOST_COLUMNS]
            _histogram(figure.add_subplot(place), one, lengths, palette)

    height = HEIGHT_INCHES * rows
    return Drawing(name=name, title="Length of the answers", height_inches=height, draw=draw)


def _histogram(axes: "Axes", one: Benchmark, lengths: LengthHistogram, palette: Palette) -> None:
    axes.stairs(lengths.counts, lengths.edges, fill=True, color=palette.candidate, alpha=0.55)
    axes.axvline(1, color=palette.soft, lw=1, ls=(0, (4, 3)))
    axes.axvline(_inside(lengths.median, lengths), color=palette.ink, lw=1.4)
    axes.set_xscale("log", base=2)
    axes.set_xticks([0.5, 1, 2], ["½×", "1×", "2×"])
    axes.minorticks_off()
    axes.set_yticks([])
    axes.set_ylim(0, 1.25 * max(1, *lengths.counts))
    axes.set_title(label(one.title), fontsize="medium")
    axes.set_xlabel(_cut_off(one), fontsize="small")
    axes.text(
        0.02,
        0.97,
        f"{change(lengths.median)} %",
        transform=axes.transAxes,
        va="top",
        fontweight="bold",
    )


def _inside(ratio: float, lengths: LengthHistogram) -> float:
    return min(max(ratio, lengths.edges[0]), lengths.edges[-1])


def _cut_off(one: Benchmark) -> str:
    """The share of draws that ended at the limit, baseline → candidate."""
    ours, theirs = one.baseline, one.candidate
    if not ours.truncated and not theirs.truncated:
        return "none cut off"
    shares = (percent(arm.truncated / arm.draws, 1) for arm in (ours, theirs))
    return f"cut off {' → '.join(shares)} %"

"""matplotlib → inline SVG whose colours are CSS variables: one for light, dark and print."""

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalsuite.report.words import readable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that stand for CSS variables while matplotlib draws.
INK, SOFT, GRID, BOX = "#010203", "#010204", "#010205", "#010206"
BASELINE, CANDIDATE, NOISE, PAPER = "#010207", "#010208", "#010209", "#01020d"
HOLDS, WORSE, UNDECIDED = "#01020a", "#01020b", "#01020c"
VARIABLES: Mapping[str, str] = {
    INK: "ink",
    SOFT: "soft",
    GRID: "grid",
    BOX: "box",
    BASELINE: "baseline",
    CANDIDATE: "candidate",
    NOISE: "noise",
    PAPER: "paper",
    HOLDS: "holds",
    WORSE: "worse",
    UNDECIDED: "undecided",
}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "evalsuite",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": INK,
}
WIDTH_INCHES = 11.5
MARGINS_INCHES = 0.35, 0.6  # above, and below for the numbers and the title of the axis
LONGEST_LABEL = 18


def drawing(
    draw: Callable[["Axes"], None],
    *,
    name: str,
    rows: Sequence[str],
    row_inches: float,
    share: float,
) -> str:
    """An SVG with one horizontal band for each of *rows*, the first on top, filled by *draw*.

    *name* keeps the drawing's ids apart from those of others on the page; *share* is the part of
    the width that the axes take.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        above, below = MARGINS_INCHES
        height = row_inches * len(rows) + above + below
        figure = Figure(figsize=(WIDTH_INCHES, height))
        axes = figure.add_axes((0.13, below / height, share, 1 - (above + below) / height))
        _plain(figure, axes)
        draw(axes)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [label(row) for row in rows])
        return _svg(figure, name)


def label(foreign: str) -> str:
    """*foreign*, which may be any string, as a short label of one line."""
    return str(readable(short(" ".join(foreign.split()), LONGEST_LABEL)))


def _plain(figure: "Figure", axes: "Axes") -> None:
    """No frame and no background: the page is the paper."""
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    axes.grid(axis="x", color=GRID, lw=0.7, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _svg(figure: "Figure", name: str) -> str:
    drawn = io.StringIO()
    with warnings.catch_warnings():
        # The reader's browser chooses the font; that ours lacks a sign matters to nobody.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
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

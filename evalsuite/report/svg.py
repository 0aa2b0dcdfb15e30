"""matplotlib → SVG and PNG.

In the page the colours of a drawing are CSS variables, so that one is right in light, dark and
print; in the files for papers and chat they are those of the light page. No two variables have the
same light value, and matplotlib's own colours are none of them.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from evalsuite.report.words import middle, readable, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_INCHES = 11.5
LONGEST_LABEL = 18
DOTS_PER_INCH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a drawing; each field is a variable of report.css and has its light value."""

    ink: str = "#14181f"
    soft: str = "#565f6b"
    grid: str = "#e3e7ec"
    box: str = "#e9edf3"
    baseline: str = "#1f5fbf"
    candidate: str = "#a84a06"
    noise: str = "#b3bbc5"
    paper: str = "#ffffff"
    holds: str = "#0b7548"
    worse: str = "#b3123f"
    undecided: str = "#6444ab"


NAMES = [one.name for one in fields(Palette)]
LIGHT = Palette()

Draw: TypeAlias = Callable[["Figure", Palette], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure in its three forms: `inline` SVG for the page, `svg` and `png` for files."""

    inline: str
    svg: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One figure: *draw* fills it, *name* keeps its ids apart from those of others."""

    name: str
    title: str
    height_inches: float
    draw: Draw

    def drawn(self) -> Drawn:
        """Draw it, once for all forms."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        with mpl.rc_context(_style(LIGHT)), _quiet():
            figure = Figure(figsize=(WIDTH_INCHES, self.height_inches))
            figure.patch.set_alpha(0)
            self.draw(figure, LIGHT)
            svg, png = io.StringIO(), io.BytesIO()
            figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
            figure.savefig(
                png, format="png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None}
            )
        return Drawn(inline=self._inline(svg.getvalue()), svg=svg.getvalue(), png=png.getvalue())

    def _inline(self, svg: str) -> str:
        """*svg* for the page: colours are its variables, ids its own, the width is the reader's."""
        text = svg[svg.index("<svg") :]
        for name in NAMES:
            text = text.replace(getattr(LIGHT, name), f"var(--{name})")
        text = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{self.name}-", text)
        text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
        text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
        return text.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)


def label(foreign: str, most: int = LONGEST_LABEL) -> str:
    """*foreign*, which may be any string, as a short label of one line."""
    return str(readable(short(" ".join(foreign.split()), most)))


def named(foreign: str, most: int = LONGEST_LABEL) -> str:
    """The name of an arm as a short label; of a long one both ends."""
    return str(readable(middle(" ".join(foreign.split()), most)))


def _style(palette: Palette) -> Any:
    return {
        "text.parse_math": False,
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": palette.ink,
        "axes.facecolor": "none",
        "axes.edgecolor": palette.grid,
        "axes.labelcolor": palette.soft,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "grid.color": palette.grid,
        "grid.linewidth": 0.7,
        "xtick.color": palette.soft,
        "ytick.color": palette.ink,
        "xtick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.major.size": 0,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Text stays text and ids stay the same; a sign that our font lacks is the reader's font's."""
    import matplotlib as mpl

    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "evalsuite"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield

"""The page: one template, filled from a `Comparison`, written whole or not at all."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evalsuite import __version__
from evalsuite.comparison import to_json
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Comparison, Flip
from evalsuite.errors import RunError
from evalsuite.report import tables
from evalsuite.report.bundle import Bundle, bundle
from evalsuite.report.compared import Compared, listed, pairs_of, withheld_tasks
from evalsuite.report.figures import figures_of
from evalsuite.report.svg import Drawing
from evalsuite.report.texts import Place
from evalsuite.report.trend import Trend, trend_plot
from evalsuite.report.words import FILTERS, GLYPHS, readable
from evalsuite.runs.folder import Run

PAGE = "index.html"
NUMBERS = "comparison.json"
FIGURES = "figures"
MOST_ROWS = 3000
SCRIPTS = ("vendor/temml.min.js", "math.js", "report.js")
FLAGS = {
    "drop": "the whole 95 % interval lies below zero: a real drop, whatever the margin allows",
    "gain": "the whole 95 % interval lies above zero",
    "length": "the candidate's answers have another length",
    "truncation": "the share of answers that were cut off changed",
    "frame": "for new questions of this kind the verdict would be another",
    "underpowered": "so few draws would miss a loss of the margin more than one time in five",
    "grading-sensitive": "answers that could not be read would change the verdict",
    "aa-failed": "two runs of the baseline differ from each other; look at the engine first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much the page holds: *light* no texts, and none of *withheld* tasks."""

    light: bool = False
    withheld: frozenset[str] = frozenset()


def write_report(
    comparison: Comparison,
    out: Path,
    *,
    baseline: Run,
    candidate: Run,
    light: bool = False,
    publish: bool = False,
    withhold: Sequence[str] = (),
    trend: Sequence[Trend] = (),
) -> Path:
    """Write `index.html`, `comparison.json`, `figures/` and `tables/` into *out*; the page's path.

    *baseline* and *candidate* give the texts of the flips, nothing else. *light* leaves all texts,
    figures and tables out; *publish* the texts whose authors ask for it (GPQA), *withhold* those
    of the tasks that it names (`all`: every one). *trend* is drawn where a history has nights.

    Raises:
        RunError: *out* cannot be written.
        UsageError: *withhold* names a task that was not compared.
    """
    withheld = withheld_tasks(comparison.benchmarks, publish=publish, named=withhold)
    extent = Extent(light=light, withheld=withheld)
    compared = [Compared(comparison=comparison, run=candidate)]
    rows = listed(compared)[:MOST_ROWS]
    texts = Bundle() if light else bundle(rows, compared, baseline, withheld=withheld)
    figures = figures_of(compared, ["candidate"])
    if any(one.nights for one in trend):
        figures["trend"] = trend_plot(trend)
    page = render(
        comparison,
        [(row.flip, texts.places.get(row.key)) for row in rows],
        texts.chunks,
        extent,
        figures,
        trend,
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(out / NUMBERS, to_json(comparison))
        if not light:
            _write_figures(out / FIGURES, figures)
            tables.write_tables(out / tables.FOLDER, [comparison])
            pairs = pairs_of(compared, baseline)
            tables.write_pairs(out / tables.PAIRS, compared, pairs)
        _write(out / PAGE, page)
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: the report cannot be written ({error.strerror}). "
            "The runs are untouched; free space or name another folder."
        ) from error
    return out / PAGE


def render(
    comparison: Comparison,
    rows: Sequence[tuple[Flip, Place | None]],
    chunks: Sequence[str],
    extent: Extent,
    figures: Mapping[str, Drawing],
    trends: Sequence[Trend] = (),
) -> str:
    """The page as text, *rows* its flips with their places; equal arguments give equal bytes."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            c=comparison,
            baseline=arm_label(comparison.baseline.arm),
            candidate=arm_label(comparison.candidate.arm),
            control=arm_label(comparison.control.arm) if comparison.control else None,
            glyphs=GLYPHS,
            flag_words=FLAGS,
            drawings={
                name: Markup(one.inline())  # noqa: S704 - our drawing
                for name, one in figures.items()
            },
            css=Markup(_math_css() + _static("report.css")),  # noqa: S704 - our own files
            head_script=_static("head.js"),
            script=Markup("\n".join(_static(name) for name in SCRIPTS)),  # noqa: S704 - as above
            chunks=chunks,
            rows=rows,
            trends=trends,
            titles={one.task: one.title for one in comparison.benchmarks},
            light=extent.light,
            withheld=extent.withheld,
            version=__version__,
        )
    )


def _write_figures(folder: Path, figures: Mapping[str, Drawing]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in figures.items():
        (folder / f"{name}.svg").write_text(one.svg(), encoding="utf-8", errors="replace")
        (folder / f"{name}.png").write_bytes(one.png())


def _math_css() -> str:
    """Temml's style without its font, which a page that loads nothing cannot have."""
    return re.sub(r"@font-face \{.*?\}", "", _static("vendor/Temml-Local.css"), flags=re.DOTALL)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evalsuite.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=readable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {**FILTERS, "digest": _digest}
    return environment


def _static(name: str) -> Markup:
    """One of our own files, which needs no escaping."""
    return Markup((Path(__file__).parent / "static" / name).read_text(encoding="utf-8"))  # noqa: S704


def _digest(script: str) -> str:
    """What the page's content policy knows *script* by."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _write(path: Path, text: str) -> None:
    """Put *text* in place at once, so that nobody opens half a page."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8", errors="replace")
    os.replace(draft, path)  # noqa: PTH105 - os.replace is what is atomic

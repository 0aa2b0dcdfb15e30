"""The page: one template, filled from a `Comparison`, written whole or not at all."""

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evalsuite import __version__
from evalsuite.comparison import to_json
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Comparison
from evalsuite.errors import RunError
from evalsuite.report.figures import GLYPHS, flip_plot, forest_plot
from evalsuite.report.traces import Bundle, bundle, withheld_tasks
from evalsuite.report.words import FILTERS, readable
from evalsuite.runs.folder import Run

PAGE = "index.html"
NUMBERS = "comparison.json"
MOST_ROWS = 3000
FLAGS = {
    "drop": "the whole 95 % interval lies below zero: a real drop, whatever the margin allows",
    "gain": "the whole 95 % interval lies above zero",
    "length": "the candidate's answers have another length",
    "truncation": "the share of answers that were cut off changed",
    "frame": "for new questions of this kind the verdict would be another",
    "aa-failed": "two runs of the baseline differ from each other; look at the engine first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much the page holds: *light* no texts, *publish* none that must not be online."""

    light: bool = False
    publish: bool = False


def write_report(
    comparison: Comparison,
    out: Path,
    *,
    baseline: Run,
    candidate: Run,
    light: bool = False,
    publish: bool = False,
) -> Path:
    """Write `index.html` and `comparison.json` into the folder *out*; the page's path.

    *baseline* and *candidate* give the texts of the flips, nothing else. *light* leaves all texts
    out; *publish* those whose authors ask for it (GPQA).

    Raises:
        RunError: *out* cannot be written.
    """
    extent = Extent(light=light, publish=publish)
    texts = Bundle(places={})
    if not light:
        withheld = withheld_tasks(comparison.benchmarks) if publish else frozenset()
        texts = bundle(comparison.flips[:MOST_ROWS], baseline, candidate, withheld=withheld)
    page = render(comparison, texts, extent)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(out / NUMBERS, to_json(comparison))
        _write(out / PAGE, page)
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: the report cannot be written ({error.strerror}). "
            "The runs are untouched; free space or name another folder."
        ) from error
    return out / PAGE


def render(comparison: Comparison, texts: Bundle, extent: Extent) -> str:
    """The page as text; equal arguments give equal bytes."""
    labels = {
        "baseline": arm_label(comparison.baseline.arm),
        "candidate": arm_label(comparison.candidate.arm),
    }
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            c=comparison,
            **labels,
            control=arm_label(comparison.control.arm) if comparison.control else None,
            glyphs=GLYPHS,
            flag_words=FLAGS,
            forest=Markup(forest_plot(comparison.benchmarks, **labels)),  # noqa: S704 - our drawing
            flips_figure=Markup(flip_plot(comparison.benchmarks, **labels)),  # noqa: S704 - as above
            css=_static("report.css"),
            head_script=_static("head.js"),
            script=_static("report.js"),
            texts=texts,
            rows=comparison.flips[:MOST_ROWS],
            titles={one.task: one.title for one in comparison.benchmarks},
            light=extent.light,
            withheld=withheld_tasks(comparison.benchmarks) if extent.publish else frozenset(),
            version=__version__,
        )
    )


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

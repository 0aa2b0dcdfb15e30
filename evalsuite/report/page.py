"""The page: one template, filled from a `Comparison`, written whole or not at all."""

import base64
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evalsuite import __version__
from evalsuite.comparison import to_json
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, Estimate, Interval
from evalsuite.errors import RunError
from evalsuite.report.figures import flip_plot, forest_plot
from evalsuite.report.traces import Bundle, bundle, withheld_tasks
from evalsuite.runs.folder import Run

PAGE = "index.html"
NUMBERS = "comparison.json"
MOST_ROWS = 3000
GLYPHS = {"holds": "✓", "worse": "✗", "undecided": "?"}
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
FLAGS = {
    "drop": "drop: the 95 % interval lies below zero",
    "gain": "gain: the 95 % interval lies above zero",
    "length": "length: the candidate's answers have another length",
    "truncation": "truncation: the share of cut-off answers changed",
    "frame": "frame: for new questions of this kind the verdict would be another",
    "aa-failed": "A/A failed: two runs of the baseline differ; look at the engine first",
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
    texts = _bundle(comparison, baseline, candidate, extent)
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
    environment = Environment(
        loader=PackageLoader("evalsuite.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_readable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    script = _static("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    withheld = withheld_tasks(comparison.benchmarks) if extent.publish else frozenset()
    return environment.get_template(
        "report.html.j2"
    ).render(
        c=comparison,
        baseline=arm_label(comparison.baseline.arm),
        candidate=arm_label(comparison.candidate.arm),
        control=arm_label(comparison.control.arm) if comparison.control else None,
        glyphs=GLYPHS,
        flag_words=FLAGS,
        forest=Markup(forest_plot(comparison.benchmarks)),  # noqa: S704 - our own drawing
        flips_figure=Markup(flip_plot(comparison.benchmarks)),  # noqa: S704 - our own drawing
        css=Markup(_static("report.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=digest,
        texts=texts,
        rows=comparison.flips[:MOST_ROWS],
        titles={one.task: one.title for one in comparison.benchmarks},
        light=extent.light,
        withheld=sorted(withheld),
        version=__version__,
    )


def _bundle(comparison: Comparison, baseline: Run, candidate: Run, extent: Extent) -> Bundle:
    if extent.light:
        return Bundle(chunks=(), embedded=0)
    withheld = withheld_tasks(comparison.benchmarks) if extent.publish else frozenset()
    return bundle(comparison.flips[:MOST_ROWS], baseline, candidate, withheld=withheld)


def _static(name: str) -> str:
    return (Path(__file__).parent / "static" / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    """Put *text* in place at once, so that nobody opens half a page."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8", errors="replace")
    os.replace(draft, path)  # noqa: PTH105 - os.replace is what is atomic


def _readable(value: object) -> object:
    """Strings without characters that break a page or turn its direction."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return DIRECTION.sub("\ufffd", UNREADABLE.sub("\ufffd", value))


def _percent(value: float) -> str:
    return f"{100 * value:.2f}"


def _points(value: float) -> str:
    return f"{100 * value:+.2f}".replace("-", "−")


def _interval(interval: Interval, *, signed: bool = False) -> str:
    show = _points if signed else _percent
    return f"{show(interval.low)} … {show(interval.high)}"


def _ratio(estimate: Estimate) -> str:
    ends = estimate.interval
    return (
        f"{100 * (estimate.value - 1):+.1f} % "
        f"({100 * (ends.low - 1):+.1f} … {100 * (ends.high - 1):+.1f})"
    ).replace("-", "−")


def _p_value(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"  # noqa: PLR2004 - four digits


def _reasons(one: Benchmark) -> list[tuple[str, int, int]]:
    """Each grading reason with the draws of both arms."""
    names = sorted(one.baseline.reasons.keys() | one.candidate.reasons.keys())
    return [
        (name, one.baseline.reasons.get(name, 0), one.candidate.reasons.get(name, 0))
        for name in names
    ]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "percent": _percent,
    "points": _points,
    "interval": _interval,
    "ratio": _ratio,
    "p_value": _p_value,
    "reasons": _reasons,
}

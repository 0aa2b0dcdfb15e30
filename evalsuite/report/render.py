"""The page as text: one template, filled from the comparisons."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evalsuite import __version__
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, Verdict
from evalsuite.comparison.words import GLYPHS
from evalsuite.report.compared import Compared, Listed
from evalsuite.report.svg import Drawn
from evalsuite.report.texts import Place
from evalsuite.report.trend import Trend
from evalsuite.report.words import (
    FILTERS,
    METRICS,
    RATES,
    SCENARIOS,
    middle,
    name_in_address,
    readable,
    short,
)

SCRIPTS = ("vendor/temml.min.js", "math.js", "texts.js", "pane.js", "report.js")
GRAVEST: tuple[Verdict, ...] = ("worse", "undecided", "holds")
FLAGS = {
    "drop": "the whole 95 % interval lies below zero: a real drop, whatever the margin allows",
    "gain": "the whole 95 % interval lies above zero",
    "length": "the candidate's answers have another length",
    "truncation": "the share of answers that were cut off changed",
    "frame": "for new questions of this kind the verdict would be another",
    "underpowered": "so few draws would miss a loss of the margin more than one time in five",
    "grading-sensitive": "answers that could not be read would change the verdict",
    "changed": "something beside accuracy changed by more than chance; see Beneath the difference",
    "sequential": "it could stop early; its intervals are those for that",
    "aa-failed": "two runs of the baseline differ from each other; look at the engine first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One candidate as the templates see it; `end` is what its figures' and files' names end in."""

    c: Comparison
    candidate: str
    slug: str
    end: str

    @property
    def flip_count(self) -> int:
        """Flips, listed or not."""
        return len(self.c.flips)

    @property
    def pair_count(self) -> int:
        """Paired draws."""
        return sum(one.pairs for one in self.c.benchmarks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that stands on a page.

    `rows` are the flips that it lists, with their places; `more` says that `items/` lies beside
    it, of the same `edition`. Of the tasks in `withheld` it holds no texts.
    """

    compared: Sequence[Compared]
    slugs: Sequence[str]
    drawn: Mapping[str, Drawn]
    rows: Sequence[tuple[Listed, Place | None]]
    chunks: Sequence[str]
    edition: str
    more: bool
    withheld: frozenset[str] = frozenset()
    trends: Sequence[Trend] = ()


def render(content: Content) -> str:
    """The page as text; equal contents give equal bytes."""
    several = len(content.compared) > 1
    views = [
        View(c=one.comparison, candidate=one.label, slug=slug, end=f"-{slug}" if several else "")
        for one, slug in zip(content.compared, content.slugs, strict=True)
    ]
    first = views[0].c
    verdicts = {one.c.verdict for one in views}
    benchmarks = {one.task: one for view in views for one in view.c.benchmarks}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=content,
            views=views,
            several=several,
            verdict=next(one for one in GRAVEST if one in verdicts),
            first=first,
            benchmarks=benchmarks.values(),
            baseline=arm_label(first.baseline.arm),
            control=arm_label(first.control.arm) if first.control else None,
            glyphs=GLYPHS,
            flag_words=FLAGS,
            rate_words=RATES,
            metric_words=METRICS,
            scenario_words=SCENARIOS,
            drawings={
                name: Markup(one.inline)  # noqa: S704 - our drawing
                for name, one in content.drawn.items()
            },
            css=Markup(_math_css() + _static("report.css")),  # noqa: S704 - our own files
            head_script=_static("head.js"),
            script=Markup("\n".join(_static(name) for name in SCRIPTS)),  # noqa: S704 - as above
            titles={task: one.title for task, one in benchmarks.items()},
            data=_data(content, benchmarks),
            version=__version__,
        )
    )


def _data(content: Content, benchmarks: Mapping[str, Benchmark]) -> str:
    """What the page's scripts must know beside what they read off it, as JSON."""
    known = {
        "edition": content.edition,
        "more": content.more,
        "arms": list(content.slugs),
        "names": [middle(str(readable(one.label)), 20) for one in content.compared],
        "titles": {
            name_in_address(task): short(str(readable(one.title)), 40)
            for task, one in benchmarks.items()
        },
    }
    return json.dumps(known)


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

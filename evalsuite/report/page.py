"""The report's folder: the page, its numbers, tables and figures, and the pairs beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalsuite import __version__
from evalsuite.comparison import to_json
from evalsuite.errors import RunError
from evalsuite.files import put
from evalsuite.model import Key
from evalsuite.report import items, tables
from evalsuite.report.bundle import Bundle, bundle, chosen
from evalsuite.report.compared import (
    Compared,
    PairedDraws,
    listed,
    pairs_of,
    redacted,
    slugs_of,
    told_apart,
    withheld_tasks,
)
from evalsuite.report.figures import figures_of
from evalsuite.report.files import clear
from evalsuite.report.render import Content, render
from evalsuite.report.svg import Drawn
from evalsuite.report.texts import Place
from evalsuite.report.trend import Trend, trend_plot
from evalsuite.runs.folder import Run

PAGE = "index.html"
NUMBERS = "comparison"
FIGURES = "figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of the runs goes into a report.

    *light*: only what fits into the page, no `items/`. *publish*: nothing of items whose authors
    ask for that (GPQA). *withhold*: nothing of these tasks' items; `all` for every one.
    """

    light: bool = False
    publish: bool = False
    withhold: Sequence[str] = ()


def write_report(
    compared: Sequence[Compared],
    out: Path,
    *,
    baseline: Run,
    extent: Extent | None = None,
    trend: Sequence[Trend] = (),
) -> Path:
    """Write the report of *compared*, all against *baseline*, into *out*; the page's path.

    Beside `index.html`: `comparison.json` (of several candidates one each), `figures/`,
    `tables/`, `items.csv.gz` and `items/`. The runs give the texts, nothing else. What an earlier
    report left there is replaced; the page comes last. *trend* is drawn where it has nights.

    Raises:
        RunError: *out* cannot be written.
        UsageError: a task is to be withheld that was not compared.
    """
    extent = extent or Extent()
    benchmarks = [one for each in compared for one in each.comparison.benchmarks]
    withheld = withheld_tasks(benchmarks, publish=extent.publish, named=extent.withhold)
    shown = [
        replace(one, comparison=redacted(one.comparison, withheld)) for one in told_apart(compared)
    ]
    try:
        _write(shown, out, baseline, extent=extent, withheld=withheld, trend=trend)
    except OSError as error:
        raise RunError(
            f"{error.filename or out}: the report cannot be written ({error.strerror}). "
            "The runs are untouched; free space or name another folder."
        ) from error
    return out / PAGE


def _write(
    compared: Sequence[Compared],
    out: Path,
    baseline: Run,
    *,
    extent: Extent,
    withheld: frozenset[str],
    trend: Sequence[Trend],
) -> None:
    slugs = slugs_of(compared)
    runs = [baseline, *(one.run for one in compared)]
    numbers = _numbers(compared, slugs)
    edition = _edition(numbers, extent)
    flips = chosen(listed(compared))
    texts = bundle(flips, runs, withheld=withheld)
    out.mkdir(parents=True, exist_ok=True)
    _put_numbers(out, numbers)
    drawn = _put_figures(out / FIGURES, compared, slugs, trend)
    tables.write_tables(out / tables.FOLDER, [one.comparison for one in compared])
    pairs = pairs_of(compared, baseline, withheld=withheld)
    put(out / tables.PAIRS, tables.pairs_csv_gz(slugs, pairs))
    places = _put_items(
        out / items.FOLDER, pairs, runs, texts, edition, withheld, light=extent.light
    )
    page = Content(
        compared=compared,
        slugs=slugs,
        drawn=drawn,
        rows=[(one, places.get(one.key)) for one in flips],
        chunks=texts.chunks,
        edition=edition,
        more=not extent.light,
        withheld=withheld,
        trends=trend,
    )
    put(out / PAGE, render(page))


def _numbers(compared: Sequence[Compared], slugs: Sequence[str]) -> dict[str, str]:
    """File name → JSON."""
    if len(compared) == 1:
        return {f"{NUMBERS}.json": to_json(compared[0].comparison)}
    return {
        f"{NUMBERS}-{slug}.json": to_json(one.comparison)
        for one, slug in zip(compared, slugs, strict=True)
    }


def _edition(numbers: Mapping[str, str], extent: Extent) -> str:
    """What the files in `items/` and the page know each other by."""
    said = "\n".join([__version__, repr(extent), *numbers.values()])
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _put_numbers(out: Path, numbers: Mapping[str, str]) -> None:
    for name, text in numbers.items():
        put(out / name, text)
    clear(out, f"{NUMBERS}*.json", keep=numbers.keys())


def _put_figures(
    folder: Path, compared: Sequence[Compared], slugs: Sequence[str], trend: Sequence[Trend]
) -> dict[str, Drawn]:
    figures = figures_of(compared, slugs)
    if any(one.nights for one in trend):
        figures["trend"] = trend_plot(trend)
    drawn = {name: one.drawn() for name, one in figures.items()}
    for name, one in drawn.items():
        put(folder / f"{name}.svg", one.svg)
        put(folder / f"{name}.png", one.png)
    names = {f"{name}.{kind}" for name in drawn for kind in ("svg", "png")}
    for kind in ("svg", "png"):
        clear(folder, f"*.{kind}", keep=names)
    return drawn


def _put_items(
    folder: Path,
    pairs: Sequence[PairedDraws],
    runs: Sequence[Run],
    texts: Bundle,
    edition: str,
    withheld: frozenset[str],
    *,
    light: bool,
) -> Mapping[Key, Place]:
    """Write the pairs beside the page unless it is *light*; where the texts of each are."""
    if light:
        clear(folder, "*.js")
        return texts.places
    return items.write_items(
        folder, pairs, runs, edition=edition, in_page=texts.places, withheld=withheld
    )

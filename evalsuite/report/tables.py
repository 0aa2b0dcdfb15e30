"""The tables of the page as files: CSV for programs, Markdown for papers and pull requests."""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, Estimate
from evalsuite.comparison.words import (
    GLYPHS,
    accuracy,
    allowed,
    difference,
    growth,
    percent,
)
from evalsuite.files import put
from evalsuite.report.compared import PairedDraws
from evalsuite.report.words import p_value, readable, short
from evalsuite.runs.rows import Draw

FOLDER = "tables"
PAIRS = "items.csv.gz"
# A spreadsheet takes a cell that begins so for a formula; numbers and LaTeX's -\frac are none.
FORMULA = re.compile(r"\s*[=+\-@\t\r]")
HARMLESS = re.compile(r"[-+]?[\d.,/]+%?$|-\\")
MARKDOWN = re.compile(r"([\\|*_`<>\[\]#~&])")
Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a comparison; numbers in *rows* are fractions of 1 as in comparison.json."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def csv(self) -> str:
        """With a header; cells that a spreadsheet would take for formulas begin with '."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([safe_cell(cell) for cell in row] for row in self.rows)
        return out.getvalue()


def summary_table(comparisons: Sequence[Comparison]) -> Table:
    """One row per candidate and benchmark, with every interval."""
    columns = [
        *("baseline", "candidate", "task", "title", "questions", "pairs"),
        *_ends("baseline_accuracy"),
        *_ends("candidate_accuracy"),
        *_ends("difference"),
        *("low_90", "high_90", "margin", "p_value", "lost", "won", "aa_lost", "aa_won"),
        *_ends("length_ratio"),
        "verdict",
    ]
    rows = [_summary_row(each, one) for each in comparisons for one in each.benchmarks]
    return Table(columns=columns, rows=rows)


def subjects_table(comparisons: Sequence[Comparison]) -> Table:
    """One row per candidate, benchmark and subject."""
    columns = [
        *("candidate", "task", "subject", "questions", "pairs"),
        *("baseline_accuracy", "candidate_accuracy"),
        *_ends("difference"),
    ]
    rows = [
        (
            *(each.candidate.arm, one.task, row.subject, row.questions, row.draws),
            *(row.baseline_accuracy, row.candidate_accuracy),
            *_estimate(row.difference),
        )
        for each in comparisons
        for one in each.benchmarks
        for row in one.subjects
    ]
    return Table(columns=columns, rows=rows)


def lengths_table(comparisons: Sequence[Comparison]) -> Table:
    """One row per candidate, benchmark and arm: tokens, cut-off draws, draws without answer."""
    columns = (
        *("candidate", "task", "arm", "draws", "mean_output_tokens"),
        *("truncated", "no_answer", "duplicate_draws", "restarts"),
    )
    rows = [
        (
            *(each.candidate.arm, one.task, name, arm.draws, arm.mean_output_tokens),
            *(arm.truncated, arm.no_answer, arm.duplicate_draws, arm.restarts),
        )
        for each in comparisons
        for one in each.benchmarks
        for name, arm in (("baseline", one.baseline), ("candidate", one.candidate))
    ]
    return Table(columns=columns, rows=rows)


def summary_markdown(comparisons: Sequence[Comparison]) -> str:
    """The summary as people read it, one table per candidate under its verdict."""
    return "\n\n".join("\n".join(_markdown(each)) for each in comparisons) + "\n"


def write_tables(folder: Path, comparisons: Sequence[Comparison]) -> None:
    """Write every table into *folder*."""
    tables = {
        "summary.csv": summary_table(comparisons).csv(),
        "subjects.csv": subjects_table(comparisons).csv(),
        "lengths.csv": lengths_table(comparisons).csv(),
        "summary.md": summary_markdown(comparisons),
    }
    for name, text in tables.items():
        put(folder / name, text)


def pairs_csv_gz(names: Sequence[str], pairs: Iterable[PairedDraws]) -> bytes:
    """One row per candidate (of that name), question and repeat; no texts.

    Equal pairs give equal bytes.
    """
    columns = (
        *("candidate", "task", "question", "repeat", "subject", "gold"),
        *(
            f"{arm}_{name}"
            for arm in ("baseline", "candidate")
            for name in ("outcome", "answer", "reason", "finish_reason", "output_tokens")
        ),
    )
    raw = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors="replace", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for one in pairs:
            facts = (names[one.arm], *one.key, one.subject, one.gold)
            cells = (*facts, *_draw(one.baseline), *_draw(one.candidate))
            writer.writerow([safe_cell(cell) for cell in cells])
    return raw.getvalue()


def safe_cell(cell: Cell) -> Cell:
    """*cell* as no spreadsheet mistakes it for a formula, and no reader chokes on."""
    if not isinstance(cell, str):
        return cell
    text = str(readable(cell))
    return f"'{text}" if FORMULA.match(text) and not HARMLESS.match(text) else text


def markdown_cell(text: str) -> str:
    """*text* as Markdown shows it letter by letter, on one line."""
    return MARKDOWN.sub(r"\\\1", str(readable(short(" ".join(text.split()), 80))))


def _markdown(each: Comparison) -> Iterator[str]:
    arms = (markdown_cell(arm_label(arm.arm)) for arm in (each.baseline, each.candidate))
    numbers = " | ".join(f"{name} (95 % CI)" for name in (*arms, "Δ pp"))
    yield f"### {GLYPHS[each.verdict]} {markdown_cell(each.sentence)}"
    yield ""
    yield f"| | {numbers} | margin | flips (A/A) | length | |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for one in each.benchmarks:
        yield f"| {' | '.join(_markdown_row(one))} |"


def _markdown_row(one: Benchmark) -> tuple[str, ...]:
    noise = f" ({percent(one.control.rate, 1)} %)" if one.control else ""
    return (
        markdown_cell(one.title),
        accuracy(one.baseline.accuracy),
        accuracy(one.candidate.accuracy),
        difference(one.difference),
        allowed(one.margin),
        f"{percent(one.flips.rate, 1)} %{noise}",
        "—" if one.length_ratio is None else growth(one.length_ratio),
        f"{GLYPHS[one.verdict]} {one.verdict}, p {p_value(one.p_value)}",
    )


def _summary_row(each: Comparison, one: Benchmark) -> Sequence[Cell]:
    control = (one.control.lost, one.control.won) if one.control else (None, None)
    return (
        *(each.baseline.arm, each.candidate.arm, one.task, one.title, one.questions, one.pairs),
        *_estimate(one.baseline.accuracy),
        *_estimate(one.candidate.accuracy),
        *_estimate(one.difference),
        *(one.interval_90.low, one.interval_90.high, one.margin, one.p_value),
        *(one.flips.lost, one.flips.won, *control),
        *_estimate(one.length_ratio),
        one.verdict,
    )


def _ends(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low_95", f"{name}_high_95"


def _estimate(one: Estimate | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if one is None else (one.value, one.interval.low, one.interval.high)


def _draw(draw: Draw) -> tuple[Cell, ...]:
    return draw.outcome, draw.answer, draw.reason, draw.finish_reason, draw.output_tokens

"""A `Comparison` as the terminal shows it."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import Benchmark, Comparison, Estimate, FlipCounts

STYLES = {"holds": "green", "worse": "bold red", "undecided": "magenta"}
GLYPHS = {"holds": "✓", "worse": "✗", "undecided": "?"}


def comparison_table(comparison: Comparison, *, wide: bool = True) -> RenderableType:
    """The table of *comparison* with its checks that need a look, for a rich console.

    Without *wide* it fits 80 columns: A/A flips and lengths are left to the report.
    """
    ours, theirs = arm_label(comparison.baseline.arm), arm_label(comparison.candidate.arm)
    questions = sum(one.questions for one in comparison.benchmarks)
    pairs = sum(one.pairs for one in comparison.benchmarks)
    head = Text.assemble(
        (f"{theirs} against {ours}", "bold"),
        f"  the same {questions:,} questions, {pairs:,} answers each",
    )
    parts: list[RenderableType] = [head]
    if any(one.synthetic for one in comparison.benchmarks):
        parts.append(
            Text("synthetic items: this says nothing about the public benchmarks", "yellow")
        )
    if comparison.forced:
        parts.append(Text("FORCED: these runs must not be compared", "bold red"))
    parts += [Text(), _benchmarks(comparison, ours, theirs, wide=wide), Text()]
    parts += [
        _line(
            f"{check.status}",
            f"{check.name}: {check.baseline} | {check.candidate}; {check.message}",
        )
        for check in comparison.checks
        if check.status in ("stop", "warn")
    ]
    parts += [
        _line("undecided", _advice(one))
        for one in comparison.benchmarks
        if one.decides_at is not None
    ]
    parts.append(
        Text.assemble((f"{comparison.verdict}  ", STYLES[comparison.verdict]), comparison.sentence)
    )
    return Group(*parts)


def _benchmarks(comparison: Comparison, ours: str, theirs: str, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    more = ("(A/A)", "length") if wide else ()
    for title in (ours, theirs, "Δ pp", "95 % CI", "margin", "flips", *more):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in comparison.benchmarks:
        noise = f"({_rate(one.control)})" if one.control else "—"
        table.add_row(
            one.title,
            f"{100 * one.baseline.accuracy.value:.2f}",
            f"{100 * one.candidate.accuracy.value:.2f}",
            f"{100 * one.difference.value:+.2f}",
            _interval_pp(one.difference),
            f"−{100 * one.margin:.1f}",
            _rate(one.flips),
            *((noise, _length(one.length_ratio)) if wide else ()),
            Text(f"{GLYPHS[one.verdict]} {one.verdict}", STYLES[one.verdict]),
        )
    return table


def _interval_pp(estimate: Estimate) -> str:
    return f"{100 * estimate.interval.low:+.2f} … {100 * estimate.interval.high:+.2f}"


def _rate(flips: FlipCounts) -> str:
    return f"{100 * flips.rate:.1f} %"


def _length(ratio: Estimate | None) -> str:
    return "—" if ratio is None else f"{100 * (ratio.value - 1):+.1f} %"


def _advice(one: Benchmark) -> str:
    if one.decides_at:
        return f"{one.title}: about {one.decides_at} repeats per question would decide, if Δ stays."
    return (
        f"{one.title}: no number of repeats would decide at this Δ; "
        "more questions or another margin might."
    )


def _line(word: str, text: str) -> Text:
    style = {"stop": "bold red", "warn": "yellow", "undecided": "magenta"}[word]
    return Text.assemble((f"{word}  ", style), text)

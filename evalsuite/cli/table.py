"""A `Comparison` as the terminal shows it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalsuite.cli.questions import plain
from evalsuite.cli.terminal import STYLES, WIDE, console
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.sentences import decides_sentence, looks_sentence
from evalsuite.comparison.types import Benchmark, Check, Comparison, Estimate, FlipCounts
from evalsuite.comparison.words import (
    GLYPHS,
    allowed,
    change,
    interval,
    percent,
    points,
    reach,
)
from evalsuite.report.words import middle, short

WORD_STYLES = {
    "stop": "bold red",
    "warn": "yellow",
    "note": "dim",
    "differ": "dim",
    "flags": "yellow",
    "looks": "dim",
    "undecided": "magenta",
}
MOST_CHARACTERS = 60
SHORT = 70  # characters of a difference that is shown in full
MOST_OF_A_NAME = 16
GAP = 2
INTERVAL = 1  # the rank of the column with the difference's interval


class Column(NamedTuple):
    """A column of the table; those of a higher rank are left out first, rank 0 never."""

    rank: int
    title: str
    cell: Callable[[Benchmark], str]


def show(comparison: Comparison) -> None:
    """Print the table of *comparison* on stdout."""
    out = console()
    out.print(comparison_table(comparison, width=out.width))


def comparison_table(comparison: Comparison, *, width: int = WIDE) -> RenderableType:
    """The table of *comparison* with its checks that need a look, for a rich console.

    What does not fit *width* columns is left out, the verdict and its difference never.
    """
    remarks = Table.grid(padding=(0, 2))
    remarks.add_column(no_wrap=True)
    remarks.add_column(overflow="fold")
    for word, text in _remarks(comparison):
        remarks.add_row(Text(word, WORD_STYLES[word]), Text(plain(text)))
    remarks.add_row(Text(comparison.verdict, STYLES[comparison.verdict]), Text(comparison.sentence))
    ours, theirs = _name(comparison.baseline.arm), _name(comparison.candidate.arm)
    return Group(
        *_head(comparison, ours, theirs),
        Text(),
        _benchmarks(comparison, ours, theirs, width=width),
        Text(),
        remarks,
    )


def _name(arm: str) -> str:
    return middle(arm_label(arm), MOST_OF_A_NAME)


def _head(comparison: Comparison, ours: str, theirs: str) -> Iterator[Text]:
    questions = sum(one.questions for one in comparison.benchmarks)
    pairs = sum(one.pairs for one in comparison.benchmarks)
    yield Text.assemble(
        (f"{theirs} against {ours}", "bold"),
        f"  the same {questions:,} questions, {pairs:,} answers each",
    )
    if any(one.synthetic for one in comparison.benchmarks):
        yield Text("synthetic items: this says nothing about the public benchmarks", "yellow")
    if comparison.forced:
        yield Text("FORCED: these runs must not be compared", "bold red")


def _benchmarks(comparison: Comparison, ours: str, theirs: str, *, width: int) -> Table:
    columns = _fitting(comparison.benchmarks, _columns(ours, theirs), width)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    table.add_column(Text(), no_wrap=True)
    for column in columns:
        table.add_column(Text(column.title), justify="right", no_wrap=True)
    table.add_column(Text(), no_wrap=True)
    for one in comparison.benchmarks:
        cells = (_title(one), *(column.cell(one) for column in columns))
        table.add_row(*map(Text, cells), Text(_verdict(one), STYLES[one.verdict]))
    return table


def _columns(ours: str, theirs: str) -> list[Column]:
    return [
        Column(3, ours, lambda one: _accuracy(one.baseline.accuracy)),
        Column(3, theirs, lambda one: _accuracy(one.candidate.accuracy)),
        Column(0, "Δ pp", lambda one: points(one.difference.value)),
        Column(INTERVAL, "95 % CI", lambda one: interval(one.difference.interval, signed=True)),
        Column(2, "margin", lambda one: allowed(one.margin)),
        Column(4, "flips  (A/A)", lambda one: f"{_rate(one.flips)} {_noise(one.control)}"),
        Column(5, "length", lambda one: _length(one.length_ratio)),
    ]


def _fitting(
    benchmarks: Sequence[Benchmark], columns: Sequence[Column], width: int
) -> list[Column]:
    """*columns* but those that do not fit *width*; the least needed go first."""
    kept = list(columns)
    ends = max(len(_title(one)) for one in benchmarks) + max(
        len(_verdict(one)) for one in benchmarks
    )

    def size(column: Column) -> int:
        return GAP + max(len(column.title), *(len(column.cell(one)) for one in benchmarks))

    while ends + GAP + sum(map(size, kept)) > width and (least := max(one.rank for one in kept)):
        kept = [one for one in kept if one.rank != least]
    return kept if any(one.rank == INTERVAL for one in kept) else [_stacked(one) for one in kept]


def _stacked(column: Column) -> Column:
    """*column*, if it is the difference with the reach of its interval below."""
    if column.rank:
        return column
    return column._replace(
        cell=lambda one: f"{points(one.difference.value)}\n±{reach(one.difference)}"
    )


def _title(one: Benchmark) -> str:
    return middle(one.title, MOST_OF_A_NAME)


def _verdict(one: Benchmark) -> str:
    return f"{GLYPHS[one.verdict]} {one.verdict}"


def _accuracy(one: Estimate) -> str:
    return f"{percent(one.value, 1)} ±{reach(one, 1)}"


def _noise(control: FlipCounts | None) -> str:
    """The flips between two runs of the baseline, as wide as others."""
    return f"({_rate(control)})".rjust(8) if control else "(—)".rjust(8)


def _remarks(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What a reader must know beside the numbers, the gravest first."""
    for check in comparison.checks:
        if check.status in ("stop", "warn"):
            yield check.status, f"{_differs(check)}; {check.message}"
    notes = {one.name: _differs(one) for one in comparison.checks if one.status == "note"}
    short = [words for words in notes.values() if len(words) <= SHORT]
    if short:
        yield "note", " · ".join(short)
    long = [name for name, words in notes.items() if len(words) > SHORT]
    if long:
        yield "differ", f"{', '.join(long)}: see the report, or --json"
    for one in comparison.benchmarks:
        yield from _remarks_on(one)


def _remarks_on(one: Benchmark) -> Iterator[tuple[str, str]]:
    if one.baseline.restarts or one.candidate.restarts:
        yield "note", _restarts(one)
    if one.flags:
        yield "flags", f"{one.title}: {', '.join(one.flags)}"
    if one.sequential:
        yield "looks", f"{one.title}: {looks_sentence(one.sequential)}"
    if one.decides:
        yield "undecided", f"{one.title}: {decides_sentence(one.decides)}"


def _restarts(one: Benchmark) -> str:
    arms = (
        "not counted" if arm.restarts is None else f"{arm.restarts} of {arm.draws}"
        for arm in (one.baseline, one.candidate)
    )
    return f"{one.title}: back into thinking after closing it: {' | '.join(arms)} answers"


def _differs(check: Check) -> str:
    ours, theirs = (short(one, MOST_CHARACTERS) for one in (check.baseline, check.candidate))
    return f"{check.name}: {ours} | {theirs}"


def _rate(flips: FlipCounts) -> str:
    return f"{percent(flips.rate, 1)} %"


def _length(ratio: Estimate | None) -> str:
    return "—" if ratio is None else f"{change(ratio.value)} %"

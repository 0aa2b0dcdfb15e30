"""A `Comparison` as the terminal shows it."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalsuite.comparison.build import arm_label
from evalsuite.comparison.sentences import decides_sentence, looks_sentence
from evalsuite.comparison.types import Benchmark, Check, Comparison, Estimate, FlipCounts

STYLES = {"holds": "green", "worse": "bold red", "undecided": "magenta"}
GLYPHS = {"holds": "✓", "worse": "✗", "undecided": "?"}
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
WIDE = 110


def show(comparison: Comparison) -> None:
    """Print the table of *comparison* on stdout."""
    console = Console()
    if not console.is_terminal:
        # A pipe has no width of its own, and a table cut at 80 columns loses its verdicts.
        console = Console(width=max(console.width, WIDE))
    console.print(comparison_table(comparison, wide=console.width >= WIDE))


def comparison_table(comparison: Comparison, *, wide: bool = True) -> RenderableType:
    """The table of *comparison* with its checks that need a look, for a rich console.

    Without *wide* it fits 80 columns: A/A flips and lengths are left to the report.
    """
    ours, theirs = arm_label(comparison.baseline.arm), arm_label(comparison.candidate.arm)
    return Group(
        *_head(comparison, ours, theirs),
        Text(),
        _benchmarks(comparison, ours, theirs, wide=wide),
        Text(),
        *_remarks(comparison),
        Text.assemble((f"{comparison.verdict}  ", STYLES[comparison.verdict]), comparison.sentence),
    )


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


def _benchmarks(comparison: Comparison, ours: str, theirs: str, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(), no_wrap=True)
    more = ("(A/A)", "length") if wide else ()
    for title in (ours, theirs, "Δ pp", "95 % CI", "margin", "flips", *more):
        table.add_column(Text(title), justify="right", no_wrap=True)
    table.add_column(Text(), no_wrap=True)
    for one in comparison.benchmarks:
        noise = f"({_rate(one.control)})" if one.control else "—"
        cells = (
            one.title,
            f"{100 * one.baseline.accuracy.value:.2f}",
            f"{100 * one.candidate.accuracy.value:.2f}",
            f"{100 * one.difference.value:+.2f}",
            _interval_pp(one.difference),
            f"−{_points(one.margin)}",
            _rate(one.flips),
            *((noise, _length(one.length_ratio)) if wide else ()),
        )
        verdict = Text(f"{GLYPHS[one.verdict]} {one.verdict}", STYLES[one.verdict])
        table.add_row(*map(Text, cells), verdict)
    return table


def _remarks(comparison: Comparison) -> Iterator[Text]:
    """What a reader must know beside the numbers, the gravest first."""
    for check in comparison.checks:
        if check.status in ("stop", "warn"):
            yield _line(check.status, f"{_differs(check)}; {check.message}")
    notes = {one.name: _differs(one) for one in comparison.checks if one.status == "note"}
    short = [words for words in notes.values() if len(words) <= SHORT]
    if short:
        yield _line("note", " · ".join(short))
    long = [name for name, words in notes.items() if len(words) > SHORT]
    if long:
        yield _line("differ", f"{', '.join(long)}: see the report, or --json")
    for one in comparison.benchmarks:
        yield from _remarks_on(one)


def _remarks_on(one: Benchmark) -> Iterator[Text]:
    if one.baseline.restarts or one.candidate.restarts:
        yield _line("note", _restarts(one))
    if one.flags:
        yield _line("flags", f"{one.title}: {', '.join(one.flags)}")
    if one.sequential:
        yield _line("looks", f"{one.title}: {looks_sentence(one.sequential)}")
    if one.decides:
        yield _line("undecided", f"{one.title}: {decides_sentence(one.decides)}")


def _restarts(one: Benchmark) -> str:
    arms = (
        "not counted" if arm.restarts is None else f"{arm.restarts} of {arm.draws}"
        for arm in (one.baseline, one.candidate)
    )
    return f"{one.title}: back into thinking after closing it: {' | '.join(arms)} answers"


def _differs(check: Check) -> str:
    return f"{check.name}: {_short(check.baseline)} | {_short(check.candidate)}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _interval_pp(estimate: Estimate) -> str:
    return f"{100 * estimate.interval.low:+.2f} … {100 * estimate.interval.high:+.2f}"


def _points(margin: float) -> str:
    """A margin with one digit after the point, or with as many as it has."""
    points = round(100 * margin, 6)
    return f"{points:.1f}" if points == round(points, 1) else f"{points:g}"


def _rate(flips: FlipCounts) -> str:
    return f"{100 * flips.rate:.1f} %"


def _length(ratio: Estimate | None) -> str:
    return "—" if ratio is None else f"{100 * (ratio.value - 1):+.1f} %"


def _line(word: str, text: str) -> Text:
    return Text.assemble((f"{word}  ", WORD_STYLES[word]), text)

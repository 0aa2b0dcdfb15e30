"""The history as the terminal shows it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from evalsuite.cli.terminal import STYLES, console
from evalsuite.comparison.build import arm_label
from evalsuite.comparison.types import EXIT_CODES
from evalsuite.comparison.words import GLYPHS, difference, points, reach
from evalsuite.nightly.drift import Watch
from evalsuite.nightly.entry import Entry, without_counts
from evalsuite.nightly.history import History, Reset
from evalsuite.nightly.notes import alarm_line, baseline_line, state_line, watches
from evalsuite.nightly.policy import DriftPolicy, load_policy
from evalsuite.nightly.words import clean

CELL = 8  # where it is narrow, the interval goes below verdict and difference: ✗ −12.34


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of the history is to be shown."""

    arm: str | None
    last: int
    regressed: bool
    as_json: bool


def show_history(path: Path, policy: Path, shown: Shown) -> int:
    """Print the history at *path* on stdout; the exit code.

    Raises:
        EvalsuiteError: the history or the policy cannot be read.
    """
    drift = load_policy(policy).drift if policy.is_file() else None
    with History(path, readonly=True) as history:
        entries = [one for one in history.entries() if shown.arm in (None, one.arm)]
        resets = history.resets()
    found = watches(entries, resets, drift) if drift else []
    lines = _regressed(entries, found) if shown.regressed else []
    if shown.as_json:
        click.echo(_json(entries, found, resets))
    elif shown.regressed:
        for line in lines:
            click.echo(line)
    else:
        _show(entries, found, shown, drift, policy)
    return EXIT_CODES["worse"] if lines else 0


def _regressed(entries: Sequence[Entry], found: Sequence[Watch]) -> list[str]:
    """What is worse on an arm's last night, and every alarm."""
    last = {one.arm: one.night for one in entries}
    lines = [
        f"{one.night} {one.arm} {one.result.title}: worse, {difference(one.result.difference)} pp"
        for one in entries
        if one.night == last[one.arm] and one.result.verdict == "worse"
    ]
    return [*map(clean, lines), *(alarm_line(chart) for one in found for chart in one.alarms)]


def _show(
    entries: Sequence[Entry],
    found: Sequence[Watch],
    shown: Shown,
    drift: DriftPolicy | None,
    policy: Path,
) -> None:
    out = console()
    for arm in dict.fromkeys(one.arm for one in entries):
        out.print(_nights([one for one in entries if one.arm == arm], shown.last))
        out.print()
    if drift is None:
        out.print(Text(f"no charts: {policy} is not there, or has no `drift:`", "dim"))
        return
    for one in found:
        learning = not any(chart.watching for chart in one.running)
        for chart in one.running[:1] if learning else one.running:
            if chart.alarm:
                out.print(Text("alarm  ", "bold red").append(alarm_line(chart), ""))
            else:
                out.print(
                    Text(f"{one.arm}  ", "dim").append(state_line(chart, drift.baseline_nights), "")
                )
    old = baseline_line(entries, drift)
    if old:
        out.print(Text("warning  ", "yellow").append(old, ""))


def _nights(entries: Sequence[Entry], last: int) -> Table:
    """One arm: a row for each night, a column for each task."""
    tasks = {one.task: one.result.title for one in entries}
    cells = {(one.night, one.task): one for one in entries}
    nights = sorted({one.night for one in entries})
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    ours, theirs = arm_label(entries[0].baseline.arm), arm_label(entries[0].arm)
    table.title = Text(clean(f"{theirs} against {ours}, Δ pp ± 95 % CI"))
    table.add_column(Text("night"), no_wrap=True)
    for title in tasks.values():
        table.add_column(Text(clean(title)), justify="right", min_width=CELL)
    table.add_column(Text("engine"), no_wrap=True)
    table.add_column(Text("commit"), no_wrap=True)
    for night in nights[-last:]:
        row = [cells.get((night, task)) for task in tasks]
        first = next(one for one in row if one)
        engine = Text(clean(first.candidate.engine_version)[:24])
        table.add_row(Text(night), *map(_cell, row), engine, Text(clean(first.commit)[:12]))
    return table


def _cell(entry: Entry | None) -> Text:
    if entry is None:
        return Text("—")
    result = entry.result
    words = (
        f"{GLYPHS[result.verdict]} {points(result.difference.value)} ±{reach(result.difference)}"
    )
    return Text(words, STYLES[result.verdict])


def _json(entries: Sequence[Entry], found: Sequence[Watch], resets: Sequence[Reset]) -> str:
    document: dict[str, Any] = {
        "nights": TypeAdapter(list[Entry]).dump_python(
            [without_counts(one) for one in entries], mode="json"
        ),
        "charts": TypeAdapter(list[Watch]).dump_python(list(found), mode="json"),
        "resets": TypeAdapter(list[Reset]).dump_python(list(resets), mode="json"),
    }
    return json.dumps(document, indent=2)

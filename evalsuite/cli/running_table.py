"""The table of a run that goes on, or of one that stopped: a row for each task."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from evalsuite.cli.counting import Counting, TaskCount, clock_time
from evalsuite.cli.questions import plain

if TYPE_CHECKING:
    from rich.table import Table

BAR_WIDTH = 18
# These columns are there once one of their numbers is not 0.
IN_NEED: dict[str, Callable[[TaskCount], int]] = {
    "cut off": lambda count: count.cut_off,
    "empty": lambda count: count.empty,
    "alike": lambda count: count.alike,
}


def running_table(counts: Counting, *, caption: str) -> "Table":
    """What *counts* has counted, as it is now; texts from models or servers are no markup."""
    from rich.markup import escape
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    run, tasks = counts.run, counts.tasks
    table = Table(box=None, pad_edge=False, header_style="dim", expand=False)
    table.title = escape(plain(f"{run.id}  {counts.engine}")) if run else ""
    table.title_justify, table.caption_justify, table.title_style = "left", "left", "dim"
    table.caption = escape(plain(caption))
    for title in ("", "benchmark", ""):
        table.add_column(title)
    shown = {
        title: number
        for title, number in IN_NEED.items()
        if any(number(count) for count in tasks.values())
    }
    for title in ("done", "accuracy", "tok/s", "failed", *shown, "left"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, count in tasks.items():
        left_s, rate = counts.left_s(name), counts.tokens_per_s(name)
        left = "—" if left_s is None else clock_time(left_s)
        table.add_row(
            escape(run.precision if run else ""),
            escape(count.title),
            ProgressBar(total=max(count.wanted, 1), completed=count.done, width=BAR_WIDTH),
            f"{count.done:,}/{count.wanted:,}",
            count.accuracy(),
            f"{rate:,.0f}" if rate else "—",
            str(count.failed),
            *(str(number(count)) for number in shown.values()),
            left if count.missing else "done",
        )
    return table

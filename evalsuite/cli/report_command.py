"""`evalsuite report`: two runs, one page."""

import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from evalsuite.cli.options import CONTROL, MARGIN, margins_of


@click.command(name="report")
@click.argument("baseline", type=click.Path(file_okay=False, path_type=Path))
@click.argument("candidate", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write index.html and comparison.json into.",
)
@CONTROL
@MARGIN
@click.option("--light", is_flag=True, help="Leave questions and answers out; for mail.")
@click.option("--publish", is_flag=True, help="Leave GPQA's texts out, as its authors ask.")
@click.option(
    "--withhold",
    multiple=True,
    metavar="TASK",
    help="Leave this benchmark's texts out; `all` for every one. Repeatable.",
)
@click.option("--force", is_flag=True, help="Compare runs that must not be, and mark the page.")
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def command(
    baseline: Path,
    candidate: Path,
    out: Path,
    control: Path | None,
    margin: tuple[str, ...],
    force: bool,
    show: bool,
    **extent: Any,
) -> None:
    """Write the HTML report of two runs.

    Prints the page's path and exits 0 once it is written, whatever the verdict is.

    \b
      evalsuite report results/demo-fp8 results/demo-fp4 -o reports/mine
      evalsuite report results/demo-fp8 results/demo-fp4 -o reports/mine --publish --open
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.comparison import compare
    from evalsuite.report import write_report
    from evalsuite.runs.folder import open_run

    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(open_run(path)) for path in (baseline, candidate))
        again = stack.enter_context(open_run(control)) if control else None
        comparison = compare(
            ours, theirs, control=again, margins_pp=margins_of(margin), force=force
        )
        page = write_report(
            comparison,
            out,
            baseline=ours,
            candidate=theirs,
            **extent,
        )
    click.echo(page)
    if show:
        webbrowser.open(page.resolve().as_uri())

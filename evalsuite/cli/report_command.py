"""`evalsuite report`: two runs, one page."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalsuite.cli.completing import RunFolder, complete_task
from evalsuite.cli.options import CONTROL, MARGIN, POLICY, margins_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalsuite.report.trend import Trend


@click.command(name="report")
@click.argument("baseline", type=RunFolder())
@click.argument("candidate", nargs=-1, required=True, type=RunFolder())
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write into.",
)
@CONTROL
@MARGIN
@click.option(
    "--light",
    is_flag=True,
    help="Only what the page itself holds, without items/; for mail and CI.",
)
@click.option(
    "--publish",
    is_flag=True,
    help="Nothing of GPQA's items but ids and outcomes, as its authors ask.",
)
@click.option(
    "--withhold",
    multiple=True,
    metavar="TASK",
    shell_complete=complete_task,
    help="Nothing of this benchmark's items, either; `all` for every one. Repeatable.",
)
@click.option(
    "--history",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The history of nights; the page then shows the trend of the first candidate's arm.",
)
@POLICY
@click.option("--force", is_flag=True, help="Compare runs that must not be, and mark the page.")
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def command(
    baseline: Path,
    candidate: tuple[Path, ...],
    out: Path,
    control: Path | None,
    margin: tuple[str, ...],
    history: Path | None,
    policy: Path,
    force: bool,
    show: bool,
    **extent: Any,
) -> None:
    """Write the HTML report of two runs.

    Of several candidates each is compared with the baseline, on one page. Prints the page's path
    and exits 0 once it is written, whatever the verdict is.

    \b
      evalsuite report results/demo-fp8 results/demo-fp4 -o reports/mine
      evalsuite report results/demo-fp8 results/demo-fp4 -o reports/mine --publish --open
      evalsuite report results/fp8 results/fp4 results/int4 -o reports/all
      evalsuite report results/fp8 results/fp4 -o reports/tonight --history results/history.sqlite
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.comparing import comparing
    from evalsuite.report import Extent, write_report

    with comparing(
        baseline, candidate, control=control, margins_pp=margins_of(margin), force=force
    ) as opened:
        trend = _trend(history, policy, opened.compared[0].run.info.arm)
        page = write_report(
            opened.compared,
            out,
            baseline=opened.baseline,
            extent=Extent(**extent),
            trend=trend,
        )
    click.echo(page)
    if show:
        webbrowser.open(page.resolve().as_uri())


def _trend(history: Path | None, policy: Path, arm: str) -> "Sequence[Trend]":
    """The nights of *arm*; alarms are marked where the policy has a `drift:` part."""
    if history is None:
        return ()
    from evalsuite.cli.trends import trends_of
    from evalsuite.nightly.policy import load_policy

    drift = load_policy(policy).drift if policy.is_file() else None
    return trends_of(history, drift, arm)

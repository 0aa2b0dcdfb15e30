"""`evalsuite compare`: two runs, one table."""

from contextlib import ExitStack
from pathlib import Path

import click

from evalsuite.cli.options import CONTROL, MARGIN, margins_of


@click.command(name="compare")
@click.argument("baseline", type=click.Path(file_okay=False, path_type=Path))
@click.argument("candidate", type=click.Path(file_okay=False, path_type=Path))
@CONTROL
@MARGIN
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json instead of the table.")
@click.option("--force", is_flag=True, help="Compare runs that must not be, and mark the output.")
def command(
    baseline: Path,
    candidate: Path,
    control: Path | None,
    margin: tuple[str, ...],
    as_json: bool,
    force: bool,
) -> None:
    """Compare two runs and print the table.

    Exits 0 if every benchmark holds, 10 if one is worse among all of them, 11 if that is
    undecided, 12 if the runs must not be compared.

    \b
      evalsuite compare results/demo-fp8 results/demo-fp4
      evalsuite compare results/demo-fp8 results/demo-fp4 --control results/demo-fp8_again
      evalsuite compare results/demo-fp8 results/demo-fp4 --margin gsm8k=0.5 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.table import show
    from evalsuite.comparison import compare, to_json
    from evalsuite.runs.folder import open_run

    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(open_run(path)) for path in (baseline, candidate))
        again = stack.enter_context(open_run(control)) if control else None
        comparison = compare(
            ours, theirs, control=again, margins_pp=margins_of(margin), force=force
        )
    if as_json:
        click.echo(to_json(comparison), nl=False)
    else:
        show(comparison)
    raise SystemExit(comparison.exit_code)

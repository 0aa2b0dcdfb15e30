"""`evalsuite compare`: two runs, one table."""

from pathlib import Path

import click

from evalsuite.cli.completing import RunFolder
from evalsuite.cli.options import CONTROL, MARGIN, margins_of


@click.command(name="compare")
@click.argument("baseline", type=RunFolder())
@click.argument("candidate", nargs=-1, required=True, type=RunFolder())
@CONTROL
@MARGIN
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json instead of the table.")
@click.option("--force", is_flag=True, help="Compare runs that must not be, and mark the output.")
def command(
    baseline: Path,
    candidate: tuple[Path, ...],
    control: Path | None,
    margin: tuple[str, ...],
    as_json: bool,
    force: bool,
) -> None:
    """Compare two runs and print the table.

    Exits 0 if every benchmark holds, 10 if one is worse among all of them, 11 if that is
    undecided, 12 if the runs must not be compared. Of several candidates each is compared with
    the baseline; --json is a list then.

    \b
      evalsuite compare results/demo-fp8 results/demo-fp4
      evalsuite compare results/demo-fp8 results/demo-fp4 --control results/demo-fp8_again
      evalsuite compare results/demo-fp8 results/demo-fp4 --margin gsm8k=0.5 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.comparing import comparing
    from evalsuite.cli.table import show
    from evalsuite.comparison import to_json

    with comparing(
        baseline, candidate, control=control, margins_pp=margins_of(margin), force=force
    ) as opened:
        made = [one.comparison for one in opened.compared]
    if as_json:
        texts = [to_json(one).rstrip() for one in made]
        click.echo(texts[0] if len(texts) == 1 else f"[{','.join(texts)}]")
    else:
        for one in made:
            show(one)
    raise SystemExit(opened.exit_code)

"""`evalsuite status`: how far a run is, from outside."""

from pathlib import Path

import click

from evalsuite.cli.completing import RunFolder


@click.command(name="status")
@click.argument("run", type=RunFolder())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(run: Path, as_json: bool) -> None:
    """Print how far a run is, whether it goes on or was stopped.

    It reads the run's folder only: from anywhere that sees it, as often as you like.

    \b
      evalsuite status results/demo-fp8
      watch -n 10 evalsuite status results/r1-fp4
      evalsuite status results/r1-fp4 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.seen import json_of, seen, show

    found = seen(run)
    if as_json:
        click.echo(json_of(found))
    else:
        show(found)

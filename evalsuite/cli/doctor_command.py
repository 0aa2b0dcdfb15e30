"""`evalsuite doctor`: is this machine ready?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalsuite.cli.finding import Finding

MARKS = {"ok": "ok", "absent": "–", "failed": "FAILED"}


@click.command(name="doctor")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A file or folder with the data sets' rows, read instead of asking the hub.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default="results",
    show_default=True,
    help="Where the runs are to go.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="MODEL",
    help="A checkpoint that an engine here is to load: a folder or a model id; repeatable.",
)
@click.option(
    "--gpus",
    "count",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many GPUs one engine takes; all of them if not given.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    data: Path | None,
    results: Path,
    checkpoints: tuple[str, ...],
    count: int | None,
    as_json: bool,
) -> None:
    """Check packages, data sets, checkpoints, GPUs and disk.

    Downloads and loads nothing. What is FAILED keeps the demo from running, or an engine from
    loading a checkpoint that you name, and the exit code is then 1; what is marked – only some
    runs need.

    \b
      evalsuite doctor
      evalsuite doctor --data benchmarks/
      evalsuite doctor --checkpoint /models/DeepSeek-R1-FP4 --gpus 8
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.health import findings
    from evalsuite.cli.node import node_findings

    found = [
        *findings(data=data, results=results),
        *node_findings(checkpoints=checkpoints, count=count, results=results),
    ]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    else:
        click.echo(_table(found))
    raise SystemExit(int(any(one.status == "failed" for one in found)))


def _table(found: "Sequence[Finding]") -> str:
    width = max(len(one.name) for one in found)
    lines = []
    for one in found:
        lines.append(f"{MARKS[one.status]:6}  {one.name:{width}}  {one.found}")
        if one.fix:
            lines.append(f"{'':6}  {'':{width}}  → {one.fix}")
    return "\n".join(lines)

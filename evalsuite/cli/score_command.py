"""`evalsuite score`: grade responses made anywhere."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalsuite.cli.options import GRADER_TIMEOUT, THINK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evalsuite.interop.tables import Row
    from evalsuite.model import Score, ThinkRule


@click.command(name="score")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to stdout; parquet if it is called .parquet, else JSONL.",
)
@THINK
@GRADER_TIMEOUT
def command(file: Path, out: Path | None, think: "ThinkRule | None", grader_timeout: float) -> None:
    """Grade a file of responses made anywhere.

    FILE is JSONL (also .gz, or in a .zip) or parquet with `task` or `kind` (choice, integer,
    numeric, math), `gold` and `response`; optional are `finish_reason`, `choices`,
    `think_prefilled` (the prompt ended with <think>) and `form: answer` (the response is nothing
    but the answer). Each row comes back with `outcome`, `answer`, `reason`, `rule` and what else
    a score says, in place of columns of those names. All rows are checked before one is graded.

    \b
      evalsuite score responses.jsonl > scored.jsonl
      evalsuite score responses.parquet -o scored.parquet
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.interop.scoring import score_columns, score_file
    from evalsuite.interop.tables import write_parquet

    counts: Counter[str] = Counter()
    with Grader(timeout_s=grader_timeout) as grader:
        rows = _counted(score_file(file, grader, think=think or "first"), counts)
        if out is not None and out.suffix == ".parquet":
            write_parquet(out, file, rows, score_columns())
        else:
            with click.open_file(str(out or "-"), "w", atomic=out is not None) as sink:
                # Cells of parquet may be dates or bytes, which JSON knows as text only.
                sink.writelines(json.dumps(row, default=str) + "\n" for row in rows)
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    click.echo(f"{counts.total()} graded: {told or 'nothing'}", err=True)


def _counted(rows: "Iterator[tuple[Score, Row]]", counts: Counter[str]) -> "Iterator[Row]":
    for score, row in rows:
        counts[score.outcome] += 1
        yield row

"""`evalsuite score`: grade responses made anywhere."""

from collections import Counter
from pathlib import Path

import click

from evalsuite.cli.options import GRADER_TIMEOUT


@click.command(name="score")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to stdout.",
)
@GRADER_TIMEOUT
def command(file: Path, out: Path | None, grader_timeout: float) -> None:
    """Grade a file of responses made anywhere.

    FILE is JSONL with `task` or `kind` (choice, integer, numeric, math), `gold` and `response`;
    optional are `finish_reason`, `choices`, `think_prefilled` (the prompt ended with <think>)
    and `form: answer` (the response is nothing but the answer). Each row comes back
    with `outcome`, `answer`, `reason` and `rule`. All rows are checked before one is graded.

    \b
      evalsuite score responses.jsonl > scored.jsonl
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.interop.scoring import score_file

    counts: Counter[str] = Counter()
    with Grader(timeout_s=grader_timeout) as grader:
        rows = score_file(file, grader)
        with click.open_file(str(out or "-"), "w", atomic=out is not None) as sink:
            for score, line in rows:
                counts[score.outcome] += 1
                sink.write(line + "\n")
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    click.echo(f"{counts.total()} graded: {told or 'nothing'}", err=True)

"""`evalsuite rescore`: grade again what is kept."""

from collections import Counter
from pathlib import Path

import click

from evalsuite.cli.options import GRADER_TIMEOUT


@click.command(name="rescore")
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@GRADER_TIMEOUT
@click.option("--all", "everything", is_flag=True, help="Also what this grader version has scored.")
def command(run: Path, grader_timeout: float, everything: bool) -> None:
    """Grade a run's kept answers again, without an engine.

    Only what this version of the grader has not scored yet, unless --all. Prints which outcomes
    changed. Imported outcomes without a text stay as they are.

    \b
      evalsuite rescore results/demo-fp4
      evalsuite rescore results/demo-fp4 --all --grader-timeout 30
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.runs.folder import rewriting
    from evalsuite.runs.progress import Silent
    from evalsuite.runs.writer import grade_rest

    with rewriting(run) as opened, Grader(timeout_s=grader_timeout) as grader:
        before = {draw.key: draw.outcome for draw in opened.store.draws()}
        graded = grade_rest(opened.store, grader, Silent(), everything=everything)
        after = {draw.key: draw.outcome for draw in opened.store.draws()}
    changed = {
        key: (before.get(key, "unscored"), after[key])
        for key in after
        if before.get(key) != after[key]
    }
    click.echo(f"{graded} graded by version {grader.version}, {len(changed)} outcomes changed")
    for (was, now), count in sorted(Counter(changed.values()).items()):
        click.echo(f"  {was} → {now}: {count}")
    for key, (was, now) in sorted(changed.items())[:20]:
        click.echo(f"  {key.task} {key.question} repeat {key.repeat}: {was} → {now}")

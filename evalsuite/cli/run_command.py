"""`evalsuite run`: ask, keep, compare, report."""

from datetime import datetime
from pathlib import Path

import click

from evalsuite.cli.options import ARMS, DATA, LIMIT, PROGRESS, REPORTS, RESULTS, TASKS
from evalsuite.errors import UsageError


@click.command(name="run")
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@ARMS
@TASKS
@LIMIT
@click.option("--repeats", type=click.IntRange(min=1), help="Ask each question N times.")
@click.option(
    "--night",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The night's draws, and the questions that rotate; needs a --results folder of its own.",
)
@click.option("--full", is_flag=True, help="Every question, whatever the config cuts down.")
@DATA
@RESULTS
@REPORTS
@PROGRESS
@click.option(
    "--until-decided",
    "rule",
    flag_value="until-decided",
    help="Look again and again, and stop each benchmark once it is decided.",
)
@click.option(
    "--anytime",
    "rule",
    flag_value="anytime",
    help="The same by betting: may be looked at for as long as one likes, at some more answers.",
)
@click.option("--quiet", is_flag=True, help="The same as --progress none.")
@click.option("--no-report", is_flag=True, help="Only ask and grade; do not compare.")
@click.option("--json", "as_json", is_flag=True, help="Print how it ended as JSON, not the table.")
@click.option(
    "--dry-run", "dry", is_flag=True, help="Print what would be asked and every problem; no start."
)
@click.option(
    "--tokens-per-second",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="What one engine writes, all requests together; for the hours that --dry-run tells.",
)
def command(
    config: Path,
    quiet: bool,
    no_report: bool,
    dry: bool,
    night: datetime | None,
    tokens_per_second: float | None,
    **chosen: object,
) -> None:
    """Ask the questions and keep every answer; goes on after a stop.

    With two arms or more it then compares each candidate with the baseline and writes the report.
    The same command again asks only what is missing. Ctrl-C waits a little for what is under
    way; twice stops at once. With --until-decided the repeats are the most that is asked.

    \b
      evalsuite run configs/demo.yaml
      evalsuite run configs/demo.yaml --task gsm8k --limit 20
      evalsuite run configs/demo.yaml --arm fp4
      evalsuite run configs/r1-card.yaml --dry-run
      evalsuite run configs/demo.yaml --repeats 16 --until-decided
      evalsuite run configs/r1-nightly.yaml --night 2026-11-25 --results results/2026-11-25
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.experiment import Choices, run_experiment

    if quiet:
        chosen["progress"] = "none"
    when = night.date() if night else None
    choices = Choices(**chosen, night=when, report=not no_report)  # type: ignore[arg-type]
    if dry:
        if choices.as_json:
            raise UsageError("--json tells how a run ended, and --dry-run starts none")
        from evalsuite.cli.dry_run import dry_run

        raise SystemExit(dry_run(config, choices, tokens_per_second=tokens_per_second))
    raise SystemExit(run_experiment(config, choices))

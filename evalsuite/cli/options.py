"""Options that several commands share."""

from collections.abc import Sequence
from pathlib import Path

import click

from evalsuite.cli.completing import RunFolder, complete_task
from evalsuite.model import MACRO

RESULTS = click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default="results",
    show_default=True,
    help="Where the runs go.",
)
REPORTS = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default="reports",
    show_default=True,
    help="Where the report goes.",
)
LIMIT = click.option(
    "--limit", type=click.IntRange(min=1), help="Ask the first N questions of each task."
)
PROGRESS = click.option(
    "--progress",
    type=click.Choice(["auto", "plain", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show the run while it goes on: live on a terminal, else plain lines.",
)
ARMS = click.option(
    "--arm", "arms", multiple=True, metavar="ARM", help="Only this arm; repeatable."
)
TASKS = click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK",
    shell_complete=complete_task,
    help="Only this task; repeatable.",
)
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A file or folder with the data sets' rows, instead of the public data sets.",
)
TASK_OF_QUESTION = click.option(
    "--task",
    shell_complete=complete_task,
    help="Where several tasks have a question of that id.",
)
REPEAT = click.option("--repeat", type=click.IntRange(min=0), help="Only this repeat, from 0.")
CONTROL = click.option(
    "--control",
    type=RunFolder(),
    help="A second run of the baseline (A/A), against whose flips the others are read.",
)
GRADER_TIMEOUT = click.option(
    "--grader-timeout",
    type=click.FloatRange(min=0.1),
    default=3.0,
    show_default=True,
    help="Seconds that one comparison may take.",
)

THINK = click.option(
    "--think",
    type=click.Choice(["first", "last"]),
    help="Which of several closing think tags ends the thinking: first (as servers split) or last.",
)

POLICY = click.option(
    "--policy",
    type=click.Path(dir_okay=False, path_type=Path),
    default="configs/gate.yaml",
    show_default=True,
    help="The file that says what may be lost.",
)

MARGIN = click.option(
    "--margin",
    multiple=True,
    metavar="TASK=PP",
    shell_complete=complete_task,
    help="The loss that you would accept, in percentage points; repeatable. A bare number is for "
    "the mean of all benchmarks.",
)


def margins_of(named: Sequence[str]) -> dict[str, float]:
    """What `--margin` names: task → percentage points; `macro` is the mean of all."""
    found: dict[str, float] = {}
    for one in named:
        task, equals, number = one.rpartition("=")
        task = task if equals else MACRO
        try:
            found[task] = float(number)
        except ValueError:
            found[task] = 0.0
        if not 0 < found[task] <= 100:  # noqa: PLR2004 - percentage points
            raise click.BadParameter(
                f"{one!r} is not TASK=PP, as in gsm8k=1.0, nor a number of percentage points",
                param_hint="--margin",
            )
    return found

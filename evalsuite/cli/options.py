"""Options that several commands share."""

from collections.abc import Sequence

import click

MARGIN = click.option(
    "--margin",
    multiple=True,
    metavar="TASK=PP",
    help="The loss that you would accept, in percentage points; repeatable.",
)


def margins_of(named: Sequence[str]) -> dict[str, float]:
    """What `--margin` names: task → percentage points."""
    found: dict[str, float] = {}
    for one in named:
        task, _, number = one.partition("=")
        try:
            found[task] = float(number)
        except ValueError:
            found[task] = 0.0
        if not 0 < found[task] <= 100:  # noqa: PLR2004 - percentage points
            raise click.BadParameter(
                f"{one!r} is not TASK=PP, as in gsm8k=1.0", param_hint="--margin"
            )
    return found

"""`evalsuite plan`: what to ask, what it costs, what it could decide."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalsuite.cli.options import ARMS, DATA, LIMIT, MARGIN, RESULTS, TASKS, margins_of

if TYPE_CHECKING:
    from evalsuite.comparison.design import Budget, Unit

UNITS: dict["Unit", dict[str, float]] = {
    "hours": {"h": 1.0, "min": 1 / 60, "d": 24.0},
    "tokens": {"k": 1e3, "m": 1e6, "g": 1e9, "": 1.0},
}


@click.command(name="plan")
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@MARGIN
@click.option(
    "--power",
    type=click.FloatRange(min=0.05, max=0.999, min_open=True),
    default=0.9,
    show_default=True,
    help="The chance that a candidate as good as the baseline is found to hold.",
)
@click.option(
    "--budget",
    metavar="HOURS|TOKENS",
    help="The most that may still be asked, all arms together: 4h, 90min, or output tokens, 20M.",
)
@ARMS
@TASKS
@LIMIT
@DATA
@click.option(
    "--from",
    "earlier",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A further run that tells flips, lengths and speed; repeatable.",
)
@click.option(
    "--tokens-per-second",
    type=click.FloatRange(min=0, min_open=True),
    help="Output tokens that one engine makes in a second, where no earlier run tells.",
)
@RESULTS
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    config: Path,
    margin: tuple[str, ...],
    budget: str | None,
    arms: tuple[str, ...],
    tasks: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    **chosen: object,
) -> None:
    """Say what to ask, what it costs and what it could decide.

    Questions and repeats per benchmark such that each is decided at its margin, beside what the
    config has now and what one pass per arm could have decided. A bare --margin plans for the
    mean of all benchmarks. Flips, lengths and speed come from the runs of the config in --results
    where there are any, else planning values are used and named.

    \b
      evalsuite plan configs/demo.yaml
      evalsuite plan configs/demo.yaml --budget 4h --margin 1.0 --tokens-per-second 9000
      evalsuite plan configs/demo.yaml --margin gpqa_diamond=2 --power 0.8 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.backends import BACKENDS
    from evalsuite.cli.design_table import show_design
    from evalsuite.comparison.design import design_json
    from evalsuite.comparison.planning import plan
    from evalsuite.config import load_config, narrowed
    from evalsuite.questions import task_names

    loaded = load_config(config, tasks=task_names, backends=BACKENDS)
    found = plan(
        narrowed(loaded, arms=arms, tasks=tasks, limit=limit),
        arms=arms,
        margins_pp=margins_of(margin),
        budget=None if budget is None else budget_of(budget),
        **chosen,  # type: ignore[arg-type]
    )
    if as_json:
        click.echo(design_json(found), nl=False)
    else:
        show_design(found)


def budget_of(text: str) -> "Budget":
    """Hours or tokens, with the suffixes of `UNITS`."""
    from evalsuite.comparison.design import Budget

    said = text.strip().lower().replace(",", "").replace("_", "")
    for unit, suffixes in UNITS.items():
        for suffix, factor in suffixes.items():
            amount = _number(said.removesuffix(suffix)) * factor
            if said.endswith(suffix) and 0 < amount < math.inf:
                return Budget(amount=amount, unit=unit)
    raise click.BadParameter(
        f"{text!r} is neither hours (4h, 90min) nor tokens (20M, 500k)", param_hint="--budget"
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

"""`evalsuite import`: a run of answers made elsewhere."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalsuite.cli.options import RESULTS

if TYPE_CHECKING:
    from evalsuite.interop.importing import Imported

OUTCOMES = {"correct": "correct", "incorrect": "incorrect", "no_answer": "no answer"}


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--run", "name", required=True, metavar="NAME", help="What the run is to be called.")
@click.option(
    "--select",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Take only rows that say so; repeatable. Several values of one column: any of them.",
)
@click.option("--task", metavar="TASK", help="The benchmark of rows that name none.")
@click.option("--arm", metavar="ARM", help="How reports name the run; else as the run.")
@click.option("--model", metavar="MODEL", help="The model, instead of the rows' column.")
@click.option("--precision", metavar="PRECISION", help="Instead of the rows' column.")
@click.option(
    "--renumber",
    is_flag=True,
    help="Number the draws for a question in the order of the rows, not by `sample`.",
)
@RESULTS
@click.option("--json", "as_json", is_flag=True, help="Print what it came to as JSON.")
def command(
    files: tuple[Path, ...],
    name: str,
    select: tuple[str, ...],
    arm: str | None,
    results: Path,
    as_json: bool,
    **chosen: object,
) -> None:
    """Make a run of responses or outcomes made elsewhere.

    FILES are JSONL (also .gz, or in a .zip) with a row for each answer: `benchmark`, `item_id`
    or `question`, and either `response` and `gold`, which is graded here, or `correct`, which
    is taken over. The run can then be compared, reported and rescored as any other. Either all
    rows are imported or none.

    \b
      evalsuite import fp8.jsonl --run fp8
      evalsuite import both.jsonl --run fp4 --select run=fp4 --precision nvfp4
      evalsuite import outcomes.jsonl --run old --task math_500
    """  # noqa: D301 - click's \b keeps the block as it is
    import os

    from evalsuite.cli.told import Ended, told
    from evalsuite.interop.importing import import_run
    from evalsuite.interop.reading import Choice

    done = import_run(
        files,
        name=name,
        results=results,
        choice=Choice(select=_selected(select), **chosen),  # type: ignore[arg-type]
        arm=arm,
        workers=min(os.cpu_count() or 1, 8),
    )
    ended = Ended(exit_code=0, reason="complete")
    click.echo(told(ended, [done.path]) if as_json else _summary(done))
    click.echo(f"Compare it: evalsuite compare {results}/BASELINE {done.path}", err=True)


def _selected(named: Sequence[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in named:
        column, equals, value = one.partition("=")
        if not column or not equals:
            raise click.BadParameter(
                f"{one!r} is not COLUMN=VALUE, as in run=fp4", param_hint="--select"
            )
        found[column].add(value)
    return {column: frozenset(values) for column, values in found.items()}


def _summary(done: "Imported") -> str:
    lines = [str(done.path)]
    for info in done.info.tasks:
        count = done.tasks[info.name]
        counts = [f"{count.outcomes[one]} {word}" for one, word in OUTCOMES.items()]  # type: ignore[index]
        if count.not_judged:
            counts.append(f"{count.not_judged} of them not judged")
        draws = sum(count.draws.values())
        size = f"{_of(draws, 'answer')} to {_of(info.questions, 'question')}"
        lines.append(f"  {info.title}: {size}: {', '.join(counts)}")
    return "\n".join(lines)


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""`evalsuite rescore`: grade again what is kept."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evalsuite.cli.completing import RunFolder
from evalsuite.cli.options import GRADER_TIMEOUT, MARGIN, THINK, margins_of
from evalsuite.cli.questions import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evalsuite.comparison import Comparison
    from evalsuite.model import ThinkRule
    from evalsuite.runs.folder import Run
    from evalsuite.runs.rescoring import Rescored
    from evalsuite.runs.rows import Draw

MOST_LISTED = 20
MOST_CHARACTERS = 60


class Verdicts(NamedTuple):
    """The comparison of two runs as their scores were, None if there was none, and as they are."""

    before: "Comparison | None"
    after: "Comparison"


@click.command(name="rescore")
@click.argument("run", nargs=-1, required=True, type=RunFolder())
@THINK
@click.option("--all", "everything", is_flag=True, help="Also what this grader version has scored.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@MARGIN
@GRADER_TIMEOUT
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every change.")
def command(
    run: tuple[Path, ...],
    think: "ThinkRule | None",
    everything: bool,
    dry_run: bool,
    margin: tuple[str, ...],
    grader_timeout: float,
    as_json: bool,
) -> None:
    """Grade a run's kept answers again, without an engine.

    Only what this version of the grader has not scored yet, unless --all. Prints which outcomes
    changed and, given a baseline and a candidate, what that does to each verdict. Imported
    outcomes without a text stay as they are.

    \b
      evalsuite rescore results/demo-fp4
      evalsuite rescore results/demo-fp8 results/demo-fp4 --dry-run
      evalsuite rescore results/demo-fp8 results/demo-fp4 --think last --dry-run
      evalsuite rescore results/demo-fp4 --all --grader-timeout 30
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.runs.rescoring import opened, rescored, think_rules

    margins = margins_of(margin)
    with ExitStack() as stack:
        runs = [
            stack.enter_context(opened(path, think=think, dry_run=dry_run))
            for path in dict.fromkeys(run)
        ]
        grader = stack.enter_context(Grader(timeout_s=grader_timeout, think=think_rules(runs)))
        before = _compared(runs, margins) if _is_pair(runs) else None
        done = [rescored(one, grader, everything=everything) for one in runs]
        after = _compared(runs, margins) if _is_pair(runs) else None
        verdicts = Verdicts(before, after) if after else None
    if as_json:
        click.echo(json.dumps(_facts(grader.version, done, verdicts), indent=2))
    else:
        click.echo("\n".join(_text(grader.version, done, verdicts, dry_run=dry_run)))


def _is_pair(runs: "Sequence[Run]") -> bool:
    return len(runs) == 2  # noqa: PLR2004 - a baseline and a candidate


def _compared(runs: "Sequence[Run]", margins: "Mapping[str, float]") -> "Comparison | None":
    """The two runs as their scores are now, whoever gave them; None if they cannot be paired."""
    from evalsuite.comparison import compare
    from evalsuite.errors import NotComparable, RunError

    try:
        return compare(runs[0], runs[1], margins_pp=margins, force=True)
    except (NotComparable, RunError):
        return None


def _text(
    version: str, done: "Sequence[Rescored]", verdicts: Verdicts | None, *, dry_run: bool
) -> Iterator[str]:
    for one in done:
        would = "would change" if dry_run else "changed"
        yield (
            f"{one.run}: {one.graded} graded by version {version}, "
            f"{len(one.changes)} outcomes {would}"
        )
        if set(one.before) - {version}:
            yield f"  before: version {', '.join(one.before)}"
        for (was, now), count in one.counts().items():
            yield f"  {was} → {now}: {count}"
        for change in one.changes[:MOST_LISTED]:
            key = change.after.key
            yield (
                f"  {key.task} {plain(key.question)} repeat {key.repeat}: "
                f"{_draw(change.before)} → {_draw(change.after)}"
            )
        if len(one.changes) > MOST_LISTED:
            yield f"  and {len(one.changes) - MOST_LISTED} more; --json lists them all"
    if verdicts:
        yield from _verdicts(verdicts)
    if dry_run:
        yield "Nothing was changed (--dry-run)."


def _draw(draw: "Draw | None") -> str:
    if draw is None:
        return "ungraded"
    read = "" if draw.answer is None else f": {plain(draw.answer)[:MOST_CHARACTERS]}"
    return f"{draw.outcome} ({plain(draw.reason)}{read})"


def _verdicts(verdicts: Verdicts) -> Iterator[str]:
    from evalsuite.comparison.words import difference

    was = {one.task: one for one in verdicts.before.benchmarks} if verdicts.before else {}
    for now in verdicts.after.benchmarks:
        old = was.get(now.task)
        if old is None:
            yield f"{plain(now.title)}: Δ {difference(now.difference)} pp, {now.verdict}"
        else:
            yield (
                f"{plain(now.title)}: Δ {difference(old.difference)} → "
                f"{difference(now.difference)} pp, {_from_to(old.verdict, now.verdict)}"
            )
    before = verdicts.before.verdict if verdicts.before else "not comparable"
    yield f"all: {_from_to(before, verdicts.after.verdict)}"
    stops = [check for check in verdicts.after.checks if check.status == "stop"]
    for check in stops:
        yield f"must not be compared: {check.name}: {check.message}"


def _from_to(before: str, after: str) -> str:
    return f"{after}, as before" if before == after else f"{before} → {after}"


def _facts(version: str, done: "Sequence[Rescored]", found: Verdicts | None) -> dict[str, Any]:
    from evalsuite.cli.told import verdicts

    return {
        "grader": version,
        "runs": [
            {
                "run": one.run,
                "graded": one.graded,
                "before": one.before,
                "changes": [
                    {
                        **change.after.key._asdict(),
                        "before": _outcome(change.before),
                        "after": _outcome(change.after),
                    }
                    for change in one.changes
                ],
            }
            for one in done
        ],
        "verdicts": found
        and {
            "before": found.before and verdicts(found.before),
            "after": verdicts(found.after),
        },
    }


def _outcome(draw: "Draw | None") -> dict[str, Any] | None:
    if draw is None:
        return None
    return {"outcome": draw.outcome, "reason": draw.reason, "answer": draw.answer}

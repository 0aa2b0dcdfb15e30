"""`evalsuite explain`: why answers were judged as they were."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalsuite.cli.completing import RunFolder
from evalsuite.cli.options import GRADER_TIMEOUT, REPEAT, TASK_OF_QUESTION
from evalsuite.cli.questions import find_question, plain

if TYPE_CHECKING:
    from evalsuite.grading import Grader
    from evalsuite.model import Question
    from evalsuite.runs.explanation import Explanation
    from evalsuite.runs.folder import Run

MOST_CHARACTERS = 200


@click.command(name="explain")
@click.argument("run", type=RunFolder())
@click.argument("question")
@TASK_OF_QUESTION
@REPEAT
@GRADER_TIMEOUT
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the visible texts.")
def command(
    run: Path,
    question: str,
    task: str | None,
    repeat: int | None,
    grader_timeout: float,
    as_json: bool,
) -> None:
    """Explain how the answers to one question were judged.

    What of a response was visible, what was read there and by which rule, what was compared,
    and why the outcome is what it is; graded now, beside the outcome that the run holds.

    \b
      evalsuite explain results/demo-fp4 7
      evalsuite explain results/demo-fp4 7 --repeat 3 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.runs.folder import open_run

    with ExitStack() as stack:
        opened = stack.enter_context(open_run(run))
        found = find_question(opened, question, task)
        think = {one.name: one.think for one in opened.info.tasks}
        grader = stack.enter_context(Grader(timeout_s=grader_timeout, think=think))
        told = list(_explanations(opened, found, repeat, grader))
    if as_json:
        click.echo(json.dumps([_facts(one) for one in told], indent=2))
        return
    click.echo("\n".join(_heading(found)))
    for one in told:
        click.echo("\n" + "\n".join(_text(one, run)))
    if not told:
        click.echo("\nno answer is stored")


def _explanations(
    run: "Run", question: "Question", repeat: int | None, grader: "Grader"
) -> "Iterator[Explanation]":
    from evalsuite.runs.explanation import explained

    versions = tuple(sorted(run.store.graders()))
    for key in sorted(run.store.answered()):
        if key[:2] != (question.task, question.id) or repeat not in (None, key.repeat):
            continue
        answer = run.store.answer(key)
        assert answer is not None
        yield explained(
            question,
            answer,
            grader,
            think=run.task(question.task).think,
            stored=run.store.score(key),
            stored_by=versions,
        )


def _heading(question: "Question") -> Iterator[str]:
    yield f"{plain(question.task)}  {plain(question.id)}"
    yield _line("kind", question.kind)
    yield _line("gold", question.gold)


def _text(one: "Explanation", run: Path) -> Iterator[str]:
    score = one.score
    sign = {"correct": "✓", "incorrect": "✗", "no_answer": "∅"}[score.outcome]
    yield f"repeat {one.repeat}  {sign} {score.outcome.replace('_', ' ')}"
    yield _line("visible", _visible(one))
    if score.answer is None:
        where = f", where {score.rule} looks" if score.rule else ""
        yield _line("read", f"nothing{where}")
    else:
        yield _line("read", score.answer)
        weak = ", a last resort" if score.weak else ""
        yield _line("", f"by {score.rule}: {one.rule}{weak}")
    if one.excerpt:
        yield _line("", f"… {one.excerpt} …")
    if score.compared:
        yield _line("compared", score.compared)
        yield _line("", f"by {score.judged_by}")
    yield _line("because", f"{one.reason} ({score.reason})")
    if score.marks:
        yield _line("marks", ", ".join(score.marks))
    yield _line("stored", _stored(one, run))


def _visible(one: "Explanation") -> str:
    if one.visible is None:
        return f"nothing of {one.characters:,} characters"
    size = f"{len(one.visible):,} of {one.characters:,} characters"
    if one.score.restarts:
        return f"{size}: what follows the {one.think} of several </think>"
    return f"{size}{', the server split the thinking off' if one.split_off else ''}"


def _stored(one: "Explanation", run: Path) -> str:
    if one.stored is None:
        return f"nothing yet; evalsuite rescore {run} grades what is missing"
    by = f"by version {', '.join(one.stored_by)}"
    if one.agrees:
        return f"the same outcome, {by}"
    return (
        f"{one.stored.outcome} ({one.stored.reason}), {by}; this is version {one.grader}: "
        f"evalsuite rescore {run}"
    )


def _line(name: str, text: str) -> str:
    shown = " ".join(plain(text).split())
    cut = f"{shown[:MOST_CHARACTERS]}…" if len(shown) > MOST_CHARACTERS else shown
    return f"  {name:<9} {cut}"


def _facts(one: "Explanation") -> dict[str, Any]:
    return {
        "task": one.question.task,
        "question": one.question.id,
        "repeat": one.repeat,
        "kind": one.question.kind,
        "gold": one.question.gold,
        "choices": one.question.choices,
        "score": asdict(one.score),
        "rule": one.rule,
        "reason": one.reason,
        "grader": one.grader,
        "think": one.think,
        "finish_reason": one.finish_reason,
        "characters": one.characters,
        "visible": one.visible,
        "excerpt": one.excerpt,
        "stored": asdict(one.stored) if one.stored else None,
        "stored_by": one.stored_by,
        "agrees": one.agrees,
    }

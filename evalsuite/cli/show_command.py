"""`evalsuite show`: one question with all its answers."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import click

from evalsuite.cli.completing import RunFolder
from evalsuite.cli.options import REPEAT, TASK_OF_QUESTION
from evalsuite.cli.questions import find_question, plain


class Shown(NamedTuple):
    """One answer: the arm, and what the store holds of the draw (None where it is ungraded)."""

    arm: str
    answer: Any
    score: Any


@click.command(name="show")
@click.argument("run", nargs=-1, required=True, type=RunFolder())
@click.argument("question")
@TASK_OF_QUESTION
@REPEAT
@click.option("--no-thinking", is_flag=True, help="Only what stands after the thinking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    run: tuple[Path, ...],
    question: str,
    task: str | None,
    repeat: int | None,
    no_thinking: bool,
    as_json: bool,
) -> None:
    """Print one question with all its answers.

    The question's id comes last, after one run or more. On a terminal the output is paged.

    \b
      evalsuite show results/demo-fp8 results/demo-fp4 7
      evalsuite show results/demo-fp4 7 --repeat 3 --no-thinking
      evalsuite show results/demo-fp4 7 --json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.runs.folder import open_run

    with ExitStack() as stack:
        runs = [stack.enter_context(open_run(path)) for path in run]
        found = find_question(runs[0], question, task)
        shown = [
            Shown(one.info.arm, one.store.answer(key), one.store.score(key))
            for one in runs
            for key in sorted(one.store.answered())
            if key[:2] == (found.task, found.id) and repeat in (None, key.repeat)
        ]
    if as_json:
        click.echo(json.dumps(_facts(found, shown), indent=2))
    elif sys.stdout.isatty():
        colour = False if os.environ.get("NO_COLOR") else None
        click.echo_via_pager(_text(found, shown, thinking=not no_thinking), color=colour)
    else:
        for part in _text(found, shown, thinking=not no_thinking):
            click.echo(part, nl=False)


def _text(question: Any, shown: Sequence[Shown], *, thinking: bool) -> Iterator[str]:
    yield _heading(f"{question.task}  {question.id}", question.subject)
    for message in question.messages:
        yield f"{plain(message.content)}\n\n"
    yield f"gold: {plain(question.gold)}\n"
    for one in shown:
        yield "\n" + _answer_heading(one)
        yield from _answer(one, thinking=thinking)
    if not shown:
        yield "\nno answer is stored\n"


def _heading(title: str, more: str) -> str:
    end = f"  {plain(more)}" if more else ""
    return f"{click.style(plain(title), bold=True)}{end}\n\n"


def _answer_heading(one: Shown) -> str:
    came, score = one.answer.generation, one.score
    if score is None:
        verdict = "? not graded"
    else:
        sign = "✓" if score.outcome == "correct" else "✗"
        read = "no answer" if score.answer is None else score.answer
        verdict = f"{sign} {plain(read)} ({plain(score.reason)})"
    tokens = "" if came.output_tokens is None else f" · {came.output_tokens:,} tokens"
    ending = {"length": " · cut off", "stop": "", "unknown": ""}[came.finish_reason]
    colour = "green" if score and score.outcome == "correct" else "red"
    title = click.style(f"{plain(one.arm)}  repeat {one.answer.key.repeat}", bold=True)
    return f"{title}  {click.style(verdict, fg=colour)}{tokens}{ending}\n"


def _answer(one: Shown, *, thinking: bool) -> Iterator[str]:
    from evalsuite.answers.think import split

    thought, said = split(one.answer.generation)
    if thinking and thought:
        yield click.style(plain(thought), dim=True) + "\n"
    yield f"{plain(said).strip()}\n"


def _facts(question: Any, shown: Sequence[Shown]) -> dict[str, Any]:
    return {
        "question": asdict(question),
        "answers": [
            {
                "arm": one.arm,
                "repeat": one.answer.key.repeat,
                "generation": asdict(one.answer.generation),
                "score": asdict(one.score) if one.score else None,
            }
            for one in shown
        ],
    }

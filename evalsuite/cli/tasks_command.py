"""List the benchmarks, or print a question as the model sees it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalsuite.cli.completing import complete_task
from evalsuite.errors import UsageError

if TYPE_CHECKING:
    from evalsuite.model import Question
    from evalsuite.questions import TaskSpec

COLUMNS = ("name", "title", "kind", "data set", "prompt")


@click.command(name="tasks")
@click.argument("name", required=False, shell_complete=complete_task)
@click.option(
    "--data", help="File or folder with the data set's rows; `demo` for the synthetic items."
)
@click.option("--question", "question_id", metavar="ID", help="Which question; else the first.")
@click.option("--include", type=click.Path(path_type=Path), help="Folder of further task files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    name: str | None,
    data: str | None,
    question_id: str | None,
    include: Path | None,
    as_json: bool,
) -> None:
    """List the benchmarks, or print a question as the model sees it.

    With a name, all of its reference answers are tried: an answer that cannot be graded, or a
    wrong option that is graded as correct, is named and ends the command with 1.

    \b
    evalsuite tasks
    evalsuite tasks gsm8k
    evalsuite tasks gsm8k --data demo
    evalsuite tasks math_500 --data math_500.jsonl --question test/algebra/1.json
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.grading import Grader
    from evalsuite.questions import load_questions, read_task, task_names
    from evalsuite.resources import data_path
    from evalsuite.runs.golds import check_golds

    if name is None:
        specs = [read_task(one, include=include) for one in task_names(include)]
        click.echo(_json([_row(spec) for spec in specs]) if as_json else _table(specs))
        return
    questions = load_questions(name, data=data_path(data), include=include)
    question = _find(questions, question_id)
    if as_json:
        click.echo(_json(asdict(question)))
    else:
        click.echo(f"{question.task} {question.id}: gold {question.gold}", err=True)
        click.echo("\n\n".join(message.content for message in question.messages))
    with Grader() as grader:
        check_golds(questions, grader)


def _find(questions: "tuple[Question, ...]", question_id: str | None) -> "Question":
    if question_id is None:
        return questions[0]
    for question in questions:
        if question.id == question_id:
            return question
    raise UsageError(
        f"{questions[0].task} has no question {question_id!r}; the first of its "
        f"{len(questions)} is {questions[0].id!r}."
    )


def _row(spec: "TaskSpec") -> dict[str, str]:
    cells = (spec.name, spec.title, spec.kind, spec.source, spec.prompt)
    return dict(zip(COLUMNS, cells, strict=True)) | {"revision": spec.revision}


def _table(specs: "list[TaskSpec]") -> str:
    rows = [COLUMNS, *(tuple(_row(spec)[column] for column in COLUMNS) for spec in specs)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

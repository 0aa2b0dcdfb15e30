"""`evalsuite tasks`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evalsuite.cli.tasks_command import command
from evalsuite.errors import UsageError

EXAMPLES = Path(__file__).parents[1] / "questions" / "data"


def call(*arguments):
    """What the command printed to stdout."""
    done = CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_lists_the_five():
    """One line for each benchmark: name, title, kind, data set, prompt."""
    header, *lines = call().splitlines()

    assert header.split("  ")[0] == "name"
    assert [line.split()[0] for line in lines] == [
        "aime_2024", "gpqa_diamond", "gsm8k", "math_500", "mmlu",
    ]  # fmt: skip
    assert "cais/mmlu all test" in lines[-1]


def test_json_has_the_same_and_the_revision():
    """Programs get each task's name, data set and pinned revision."""
    tasks = {task["name"]: task for task in json.loads(call("--json"))}

    assert tasks["gsm8k"]["data set"] == "openai/gsm8k main test"
    assert len(tasks["gsm8k"]["revision"]) == 40


def test_a_question_is_printed_exactly():
    """stdout is the prompt and nothing else."""
    assert call("math_500", "--data", EXAMPLES, "--question", "test/algebra/invented-2.json") == (
        "Solve $x^2 = 9$ for $x > 0$.\n"
        "Please reason step by step, and put your final answer within \\boxed{}.\n"
    )


def test_without_an_id_the_first_question_is_printed():
    """The first question stands for the task."""
    assert call("gsm8k", "--data", EXAMPLES).startswith("Ada packs 3 crates")


def test_a_question_as_json_has_gold_and_choices():
    """Programs get the whole question."""
    question = json.loads(call("gpqa_diamond", "--data", EXAMPLES, "--json"))

    assert question["gold"] == "D"
    assert question["choices"][3] == "24 W"


def test_an_unknown_question_is_refused():
    """The message says which ids there are."""
    with pytest.raises(UsageError, match="the first of its 2 is 'gsm8k_test/0'"):
        call("gsm8k", "--data", EXAMPLES, "--question", "7")


def test_a_reference_answer_that_cannot_be_graded_is_named(tmp_path):
    """The question is printed all the same; then the item is named, by its id."""
    rows = [{"question": "?", "answer": "#### 4"}, {"question": "??", "answer": "#### four"}]
    (tmp_path / "gsm8k_test.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    done = CliRunner().invoke(command, ["gsm8k", "--data", str(tmp_path)])
    assert "gsm8k gsm8k_test/1: the reference answer is no number" in str(done.exception)
    assert "?" in done.stdout

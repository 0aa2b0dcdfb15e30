"""`evalsuite import`."""

import json

import pytest
from click.testing import CliRunner

from evalsuite.cli.import_command import command
from evalsuite.errors import DataError
from evalsuite.runs.folder import open_run


@pytest.fixture
def rows(tmp_path):
    """Two runs of one question, as JSONL."""
    row = {"benchmark": "gsm8k", "item_id": "gsm8k_test/0", "gold": "7"}
    said = [("fp8", 0, "\\boxed{7}"), ("fp8", 1, "I cannot tell."), ("fp4", 0, "\\boxed{8}")]
    lines = [
        json.dumps(row | {"run": run, "sample": sample, "response": text})
        for run, sample, text in said
    ]
    path = tmp_path / "both.jsonl"
    path.write_text("\n".join(lines))
    return path


def call(*arguments):
    """The command's result; errors of ours are raised."""
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)


def test_it_makes_a_run_and_says_what_it_came_to(rows, tmp_path):
    """stdout names the folder and the outcomes; the next step goes to stderr."""
    results = tmp_path / "results"
    done = call(rows, "--run", "ours", "--select", "run=fp8", "--results", results)

    assert done.exit_code == 0
    assert done.stdout == (
        f"{results / 'ours'}\n"
        "  GSM8K: 2 answers to 1 question: 1 correct, 0 incorrect, 1 no answer\n"
    )
    assert "evalsuite compare" in done.stderr
    with open_run(results / "ours") as run:
        assert run.info.imported


def test_json_is_what_run_prints(rows, tmp_path):
    """One document: the folder, counts and accuracy; the next step stays on stderr."""
    done = call(rows, "--run", "o", "--select", "run=fp8", "--results", tmp_path, "--json")
    found = json.loads(done.stdout)
    assert (found["exit_code"], found["reason"]) == (0, "complete")
    (run,) = found["runs"]
    assert run["run"] == str(tmp_path / "o")
    task = run["tasks"]["gsm8k"]
    assert (task["done"], task["correct"], task["no_answer"]) == (2, 1, 1)
    assert task["accuracy"]["value"] == 0.5
    assert task["accuracy"]["low_95"] < 0.5 < task["accuracy"]["high_95"]


def test_outcomes_that_were_not_judged_are_counted(tmp_path):
    """Outcomes that nobody judged are no answers, and that is said."""
    path = tmp_path / "outcomes.jsonl"
    path.write_text('{"item_id": "a", "correct": true}\n{"item_id": "b", "correct": null}\n')
    done = call(path, "--run", "o", "--task", "math_500", "--results", tmp_path / "results")

    assert "1 of them not judged" in done.stdout


def test_all_the_names_reach_run_json(rows, tmp_path):
    """Arm, model and precision are as named."""
    named = ("--arm", "fp4", "--model", "R1", "--precision", "nvfp4")
    call(rows, "--run", "x", "--select", "run=fp4", *named, "--results", tmp_path)

    with open_run(tmp_path / "x") as run:
        assert (run.info.arm, run.info.backend.model, run.info.precision) == ("fp4", "R1", "nvfp4")


@pytest.mark.parametrize("wrong", ["run", "=fp4"])
def test_a_selection_has_a_column_and_a_value(rows, wrong):
    """Wrong usage exits with 2."""
    done = call(rows, "--run", "x", "--select", wrong)

    assert done.exit_code == 2
    assert "is not COLUMN=VALUE" in done.stderr


def test_bad_rows_leave_nothing(tmp_path):
    """The error names file and line; there is no results folder."""
    path = tmp_path / "bad.jsonl"
    path.write_text("{}\n")

    with pytest.raises(DataError, match=r"bad\.jsonl, line 1"):
        call(path, "--run", "x", "--results", tmp_path / "results")
    assert not (tmp_path / "results").exists()

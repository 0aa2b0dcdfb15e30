"""`evalsuite explain` says what was read, by which rule, what was compared, and why."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from evalsuite.cli import cli

ANSWERS = [
    "<think>Is it 3?</think>\x1b[31mSo it is \\boxed{4}.",
    "<think>Is it 3?</think>The answer is 5.</think>Or not.",
    "<think>Is it 3?",
    "<think>Is it 3?</think>That makes 4, I think, and 6 more.",
]


def called(*args):
    return CliRunner().invoke(cli, [str(one) for one in args], catch_exceptions=False)


@pytest.fixture
def run(tmp_path):
    """An imported run with four answers to one question."""
    rows = [
        {
            "benchmark": "gsm8k",
            "item_id": "test/4",
            "gold": "4",
            "question": "What is 2 + 2?",
            "response": text,
            "sample": number,
        }
        for number, text in enumerate(ANSWERS)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    called("import", tmp_path / "rows.jsonl", "--run", "r", "--results", tmp_path)
    return tmp_path / "r"


def test_each_answer_is_explained_step_by_step(run):
    """Visible, read, compared, because, stored; and no escape reaches the terminal."""
    told = called("explain", run, "test/4").output
    first, second, third, fourth = told.split("\nrepeat ")[1:]
    assert "✓ correct" in first
    assert "by boxed: the last complete box" in first
    assert "So it is \\boxed{4}." in first
    assert "4 against 4" in first
    assert "the two are the same value (match)" in first
    assert "the same outcome, by version" in first
    assert "✗ incorrect" in second
    assert "what follows the first of several </think>" in second
    assert "∅ no answer" in third
    assert "the thinking never ended, and what stands in it is a draft" in third
    assert "a last resort" in fourth
    assert "\x1b" not in told


def test_json_has_the_visible_text_and_the_words(run):
    """For programs, one repeat of one question."""
    (facts,) = json.loads(called("explain", run, "test/4", "--repeat", "1", "--json").output)
    assert facts["visible"] == "The answer is 5.</think>Or not."
    assert facts["score"]["restarts"] == 1
    assert facts["score"]["rule"] == "announced"
    assert facts["reason"] == "the two are not shown to be equal"
    assert facts["agrees"]


def test_a_stored_outcome_of_another_version_is_told_apart(run):
    """What the run holds is shown beside what this version says, with the way to settle it."""
    with closing(sqlite3.connect(run / "generations.sqlite")) as db, db:
        db.execute("UPDATE score SET outcome = 'incorrect', grader = 'older' WHERE repeat = 0")
        db.execute("DELETE FROM score WHERE repeat = 2")
    db.close()
    told = called("explain", run, "test/4").output
    assert "incorrect (match), by version " in told
    assert f"evalsuite rescore {run}" in told
    assert "nothing yet" in told


def test_an_imported_outcome_has_nothing_to_read(tmp_path):
    """It is said to be imported, and not graded as if an empty text had come."""
    row = {"benchmark": "gsm8k", "item_id": "test/4", "correct": True, "answer": "4"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    called("import", tmp_path / "rows.jsonl", "--run", "r", "--results", tmp_path)
    told = called("explain", tmp_path / "r", "test/4").output
    assert "✓ correct" in told
    assert "the outcome was imported as it came" in told

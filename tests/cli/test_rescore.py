"""`evalsuite rescore` grades what is kept again and says what that changed."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from evalsuite.cli import cli
from evalsuite.errors import UsageError

COUNT = 200


def called(*args):
    return CliRunner().invoke(cli, [str(one) for one in args], catch_exceptions=False)


def stored(run):
    with closing(sqlite3.connect(run / "generations.sqlite")) as db, db:
        found = db.execute("SELECT question, grader, outcome FROM score ORDER BY 1").fetchall()
    db.close()
    return found


@pytest.fixture
def runs(tmp_path):
    """Two imported runs; an earlier grader refused 60 answers of the candidate."""
    for name in ("fp8", "fp4"):
        rows = [
            {
                "benchmark": "gsm8k",
                "item_id": f"q{n:03}",
                "gold": str(n),
                "question": f"{n}?",
                "response": f"One.</think>It is \\boxed{{{n}}}.</think>\x1b[31mHm.",
            }
            for n in range(COUNT)
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        called("import", tmp_path / f"{name}.jsonl", "--run", name, "--results", tmp_path)
        with closing(sqlite3.connect(tmp_path / name / "generations.sqlite")) as db, db:
            db.execute("UPDATE score SET grader = 'older'")
            if name == "fp4":
                db.execute("UPDATE score SET outcome = 'incorrect' WHERE question < 'q060'")
        db.close()
    return tmp_path


def test_two_runs_show_what_changed_and_what_that_does_to_the_verdict(runs):
    """Outcomes before and after, the difference before and after, the verdict before and after."""
    done = called("rescore", runs / "fp8", runs / "fp4")
    assert done.exit_code == 0
    assert "incorrect → correct: 60" in done.output
    assert "gsm8k q000 repeat 0: incorrect (match: 0) → correct (match: 0)" in done.output
    assert "and 40 more" in done.output
    assert re.search(
        r"GSM8K: Δ −30\.00 \(−[\d.]+ … −[\d.]+\) → \+0\.00 \(−[\d.]+ … \+[\d.]+\) pp, worse → ",
        done.output,
    )
    assert "before: version older" in done.output
    again = called("rescore", runs / "fp8", runs / "fp4")
    assert ": 0 graded" in again.output
    assert "as before" in again.output


def test_a_dry_run_says_the_same_and_changes_nothing(runs):
    """The runs are as they were, to the byte of every score."""
    before = stored(runs / "fp4")
    done = called("rescore", runs / "fp8", runs / "fp4", "--dry-run")
    assert "60 outcomes would change" in done.output
    assert "Nothing was changed" in done.output
    assert stored(runs / "fp4") == before


def test_json_lists_every_change_and_both_verdicts(runs):
    """For programs: all sixty, with outcome, reason and answer on both sides."""
    facts = json.loads(called("rescore", runs / "fp8", runs / "fp4", "--json").output)
    assert [len(one["changes"]) for one in facts["runs"]] == [0, 60]
    assert facts["runs"][1]["changes"][0]["before"]["outcome"] == "incorrect"
    benchmark = facts["verdicts"]["before"]["benchmarks"]["gsm8k"]
    assert benchmark["low_95"] < benchmark["difference"] == -0.3 < benchmark["high_95"]
    assert facts["runs"][1]["changes"][0]["after"] == {
        "outcome": "correct",
        "reason": "match",
        "answer": "0",
    }
    verdicts = facts["verdicts"]
    assert verdicts["before"]["benchmarks"]["gsm8k"]["difference"] == pytest.approx(-0.3)
    assert verdicts["after"]["benchmarks"]["gsm8k"]["difference"] == 0
    assert verdicts["after"]["stops"] == []


def test_the_other_rule_for_closing_tags_can_be_tried_and_is_kept(runs):
    """With `last` nothing stands after the last tag; run.json keeps the rule for the next time."""
    done = called("rescore", runs / "fp8", "--think", "last", "--dry-run")
    assert "correct → no_answer: 200" in done.output
    assert json.loads((runs / "fp8" / "run.json").read_text())["tasks"][0]["think"] == "first"
    called("rescore", runs / "fp8", "--think", "last")
    assert {outcome for _, _, outcome in stored(runs / "fp8")} == {"no_answer"}
    assert ": 0 graded" in called("rescore", runs / "fp8").output
    with pytest.raises(UsageError, match="--think"):
        called("rescore", runs / "fp8", runs / "fp4")


def test_what_was_never_scored_is_no_verdict_before(runs):
    """Two runs without scores have no comparison before, and one after."""
    for name in ("fp8", "fp4"):
        with closing(sqlite3.connect(runs / name / "generations.sqlite")) as db, db:
            db.execute("DELETE FROM score")
        db.close()
    done = called("rescore", runs / "fp8", runs / "fp4")
    assert "ungraded → correct: 200" in done.output
    assert "all: not comparable → " in done.output

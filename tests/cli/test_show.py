"""`evalsuite show` and `evalsuite completion`."""

import json

import pytest
from click.testing import CliRunner

from evalsuite.cli import cli
from evalsuite.errors import UsageError

ROW = {"benchmark": "gsm8k", "gold": "4"}
ANSWER = "<think>two and two</think>\x1b[31mIt is \\boxed{4}"


def called(*args):
    return CliRunner().invoke(cli, [str(one) for one in args], catch_exceptions=False)


@pytest.fixture
def run(tmp_path):
    """An imported run of two questions."""
    rows = [
        ROW | {"item_id": f"test/{n}", "question": f"What is {n}?", "response": ANSWER}
        for n in (4, 5)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = called("import", tmp_path / "rows.jsonl", "--run", "r", "--results", tmp_path)
    assert done.exit_code == 0, done.output
    return tmp_path / "r"


def test_a_question_is_shown_with_its_answer_and_verdict(run):
    """Question, gold, what was read and what was written; no escape reaches the terminal."""
    done = called("show", run, "test/4")
    assert "What is 4?" in done.output
    assert "gold: 4" in done.output
    assert "✓ 4" in done.output
    assert "two and two" in done.output
    assert "\x1b" not in done.output
    assert "What is 5?" not in done.output


def test_thinking_can_be_left_out(run):
    """--no-thinking keeps what stands after it."""
    done = called("show", run, "test/4", "--no-thinking")
    assert "two and two" not in done.output
    assert "It is \\boxed{4}" in done.output


def test_json_is_whole(run):
    """Every answer of every run, as stored."""
    shown = json.loads(called("show", run, run, "test/4", "--json").output)
    assert shown["question"]["gold"] == "4"
    assert [one["generation"]["text"] for one in shown["answers"]] == [ANSWER, ANSWER]


def test_an_unknown_question_names_the_nearest(run):
    """What, where, and what may have been meant."""
    with pytest.raises(UsageError, match=r"no question 'tset/4'; near it: test/4"):
        called("show", run, "tset/4")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(shell):
    """The script asks evalsuite itself."""
    done = called("completion", shell)
    assert done.exit_code == 0
    assert "_EVALSUITE_COMPLETE" in done.output


def test_the_tab_key_completes_commands(monkeypatch):
    """`evalsuite comp<tab>` offers compare and completion."""
    monkeypatch.setenv("_EVALSUITE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "evalsuite comp")
    monkeypatch.setenv("COMP_CWORD", "1")
    done = CliRunner().invoke(cli, [], prog_name="evalsuite")
    assert {"plain,compare", "plain,completion"} <= set(done.output.splitlines())

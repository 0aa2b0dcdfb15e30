"""Rows of answers made elsewhere become a run."""

import json
import sqlite3

import pytest

from evalsuite.comparison import compare
from evalsuite.errors import DataError, RunError, UsageError
from evalsuite.interop import importing
from evalsuite.model import Key
from evalsuite.runs.folder import open_run, rewriting
from evalsuite.runs.progress import Silent
from evalsuite.runs.writer import grade_rest


def test_a_text_is_kept_as_it_came_and_graded_here(file, imported, row):
    """The response, its finish reason and its tokens are stored; the grade is ours."""
    rows = file(row(finish_reason="max_tokens", tokens=9, think_prefilled=True, correct=False))
    done = imported(rows)

    with open_run(done.path) as run:
        (answer,) = run.store.answers()
        (draw,) = run.store.draws()
        (question,) = run.store.questions()
        graders = run.store.graders()

    assert answer.generation.text == "3 + 4 = 7, so \\boxed{7}."
    assert answer.generation.starts_in_thinking
    assert (answer.generation.finish_reason, answer.generation.output_tokens) == ("length", 9)
    # The whole text is thinking, since the prompt opened a think block that it never closes.
    assert draw.outcome == "no_answer"
    assert question.messages[0].content.startswith("Ada has 3 pens")
    assert graders != {"imported"}


def test_what_a_row_does_not_say_is_unknown(file, imported, row):
    """No finish reason and no token count are invented, and no sampling."""
    done = imported(file(row(), row(sample=1, finish_reason="tool_calls")))

    with open_run(done.path) as run:
        first, second = run.store.answers()
        info = run.info

    assert first.generation.finish_reason == second.generation.finish_reason == "unknown"
    assert first.generation.output_tokens is None
    assert info.tasks[0].sampling is None
    assert info.settings["sampling"] == "unknown"
    assert info.backend.model == info.precision == "unknown"


def test_run_json_says_what_was_imported(file, imported, row):
    """The run names its files with their hashes, its model and precision, its selection."""
    rows = file(
        row(run="a", model="M", precision="fp8"), row(run="b"), row(item_id="x", run="a", model="M")
    )
    done = imported(rows, arm="fp8", select={"run": frozenset({"a"})})

    info = done.info
    assert info.imported
    assert (info.id, info.arm, info.backend.model, info.precision) == ("mine", "fp8", "M", "fp8")
    assert info.settings["select.run"] == "a"
    assert len(info.settings["file.rows.jsonl"]) == 64
    assert (info.tasks[0].title, info.tasks[0].questions, info.tasks[0].repeats) == ("GSM8K", 2, 1)
    assert info.tasks[0].source == "imported from rows.jsonl"


def test_samples_keep_their_numbers(file, imported, row):
    """Two runs pair by sample, so its number stays what it is; none means the first."""
    done = imported(file(row(sample=13), row(sample=2.0), row()))

    with open_run(done.path) as run:
        keys = run.store.answered()

    assert keys == {Key("gsm8k", "gsm8k_test/0", repeat) for repeat in (0, 2, 13)}
    assert done.info.tasks[0].repeats == 3


def test_the_same_sample_twice_is_refused_with_both_lines(file, imported, row, tmp_path):
    """Which of two answers is meant only the caller knows."""
    with pytest.raises(DataError, match=r"line 3: answers .* sample 0 again, as .*, line 1 does"):
        imported(file(row(), row(sample=1), row()))

    assert not (tmp_path / "results").exists()


def test_renumbering_counts_in_the_order_of_the_rows(file, imported, row):
    """With --renumber the draws for a question are 0, 1, 2 as they come."""
    done = imported(file(row(sample=5), row(item_id="x"), row(sample=5)), renumber=True)

    with open_run(done.path) as run:
        assert {key.repeat for key in run.store.answered() if key.question != "x"} == {0, 1}
    assert done.info.settings["samples"] == "numbered in the order of the rows"


def test_outcomes_without_a_text_are_taken_over(file, imported):
    """`correct` becomes the score, marked as imported; null is no answer, and counted."""
    rows = [
        {"item_id": "p", "sample": 0, "correct": True, "final_answer": "12"},
        {"item_id": "p", "sample": 1, "correct": False, "answer": "13"},
        {"item_id": "p", "sample": 2, "correct": None},
    ]
    done = imported(file(*rows), task="math_500")

    with open_run(done.path) as run:
        draws = list(run.store.draws())
        graders = run.store.graders()

    assert [(draw.outcome, draw.reason, draw.answer) for draw in draws] == [
        ("correct", "imported", "12"),
        ("incorrect", "imported", "13"),
        ("no_answer", "not_judged", None),
    ]
    assert {draw.text_hash for draw in draws} == {b""}
    assert done.tasks["math_500"].not_judged == 1
    assert graders == {"imported"}


def test_rescoring_leaves_imported_outcomes_alone(file, imported, row):
    """Only what has a text can be graded again."""
    done = imported(file(row(), {"item_id": "p", "benchmark": "gsm8k", "correct": True}))

    with rewriting(done.path) as run, importing.Grader() as grader:
        assert grade_rest(run.store, grader, Silent(), everything=True) == 1
        assert run.store.graders() == {grader.version, "imported"}


def test_two_imported_runs_compare(file, imported, row):
    """The pairs, the flip and the imported mark come out of `compare`."""
    other = row(item_id="gsm8k_test/1", question="What is 2 + 2?", gold="4")
    ours = [row(run="a"), other | {"run": "a", "response": "\\boxed{4}"}]
    theirs = [row(run="b"), other | {"run": "b", "response": "\\boxed{5}"}]
    rows = file(*ours, *theirs)
    runs = [imported(rows, name=one, select={"run": frozenset({one})}) for one in "ab"]

    with open_run(runs[0].path) as baseline, open_run(runs[1].path) as candidate:
        comparison = compare(baseline, candidate)

    assert comparison.baseline.imported
    assert comparison.benchmarks[0].flips.lost == 1
    assert comparison.benchmarks[0].pairs == 2
    assert [flip.question for flip in comparison.flips] == ["gsm8k_test/1"]


def test_without_an_id_the_question_is_its_own(file, imported, row):
    """Equal texts are one question, in every file and run; other texts are others."""
    a, b = row(item_id=None), row(item_id=None, question="What is 2 + 5?")
    first, second = imported(file(a, b)), imported(file(b, name="again.jsonl"), name="again")

    with open_run(first.path) as run, open_run(second.path) as again:
        ids, others = ({key.question for key in one.store.answered()} for one in (run, again))
    assert len(ids) == 2
    assert others < ids


def test_the_rows_of_several_runs_are_refused_by_name(file, imported, row):
    """A run is one arm; the message lists what can be selected."""
    with pytest.raises(UsageError, match=r"--select run=…:\n  run=a \(1 rows\)\n  run=b \(2 rows"):
        imported(file(row(run="b"), row(run="a"), row(run="b", sample=1)))
    with pytest.raises(UsageError, match="2 values of `model`"):
        imported(file(row(model="x"), row(model="y", sample=1)))


def test_runs_that_are_both_named_are_joined(file, imported, row):
    """Parts of one run under several names make one run when the caller says so."""
    rows = file(row(run="part1"), row(run="part2", sample=1), row(run="other", sample=2))
    done = imported(rows, select={"run": frozenset({"part1", "part2"})})

    assert done.info.tasks[0].repeats == 2
    assert done.info.settings["select.run"] == "part1 or part2"


def test_a_named_precision_stands_for_the_column(file, imported, row):
    """The caller knows better than rows that say it in several ways."""
    rows = file(row(precision="NVFP4"), row(precision="nvfp4 (w4a4)", sample=1))

    assert imported(rows, precision="nvfp4").info.precision == "nvfp4"


def test_selecting_nothing_says_what_there_is(file, imported, row):
    """A misspelt value costs one look at the message."""
    with pytest.raises(UsageError, match=r"no row is as --select says(.|\n)*run=fp4 \(1 rows\)"):
        imported(file(row(run="fp4")), select={"run": frozenset({"nvfp4"})})


def test_rows_that_are_not_selected_may_be_anything(file, imported, row):
    """Only what is imported is checked; null, true and numbers are named as in JSON."""
    rows = file({"n": 3, "ok": True, **row()}, {"n": 4, "ok": True}, {"n": 3, "ok": None})
    select = {"n": frozenset({"3"}), "ok": frozenset({"true"})}

    assert sum(imported(rows, select=select).tasks["gsm8k"].outcomes.values()) == 1


BAD = {
    '{"benchmark": "gsm8k", "item_id"': "line 2: is not one complete JSON object",
    "[1, 2]": "line 2: must be a JSON object, not list",
    '{"benchmark": "gsm8k", "item_id": "i", "gold": "7"}': "neither `response` nor `correct`",
    '{"benchmark": "gsm8k", "response": "7", "gold": "7"}': "neither `item_id` nor `question`",
    '{"item_id": "i", "response": "7", "gold": "7"}': "no `benchmark`; name it with --task",
    '{"benchmark": "gsm8k", "item_id": "i", "response": "7"}': "a `response` and no `gold`",
    '{"benchmark": "own", "item_id": "i", "correct": true}': "in a column `kind`",
    '{"benchmark": "../own", "item_id": "i", "correct": true}': "benchmark: string should match",
    '{"benchmark": "gsm8k", "item_id": "i", "correct": "perhaps"}': "correct: input should be",
    '{"benchmark": "gsm8k", "item_id": "i", "correct": true, "sample": 1.5}': "sample: input",
    '{"benchmark": "gsm8k", "item_id": "i\\ud83d", "correct": true}': "item_id: holds text that",
    '{"benchmark": "mmlu", "item_id": "i", "response": "A", "gold": "5"}': "letter of an option",
    '{"benchmark": "gsm8k", "item_id": "gsm8k_test/0", "response": "", "gold": "8", "sample": 1}': (
        "another kind, question, gold or options than"
    ),
}


@pytest.mark.parametrize(("line", "says"), BAD.items(), ids=BAD.values())
def test_a_bad_row_is_named_by_file_and_line(file, imported, row, line, says):
    """The message says where and what, and quotes no cell."""
    with pytest.raises(DataError) as raised:
        imported(file(row(), line))

    assert "rows.jsonl, line 2: " in str(raised.value)
    assert says in str(raised.value)
    assert "perhaps" not in str(raised.value)


def test_all_bad_rows_are_named_at_once_up_to_a_limit(file, imported, row):
    """Twenty problems are enough to see what is wrong."""
    with pytest.raises(DataError) as raised:
        imported(file(row(), *["{}"] * 30))

    message = str(raised.value)
    assert "line 2:" in message
    assert "line 21:" in message
    assert "line 22:" not in message
    assert message.endswith("and 10 more.")


def test_an_own_benchmark_needs_a_kind(file, imported, row):
    """Any task can be imported if the rows say how its answers are read."""
    rows = file(row(benchmark="our_sums", kind="numeric"))

    (task,) = imported(rows).info.tasks
    assert (task.name, task.title, task.kind) == ("our_sums", "our_sums", "numeric")


def test_a_run_that_is_there_is_refused_before_reading(file, imported, row, tmp_path):
    """Nothing is overwritten, not even an empty folder."""
    (tmp_path / "results" / "mine").mkdir(parents=True)

    with pytest.raises(RunError, match="is there already"):
        imported(tmp_path / "there_is_no_such_file")


@pytest.mark.parametrize("name", ["../mine", "a/b", "", ".mine", "mine\n"])
def test_a_run_name_is_no_path(file, imported, row, name):
    """The folder lies below the results folder, whatever the name."""
    with pytest.raises(UsageError, match="is no name for a run"):
        imported(file(row()), name=name)


def test_nothing_half_done_stays(file, imported, row, tmp_path, monkeypatch):
    """A full disk in the middle leaves neither a run nor a part of one."""

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("evalsuite.runs.store.score_row", full)
    with pytest.raises(RunError, match="disk is full"):
        imported(file(row()))

    assert list((tmp_path / "results").iterdir()) == []


def test_a_results_folder_that_cannot_be_written_is_named(file, imported, row, tmp_path):
    """One line, no trace."""
    (tmp_path / "results").write_text("a file")

    with pytest.raises(RunError, match=r"results.*cannot be written"):
        imported(file(row()))


def test_hostile_text_survives(file, imported, row):
    """Lone surrogates, NULs and markup are kept to the letter."""
    text = "\ud83d \x00 <script>\u2028 \\boxed{7}"
    done = imported(file(json.dumps(row(response=text, question=text))))

    with open_run(done.path) as run:
        (answer,) = run.store.answers()
    assert answer.generation.text == text
    assert done.tasks["gsm8k"].outcomes["correct"] == 1

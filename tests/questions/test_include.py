"""Task files of others: the same treatment as the five, or a clear refusal."""

import json

import pytest

from evalsuite.errors import DataError, UsageError
from evalsuite.questions import read_task, task_names

TEMPLATED = """
task: capitals
dataset_path: example/capitals
test_split: test
output_type: generate_until
doc_to_text: "What is the capital of {{country}}?"
doc_to_target: "{{capital}}"
generation_kwargs: {until: []}
metadata: {version: 1.0, title: Capitals, kind: math, columns: [country, capital]}
"""
ROWS = [
    {"country": "Peru", "capital": "Lima"},
    {"country": "Chad", "capital": "N'Djamena"},
    {"country": "Peru", "capital": "Lima"},
]


@pytest.fixture
def folder(tmp_path):
    """A folder with one task of somebody else's and its rows."""
    (tmp_path / "capitals.yaml").write_text(TEMPLATED)
    (tmp_path / "capitals.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    return tmp_path


def test_templates_are_rendered_as_lm_eval_does(folder, load):
    """A task with Jinja templates goes through lm-eval's own task object."""
    loaded = load("capitals", data=folder, include=folder)

    texts = [question.messages[0].content for question in loaded.questions]
    assert texts[:2] == ["What is the capital of Peru?", "What is the capital of Chad?"]
    assert [question.gold for question in loaded.questions][:2] == ["Lima", "N'Djamena"]
    assert (loaded.info.title, loaded.info.kind) == ("Capitals", "math")


def test_without_an_id_rows_are_known_by_their_content(folder, load):
    """Ids do not depend on the order of the rows, and equal rows stay distinct."""
    ids = [question.id for question in load("capitals", data=folder, include=folder).questions]
    (folder / "capitals.jsonl").write_text("\n".join(map(json.dumps, ROWS[::-1])))

    again = [question.id for question in load("capitals", data=folder, include=folder).questions]

    assert len(set(ids)) == 3
    assert set(again) == set(ids)


def test_an_option_number_becomes_its_letter(folder, load):
    """`doc_to_choice` and an index, as lm-eval's own tasks have them."""
    (folder / "capitals.yaml").write_text(
        TEMPLATED.replace("kind: math", "kind: choice").replace(
            'doc_to_target: "{{capital}}"',
            'doc_to_choice: ["Lima", "N\'Djamena"]\n'
            "doc_to_target: \"{{['Lima'].index(capital) if capital == 'Lima' else 1}}\"",
        )
    )

    questions = load("capitals", data=folder, include=folder).questions

    assert [question.gold for question in questions] == ["A", "B", "A"]
    assert questions[0].choices == ("Lima", "N'Djamena")


def test_include_adds_names_and_wins(folder):
    """Foreign names join the five; a file with the name of one replaces it, as in lm-eval."""
    (folder / "other.yaml").write_text(TEMPLATED.replace("task: capitals", "task: gsm8k"))

    assert set(task_names(folder)) == {*task_names(), "capitals"}
    assert read_task("gsm8k", include=folder).title == "Capitals"
    assert read_task("gsm8k").title == "GSM8K"


def test_a_file_can_build_on_one_of_the_five(folder, load, examples):
    """`include:` in a task file inherits, functions and all."""
    from evalsuite.resources import shipped

    (folder / "mine.yaml").write_text(
        f"include: {shipped('tasks') / 'gsm8k.yaml'}\ntask: mine\nmetadata: {{kind: numeric}}\n"
    )

    mine = load("mine", data=examples / "gsm8k_test.jsonl", include=folder)

    texts = [question.messages for question in mine.questions]
    assert texts == [one.messages for one in load("gsm8k", data=examples).questions]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", kind: math", "", "add `metadata: {kind: K}`"),
        ("kind: math", "kind: essay", "says metadata.kind 'essay'"),
        ("generate_until", "multiple_choice", "only generate_until can be asked"),
        ("metadata:", "num_fewshot: 5\nmetadata:", "num_fewshot must be 0"),
        ("test_split: test", "training_split: train", "neither test_split nor"),
        ('"{{capital}}"', "!function nowhere.at_all", "is not a usable lm-eval task file"),
        ("task: capitals", "task: [", "is not a usable lm-eval task file"),
    ],
)
def test_a_task_that_cannot_be_asked_says_why(old, new, said, folder, load):
    """The message names the file and what to change."""
    (folder / "capitals.yaml").write_text(TEMPLATED.replace(old, new))

    with pytest.raises(UsageError) as refused:
        load("capitals", data=folder, include=folder)

    assert "capitals.yaml" in str(refused.value)
    assert said in str(refused.value)


def test_a_failing_function_names_the_row(folder, load):
    """What a foreign function raises becomes a message with file and line, without the row."""
    (folder / "own.py").write_text("def text(row):\n    return row['capitol']\n")
    (folder / "capitals.yaml").write_text(
        TEMPLATED.replace('"What is the capital of {{country}}?"', "!function own.text").replace(
            '"{{capital}}"', "!function own.text"
        )
    )

    with pytest.raises(DataError, match=r"capitals\.jsonl, line 1: there is no column 'capitol'"):
        load("capitals", data=folder, include=folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind: math", 'kind: math, id: "{code}"'), "line 1: there is no column 'code'"),
        (("kind: math", "kind: choice"), "line 1: the reference answer is not the letter"),
        (('"{{capital}}"', '"{{capital[9:]}}"'), "line 1: there is no reference answer"),
        (('"{{capital}}"', '"{{capitol}}"'), "line 1: the task file's template fails"),
        (('"{{capital}}"', '["{{capital}}", "x"]'), "line 1: there are several reference"),
    ],
)
def test_a_reference_answer_that_cannot_be_used_is_named(change, said, folder, load):
    """An id, a letter or an answer that is not there is said with the place."""
    (folder / "capitals.yaml").write_text(TEMPLATED.replace(*change))

    with pytest.raises(DataError, match=said):
        load("capitals", data=folder, include=folder)


def test_a_missing_folder_is_a_usage_error(load, tmp_path):
    """An include folder that does not exist is said as such."""
    with pytest.raises(UsageError, match="does not exist"):
        load("gsm8k", include=tmp_path / "nowhere")

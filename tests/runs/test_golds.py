"""Reference answers are tried before anything is asked."""

import time

import pytest

from evalsuite.errors import DataError
from evalsuite.grading import Grader
from evalsuite.model import Message, Question
from evalsuite.questions import load_questions
from evalsuite.resources import data_path
from evalsuite.runs.golds import check_golds

FIVE = ["aime_2024", "gpqa_diamond", "gsm8k", "math_500", "mmlu"]


@pytest.fixture(scope="module")
def grader():
    with Grader() as one:
        yield one


def question(gold, kind="numeric", choices=(), name="q1"):
    message = Message(role="user", content="a text that nobody may read")
    return Question(
        task="mine", id=name, kind=kind, messages=(message,), gold=gold, choices=choices
    )


@pytest.mark.parametrize("gold", ["18", "1,450", "-3", "0.5", "$40", "10%"])
def test_numbers_are_right_against_themselves(grader, gold):
    """Thousands separators, signs, currencies and percent signs are no obstacle."""
    check_golds([question(gold)], grader)


@pytest.mark.parametrize("gold", [r"\frac{1}{2}", r"\text{Evelyn}", "(3, 4]", r"\$18.90", "x+1"])
def test_formulas_are_right_against_themselves(grader, gold):
    """So are fractions, words, intervals, amounts of money and names."""
    check_golds([question(gold, "math")], grader)


def test_a_reference_answer_that_cannot_be_graded_is_named_and_not_quoted(grader):
    """The error names task and question and says what to do; the text stays where it is."""
    bad = r"\frac{1}{"
    with pytest.raises(DataError, match="mine q7: the reference answer") as raised:
        check_golds([question("1"), question(bad, "math", name="q7")], grader)
    assert bad not in str(raised.value)
    assert "Correct the data" in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "gold", "said"),
    [("numeric", "eighteen", "no number"), ("integer", "0.5", "no whole number")],
)
def test_a_number_must_be_one(grader, kind, gold, said):
    """Where the task wants a number, a word or a fraction for reference answer is refused."""
    with pytest.raises(DataError, match=said):
        check_golds([question(gold, kind)], grader)


def test_the_first_ten_are_named_and_all_are_counted(grader):
    """A data set of another kind does not fill the screen."""
    bad = [question("?", name=f"q{n}") for n in range(30)]
    with pytest.raises(DataError, match=r"^30 reference") as raised:
        check_golds(bad, grader)
    assert len(str(raised.value).splitlines()) == 12


def test_letters_and_texts_of_options_are_told_apart(grader):
    """Options that name other options, begin with a letter or differ in case alone."""
    for choices in (
        ("red", "green", "blue", "A and B"),
        ("Sigmund Freud", "Carl Jung", "B. F. Skinner", "Karen Horney"),
        ("C, Ruby", "Python, Ruby", "C, C++", "a < b"),
        ("BB", "Bb", "bb", "a polygenic score"),
        ("L", "R", "C", "B"),
    ):
        check_golds([question(letter, "choice", choices) for letter in "ABCD"], grader)


def test_a_grader_that_takes_a_wrong_option_is_found_out(grader):
    """The check can fail: one that accepts whatever it sees is refused."""

    class Generous:
        def grade_text(self, **facts):
            return grader.grade_text(**facts | {"text": "Answer: " + facts["gold"], "bare": False})

    with pytest.raises(DataError, match="mine q1: option B is graded as correct, bare"):
        check_golds([question("A", "choice", ("red", "green"))], Generous())


@pytest.mark.parametrize("name", FIVE)
def test_the_synthetic_items_pass(grader, name):
    """The demo's five benchmarks."""
    check_golds(load_questions(name, data=data_path("demo")), grader)


@pytest.mark.shared
@pytest.mark.parametrize("name", FIVE)
def test_the_public_items_pass_in_no_time(shared, grader, name, monkeypatch):
    """All items of the five benchmarks, 14,042 of them in under half a second of CPU."""
    readme = (shared / "data" / "README.md").read_text(encoding="utf-8")
    monkeypatch.setenv(
        "EVALSUITE_GPQA_PASSWORD", readme.partition("README (`")[2].partition("`")[0]
    )
    questions = load_questions(name, data=shared / "data" / "benchmarks")
    began = time.process_time()
    check_golds(questions, grader)
    assert time.process_time() - began < 0.5

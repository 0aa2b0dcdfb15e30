"""Answer and gold → score, on invented cases."""

import asyncio
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalsuite.grading import Grader
from evalsuite.model import Generation, Message, Question


@pytest.fixture(scope="module")
def grader():
    with Grader(timeout_s=3.0) as one:
        yield one


def outcome(grader, kind, gold, answer):
    return grader.grade_text(kind=kind, gold=gold, text=answer, bare=True).outcome


SAME = [
    (r"\frac{1}{2}", "0.5"),
    (r"\frac{1}{2}", r"\dfrac{2}{4}"),
    (r"\left( 3, \frac{\pi}{2} \right)", r"(3, \pi/2)"),
    (r"2\sqrt{3}", r"\sqrt{12}"),
    ("x^2 - 1", "(x-1)(x+1)"),
    ("1, 2", "2, 1"),
    (r"\{1, 2\}", r"\{2, 1\}"),
    ("x = 5", "5"),
    (r"\text{even}", "even"),
    (r"\text{Evelyn}", "Evelyn"),
    (r"\pm 2", "2, -2"),
    (r"90^\circ", "90"),
    (r"(-\infty, -5)", "k < -5"),
    (r"x \in [-2, 7]", r"-2 \le x \le 7"),
    (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{bmatrix}1\\2\end{bmatrix}"),
    ("2516_8", "2516"),
    (r"10\%", "10"),
    (r"11,\! 111", "11111"),
    ("y = 2x + 3", "f(x) = 2x + 3"),
    ("2x + 4y - 3 = 0", "y = -x/2 + 3/4"),
    ("x < 1", "-x > -1"),
    (r"\frac{\pi}{6}", r"30^\circ"),
    ("7, 14, 18", "Anna: 18, Bruno: 14, Clara: 7"),
    (r"(k, l) = (3x, 5 - x)", r"(3t, 5 - t) \text{ for some integer } t"),
    (r"\text{infinitely many}", r"\infty"),
    ("b < a < c", "b, a, c"),
    (r"i(2 - i)", "1 + 2i"),
    (r"\frac{1}{12}", "0.0833333333"),
    (r"08:34 \text{ P.M.}", "20:34"),
    (r"\sin^2 x + \cos^2 x - \frac14", "3/4"),
    ("A : B = 7 : 32", "7:32"),
    ("p = 5, q = 2; p = 7, q = 2", "(5, 2), (7, 2)"),
    (r"\{x | x < 2\} - \{-6\}", r"(-\infty, -6) \cup (-6, 2)"),
]
DIFFERENT = [
    (r"\frac{1}{2^{99}}", r"\frac{4}{2^{99}}"),
    ("0.0000001", "0.0000003"),
    ("(7, 6)", "[7, 6]"),
    ("(1, 2)", "(2, 1)"),
    ("5", "5, 5"),
    ("5", "5i"),
    ("5", r"\text{not } 5"),
    ("68", "6 and 8"),
    ("4", r"4\sqrt{2}"),
    ("1, 2", "12"),
    ("1,2", "1"),
    (r"\text{even}", "odd"),
    ("2^{k}", "2^{k+1}"),
    ("x", "y"),
    (r"(-\infty, -5)", r"k \le -5"),
    ("100", "10"),
    (r"\frac{3}{4}", r"\frac{4}{3}"),
    ("1450000", "1, 450, 000.5"),
    ("12:00", "1:00"),
    ("5 \\text{ cm}", "5 \\text{ m}"),
    (r"\frac{1}{3}", "0.33"),
    ("a + 3z = 0", "0"),
    ("2:1", "1"),
]


@pytest.mark.parametrize(("gold", "answer"), SAME)
def test_equal_values_in_other_spellings_are_correct(grader, gold, answer):
    """Fractions, roots, tuples, sets, units, equations, intervals, matrices."""
    assert outcome(grader, "math", gold, answer) == "correct"


@pytest.mark.parametrize(("gold", "answer"), DIFFERENT)
def test_other_values_are_not(grader, gold, answer):
    """What the graders in use are known to accept wrongly, in both directions."""
    assert outcome(grader, "math", gold, answer) != "correct"
    assert outcome(grader, "math", answer, gold) != "correct"


def test_a_gold_that_names_its_members_fixes_their_order(grader):
    """A list of roots has no order; x and y have."""
    assert outcome(grader, "math", "x = 1, y = 2", "1, 2") == "correct"
    assert outcome(grader, "math", "x = 1, y = 2", "y = 2, x = 1") == "correct"
    assert outcome(grader, "math", "x = 1, y = 2", "2, 1") == "incorrect"
    assert outcome(grader, "math", "x = 1, x = 2", "2, 1") == "correct"


@pytest.mark.parametrize(
    ("kind", "gold", "text", "finish", "score"),
    [
        ("integer", "73", r"\boxed{073}", "stop", ("correct", "match")),
        ("integer", "073", r"\boxed{73}", "stop", ("correct", "match")),
        ("numeric", "18", "<think>18</think>So \\boxed{17}", "stop", ("incorrect", "differs")),
        ("numeric", "18", "<think>\\boxed{18}", "stop", ("no_answer", "unclosed_think")),
        ("numeric", "18", "<think>\\boxed{18}", "length", ("no_answer", "truncated")),
        ("numeric", "18", "x</think>\\boxed{18", "length", ("no_answer", "truncated")),
        ("numeric", "18", "x</think>\\boxed{18", "stop", ("no_answer", "truncated_box")),
        ("numeric", "18", "x</think>It is 18 or", "length", ("no_answer", "truncated")),
        ("numeric", "18", "x</think>", "stop", ("no_answer", "empty")),
        ("choice", "B", "x</think>Answer: B", "stop", ("correct", "choice_match")),
        ("choice", "B", "x</think>Answer: A or B", "stop", ("no_answer", "ambiguous")),
        ("choice", "B", "x</think>Hm.", "stop", ("no_answer", "no_answer_found")),
        ("math", "3, 5", r"\boxed{3} and \boxed{5}", "stop", ("correct", "match")),
    ],
)
def test_outcome_and_reason(grader, kind, gold, text, finish, score):
    """Three outcomes; an answer inside unfinished thinking is a draft."""
    found = grader.grade_text(kind=kind, gold=gold, text=text, finish_reason=finish)
    assert (found.outcome, found.reason) == score


def test_thinking_that_the_server_split_off_is_not_looked_for(grader):
    """With the reasoning apart all of the text is visible, also without a tag."""
    question = Question(
        task="t", id="1", kind="integer", gold="4", messages=(Message(role="user", content="?"),)
    )
    generation = Generation(text="4", reasoning="5", finish_reason="stop", starts_in_thinking=True)
    assert grader.grade(question, generation).outcome == "correct"


HOSTILE = [
    "9^{9^{9^{9}}}",
    r"2^{2^{2^{2^{49}}}}",
    "99999999!",
    "3!!!!!!",
    r"\sum_{k=1}^{10^9} k",
    r"\int_0^1 x^x dx",
    r"\frac{1}{" * 2000 + "1" + "}" * 2000,
    r"\sqrt{" * 500 + "2" + "}" * 500,
    "9" * 5000,
    "{" * 100_000,
    "\\boxed{" * 20_000,
    "\x00\x01\x02",
    "\ud800\udfff",
    "\u202e123",
    "__import__('os').system('true')",
    "lambda: exit()",
    "(" * 3000,
    r"\left" * 3000,
    "1+" * 700 + "1",
    "10^{1000000}",
    r"\binom{1000000}{500000}",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("kind", ["math", "integer", "choice"])
def test_hostile_answers_are_data(grader, number, kind):
    """No exception, no hang past the limit, and the next answer is graded as ever."""
    began = time.monotonic()
    for bare in (True, False):
        found = grader.grade_text(kind=kind, gold="A", text=HOSTILE[number], bare=bare)
        assert found.outcome != "correct"
    assert time.monotonic() - began < 15
    assert outcome(grader, "math", "x^2-1", "(x-1)(x+1)") == "correct"


def test_thinking_full_of_blanks_is_looked_through_at_once(grader):
    """Nothing could end it where it is graded; as they stand, so many blanks take for ever."""
    question = Question(
        task="t", id="1", kind="choice", gold="B", messages=(), choices=("one", "two")
    )
    came = Generation(text="Answer: A", finish_reason="stop", reasoning=f"answer{' ' * 10_000}x")
    assert grader.grade(question, came).outcome == "incorrect"


@pytest.mark.parametrize("answer", ["[[[1,2],[3,4]],[[1,2],[3,4]]]", "[[[],[]],[[],[]]]"])
def test_brackets_nested_too_deep_for_a_matrix_are_no_matrix(grader, answer):
    """They have rows of rows, and are wrong like any other answer."""
    gold = r"\begin{pmatrix}1\\2\end{pmatrix}"
    assert outcome(grader, "math", gold, rf"\boxed{{{answer}}}") == "incorrect"


def test_a_comparison_that_hangs_costs_one_answer():
    """The process is killed at the limit, the outcome says so, and a new one goes on."""
    with Grader(timeout_s=0.001) as hurried:
        found = hurried.grade_text(
            kind="math", gold="1", text=r"\boxed{\lim_{x \to 0} \frac{\sin x}{x}}"
        )
    assert (found.outcome, found.reason) == ("no_answer", "grader_timeout")


def test_grading_works_from_threads_and_from_asyncio(grader):
    """Eight threads and a loop share one grader."""
    cases = [(f"x^2-{n}", f"-{n}+x^2") for n in range(8)]
    found = []
    threads = [
        threading.Thread(target=lambda c=case: found.append(outcome(grader, "math", *c)))
        for case in cases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def beside():
        return await asyncio.gather(
            *(asyncio.to_thread(outcome, grader, "math", a, b) for a, b in cases)
        )

    assert found == ["correct"] * 8
    assert asyncio.run(beside()) == ["correct"] * 8


def test_version_is_stable_and_short(grader):
    """The version is the same for every grader of this installation."""
    with Grader() as other:
        assert grader.version == other.version
    assert len(grader.version) == 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(-(10**6), 10**6))
def test_wrapping_does_not_change_the_outcome(grader, value):
    """Prose, boxes, bold and LaTeX around a number leave it what it is."""
    for text in (
        f"{value}",
        f"The answer is {value}.",
        f"The answer is **{value}**.",
        f"Thus \\boxed{{{value}}}.",
        f"Thus $\\boxed{{\\text{{{value}}}}}$",
        f"<think>{value + 1}</think>\n\\[ \\boxed{{{value}}} \\]",
        f"steps\n#### {value}",
    ):
        found = grader.grade_text(kind="integer", gold=str(value), text=text)
        assert found.outcome == "correct", text
        wrong = grader.grade_text(kind="integer", gold=str(value + 1), text=text)
        assert wrong.outcome == "incorrect", text


def test_the_rule_for_several_closing_tags_is_a_tasks_own(grader):
    """The first tag counts unless the task says "last"; the version names what is not usual."""
    question = Question(task="t", id="1", kind="integer", gold="4", messages=())
    generation = Generation(text="a</think>Answer: 5</think>Hm.", finish_reason="stop")
    with Grader(think={"t": "last", "u": "first"}) as last:
        scores = [one.grade(question, generation) for one in (grader, last)]
        assert last.version == f"{grader.version}, think last: t"
    assert [score.reason for score in scores] == ["differs", "no_answer_found"]
    assert [score.restarts for score in scores] == [1, 1]


def test_a_score_says_what_was_compared_and_by_which_rule(grader):
    """Enough to explain a verdict; nothing where nothing was compared."""
    score = grader.grade_text(kind="integer", gold="73", text=r"So \boxed{073}.")
    assert (score.rule, score.judged_by, score.compared) == ("boxed", "number", "73 against 073")
    score = grader.grade_text(kind="choice", gold="b", text="Answer: C")
    assert (score.judged_by, score.compared) == ("letter", "B against C")
    score = grader.grade_text(kind="integer", gold="73", text="Hm.")
    assert (score.judged_by, score.compared) == ("", "")

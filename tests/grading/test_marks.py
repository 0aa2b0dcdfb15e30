"""What else a grader sees of a response: loops, and answers reached and lost."""

import pytest

from evalsuite.grading import Grader
from evalsuite.model import Generation, Message, Question


@pytest.fixture(scope="module")
def grader():
    with Grader() as made:
        yield made


def question(kind="integer", gold="204", choices=()):
    return Question(
        task="t",
        id="q",
        kind=kind,
        messages=(Message(role="user", content="?"),),
        gold=gold,
        choices=choices,
    )


def marks(grader, text, *, reasoning=None, starts=False, finish="stop", **asked):
    generation = Generation(
        text=text, finish_reason=finish, reasoning=reasoning, starts_in_thinking=starts
    )
    return grader.grade(question(**asked), generation).marks


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("<think>So \\boxed{204}. Or not.</think>The answer is \\boxed{205}.", {}),
        ("The answer is \\boxed{205}.", {"reasoning": "It must be \\boxed{204}."}),
        ("It is \\boxed{204}. But wait, let me", {"starts": True, "finish": "length"}),
    ],
)
def test_a_right_answer_that_was_thought_and_not_given_is_marked(grader, text, more):
    """In the text, split off by the server, or cut off before it was given."""
    assert marks(grader, text, **more) == ("reached",)


@pytest.mark.parametrize(
    "text",
    [
        "<think>So \\boxed{204}.</think>The answer is \\boxed{204}.",
        "<think>So \\boxed{205}.</think>The answer is \\boxed{205}.",
        "<think>Perhaps 204 of them, and then there are more.</think>\\boxed{205}",
        "The answer is \\boxed{205}.",
    ],
)
def test_nothing_is_marked_where_nothing_was_lost(grader, text):
    """Right answers, wrong thoughts, a number in passing, and answers without thinking."""
    assert marks(grader, text) == ()


@pytest.mark.parametrize(
    ("finish", "marked"), [("length", ("loop",)), ("unknown", ("loop",)), ("stop", ())]
)
def test_a_loop_that_did_not_end_by_itself_is_marked(grader, finish, marked):
    """A response that repeats itself to its limit, or to an end of which nothing is known."""
    text = "<think>" + "Wait, let me check that again. " * 200
    assert marks(grader, text, finish=finish) == marked

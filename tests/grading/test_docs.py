"""Every example of docs/grading.md is graded as the page says."""

import re
from pathlib import Path

import pytest

from evalsuite.grading import Grader
from evalsuite.runs.explanation import REASONS, RULES

PAGE = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")


def table(name):
    """The rows of the table behind the comment that calls it *name*, without code signs."""
    body = PAGE.partition(f"<!-- examples: {name} -->\n")[2].partition("\n\n")[0]
    lines = body.splitlines()[2:]
    assert lines, f"the page has no table {name}"
    return [
        tuple(
            re.sub(r"^`(.*)`$", r"\1", cell.strip()).replace("⏎", "\n")
            for cell in line.strip("|").split("|")
        )
        for line in lines
    ]


@pytest.fixture(scope="module")
def grader():
    with Grader() as one:
        yield one


@pytest.mark.parametrize(("rule", "kind", "response", "read"), table("read"))
def test_answers_are_read_where_the_page_says(grader, rule, kind, response, read):
    """The rule, what it reads, and whether it is a weak one; graded against what is read."""
    score = grader.grade_text(kind=kind, gold=read, text=response)
    name = rule.partition(" ")[0].strip("`")
    assert (score.rule, score.answer) == (name, read)
    assert score.outcome == "correct"
    assert score.weak == rule.endswith("(weak)")
    assert name in RULES


@pytest.mark.parametrize(("reason", "kind", "response", "finish"), table("unread"))
def test_nothing_is_read_where_the_page_says(grader, reason, kind, response, finish):
    """No answer, for the reason that is named."""
    gold = "A" if kind == "choice" else "3"
    score = grader.grade_text(kind=kind, gold=gold, text=response, finish_reason=finish)
    assert (score.outcome, score.reason) == ("no_answer", reason)
    assert reason in REASONS


@pytest.mark.parametrize(("rule", "kind", "gold", "answer", "outcome"), table("judged"))
def test_answers_are_judged_as_the_page_says(grader, rule, kind, gold, answer, outcome):
    """The outcome, and the rule that judged."""
    score = grader.grade_text(kind=kind, gold=gold, text=answer, bare=True)
    assert (score.outcome.replace("_", " "), score.judged_by) == (outcome, rule)


@pytest.mark.parametrize(("limit", "kind", "gold", "response", "outcome"), table("limits"))
def test_limits_are_what_the_page_says(grader, limit, kind, gold, response, outcome):
    """A limit that is gone must go from the page, too."""
    choices = ("L", "C", "R", "T") if kind == "choice" else ()
    score = grader.grade_text(kind=kind, gold=gold, text=response, choices=choices)
    assert score.outcome.replace("_", " ") == outcome

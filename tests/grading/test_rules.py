"""Mutation check: every rule, taken out, loses the answer that it is there for."""

import re
from pathlib import Path

import pytest

from evalsuite.answers import choice, final, think
from evalsuite.grading import Grader, comparison, equality

OPTIONS = ("red", "green", "blue", "yellow")
# rule → kind, gold, response.
FREE = {
    "answer_tag": ("integer", "7", "<answer>7</answer> I tried 8 first."),
    "boxed": ("integer", "7", r"\boxed{7}, which is more than 5."),
    "hashes": ("integer", "7", "3 + 4\n#### 7\nI checked it 2 times."),
    "announced": ("integer", "7", "The answer is 7.\nI checked it 2 times."),
    "line_alone": ("math", "7", "We add.\n7"),
    "last_bold": ("integer", "7", "That makes **7** in 2 days."),
    "last_result": ("integer", "7", "3 + 4 = 7\nSo it takes 7 hours in 2 days."),
    "last_number": ("integer", "7", "Each has 3, so there are 7"),
    "last_formula": ("math", "x + 1", "We divide.\nThe quotient is $x + 1$."),
    "last_sentence": ("math", "7", "We add.\nThe number of ways is 7 in all"),
}
CHOICES = {
    "answer_tag": ("B", "<choice>green</choice> and no more"),
    "boxed": ("B", r"\boxed{B} it shall be, I say"),
    "announced": ("B", "I choose B\nIt was no easy one, I say"),
    "line_alone": ("B", "Let me see it.\nB. green"),
    "called_correct": ("B", "A is wrong, but B is correct, I say so"),
    "closing_letter": ("B", "I crossed out the rest, which leaves B."),
    "only_mention": ("B", "It fits (B) well enough for me"),
}
REMOVED_FREE = {
    "answer_tag": ("tagged", lambda text: None),
    "boxed": ("boxes", lambda text: []),
    "hashes": ("hashes", lambda text: None),
    "announced": ("_announced", lambda text, *, numeric: None),
}
REMOVED_CHOICE = {
    "answer_tag": ("tag", lambda text: None),
    "boxed": ("boxes", lambda text: []),
    "announced": ("_announced", lambda *arguments: None),
    "line_alone": ("_closing_line", lambda *arguments: None),
    "called_correct": ("_called_correct", lambda *arguments: None),
    "closing_letter": ("_closing_letter", lambda *arguments: None),
    "only_mention": ("_only_mention", lambda *arguments: None),
}
JUDGING = {
    "words": (r"\text{east}", "west", False),
    "range": ("x < 3", r"(-\infty, 3)", True),
    "order": ("b < a < c", "b, a, c", True),
    "matrix": (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "(1, 2)", True),
    "equation": ("x = 5", "5", True),
    "list": ("1, 2", "2, 1", True),
}


@pytest.fixture
def grader():
    with Grader() as one:
        yield one


def without(rule):
    """The closing rules but for *rule*."""
    closing = final._closing

    def filtered(text, **options):
        found = closing(text, **options)
        return None if found and found.rule == rule else found

    return filtered


@pytest.mark.parametrize("rule", FREE)
def test_each_rule_for_free_answers_is_needed(grader, monkeypatch, rule):
    """With it the answer is right and bears its name; without it the answer is lost or wrong."""
    kind, gold, text = FREE[rule]
    score = grader.grade_text(kind=kind, gold=gold, text=text)
    assert (score.outcome, score.rule) == ("correct", rule)
    name, gone = REMOVED_FREE.get(rule, ("_closing", without(rule)))
    monkeypatch.setattr(final, name, gone)
    assert grader.grade_text(kind=kind, gold=gold, text=text).outcome != "correct"


@pytest.mark.parametrize("rule", CHOICES)
def test_each_rule_for_choices_is_needed(grader, monkeypatch, rule):
    """With it the letter is right and bears its name; without it the letter is lost."""
    gold, text = CHOICES[rule]
    score = grader.grade_text(kind="choice", gold=gold, text=text, choices=OPTIONS)
    assert (score.outcome, score.rule) == ("correct", rule)
    monkeypatch.setattr(choice, *REMOVED_CHOICE[rule])
    score = grader.grade_text(kind="choice", gold=gold, text=text, choices=OPTIONS)
    assert score.outcome != "correct"


def test_the_tables_name_every_rule_of_the_source():
    """A new rule needs a line above."""
    for module, table in ((final, FREE), (choice, CHOICES)):
        source = Path(module.__file__).read_text()
        named = set(re.findall(r'rule="(\w+)"', source))
        named |= set(re.findall(r'"(last_\w+)"', source))
        assert named == set(table)


def test_what_follows_the_last_box_and_calls_itself_final_is_needed(grader, monkeypatch):
    """A box of an intermediate result is not the answer that a later sentence announces."""
    text = r"The interest is $\boxed{200}$. Final Answer: The final answer is $10200$."
    assert grader.grade_text(kind="integer", gold="10200", text=text).outcome == "correct"
    monkeypatch.setattr(final, "_last_word", lambda *arguments, **options: None)
    assert grader.grade_text(kind="integer", gold="10200", text=text).outcome == "incorrect"


def test_an_option_announced_by_its_text_is_needed(grader, monkeypatch):
    """Green stands for B."""
    asked = {"kind": "choice", "gold": "B", "text": "The answer is green.", "choices": OPTIONS}
    assert grader.grade_text(**asked).outcome == "correct"
    monkeypatch.setattr(choice, "_announced_option", lambda *arguments: None)
    assert grader.grade_text(**asked).outcome != "correct"


def test_the_end_of_the_turn_is_needed(grader, monkeypatch):
    """What a model writes for the user is no answer."""
    text = "The answer is 7.\n<|im_start|>user\nThe answer is 8."
    assert grader.grade_text(kind="integer", gold="7", text=text).outcome == "correct"
    monkeypatch.setattr(think, "_first_turn", str.strip)
    assert grader.grade_text(kind="integer", gold="7", text=text).outcome == "incorrect"


def no_algebra(gold, answer):
    return "unsafe_answer"


@pytest.mark.parametrize("rule", JUDGING)
def test_each_rule_of_comparison_is_needed(monkeypatch, rule):
    """With it the pair is settled under its name; without it, otherwise or not at all."""
    gold, answer, same = JUDGING[rule]
    found = equality.same_math(gold, answer, no_algebra)
    assert (found.judgement == "match", found.rule) == (same, rule)
    kept = tuple(one for one in comparison.RULES if one[0] != rule)
    assert len(kept) == len(comparison.RULES) - 1
    monkeypatch.setattr(comparison, "RULES", kept)
    again = equality.same_math(gold, answer, no_algebra)
    assert again != found


def test_the_judging_table_names_every_rule():
    """A new rule of comparison needs a line above."""
    assert {name for name, _ in comparison.RULES} == set(JUDGING)

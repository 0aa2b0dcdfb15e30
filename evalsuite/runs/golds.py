"""Reference answers, tried before anything is asked: each must be right, wrong options must not."""

import re
from collections.abc import Iterable, Iterator

from evalsuite.answers import number
from evalsuite.answers.choice import LETTERS
from evalsuite.errors import DataError
from evalsuite.grading import Grader
from evalsuite.model import Question

# What an answer may look like: nothing but the answer, in a box, in a sentence.
FREE = {"bare": "{}", "boxed": r"\boxed{{{}}}", "in a sentence": "So the final answer is ${}$."}
CHOICE = {"bare": "{}", "boxed": r"\boxed{{{}}}", "in a sentence": "Let me see.\n\nAnswer: {}"}
# Only a text with a letter that stands alone can be taken for a letter; "a" and "I" are words.
LONE = re.compile(r"(?<![A-Za-z0-9'’])(?:[B-HJ]|[Aa](?=\W*$|[^\sA-Za-z])|[b-hj])(?![A-Za-z0-9'’])")
MOST_PROBLEMS = 10


def check_golds(questions: Iterable[Question], grader: Grader) -> None:
    """Make sure that the grader can tell right from wrong on each of *questions*.

    A reference answer must grade as correct against itself: bare, in a box and in a sentence. No
    wrong option may, by its letter or by its text; an option that is itself one letter
    ("C" as option B) cannot be told from that letter and is left out.

    Raises:
        DataError: some do not; they are named, and never quoted: some texts must not be spread.
    """
    letters: dict[tuple[str, int], str] = {}
    problems = []
    for one in questions:
        if one.kind == "choice":
            where = one.gold, len(one.choices)
            if where not in letters:
                letters[where] = next(_letter_problems(one, grader), "")
            found = letters[where] or next(_text_problems(one, grader), "")
        else:
            found = next(_free_problems(one, grader), "")
        if found:
            problems.append(f"{one.task} {one.id}: {found}")
    if problems:
        shown = "\n".join(f"  {problem}" for problem in problems[:MOST_PROBLEMS])
        raise DataError(
            f"{len(problems)} reference answer(s) cannot be graded; nothing was asked:\n{shown}\n"
            "Correct the data, or `kind` in the task file."
        )


def _free_problems(question: Question, grader: Grader) -> Iterator[str]:
    value = number(question.gold)
    if question.kind != "math" and value is None:
        yield "the reference answer is no number"
    if question.kind == "integer" and value is not None and value.denominator != 1:
        yield "the reference answer is no whole number"
    for form, template in FREE.items():
        outcome, reason = _graded(question, template.format(question.gold), form, grader)
        if outcome != "correct":
            yield f"the reference answer is not correct against itself, {form} ({reason})"


def _letter_problems(question: Question, grader: Grader) -> Iterator[str]:
    """Questions with as many options and the same letter share what is found here."""
    plain = Question(
        task=question.task,
        id=question.id,
        kind="choice",
        messages=(),
        gold=question.gold,
        choices=tuple(str(number) for number, _ in enumerate(question.choices)),
    )
    for form, template in CHOICE.items():
        for letter in LETTERS[: len(question.choices)] or question.gold:
            outcome, reason = _graded(plain, template.format(letter), form, grader)
            if letter == question.gold and outcome != "correct":
                yield f"the reference answer is not correct against itself, {form} ({reason})"
            if letter != question.gold and outcome == "correct":
                yield f"option {letter} is graded as correct, {form}"


def _text_problems(question: Question, grader: Grader) -> Iterator[str]:
    for letter, text in zip(LETTERS, question.choices, strict=False):
        if letter == question.gold or len(text.strip()) == 1 or not LONE.search(text):
            continue
        if _graded(question, text, "bare", grader)[0] == "correct":
            yield f"the text of option {letter} is graded as correct"


def _graded(question: Question, text: str, form: str, grader: Grader) -> tuple[str, str]:
    score = grader.grade_text(
        kind=question.kind,
        gold=question.gold,
        text=text,
        choices=question.choices,
        bare=form == "bare",
    )
    return score.outcome, score.reason

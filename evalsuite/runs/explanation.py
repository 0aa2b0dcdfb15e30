"""Why an answer was judged as it was: what was visible, what was read, what was compared."""

import re
from dataclasses import dataclass

from evalsuite.answers import visible
from evalsuite.grading import Grader
from evalsuite.model import Answer, Question, Score, ThinkRule

# What each reason says in words; those of a score's `reason`.
REASONS = {
    "match": "the two are the same value",
    "symbolic": "algebra shows that the two are equal",
    "differs": "the two are not shown to be equal",
    "choice_match": "the chosen letter is that of the right option",
    "choice_differs": "the chosen letter is that of another option",
    "ambiguous": "more than one option is chosen",
    "truncated": "the response was cut off at the limit before it announced an answer",
    "truncated_box": "the last box was never closed, and what stands before it was given up",
    "unclosed_think": "the thinking never ended, and what stands in it is a draft",
    "empty": "nothing stands where the answer should be",
    "no_answer_found": "no rule finds an answer in what is visible",
    "refusal": "the response declines to answer",
    "unsafe_answer": "it would take too long or too much memory to compare, or is code",
    "grader_timeout": "algebra did not end within the limit; --grader-timeout gives it longer",
    "imported": "the outcome was imported as it came; there is no text to read",
    "not_judged": "the outcome was imported as it came; nobody had judged it",
}
# Where each extracting rule reads; those of a score's `rule`.
RULES = {
    "answer_tag": "what the last <answer> tag holds",
    "boxed": "the last complete box",
    "hashes": "what follows the last ####",
    "announced": "what the last announcement of an answer names",
    "line_alone": "a line that is an answer and nothing else",
    "last_bold": "the last bold text",
    "last_result": "the last result that is stated again at the end",
    "last_number": "the last number",
    "last_formula": "the last formula",
    "last_sentence": "what the last sentence states",
    "called_correct": "the option that is called correct",
    "closing_letter": "the letter that the response ends with",
    "only_mention": "the only option that is mentioned",
    "imported": "taken over from the rows",
}
AROUND = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One answer, graded now by version *grader*, beside the score that the run holds.

    `visible` is the text after the thinking, None if the thinking never ended, of `characters`
    in all. `think` is the rule that told where it begins. `excerpt` shows the place where
    the answer was read, if it stands there as it was read. `stored` is None if the run holds no
    score; `stored_by` names the versions whose scores it holds.
    """

    question: Question
    repeat: int
    score: Score
    grader: str
    think: ThinkRule
    split_off: bool
    finish_reason: str
    characters: int
    visible: str | None
    excerpt: str
    stored: Score | None
    stored_by: tuple[str, ...]

    @property
    def rule(self) -> str:
        """Where the answer was read, in words."""
        return RULES.get(self.score.rule, self.score.rule)

    @property
    def reason(self) -> str:
        """Why the outcome is what it is, in words."""
        return REASONS.get(self.score.reason, self.score.reason)

    @property
    def agrees(self) -> bool:
        """Whether the stored outcome is the one that this version gives."""
        return self.stored is not None and self.stored.outcome == self.score.outcome


def explained(
    question: Question,
    answer: Answer,
    grader: Grader,
    *,
    think: ThinkRule,
    stored: Score | None,
    stored_by: tuple[str, ...],
) -> Explanation:
    """*answer* graded by *grader*, with all that led to it; an imported outcome stays as it is."""
    came = answer.generation
    imported = stored is not None and stored.rule == "imported"
    score = stored if stored is not None and imported else grader.grade(question, came)
    seen = visible(
        came.text,
        starts_in_thinking=came.starts_in_thinking,
        split_off=came.reasoning is not None,
        think=think,
    )
    return Explanation(
        question=question,
        repeat=answer.key.repeat,
        score=score,
        grader=grader.version,
        think=think,
        split_off=came.reasoning is not None,
        finish_reason=came.finish_reason,
        characters=len(came.reasoning or "") + len(came.text),
        visible=seen.text,
        excerpt=_excerpt(seen.text or "", score),
        stored=stored,
        stored_by=stored_by,
    )


def _excerpt(text: str, score: Score) -> str:
    """The last place of the answer in *text* as a word of its own, with what stands around it."""
    if not score.answer:
        return ""
    word = rf"(?<!\w){re.escape(score.answer)}(?!\w)"
    boxed = [rf"boxed\s*\{{\s*{word}"] if score.rule == "boxed" else []
    found = next(filter(None, (list(re.finditer(one, text)) for one in [*boxed, word])), [])
    if not found:
        return ""
    start, end = found[-1].span()
    before = text[max(start - AROUND, 0) : start]
    shown = before + text[start:end] + text[end : end + AROUND]
    return " ".join(shown.split())

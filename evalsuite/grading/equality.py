"""Whether an answer equals the gold: by its text, by its type, and by algebra for what is left."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from evalsuite.answers.number import number
from evalsuite.grading.arithmetic import Unvalued
from evalsuite.grading.clock import same_time
from evalsuite.grading.comparison import Verdict, compared
from evalsuite.grading.equations import plain_side
from evalsuite.grading.notation import Reading, read
from evalsuite.grading.notation.spelling import squeezed
from evalsuite.grading.notation.tree import (
    Bracketed,
    Listing,
    Matrix,
    Relation,
    Words,
    renamed,
    symbols,
)
from evalsuite.grading.notation.vocabulary import MEASURES, POWERS

Judgement: TypeAlias = Literal["match", "symbolic", "differs", "unsafe_answer", "grader_timeout"]
Algebra: TypeAlias = Callable[[str, str], Judgement]

MOST_CHARACTERS = 1500
TOWER = re.compile(
    r"\d\s*\^\s*\{?\s*\d+\s*\^|\d{3,}\s*!|!\s*!|\^\s*\{?\s*\d{5,}|\\sum|\\prod|\\int"
)
TEXT = re.compile(r"\\text ?\{([^{}]*)\}")
WORD = re.compile(r"[a-z]{2,}")
PROSE = re.compile(r"\\text ?\{|(?<![\\A-Za-z])[A-Za-z]{4,}")
PASSED_OVER = re.compile(rf"{PROSE.pattern}|\\ldots|\\begin|_\{{?\d+\}}?(?![A-Za-z])")
CODE = re.compile(r"__|import\s|lambda\b|eval\s*\(|exec\s*\(|\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the comparison of an answer with the gold found, and the rule that found it."""

    judgement: Judgement
    rule: str


def same_number(gold: str, answer: str) -> Judged:
    """Numbers by exact value; what is no plain number is read as mathematics, never by algebra."""
    wanted, given = number(gold), number(answer, decimal_comma=True)
    if wanted is not None and wanted == given:
        return Judged(judgement="match", rule="number")
    verdict = _typed(gold, answer)
    side = re.split(r"=|\\approx|≈", answer)[-1]
    if side != answer and not (verdict and verdict.same):
        verdict = _typed(gold, side)
    return _judged(verdict) if verdict else Judged(judgement="differs", rule="number")


def same_math(gold: str, answer: str, algebra: Algebra) -> Judged:
    """Two answers in LaTeX or plain text, by their type first and by *algebra* last."""
    wanted, given = read(gold), read(answer)
    same = squeezed(wanted.text) == squeezed(given.text) or _same_words(wanted, given)
    if same or not given.text:
        return Judged(judgement="match" if same else "differs", rule="same_text")
    verdict = _typed(gold, answer) or _last_side(wanted, given)
    if verdict is not None:
        return _judged(verdict)
    if unsafe(given.text):
        return Judged(judgement="unsafe_answer", rule="unsafe")
    if not (_for_algebra(wanted) and _for_algebra(given)):
        return Judged(judgement="differs", rule="unread")
    return Judged(judgement=algebra(wanted.text, given.text), rule="algebra")


def _same_words(gold: Reading, answer: Reading) -> bool:
    """Whether two texts with words in them differ in nothing but upper and lower case."""
    texts = [TEXT.sub(r" \1 ", one.text) for one in (gold, answer)]
    plain = [" ".join(text.casefold().split()).rstrip(".!") for text in texts]
    if plain[0] != plain[1] or len(plain[0]) == 1 or "\\" in plain[0]:
        return False
    return all(map(WORD.search, texts)) or any("\\text" in one.text for one in (gold, answer))


def _for_algebra(reading: Reading) -> bool:
    """Whether algebra would read all of it: it skips words and dots, and parts of a collection."""
    return not PASSED_OVER.search(reading.text) and not isinstance(
        reading.node, (Words, Listing, Bracketed, Matrix, Relation)
    )


def _last_side(gold: Reading, answer: Reading) -> Verdict | None:
    r"""The verdict on `b` in `a = b`, where `a` is a formula that is not read: `\int … = 2`."""
    sides = [one.text.rpartition("=") if one.node is None else ("", "", one.text)
             for one in (gold, answer)]  # fmt: skip
    if (sides[0][1] == "=") == (sides[1][1] == "=") or any(PROSE.search(one[0]) for one in sides):
        return None
    if not all(_balanced(one[2]) for one in sides):
        return None
    return _read_alike(read(sides[0][2]), read(sides[1][2]))


def unsafe(text: str) -> bool:
    """Whether *text* is refused before algebra sees it: too long, a tower, torn, or code."""
    return (
        len(text) > MOST_CHARACTERS
        or not _balanced(text)
        or bool(TOWER.search(text) or CODE.search(text))
    )


def _balanced(text: str) -> bool:
    """Whether every brace of *text* has its partner."""
    depth = lowest = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        lowest = min(lowest, depth)
    return depth == 0 and lowest == 0


def _judged(verdict: Verdict) -> Judged:
    return Judged(judgement="match" if verdict.same else "differs", rule=verdict.rule)


def _typed(gold: str, answer: str) -> Verdict | None:
    """What the types of the two settle; None if they cannot.

    A comma that may separate thousands or members is read as the one, then as the other.
    """
    settled = _read_alike(read(gold), read(answer))
    if settled is not None and settled.same:
        return settled
    apart = read(gold, grouped=False), read(answer, grouped=False)
    if apart[0].grouped and isinstance(apart[0].node, Listing):
        again = _read_alike(*apart)
        settled = again if again is not None and again.same else settled
    if settled is None or not settled.same:
        clock = same_time(gold, answer)
        settled = settled if clock is None else Verdict(same=clock, rule="clock")
    return settled


def _read_alike(gold: Reading, answer: Reading) -> Verdict | None:
    if gold.node is None or answer.node is None:
        return None
    if gold.units and answer.units and not _units_agree(gold.units, answer.units):
        return Verdict(same=False, rule="unit")
    try:
        return compared(gold.node, _with_names_of(gold, answer).node or gold.node)
    except (Unvalued, RecursionError):
        return None


def _units_agree(gold: tuple[str, ...], answer: tuple[str, ...]) -> bool:
    """Known units must be the same, and so their powers; other words are only company."""
    names, powers = zip(_measures(gold), _measures(answer), strict=True)
    return all(ours <= theirs or theirs <= ours for ours, theirs in (names, powers))


def _measures(units: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The known units among *units*, and the powers (`^2`, "square") that stand at them."""
    powers = {POWERS.get(unit, unit) for unit in units if unit in POWERS or unit[0] == "^"}
    return {unit for unit in units if unit in MEASURES}, powers


def _with_names_of(gold: Reading, answer: Reading) -> Reading:
    """*answer* with the gold's letters where they are the same but for their name.

    They are if only their case differs, or if a condition says that they are parameters
    ("for some integer t").
    """
    assert gold.node
    assert answer.node
    names = [symbols(plain_side(one)) for one in (gold.node, answer.node)]
    ours, theirs = sorted(names[0] - names[1]), sorted(names[1] - names[0])
    if len(ours) != len(theirs) or not ours:
        return answer
    same_case = [name.casefold() for name in ours] == [name.casefold() for name in theirs]
    free = re.findall(r"[A-Za-z]+", gold.condition + answer.condition)
    if same_case or (len(ours) == 1 and (theirs[0] in free or ours[0] in free)):
        return replace(answer, node=renamed(answer.node, dict(zip(theirs, ours, strict=True))))
    return answer

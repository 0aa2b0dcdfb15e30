"""Typed equality of two mathematical answers; what no type settles is left to algebra."""

import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from evalsuite.answers.number import number
from evalsuite.grading.latex import assigned, enclosed, normal, parts, plain_text, squeezed

Judgement: TypeAlias = Literal["match", "symbolic", "differs", "unsafe_answer", "grader_timeout"]
Algebra: TypeAlias = Callable[[str, str], Judgement]

MOST_CHARACTERS = 1500
TOWER = re.compile(r"\^\s*\{?[^{}^]{0,40}\^|\d{3,}\s*!|!\s*!|\^\s*\{?\s*\d{5,}|\\sum|\\prod|\\int")
CODE = re.compile(r"__|import\s|lambda\b|eval\s*\(|exec\s*\(|\x00")


def same_number(gold: str, answer: str) -> Judgement:
    """Numbers by exact value; an answer that is no number differs."""
    wanted, given = number(normal(gold)), number(normal(answer))
    if wanted is None:
        return "match" if squeezed(gold) == squeezed(answer) else "differs"
    if given is None and "=" in answer:
        given = number(normal(answer.rpartition("=")[2]))
    return "match" if wanted == given else "differs"


def same_math(gold: str, answer: str, algebra: Algebra) -> Judgement:
    """Two answers in LaTeX or plain text, by their type first and by *algebra* last."""
    wanted, given = normal(gold), normal(answer)
    if squeezed(wanted) == squeezed(given):
        return "match"
    if not given:
        return "differs"
    settled = _typed(wanted, given, algebra)
    if settled is not None:
        return settled
    return "unsafe_answer" if unsafe(given) else algebra(wanted, given)


def unsafe(text: str) -> bool:
    """Whether *text* is refused before algebra sees it: too long, a tower, torn, or code."""
    depth = lowest = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        lowest = min(lowest, depth)
    return (
        len(text) > MOST_CHARACTERS
        or depth != 0
        or lowest < 0
        or bool(TOWER.search(text) or CODE.search(text))
    )


def _typed(wanted: str, given: str, algebra: Algebra) -> Judgement | None:
    """What the types of the two settle; None if algebra must."""
    values = number(wanted), number(given)
    if None not in values:
        return "match" if values[0] == values[1] else "differs"
    words = plain_text(wanted), plain_text(given)
    if words[0] is not None:
        return "match" if words[0] == words[1] else "differs"
    sides = assigned(wanted), assigned(given)
    if (sides[0] is None) != (sides[1] is None):
        return same_math(
            sides[0][1] if sides[0] else wanted, sides[1][1] if sides[1] else given, algebra
        )
    return _structured(wanted, given, algebra)


def _structured(wanted: str, given: str, algebra: Algebra) -> Judgement | None:
    """Tuples and intervals in order with their brackets; sets and bare lists in any order."""
    ours, theirs = enclosed(wanted), enclosed(given)
    if ours and theirs and len(parts(ours[1])) > 1:
        members = parts(ours[1]), parts(theirs[1])
        if "{" in (ours[0], theirs[0]):
            return _any_order(*members, algebra) if ours[0] == theirs[0] else "differs"
        if (ours[0], ours[2]) != (theirs[0], theirs[2]):
            return "differs"
        return _in_order(*members, algebra)
    lists = [
        parts(one[1] if one and one[0] == "{" else text)
        for one, text in ((ours, wanted), (theirs, given))
    ]
    if max(map(len, lists)) > 1 and "\\begin" not in wanted:
        return _any_order(lists[0], lists[1], algebra) if not (ours and ours[0] != "{") else None
    return None


def _in_order(wanted: Sequence[str], given: Sequence[str], algebra: Algebra) -> Judgement:
    if len(wanted) != len(given):
        return "differs"
    for one, other in zip(wanted, given, strict=True):
        judged = same_math(one, other, algebra)
        if judged not in ("match", "symbolic"):
            return judged
    return "match"


def _any_order(wanted: Sequence[str], given: Sequence[str], algebra: Algebra) -> Judgement:
    """Each of *wanted* has a partner of its own in *given*."""
    wanted, left = _spread(wanted), list(_spread(given))
    if len(wanted) != len(left):
        return "differs"
    for one in wanted:
        partner = next(
            (other for other in left if same_math(one, other, algebra) in ("match", "symbolic")),
            None,
        )
        if partner is None:
            return "differs"
        left.remove(partner)
    return "match"


def _spread(members: Sequence[str]) -> list[str]:
    r"""*members* with `a \pm b` written as its two values, and `x = a` as `a`."""
    spread: list[str] = []
    for member in members:
        side = assigned(member)
        text = side[1] if side else member
        if "\\pm" in text:
            spread += [text.replace("\\pm", sign) for sign in ("+", "-")]
        else:
            spread.append(text)
    return [re.sub(r"^\+", "", text.strip()) for text in spread]

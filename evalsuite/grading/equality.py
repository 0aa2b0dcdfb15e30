"""Typed equality of two mathematical answers; what no type settles is left to algebra."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from evalsuite.answers.number import number
from evalsuite.grading.latex import (
    assigned,
    enclosed,
    interval,
    matrix,
    normal,
    parts,
    plain_text,
    squeezed,
)

Judgement: TypeAlias = Literal["match", "symbolic", "differs", "unsafe_answer", "grader_timeout"]
Algebra: TypeAlias = Callable[[str, str], Judgement]

MOST_CHARACTERS = 1500
TOWER = re.compile(
    r"\d\s*\^\s*\{?\s*\d+\s*\^|\d{3,}\s*!|!\s*!|\^\s*\{?\s*\d{5,}|\\sum|\\prod|\\int"
)
PERCENT = re.compile(r"%|percent")
BASE = re.compile(r"^(\d+)_\{?\d{1,2}\}?$")
CODE = re.compile(r"__|import\s|lambda\b|eval\s*\(|exec\s*\(|\x00")


def same_number(gold: str, answer: str, algebra: Algebra) -> Judgement:
    """Numbers by exact value; an answer that is no plain number is compared as mathematics."""
    wanted, given = number(normal(gold)), number(normal(answer))
    if wanted is None or given is None:
        side = answer.rpartition("=")[2] if "=" in answer else answer
        return same_math(gold, side, algebra)
    return "match" if _same_value(gold, wanted, answer, given) else "differs"


def _same_value(gold: str, wanted: Fraction, answer: str, given: Fraction) -> bool:
    """Whether two values are equal; 33.5 % equals 33.5, and it equals 0.335."""
    if wanted == given:
        return True
    percent = [PERCENT.search(text) is not None for text in (gold, answer)]
    return (percent[0] and wanted == 100 * given) or (percent[1] and given == 100 * wanted)


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
    wanted, given = _without_base(wanted, given)
    values = number(wanted), number(given)
    if values[0] is not None and values[1] is not None:
        return "match" if _same_value(wanted, values[0], given, values[1]) else "differs"
    word = plain_text(wanted)
    if word is not None:
        return "match" if word == plain_text(given) else "differs"
    return _same_sides(wanted, given, algebra) or _same_shapes(wanted, given, algebra)


def _same_sides(wanted: str, given: str, algebra: Algebra) -> Judgement | None:
    """Equations: `x = 5` is the answer 5; None if neither is one, or algebra must tell."""
    sides = assigned(wanted), assigned(given)
    if (sides[0] is None) != (sides[1] is None):
        return same_math(
            sides[0][1] if sides[0] else wanted, sides[1][1] if sides[1] else given, algebra
        )
    return _same_equations(sides[0], sides[1], algebra) if sides[0] and sides[1] else None


def _same_shapes(wanted: str, given: str, algebra: Algebra) -> Judgement | None:
    """Matrices, intervals and inequalities, tuples, sets, lists; None if they are none."""
    rows = matrix(wanted), matrix(given)
    if rows[0] is not None or rows[1] is not None:
        return _same_rows(rows[0] or _column(wanted), rows[1] or _column(given), algebra)
    spans = interval(wanted), interval(given)
    if spans != (wanted, given):
        return same_math(spans[0], spans[1], algebra)
    return _structured(wanted, given, algebra)


def _without_base(wanted: str, given: str) -> tuple[str, str]:
    """The two without the gold's base, if only one of them names it: 2516_8 and 2516."""
    bases = BASE.match(wanted), BASE.match(given)
    if bases[0] and not bases[1]:
        return bases[0].group(1), given
    return wanted, given


def _same_equations(
    ours: tuple[str, str], theirs: tuple[str, str], algebra: Algebra
) -> Judgement | None:
    """Two definitions: of one name, of y or f(x), or of a function of another variable."""
    functions = [re.fullmatch(r"[A-Za-z]\(([A-Za-z])\)", one[0]) for one in (ours, theirs)]
    if functions[0] and functions[1] and ours[0][0] == theirs[0][0]:
        renamed = re.sub(
            rf"(?<![A-Za-z\\]){functions[1].group(1)}(?![A-Za-z])", functions[0].group(1), theirs[1]
        )
        return same_math(ours[1], renamed, algebra)
    names = {squeezed(ours[0]), squeezed(theirs[0])}
    if len(names) == 1 or names <= {"y", "f(x)"}:
        return same_math(ours[1], theirs[1], algebra)
    return None


def _same_rows(
    ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], algebra: Algebra
) -> Judgement:
    if [len(row) for row in ours] != [len(row) for row in theirs]:
        return "differs"
    flat = [[cell for row in rows for cell in row] for rows in (ours, theirs)]
    return _in_order(flat[0], flat[1], algebra)


def _column(text: str) -> list[list[str]]:
    """A tuple as a column vector: the two are one answer."""
    held = enclosed(text)
    return [[part] for part in parts(held[1])] if held else [[text]]


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

"""Whether two answers, read as trees, are equal: each type by a rule of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from evalsuite.grading.equations import plain_side, same_chain, same_relation
from evalsuite.grading.matrices import has_matrix, same_matrix
from evalsuite.grading.members import same_members, several
from evalsuite.grading.notation.tree import Node, Relation, Words
from evalsuite.grading.quantities import same_quantity
from evalsuite.grading.regions import is_region, region, unknown
from evalsuite.grading.spans import same_region


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether two answers are the same, and the rule that says so."""

    same: bool
    rule: str


def compared(gold: Node, answer: Node) -> Verdict:
    """Whether *answer* is *gold*, by the first rule that knows their types.

    Raises:
        Unvalued: no rule can tell.
    """
    if gold == answer:
        return Verdict(same=True, rule="same_reading")
    for rule, judge in RULES:
        found = judge(gold, answer)
        if found is not None:
            return Verdict(same=found, rule=rule)
    return Verdict(same=same_quantity(gold, answer), rule="value")


def _same(gold: Node, answer: Node) -> bool:
    return compared(gold, answer).same


def _words(gold: Node, answer: Node) -> bool | None:
    """Words are equal to the same words only."""
    if isinstance(gold, Words) or isinstance(answer, Words):
        return gold == answer
    return None


def _ranges(gold: Node, answer: Node) -> bool | None:
    """Inequalities, intervals and their unions are sets of numbers."""
    if not (is_region(gold) or is_region(answer)):
        return None
    names = {unknown(gold), unknown(answer)} - {None}
    ours, theirs = region(plain_side(gold)), region(plain_side(answer))
    if ours is None or theirs is None:
        return None
    return len(names) < 2 and same_region(ours, theirs)  # noqa: PLR2004 - of one letter


def _chains(gold: Node, answer: Node) -> bool | None:
    return same_chain(gold, answer, _same)


def _matrices(gold: Node, answer: Node) -> bool | None:
    """A matrix is its cells; a tuple is a column."""
    ours, theirs = plain_side(gold), plain_side(answer)
    if not (has_matrix(ours) or has_matrix(theirs)):
        return None
    if several(ours) or several(theirs):
        return None
    return same_matrix(ours, theirs)


def _relations(gold: Node, answer: Node) -> bool | None:
    """Equations; `x = 5` is the answer 5."""
    if isinstance(gold, Relation) or isinstance(answer, Relation):
        return same_relation(gold, answer, _same)
    return None


def _members(gold: Node, answer: Node) -> bool | None:
    return same_members(gold, answer, _same)


Rule = Callable[[Node, Node], bool | None]
RULES: tuple[tuple[str, Rule], ...] = (
    ("words", _words),
    ("range", _ranges),
    ("order", _chains),
    ("matrix", _matrices),
    ("equation", _relations),
    ("list", _members),
)

r"""Sets of real numbers: intervals, unions, inequalities in one letter.

`x < 1 or x > 3`, `(-\infty, 1) \cup (3, \infty)` and `\{x | x < 1\} \cup (3, \infty)` are one
set. Ends are numbers, or expressions where there are letters besides the unknown.
"""

from collections.abc import Sequence
from fractions import Fraction

from evalsuite.grading.arithmetic import Unvalued, minus
from evalsuite.grading.notation.tree import (
    Apply,
    Bracketed,
    Listing,
    Node,
    Number,
    Relation,
    Symbol,
    symbols,
)
from evalsuite.grading.notation.vocabulary import FLIPPED
from evalsuite.grading.spans import EVERYTHING, Region, Span, both, combined
from evalsuite.grading.values import evaluate

INFINITE = Symbol("\\infty")
ORDER = FLIPPED.keys()


def is_region(node: Node) -> bool:
    """Whether *node* can be nothing but a set of numbers: an inequality, a union, `(0, 1]`."""
    match node:
        case Relation(_, signs):
            return bool(set(signs) & (ORDER | {"\\ne"}))
        case Apply("cup" | "cap" | "setminus", _) | Symbol("\\mathbb{R}"):
            return True
        case Bracketed(opening, members, closing) if len(members) == 2:  # noqa: PLR2004 - ends
            mixed = (opening, closing) in (("(", "]"), ("[", ")"))
            return opening != "{" and (mixed or any(_infinity(one) for one in members))
        case Listing(members, _):
            return all(is_region(one) for one in members)
        case Apply("+", (left, *rest)):
            return is_region(left) and all(_is_minus(one) for one in rest)
        case _:
            return False


def region(node: Node) -> Region | None:  # noqa: C901, PLR0911 - one case a kind of set
    """The set that *node* describes; None if it describes none."""
    match node:
        case Relation():
            return _related(node)
        case Apply("cup" | "cap" | "setminus" as name, (left, right)):
            return combined(name, region(left), region(right))
        case Apply("+", (left, *rest)) if is_region(node):
            found = region(left)
            for one in rest:
                assert isinstance(one, Apply)
                found = combined("setminus", found, region(one.arguments[0]))
            return found
        case Symbol("\\mathbb{R}"):
            return EVERYTHING
        case Symbol("\\emptyset"):
            return ()
        case Bracketed("{", members, _):
            return tuple(
                Span(low=one, high=one, low_closed=True, high_closed=True) for one in members
            )
        case Bracketed(opening, (low, high), closing):
            return _interval(opening, low, high, closing)
        case Listing(members, joint):
            return _listed(members, joint)
        case _:
            return None


def unknown(node: Node) -> str | None:
    """The letter that an inequality is about, if it names it by itself."""
    if not isinstance(node, Relation):
        return None
    bare = [side.name for side in node.sides if isinstance(side, Symbol) and symbols(side)]
    others = frozenset[str]().union(
        *(symbols(side) for side in node.sides if not isinstance(side, Symbol))
    )
    inner = [name for name in bare if name not in others]
    return inner[0] if len(inner) == 1 else None


def _infinity(node: Node) -> bool:
    bare = node.arguments[0] if isinstance(node, Apply) and node.name == "-" else node
    return bare == INFINITE


def _minus_infinity(node: Node) -> bool:
    return isinstance(node, Apply) and _infinity(node)


def _is_minus(node: Node) -> bool:
    """Whether *node* takes a set away: A - {1}."""
    return (
        isinstance(node, Apply)
        and node.name == "-"
        and isinstance(node.arguments[0], Bracketed)
        and node.arguments[0].opening == "{"
    )


def _interval(opening: str, low: Node, high: Node, closing: str) -> Region | None:
    if opening not in "([" or closing not in ")]" or low == INFINITE or _minus_infinity(high):
        return None
    return (
        Span(
            low=None if _infinity(low) else low,
            high=None if _infinity(high) else high,
            low_closed=opening == "[" and not _infinity(low),
            high_closed=closing == "]" and not _infinity(high),
        ),
    )


def _listed(members: Sequence[Node], joint: str) -> Region | None:
    """Inequalities side by side: all of them with "and", else any, unless that is everything."""
    found = [region(one) for one in members]
    if len({unknown(one) for one in members if isinstance(one, Relation)}) > 1:
        return None
    for name in ("cap", "cup") if joint == "and" else ("cup", "cap"):
        joined: Region | None = found[0]
        for one in found[1:]:
            joined = combined(name, joined, one)
        if joined is None or (joined not in ((), EVERYTHING)):
            return joined
    return None


def _related(node: Relation) -> Region | None:
    """The numbers for which a chain of inequalities holds."""
    if node.signs == ("\\ne",):
        return _unequal(node)
    if not set(node.signs) <= ORDER:
        return None
    if len({sign in ("<", "\\le") for sign in node.signs}) > 1:
        return None
    name = unknown(node)
    found: Region | None = EVERYTHING
    for left, sign, right in zip(node.sides, node.signs, node.sides[1:], strict=False):
        found = both(found, _one_relation(left, sign, right, name))
    return found


def _unequal(node: Relation) -> Region | None:
    name = unknown(node)
    values = [side for side in node.sides if side != Symbol(name or "")]
    if name is None or len(values) != 1:
        return None
    return (Span(high=values[0]), Span(low=values[0]))


def _one_relation(left: Node, sign: str, right: Node, name: str | None) -> Region | None:
    if name is not None and right == Symbol(name):
        left, sign, right = right, FLIPPED[sign], left
    if name is None or left != Symbol(name):
        solved = _solved(left, sign, right)
        if solved is None:
            return None
        sign, right = solved
    closed = sign in ("\\le", "\\ge") and not _infinity(right)
    end = None if _infinity(right) else right
    if sign in ("<", "\\le"):
        return (Span(high=end, high_closed=closed),)
    return (Span(low=end, low_closed=closed),)


def _solved(left: Node, sign: str, right: Node) -> tuple[str, Node] | None:
    """An inequality that is linear in its only letter, solved for it: -x > -1 is x < 1."""
    names = symbols(left) | symbols(right)
    if len(names) != 1:
        return None
    (name,) = names
    try:
        at = [
            minus(evaluate(left, {name: Fraction(x)}), evaluate(right, {name: Fraction(x)}))
            for x in range(3)
        ]
    except (Unvalued, TypeError):
        return None
    if not all(isinstance(one, Fraction) for one in at) or at[2] - at[1] != at[1] - at[0]:
        return None
    slope = at[1] - at[0]
    if slope == 0:
        return None
    return (sign if slope > 0 else FLIPPED[sign]), Number(-at[0] / slope)

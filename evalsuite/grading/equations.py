"""Equations: what they name, and whether two of them say the same."""

from collections.abc import Callable
from fractions import Fraction

from evalsuite.grading.arithmetic import Unvalued, Value, close, divided, minus, times
from evalsuite.grading.notation.tree import (
    Apply,
    Bracketed,
    Listing,
    Node,
    Relation,
    Symbol,
    Words,
    renamed,
    symbols,
)
from evalsuite.grading.notation.vocabulary import FLIPPED
from evalsuite.grading.values import evaluate, points

Same = Callable[[Node, Node], bool]
EQUAL = frozenset(["=", "\\in", "\\equiv"])
FUNCTIONS = frozenset("fgh")
CURVES = frozenset(["y", "f"])


def plain_side(node: Node) -> Node:
    """The value of `x = value`, else *node* itself."""
    named = _named(node)
    return named[1] if named else node


def same_relation(gold: Node, answer: Node, same: Same) -> bool:
    """Whether two answers are equal of which one at least is a relation."""
    gold, answer = _exact_part(gold), _exact_part(answer)
    ours, theirs = _named(gold), _named(answer)
    if isinstance(gold, Relation) and isinstance(answer, Relation):
        defined = _same_definition(ours, theirs, same) if ours and theirs else None
        return _same_equation(gold, answer) if defined is None else defined
    if ours or theirs:
        return same(ours[1] if ours else gold, theirs[1] if theirs else answer)
    if isinstance(gold, Relation):
        return _solves(gold, answer)
    if isinstance(answer, Relation):
        return _consistent(answer) and same(gold, answer.sides[-1])
    return same(gold, answer)


def same_chain(gold: Node, answer: Node, same: Same) -> bool | None:
    """`a < b < c` side by side; a bare list names the same order. None if there is no chain."""
    if not isinstance(gold, Relation) or not set(gold.signs) <= FLIPPED.keys():
        return None
    if isinstance(answer, Listing) and len(set(gold.signs)) == 1:
        return len(gold.sides) > 2 and list(gold.sides) == list(answer.members)  # noqa: PLR2004
    if not isinstance(answer, Relation):
        return False
    sides, signs = list(answer.sides), list(answer.signs)
    if signs != list(gold.signs):
        sides, signs = sides[::-1], [FLIPPED.get(sign, "") for sign in signs[::-1]]
    return (
        signs == list(gold.signs)
        and len(sides) == len(gold.sides)
        and all(same(one, other) for one, other in zip(gold.sides, sides, strict=True))
    )


def _exact_part(node: Node) -> Node:
    r"""*node* without what is only said to be near it: `x = 1/3 \approx 0.33`."""
    if not isinstance(node, Relation) or "\\approx" not in node.signs:
        return node
    first = node.signs.index("\\approx")
    if first == 0 and is_name(node.sides[0]):
        return Relation((node.sides[0], node.sides[1]), ("=",))
    if first == 0:
        return node.sides[0]
    return Relation(node.sides[: first + 1], node.signs[:first])


def _named(node: Node) -> tuple[Node, Node] | None:
    """(name, value) of an equation with a name on one side; None for anything else."""
    if not isinstance(node, Relation) or not set(node.signs) <= EQUAL:
        return None
    first, last = node.sides[0], node.sides[-1]
    circular = isinstance(first, Symbol) and any(
        first.name in symbols(side) for side in node.sides[1:]
    )
    if is_name(first) and not circular:
        return first, last
    if node.signs == ("=",) and isinstance(last, Symbol) and last.name not in symbols(first):
        return last, first
    return None


def is_name(node: Node) -> bool:  # noqa: C901, PLR0911 - one case for each way to name a thing
    """Whether *node* names something: x, f(x), P(A), AB, (x, y), words."""
    match node:
        case Symbol() | Words():
            return bool(symbols(node)) or isinstance(node, Words)
        case Apply("named", (Symbol(), _)):
            return True
        case Apply("*", (Apply("^", (Symbol(letter), Apply("-", _))), Symbol())):
            return letter in FUNCTIONS
        case Apply("/", (Apply("*", (Symbol("d"), Symbol())), Apply("*", (Symbol("d"), Symbol())))):
            return True
        case Apply("abs" | "inv", (inside,)):
            return is_name(inside)
        case Apply("/" | "ratio", parts):
            return all(map(is_name, parts))
        case Apply("*", factors):
            return all(_is_factor_of_name(one) for one in factors)
        case Apply(name, _):
            return name.startswith("call:")
        case Bracketed(opening, members, _):
            return opening != "{" and len(members) > 0 and all(map(is_name, members))
        case _:
            return False


def _is_factor_of_name(node: Node) -> bool:
    """Points side by side (AB), or a name divided by a name (AB/CD)."""
    if isinstance(node, Symbol):
        return node.name.isupper()
    return isinstance(node, Apply) and node.name == "inv" and is_name(node)


def _same_definition(ours: tuple[Node, Node], theirs: tuple[Node, Node], same: Same) -> bool | None:
    """Two definitions of one thing; None if they define different things.

    y and f(x) are names of a curve, f(n) is f(x) renamed.
    """
    names = ours[0], theirs[0]
    if names[0] == names[1]:
        return same(ours[1], theirs[1])
    functions = [_function(name) for name in names]
    if functions[0] and functions[1] and functions[0][0] == functions[1][0]:
        swapped = {functions[1][1]: functions[0][1]}
        return same(ours[1], renamed(theirs[1], swapped))
    curves = {function[0] if function else getattr(name, "name", "") for name, function in
              zip(names, functions, strict=True)}  # fmt: skip
    if curves <= CURVES or any(isinstance(name, Words) for name in names):
        return same(ours[1], theirs[1])
    return None


def _function(name: Node) -> tuple[str, str] | None:
    """(f, x) of f(x)."""
    match name:
        case Apply(called, (Symbol(letter),)) if called.startswith("call:"):
            return called.removeprefix("call:"), letter
        case Apply("named", (Symbol(called), Symbol(letter))):
            return called, letter
        case _:
            return None


def _consistent(node: Relation) -> bool:
    r"""Whether the sides of `2 \cdot 3 = 6` are numbers and equal."""
    if not set(node.signs) <= EQUAL or any(symbols(side) for side in node.sides):
        return False
    values = [evaluate(side, {}) for side in node.sides]
    return all(close(values[0], value) for value in values[1:])


def _same_equation(ours: Node, theirs: Node) -> bool:
    """Whether two equations in the same letters are multiples, or solve alike for one of them."""
    if not (isinstance(ours, Relation) and isinstance(theirs, Relation)):
        return False
    if ours.signs != ("=",) or theirs.signs != ("=",):
        return False
    names = symbols(ours)
    if names != symbols(theirs) or not names:
        return False
    return _multiples(ours, theirs, names) or any(
        _solved_alike(ours, theirs, name, names) for name in sorted(names)
    )


def _difference(node: Relation, place: dict[str, Value]) -> Value:
    left, right = (evaluate(side, place) for side in node.sides)
    return minus(left, right)


def _multiples(ours: Relation, theirs: Relation, names: frozenset[str]) -> bool:
    places = [dict(place) for place in points(names)[:4]]
    values = [(_difference(ours, place), _difference(theirs, place)) for place in places]
    first = values[0]
    return all(
        one != 0 and other != 0 and close(times(one, first[1]), times(other, first[0]))
        for one, other in values
    )


def _solved_alike(ours: Relation, theirs: Relation, name: str, names: frozenset[str]) -> bool:
    """Whether both are linear in *name* and give it the same value."""
    for place in points(names)[:3]:
        roots = [_root(node, name, dict(place)) for node in (ours, theirs)]
        if roots[0] is None or roots[1] is None or not close(roots[0], roots[1]):
            return False
    return True


def _root(node: Relation, name: str, place: dict[str, Value]) -> Value | None:
    """The value of *name* that solves an equation linear in it, the other letters at *place*."""
    try:
        at = [_difference(node, {**place, name: Fraction(x)}) for x in (1, 2, 5)]
    except Unvalued:
        return None
    slope = minus(at[1], at[0])
    if not slope or not close(minus(at[2], at[1]), times(Fraction(3), slope)):
        return None
    return minus(Fraction(1), divided(at[0], slope))


def _solves(gold: Relation, answer: Node) -> bool:
    """Whether *answer* is what *gold* gives for the only letter that *answer* does not name."""
    missing = symbols(gold) - symbols(answer)
    if gold.signs != ("=",) or len(missing) != 1 or not symbols(answer) <= symbols(gold):
        return False
    (name,) = missing
    for place in points(symbols(gold))[:3]:
        root = _root(gold, name, dict(place))
        if root is None or not close(root, evaluate(answer, place)):
            return False
    return True

r"""Answers of several parts: tuples in order, sets and lists in any order, `\pm` written out."""

from collections.abc import Callable, Sequence
from itertools import product

from evalsuite.grading.equations import is_name
from evalsuite.grading.matching import same_in_any_order
from evalsuite.grading.notation.tree import (
    Apply,
    Bracketed,
    Listing,
    Node,
    Relation,
    Symbol,
    children,
    rebuilt,
    walk,
)

Same = Callable[[Node, Node], bool]
MOST_MEMBERS = 64
SIGNED = frozenset(["pm", "mp"])


def several(node: Node) -> bool:
    """Whether *node* is more than one answer side by side."""
    return isinstance(node, Listing) or (isinstance(node, Bracketed) and node.opening == "{")


def same_members(gold: Node, answer: Node, same: Same) -> bool | None:
    """Whether two collections hold the same; None if neither is one."""
    ours, theirs = _spread(gold), _spread(answer)
    if not (_collected(ours) or _collected(theirs)):
        return None
    if isinstance(ours, Bracketed) and isinstance(theirs, Bracketed) and _tuples(ours, theirs):
        return _brackets(ours) == _brackets(theirs) and _in_order(
            ours.members, theirs.members, same
        )
    pair = _members(ours), _members(theirs)
    if _tuple_like(ours) or _tuple_like(theirs):
        # A tuple without its brackets, or a list with them: their order counts.
        return _listings(ours, theirs) and _in_order(*pair, same)
    if _distinctly_named(pair[0]) and not any(isinstance(one, Relation) for one in pair[1]):
        return _in_order(*pair, same)
    if not all(isinstance(one, Relation) for members in pair for one in members):
        pair = _unnamed(pair[0]), _unnamed(pair[1])
    if len(pair[0]) > MOST_MEMBERS:
        return False
    return same_in_any_order(*pair, same)


def _collected(node: Node) -> bool:
    return isinstance(node, (Listing, Bracketed))


def _tuples(ours: Bracketed, theirs: Bracketed) -> bool:
    return "{" not in (ours.opening, theirs.opening)


def _brackets(node: Bracketed) -> tuple[str, str]:
    pair = node.opening, node.closing
    return ("(", ")") if node.opening == "<" else pair


def _tuple_like(node: Node) -> bool:
    return isinstance(node, Bracketed) and node.opening != "{"


def _listings(ours: Node, theirs: Node) -> bool:
    """Whether one is a tuple in round brackets and the other a bare list."""
    one, other = (ours, theirs) if isinstance(ours, Bracketed) else (theirs, ours)
    return isinstance(other, Listing) and isinstance(one, Bracketed) and one.opening in "(<"


def _members(node: Node) -> tuple[Node, ...]:
    return node.members if isinstance(node, (Listing, Bracketed)) else (node,)


def _distinctly_named(members: Sequence[Node]) -> bool:
    """Whether the members are definitions of different things: x = 1, y = 2."""
    names = [_root_name(one) for one in members]
    return len(members) > 1 and None not in names and len(set(names)) == len(names)


def _root_name(node: Node) -> str | None:
    """The name that a definition defines, without its index: x of x_1 = 5."""
    if not isinstance(node, Relation) or not is_name(node.sides[0]):
        return None
    name = node.sides[0]
    return name.name.partition("_")[0] if isinstance(name, Symbol) else repr(name)


def _unnamed(members: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(one.sides[-1] if _root_name(one) and isinstance(one, Relation) else one
                 for one in members)  # fmt: skip


def _in_order(gold: Sequence[Node], answer: Sequence[Node], same: Same) -> bool:
    return len(gold) == len(answer) and all(
        same(one, other) for one, other in zip(gold, answer, strict=True)
    )


def _spread(node: Node) -> Node:
    r"""*node* with `\pm` written as two answers, each sign of a tuple by itself."""
    if not any(isinstance(one, Apply) and one.name in SIGNED for one in walk(node)):
        return node
    members = _members(node) if several(node) else (node,)
    found = [version for member in members for version in _versions(member)]
    return Listing(tuple(found[: MOST_MEMBERS + 1]), ",") if len(found) > 1 else found[0]


def _versions(member: Node) -> list[Node]:
    if isinstance(member, Relation) and is_name(member.sides[0]):
        return _versions(member.sides[-1])
    if isinstance(member, Bracketed):
        choices = [_versions(one) for one in member.members[:6]]
        return [rebuilt(member, below) for below in product(*choices)]
    return list(dict.fromkeys([_signed(member, plus=True), _signed(member, plus=False)]))


def _signed(node: Node, *, plus: bool) -> Node:
    r"""*node* with every `\pm` read as one sign and every `\mp` as the other."""
    below = tuple(_signed(one, plus=plus) for one in children(node))
    if isinstance(node, Apply) and node.name in SIGNED:
        positive = plus == (node.name == "pm")
        return below[0] if positive else Apply("-", below)
    return rebuilt(node, below)

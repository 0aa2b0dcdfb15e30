"""The tree that an answer is read as. Nodes are frozen, so that they can be compared and kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; `digits` counts significant digits of a decimal, 0 for an integer."""

    value: Fraction
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    r"""A variable or a constant: x, `a_1`, `\pi`, `\infty`."""

    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are no mathematics, in lower case."""

    text: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation or a function with its arguments; `call:f` is an unknown function f."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A tuple, an interval or a set: its brackets (`(`, `[`, `{`, `<`) and its members."""

    opening: str
    members: tuple["Node", ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of cells; a vector is one column."""

    rows: tuple[tuple["Node", ...], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain of sides with the signs between them: a < x = 3."""

    sides: tuple["Node", ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Several answers side by side; `joint` is the last word between them: `,` `and` `or` `;`."""

    members: tuple["Node", ...]
    joint: str


Node: TypeAlias = Number | Symbol | Words | Apply | Bracketed | Matrix | Relation | Listing


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below *node*."""
    match node:
        case Apply(_, below) | Bracketed(_, below, _) | Relation(below, _) | Listing(below, _):
            return below
        case Matrix(rows):
            return tuple(cell for row in rows for cell in row)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """*node* and all nodes below it."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(children(here))


def rebuilt(node: Node, below: tuple[Node, ...]) -> Node:
    """*node* with other children."""
    match node:
        case Apply():
            return replace(node, arguments=below)
        case Bracketed() | Listing():
            return replace(node, members=below)
        case Relation():
            return replace(node, sides=below)
        case Matrix(rows):
            cells = iter(below)
            return Matrix(tuple(tuple(next(cells) for _ in row) for row in rows))
        case _:
            return node


def renamed(node: Node, names: dict[str, str]) -> Node:
    """*node* with its symbols (and unknown functions) called by other *names*."""
    if isinstance(node, Symbol):
        return Symbol(names.get(node.name, node.name))
    return rebuilt(node, tuple(renamed(one, names) for one in children(node)))


def symbols(node: Node) -> frozenset[str]:
    """The names of the free symbols in *node*; constants are none."""
    return frozenset(
        one.name for one in walk(node) if isinstance(one, Symbol) and one.name not in CONSTANTS
    )


CONSTANTS = frozenset(["\\pi", "e", "i", "\\infty", "\\emptyset", "\\mathbb{R}", "\\mathbb{Z}",
                       "\\mathbb{N}", "\\mathbb{Q}", "\\mathbb{C}"])  # fmt: skip

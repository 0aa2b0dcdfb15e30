"""Matrices and vectors: a tuple is a column, a row is one too, products are worked out."""

from fractions import Fraction
from itertools import chain
from typing import TypeAlias

from evalsuite.grading.arithmetic import Unvalued, Value, close, minus, plus, times
from evalsuite.grading.notation.tree import Apply, Bracketed, Matrix, Node, symbols, walk
from evalsuite.grading.values import Points, evaluate, points

Rows: TypeAlias = list[list[Value]]
MOST_CELLS = 400


def has_matrix(node: Node) -> bool:
    """Whether a matrix stands in *node*."""
    return any(isinstance(one, Matrix) for one in walk(node))


def same_matrix(ours: Node, theirs: Node) -> bool:
    """Whether two matrices have the same shape and cells of the same values.

    Raises:
        Unvalued: one of them is no matrix, or has a cell without a value.
    """
    names = symbols(ours) | symbols(theirs)
    for place in points(names)[:4]:
        one, other = _vector(_rows(ours, place)), _vector(_rows(theirs, place))
        if [len(row) for row in one] != [len(row) for row in other]:
            return False
        cells = zip(chain(*one), chain(*other), strict=True)
        if not all(close(mine, yours) for mine, yours in cells):
            return False
    return True


def _vector(rows: Rows) -> Rows:
    """A single row as a column."""
    return [[cell] for cell in rows[0]] if len(rows) == 1 else rows


def _rows(node: Node, place: Points) -> Rows:  # noqa: C901 - one case for each way to write one
    match node:
        case Matrix(rows):
            if sum(map(len, rows)) > MOST_CELLS:
                raise Unvalued("matrix")
            return [[evaluate(cell, place) for cell in row] for row in rows]
        case Bracketed("[", members, "]") if all(isinstance(one, Bracketed) for one in members):
            return [_row(_rows(one, place)) for one in members]
        case Bracketed(opening, members, _) if opening != "{":
            return [[evaluate(one, place)] for one in members]
        case Apply("*", factors):
            return _multiplied([_factor(one, place) for one in factors])
        case Apply("+", (first, *rest)):
            total = _rows(first, place)
            for one in rest:
                total = _added(total, _rows(one, place))
            return total
        case Apply("-", (one,)):
            return [[minus(Fraction(0), cell) for cell in row] for row in _rows(one, place)]
        case _:
            raise Unvalued("no matrix")


def _row(rows: Rows) -> list[Value]:
    """A row, or a column as one."""
    if len(rows) == 1:
        return rows[0]
    if any(len(row) != 1 for row in rows):
        raise Unvalued("no matrix")
    return [cell for (cell,) in rows]


def _factor(node: Node, place: Points) -> Rows | Value:
    return _rows(node, place) if has_matrix(node) else evaluate(node, place)


def _multiplied(factors: list[Rows | Value]) -> Rows:
    product: Rows | None = None
    scale: Value = Fraction(1)
    for factor in factors:
        if not isinstance(factor, list):
            scale = times(scale, factor)
        elif product is None:
            product = factor
        else:
            product = _times(product, factor)
    if product is None:
        raise Unvalued("no matrix")
    return [[times(scale, cell) for cell in row] for row in product]


def _times(left: Rows, right: Rows) -> Rows:
    if any(len(row) != len(right) for row in left):
        raise Unvalued("shapes")
    columns = list(zip(*right, strict=True))
    return [
        [plus(*(times(a, b) for a, b in zip(row, column, strict=True))) for column in columns]
        for row in left
    ]


def _added(left: Rows, right: Rows) -> Rows:
    if [len(row) for row in left] != [len(row) for row in right]:
        raise Unvalued("shapes")
    return [
        [plus(a, b) for a, b in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)
    ]

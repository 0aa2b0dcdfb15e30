"""What an expression is worth at fixed values of its letters, and whether two are worth the same.

Free symbols are given fixed values, so that two expressions are equal if they are so at all of
some points: the test of Schwartz (JACM 27:701, 1980) and Zippel (EUROSAM 1979), in which a wrong
agreement of two different polynomials is next to impossible and none occurs by rounding.
"""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from evalsuite.grading.arithmetic import (
    OPERATIONS,
    Unvalued,
    Value,
    bounded,
    close,
    is_real,
    mp_context,
    real_number,
)
from evalsuite.grading.notation.tree import Apply, Bracketed, Node, Number, Symbol, symbols

Points: TypeAlias = Mapping[str, Value]

POSITIVE_POINTS = 4
# Letters that count: they are given integers, so that (-1)^n and n! have values.
COUNTERS = frozenset("nmkjl")
INTEGERS = ((7, 12, 5, 9, 14), (10, 3, 8, 15, 6), (13, 9, 11, 4, 17), (6, 8, 3, 10, 5))


def points(names: frozenset[str]) -> list[Points]:
    """Values for *names*: four points in the positive, then each name in turn negative.

    What is defined by reading must hold at the positive ones; at the others only what is real.
    """
    if not names:
        return [{}]
    found: list[Points] = [{name: _value(name, draw) for name in names} for draw in range(4)]
    for name in sorted(names)[:6]:
        if name not in COUNTERS:
            found.append({**found[0], name: -found[0][name]})
    return found


def _value(name: str, draw: int) -> Fraction:
    if name in COUNTERS:
        return Fraction(INTEGERS[draw]["nmkjl".index(name)])
    number = int.from_bytes(hashlib.sha256(f"{draw}:{name}".encode()).digest()[:4], "big")
    return Fraction(number % 9973 + 1009, 3989 + 97 * draw)


def same_value(ours: Node, theirs: Node) -> bool:
    """Whether two expressions are equal at every point.

    Raises:
        Unvalued: one of them has no value at the points.
    """
    names = symbols(ours) | symbols(theirs)
    for index, place in enumerate(points(names)):
        if index < POSITIVE_POINTS:
            if not close(evaluate(ours, place), evaluate(theirs, place)):
                return False
        elif _differ_in_the_real(ours, theirs, place):
            return False
    return True


def _differ_in_the_real(ours: Node, theirs: Node, place: Points) -> bool:
    try:
        values = evaluate(ours, place), evaluate(theirs, place)
    except Unvalued:
        return False
    return all(is_real(value) for value in values) and not close(*values)


def evaluate(node: Node, place: Points) -> Value:
    """The value of *node* with its symbols at *place*.

    Raises:
        Unvalued: it has none, or it is out of bounds.
    """
    try:
        return bounded(_evaluate(node, place))
    except (ZeroDivisionError, OverflowError, ValueError, TypeError, AttributeError) as error:
        raise Unvalued(str(error)) from error


def _evaluate(node: Node, place: Points) -> Value:
    match node:
        case Number(value):
            return value
        case Symbol(name):
            return _symbol(name, place)
        case Apply(name, arguments):
            if name.startswith("call:"):
                return _called(name, [evaluate(one, place) for one in _spread(arguments)])
            if name not in OPERATIONS:
                raise Unvalued(name)
            return OPERATIONS[name](*[evaluate(one, place) for one in arguments])
        case _:
            raise Unvalued(type(node).__name__)


def _spread(arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    """The arguments of f(x, y), which stand in one pair of brackets."""
    if len(arguments) == 1 and isinstance(arguments[0], Bracketed):
        return arguments[0].members
    return arguments


def _symbol(name: str, place: Points) -> Value:
    if name in place:
        return place[name]
    mp = mp_context()
    constants = {"\\pi": mp.pi, "e": mp.e, "i": mp.j, "\\infty": mp.inf}
    if name not in constants:
        raise Unvalued(name)
    return +constants[name]


def _called(name: str, values: list[Value]) -> Value:
    """An unknown function: the same for the same values, another for others."""
    mp = mp_context()
    shown = ",".join(mp.nstr(real_number(value), 60) for value in values)
    digest = hashlib.sha256(f"{name}({shown})".encode()).digest()
    return Fraction(int.from_bytes(digest[:6], "big") + 1, 2**40 + 15)

"""Arithmetic of answers: exact fractions while they last, else 120 digits, within bounds."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

Value: TypeAlias = Any  # Fraction, or a real or complex number of mpmath

DIGITS = 120
MOST_BITS = 16_384
MOST_MAGNITUDE = 4_000_000
MOST_FACTORIAL = 3_000


class Unvalued(Exception):  # noqa: N818 - it says what the expression is
    """The expression has no value that this module can work out within its bounds."""


@cache
def mp_context() -> Any:
    """A context of mpmath with 120 digits, imported when the first answer needs it."""
    import mpmath

    context = mpmath.mp.clone()
    context.dps = DIGITS
    return context


def is_real(value: Value) -> bool:
    """Whether *value* is a real number."""
    return isinstance(value, Fraction) or not getattr(value, "imag", 0)


def close(ours: Value, theirs: Value) -> bool:
    """Fractions by exact value, other numbers to 90 digits."""
    if isinstance(ours, Fraction) and isinstance(theirs, Fraction):
        return ours == theirs
    mp = mp_context()
    one, other = real_number(ours), real_number(theirs)
    if mp.isinf(one) or mp.isinf(other):
        return bool(one == other)
    size = max(abs(one), abs(other))
    zero = isinstance(ours, Fraction) and ours == 0, isinstance(theirs, Fraction) and theirs == 0
    bound = mp.mpf(10) ** -100 if any(zero) else size * mp.mpf(10) ** -90
    return bool(abs(one - other) <= bound)


def real_number(value: Value) -> Value:
    """*value* as a number of mpmath."""
    if isinstance(value, Fraction):
        mp = mp_context()
        return mp.mpf(value.numerator) / value.denominator
    return value


def bounded(value: Value) -> Value:
    """*value* in as few digits as it needs; an integral complex is real, a huge fraction is not."""
    if isinstance(value, int):
        value = Fraction(value)
    if isinstance(value, Fraction):
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        return real_number(value) if bits > 2 * MOST_BITS else value
    mp = mp_context()
    if mp.isnan(value):
        raise Unvalued("not a number")
    if isinstance(value, mp.mpc):
        tiny = abs(value) * mp.mpf(10) ** -(DIGITS - 10)
        if abs(value.imag) <= tiny:
            value = value.real
    if not mp.isinf(value) and abs(mp.mag(value)) > MOST_MAGNITUDE and value != 0:
        raise Unvalued("too large")
    return value


def minus(left: Value, right: Value) -> Value:
    """The difference of two values."""
    return plus(left, times(Fraction(-1), right))


def less(left: Value, right: Value) -> bool:
    """Whether one real value is less than another and not equal to it."""
    return not close(left, right) and bool(real_number(left) < real_number(right))


def plus(*terms: Value) -> Value:
    """The sum of values."""
    if all(isinstance(term, Fraction) for term in terms):
        return sum(terms, Fraction(0))
    return mp_context().fsum(real_number(term) for term in terms)


def times(*factors: Value) -> Value:
    """The product of values."""
    product: Value = Fraction(1)
    for factor in factors:
        exact = isinstance(product, Fraction) and isinstance(factor, Fraction)
        product = bounded(product * factor if exact else real_number(product) * real_number(factor))
    return product


def divided(over: Value, under: Value) -> Value:
    """The quotient of two values."""
    if isinstance(over, Fraction) and isinstance(under, Fraction):
        return over / under
    return real_number(over) / real_number(under)


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(exponent, Fraction) and isinstance(base, Fraction):
        if exponent.denominator == 1:
            return _whole_power(base, int(exponent))
        root = _exact_root(base, exponent)
        if root is not None:
            return root
    _check_power(base, exponent)
    if base == 0:
        return (
            Fraction(0)
            if real_number(exponent).real > 0
            else real_number(base) ** real_number(exponent)
        )
    return mp_context().power(real_number(base), real_number(exponent))


def _whole_power(base: Value, exponent: int) -> Value:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(exponent) <= MOST_BITS:
        return base**exponent
    _check_power(base, Fraction(exponent))
    return mp_context().power(real_number(base), exponent)


def _check_power(base: Value, exponent: Value) -> None:
    """Refuse what would need more than a million digits of magnitude."""
    mp = mp_context()
    size = abs(mp.mag(abs(real_number(base)))) + 1 if base else 1
    if mp.isinf(size) or abs(real_number(exponent)) * size > MOST_MAGNITUDE:
        raise Unvalued("too large a power")


def _exact_root(base: Fraction, exponent: Fraction) -> Fraction | None:
    """*base* to a small fractional power, if that is a fraction: 8^(2/3) = 4."""
    order = exponent.denominator
    if base < 0 or order > 12 or base.numerator.bit_length() > 1024:  # noqa: PLR2004 - small
        return None
    ends = [_integer_root(part, order) for part in (base.numerator, base.denominator)]
    if ends[0] is None or ends[1] is None:
        return None
    if abs(exponent.numerator) > MOST_FACTORIAL:
        return None
    return Fraction(ends[0], ends[1]) ** exponent.numerator


def _integer_root(value: int, order: int) -> int | None:
    root = round(float(value) ** (1 / order)) if value < 2**900 else 0
    near = [one for one in (root - 1, root, root + 1) if one >= 0 and one**order == value]
    return near[0] if near else None


def _root(base: Value, order: Value) -> Value:
    """The real root of a negative number where the order is odd, as schools write it."""
    negative = isinstance(base, Fraction) and base < 0
    if negative and isinstance(order, Fraction) and order.denominator == 1 and order % 2 == 1:
        return -_power(-base, 1 / order)
    return _power(base, divided(Fraction(1), order))


def _factorial(value: Value) -> Value:
    if not isinstance(value, Fraction) or value.denominator != 1 or not value >= 0:
        raise Unvalued("factorial")
    if value > MOST_FACTORIAL:
        raise Unvalued("too large a factorial")
    return Fraction(math.factorial(int(value)))


def _binomial(n: Value, k: Value) -> Value:
    if not all(isinstance(one, Fraction) and one.denominator == 1 for one in (n, k)):
        raise Unvalued("binomial")
    if not 0 <= n <= MOST_FACTORIAL:
        raise Unvalued("binomial")
    return Fraction(math.comb(int(n), int(k))) if k >= 0 else Fraction(0)


def _real(name: str) -> Callable[..., Value]:
    """floor, ceil, max, min of real numbers."""

    def of(*values: Value) -> Value:
        if not all(is_real(value) for value in values):
            raise Unvalued(name)
        if name in ("max", "min"):
            chosen = {"max": max, "min": min}[name]
            return chosen(values, key=real_number)
        (value,) = values
        if isinstance(value, Fraction):
            return Fraction(math.floor(value) if name == "floor" else math.ceil(value))
        mp = mp_context()
        if abs(mp.mag(value)) > DIGITS * 3:
            raise Unvalued(name)
        return Fraction(int(mp.floor(value) if name == "floor" else mp.ceil(value)))

    return of


def _function(name: str) -> Callable[..., Value]:
    """A function of mpmath; trigonometry of what is too large to reduce has no value."""

    def of(value: Value, *base: Value) -> Value:
        mp = mp_context()
        number = real_number(value)
        if number != 0 and mp.mag(abs(number)) > 1000:  # noqa: PLR2004 - 300 digits
            raise Unvalued(name)
        if name in ("exp", "sinh", "cosh", "tanh") and abs(number) > MOST_MAGNITUDE:
            raise Unvalued(name)
        return _exact_if_simple(
            getattr(mp, name)(number, *[real_number(one) for one in base]), value
        )

    return of


def _exact_if_simple(result: Value, given: Value) -> Value:
    """Sin 0 is 0 and log 1 is 0, exactly."""
    if isinstance(given, Fraction) and given in (0, 1) and result in (0, 1):
        return Fraction(int(result.real))
    return result


def _whole(name: str) -> Callable[..., Value]:
    def of(*values: Value) -> Value:
        if not all(isinstance(one, Fraction) and one.denominator == 1 for one in values):
            raise Unvalued(name)
        return Fraction((math.gcd if name == "gcd" else math.lcm)(*map(int, values)))

    return of


def _degrees(value: Value) -> Value:
    return real_number(value) * mp_context().pi / 180


NAMED = {
    "sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec", "csc": "csc",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arccot": "acot", "arcsec": "asec",
    "arccsc": "acsc", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "ln": "log", "log": "log",
    "exp": "exp", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": plus,
    "*": times,
    "named": times,
    "-": lambda value: -value,
    "/": divided,
    "inv": lambda value: divided(Fraction(1), value),
    "ratio": divided,
    "^": _power,
    "root": _root,
    "!": _factorial,
    "binom": _binomial,
    "abs": abs,
    "%": lambda value: value / 100,
    "deg": _degrees,
    "lg": _function("log10"),
    "gcd": _whole("gcd"),
    "lcm": _whole("lcm"),
    **{name: _real(name) for name in ("floor", "ceil", "max", "min")},
    **{name: _function(theirs) for name, theirs in NAMED.items()},
}

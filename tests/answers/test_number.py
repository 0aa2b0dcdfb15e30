"""Numbers as people and models write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsuite.answers import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", 18),
        ("073", 73),
        ("-3", -3),
        ("−3 units", -3),
        ("1,234", 1234),
        ("1,234,567.50", Fraction("1234567.5")),
        ("$18.", 18),
        (r"\$1{,}000", 1000),
        ("3.25", Fraction(13, 4)),
        (".5", Fraction(1, 2)),
        (r"28\%", 28),
        (r"90^\circ", 90),
        (r"10 \text{ cm}", 10),
        ("35 hours per week", 35),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"-\dfrac12", Fraction(-1, 2)),
        ("3/4", Fraction(3, 4)),
        ("1 1/2", Fraction(3, 2)),
        (r"1.2 \times 10^{3}", 1200),
        ("1e-3", Fraction(1, 1000)),
        ("１２", 12),
        (r"\text{13}", 13),
        ("1,2", None),
        ("12 and 13", None),
        ("5i", None),
        ("3x", None),
        (r"4\sqrt{2}", None),
        ("1/0", None),
        ("", None),
        ("nine", None),
    ],
)
def test_one_number_and_nothing_else_but_a_unit(text, value):
    """Signs, separators, currency, percent, units, fractions; never two numbers or a variable."""
    assert number(text) == value


@pytest.mark.parametrize(("text", "value"), [("2,74", "2.74"), ("1000,99 €", "1000.99")])
def test_where_one_number_is_wanted_a_comma_may_be_a_decimal_point(text, value):
    """A comma before one or two digits separates no thousands."""
    assert number(text) is None
    assert number(text, decimal_comma=True) == Fraction(value)


@given(st.integers(-(10**12), 10**12))
def test_spelling_does_not_change_a_value(value):
    """Thousands separators, leading zeros, LaTeX signs and a final point leave it alone."""
    for text in (
        f"{value}",
        f"{value:,}",
        f"${value}$",
        f"\\({value}\\)",
        f"{value}.",
        f"{value}.0",
    ):
        assert number(text) == value


@given(st.text(max_size=200))
def test_any_text_gives_a_number_or_none(text):
    """Nothing raises."""
    number(text)

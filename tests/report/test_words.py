"""How numbers and foreign strings are written."""

import re

import pytest

from evalsuite.report import words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ∀x∈ℝ\n\ttab", "plain ∀x∈ℝ\n\ttab"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("gpj.\u202eexe", "gpj.\ufffdexe"),
        ("\x1b[31m", "\ufffd[31m"),
    ],
)
def test_what_breaks_a_page_or_turns_its_direction_is_replaced(text, shown):
    """NULs, control characters, lone surrogates and bidi overrides become �."""
    assert words.readable(text) == shown


def test_tiny_p_values_are_not_shown_as_zero():
    """A p-value is never 0."""
    assert words.p_value(1e-9) == "< 0.001"
    assert words.p_value(0.21) == "0.210"


def test_an_answer_of_a_megabyte_is_cut():
    """Long foreign strings show their beginning."""
    assert words.short("9" * 10**6) == "9" * 119 + "…"


def test_the_address_of_a_flip_is_safe_whatever_its_id(factory):
    """Ids with slashes, quotes, spaces and lone surrogates give a plain fragment."""
    made = words.address(factory.flip("gsm8k", 'a/b c"<\ud800', 2))
    assert re.fullmatch("#/flip/gsm8k/a%2Fb%20c%22%3C%EF%BF%BD~[0-9a-f]{10}/2", made)


def test_long_names_that_begin_alike_have_addresses_of_their_own():
    """What is cut is told apart by its hash; a short plain name is itself."""
    names = [words.name_in_address("q" * 500 + end) for end in "ab"]
    assert names[0] != names[1]
    assert {len(name) for name in names} == {80}
    assert words.name_in_address("test/algebra/1.json") == "test/algebra/1.json"

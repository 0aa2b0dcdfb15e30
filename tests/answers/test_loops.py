"""Responses that end by repeating themselves."""

import random

import pytest

from evalsuite.answers import ends_in_loop

WORDS = [f"w{n}" for n in range(500)]


def prose(count, seed=1):
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(count))


@pytest.mark.parametrize(
    "text",
    [
        prose(300) + " Wait, let me check that again." * 60,
        "3" * 2_000,
        prose(200) + "再検討する。" * 300,
        " ".join(f"Case {n % 3}: so x is {n % 2} and the answer is x." for n in range(400)),
    ],
)
def test_repeating_the_same_is_a_loop(text):
    assert ends_in_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The answer is 4.",
        prose(5_000),
        "again " * 100,
        "Wait. " * 60 + prose(400),
        " ".join(f"{n} times {m} is {n * m}." for n in range(30) for m in range(30)),
    ],
)
def test_long_or_short_texts_that_go_on_are_none(text):
    """A loop that was left again, a table and a short repetition are no loops."""
    assert not ends_in_loop(text)

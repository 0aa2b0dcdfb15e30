"""Boxes however they nest."""

import time

import pytest

from evalsuite.answers.boxed import boxes, last_joined, unwrapped


def contents(text):
    return [box.content for box in boxes(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"so \boxed{18}.", ["18"]),
        (r"\boxed{\frac{1}{2}}", [r"\frac{1}{2}"]),
        (r"\boxed{\{1,2\}}", [r"\{1,2\}"]),
        (r"\boxed{1} and \boxed{2}", ["1", "2"]),
        (r"\boxed{a \boxed{b} c}", [r"a \boxed{b} c"]),
        (r"\boxed 5", ["5"]),
        (r"\fbox{7}", ["7"]),
        ("\x08oxed{9}", ["9"]),
        (r"\boxed{12", [None]),
        (r"\boxed{1} then \boxed{2", ["1", None]),
        (r"\boxed{ {x } then \boxed{5}", ["5"]),
        ("no box }}{{", []),
    ],
)
def test_complete_boxes_are_found_and_torn_ones_named(text, found):
    """Balanced braces, bare boxes, a torn last box, and a complete one behind a torn one."""
    assert contents(text) == found


def test_a_box_that_is_all_of_a_box_stands_for_it():
    """Boxes around boxes are unwrapped."""
    assert unwrapped(r"\boxed{\fbox{4}}") == "4"


def test_only_boxes_that_are_joined_belong_together():
    """A comma or "and" joins; other words end the list."""
    text = r"\boxed{1} is not \boxed{2}, \boxed{3} and \boxed{5}"
    assert [box.content for box in last_joined(text, boxes(text))] == ["2", "3", "5"]


@pytest.mark.parametrize("text", [r"\boxed{" * 50_000, "{" * 300_000, "}" * 300_000])
def test_a_flood_of_braces_takes_linear_time(text):
    """Hundreds of kilobytes of unbalanced braces take a fraction of a second."""
    began = time.process_time()
    boxes(text)
    assert time.process_time() - began < 2

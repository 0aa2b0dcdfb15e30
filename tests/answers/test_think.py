"""The visible text of a response."""

import pytest

from evalsuite.answers import visible


@pytest.mark.parametrize(
    ("response", "options", "text"),
    [
        ("<think>a</think>b", {}, "b"),
        ("a</think>b", {}, "b"),
        ("a</think>b", {"starts_in_thinking": True}, "b"),
        ("<think>a", {}, None),
        ("a", {"starts_in_thinking": True}, None),
        ("a", {}, "a"),
        ("a", {"split_off": True, "starts_in_thinking": True}, "a"),
        ("", {}, ""),
        ("b<｜end▁of▁sentence｜>", {}, "b"),
    ],
)
def test_what_precedes_the_first_closing_tag_is_thinking(response, options, text):
    """With or without an opening tag; thinking that never ends leaves nothing to read."""
    assert visible(response, **options).text == text


@pytest.mark.parametrize(
    ("response", "options", "text", "restarts"),
    [
        ("a</think>b</think>c", {}, "b</think>c", 1),
        ("a</think>b</think>c", {"think": "last"}, "c", 1),
        ("b</think>c", {"split_off": True}, "b</think>c", 1),
        ("b</think>c", {"split_off": True, "think": "last"}, "c", 1),
        ("a</think>b", {"think": "last"}, "b", 0),
        ("b", {"split_off": True, "think": "last"}, "b", 0),
        ("a</think>b<think>c", {"think": "last"}, None, 0),
        ("a</think>b<think>c", {}, "b<think>c", 0),
    ],
)
def test_which_of_several_closing_tags_counts_is_a_choice(response, options, text, restarts):
    """Whole or split by a server, a response reads alike; reopened thinking is no answer."""
    found = visible(response, **options)
    assert (found.text, found.restarts) == (text, restarts)


def test_the_first_closing_tag_counts_and_restarts_are_counted():
    """As the servers' reasoning parsers split; what starts over is counted."""
    found = visible("a</think>b</think>c")
    assert found.text == "b</think>c"
    assert found.restarts == 1

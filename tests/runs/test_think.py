"""Thinking that nobody announced is noticed."""

import pytest

from evalsuite.model import Generation
from evalsuite.runs.think import opens_unseen


@pytest.mark.parametrize(
    ("text", "facts", "unseen"),
    [
        ("so it is 4</think>4", {}, True),
        ("so it is 4</think>4", {"starts_in_thinking": True}, False),
        ("a </think> in the answer", {"reasoning": "so it is 4"}, False),
        ("<think>so it is 4</think>4", {}, False),
        ("4", {}, False),
        ("a</think>4 <think>", {}, True),
    ],
)
def test_a_block_that_closes_without_opening(text, facts, unseen):
    """It began in the prompt, and neither the config nor the server said so."""
    assert opens_unseen(Generation(text=text, finish_reason="stop", **facts)) is unseen

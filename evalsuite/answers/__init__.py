"""Text → final answer, by small pure functions with named rules."""

from evalsuite.answers.choice import Chosen, chosen
from evalsuite.answers.final import Found, final_answer
from evalsuite.answers.loops import ends_in_loop
from evalsuite.answers.number import number
from evalsuite.answers.think import Visible, condensed, thinking, visible

__all__ = [
    "Chosen",
    "Found",
    "Visible",
    "chosen",
    "condensed",
    "ends_in_loop",
    "final_answer",
    "number",
    "thinking",
    "visible",
]

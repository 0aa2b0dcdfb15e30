"""Text → final answer, by small pure functions with named rules."""

from evalsuite.answers.choice import Chosen, chosen
from evalsuite.answers.final import Found, final_answer
from evalsuite.answers.number import number
from evalsuite.answers.think import Visible, visible

__all__ = ["Chosen", "Found", "Visible", "chosen", "final_answer", "number", "visible"]

"""Answer and gold → `Score`, with algebra in processes that can be killed."""

from evalsuite.grading.grader import Grader

__all__ = ["Grader"]

"""Mathematics as people and models write it → a tree: LaTeX, plain text, Unicode."""

from evalsuite.grading.notation.reading import Reading, read

__all__ = ["Reading", "read"]

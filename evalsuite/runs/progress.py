"""What a run tells whoever watches it."""

from collections.abc import Mapping
from typing import Protocol

from evalsuite.model import Failure, Generation, Key, Score


class Progress(Protocol):
    """Hears of everything that happens in a run, on the event loop; must return at once."""

    def started(self, arm: str, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Draws per task: *wanted* in all, *stored* by earlier calls."""
        ...

    def answered(self, key: Key, generation: Generation) -> None:
        """An answer is on disk."""
        ...

    def scored(self, key: Key, score: Score) -> None:
        """An answer was graded."""
        ...

    def failed(self, failure: Failure) -> None:
        """A request stays without an answer for now."""
        ...

    def said(self, text: str) -> None:
        """A line for the reader."""
        ...

    def finished(self) -> None:
        """The arm is done, or was stopped."""
        ...


class Silent:
    """Nobody watches."""

    def started(self, arm: str, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Nothing."""

    def answered(self, key: Key, generation: Generation) -> None:
        """Nothing."""

    def scored(self, key: Key, score: Score) -> None:
        """Nothing."""

    def failed(self, failure: Failure) -> None:
        """Nothing."""

    def said(self, text: str) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""

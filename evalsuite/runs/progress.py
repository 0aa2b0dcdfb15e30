"""What a run tells whoever watches it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from evalsuite.model import BackendInfo, Failure, Generation, Key, Outcome, RunInfo
from evalsuite.runs.rows import Kept


class Progress(Protocol):
    """Hears of everything that happens in a run, on the event loop; must return at once."""

    def started(self, run: RunInfo, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """An arm begins. Draws per task: *wanted* in all, *stored* by earlier calls."""
        ...

    def recalled(self, kept: Iterable[Kept]) -> None:
        """The answers that earlier calls stored; to be looked through now or never."""
        ...

    def opened(self, engine: BackendInfo, in_flight: int) -> None:
        """The engine is open and will have *in_flight* requests at a time.

        It is not opened when nothing is missing.
        """
        ...

    def answered(self, key: Key, generation: Generation) -> None:
        """An answer is on disk."""
        ...

    def scored(self, key: Key, outcome: Outcome) -> None:
        """An answer was graded, in this call or an earlier one."""
        ...

    def failed(self, failure: Failure) -> None:
        """A request stays without an answer for now."""
        ...

    def waiting(self, why: str, left_s: float) -> None:
        """The engine is not there; told each second. The run ends with an error in *left_s*."""
        ...

    def tick(self) -> None:
        """About a second has passed, whether anything happened or not."""
        ...

    def said(self, text: str) -> None:
        """A line for the reader."""
        ...

    def finished(self) -> None:
        """The arm is done, or was stopped."""
        ...


class Silent:
    """Nobody watches."""

    def started(self, run: RunInfo, wanted: Mapping[str, int], stored: Mapping[str, int]) -> None:
        """Nothing."""

    def recalled(self, kept: Iterable[Kept]) -> None:
        """Nothing."""

    def opened(self, engine: BackendInfo, in_flight: int) -> None:
        """Nothing."""

    def answered(self, key: Key, generation: Generation) -> None:
        """Nothing."""

    def scored(self, key: Key, outcome: Outcome) -> None:
        """Nothing."""

    def failed(self, failure: Failure) -> None:
        """Nothing."""

    def waiting(self, why: str, left_s: float) -> None:
        """Nothing."""

    def tick(self) -> None:
        """Nothing."""

    def said(self, text: str) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""

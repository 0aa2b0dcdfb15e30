"""The seam: what an engine must do to be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evalsuite.model import BackendInfo, Generation, Question, Request, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be asked of an engine: the questions of a task, and how."""

    questions: Sequence[Question]
    sampling: Sampling


class Backend(Protocol):
    """Answers requests, many at a time; batching is its own affair.

    Order, retries, resume and progress are the runner's, once, for all backends.
    """

    @property
    def info(self) -> BackendInfo:
        """What this engine is; fixed once it is open."""
        ...

    async def generate(self, request: Request) -> Generation:
        """Answer *request*; cancelling the call frees its place in the engine.

        Raises:
            TransientError: this attempt failed; the runner asks again. `fault` says in which way.
            RequestRejected: this request can never be served (`too_long`, `refused`).
            EngineFailed: no request can be served any more (wrong model, no access, dead).
        """
        ...

    async def aclose(self) -> None:
        """Free the engine; a second call does nothing."""
        ...

"""Waits for an engine that is still starting."""

import time
from collections.abc import Callable

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, TransientError
from evalsuite.runs.gate import AWAY_S
from evalsuite.runs.progress import Progress

LOOK_EVERY_S = 2.0
LOOK_MOST_S = 30.0
SECOND_S = 1.0


def opened(open_backend: Callable[[], Backend], progress: Progress) -> Backend:
    """The open engine; *progress* counts down while a server loads its weights.

    Blocks, so that Ctrl-C ends it: not for an event loop.

    Raises:
        EngineFailed: it was not there within half an hour.
        BackendError: it cannot be opened.
    """
    began = time.monotonic()
    while True:
        try:
            return open_backend()
        except TransientError as error:
            if time.monotonic() - began > AWAY_S:
                raise EngineFailed(
                    f"{error}\nWaited {AWAY_S / 60:.0f} minutes for it. Start the server, or "
                    "correct the arm's options."
                ) from error
            _pause(error, began, progress)


def _pause(error: TransientError, began: float, progress: Progress) -> None:
    """Wait before the next look, telling *progress* each second what is left."""
    next_look = time.monotonic() + min(max(LOOK_EVERY_S, error.retry_after_s or 0.0), LOOK_MOST_S)
    while (now := time.monotonic()) < next_look:
        progress.waiting(str(error), max(began + AWAY_S - now, 0.0))
        time.sleep(min(SECOND_S, next_look - now))

"""Several servers of one model: the least loaded is asked, a dead one is left out until it is back.

A server that fails fast always has the fewest requests in flight, so it would draw all of them;
one that refuses or fails three times running is therefore passed over for a while, unless all are.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from evalsuite.errors import BackendError, TransientError

FAULTS_RUNNING = 3
REST_MOST_S = 30.0
BUSY_REST_S = 1.0
LOOK_AGAIN_S = (1.0, 5.0)  # between two looks at a dead server, first and later


@dataclass(slots=True, eq=False)
class Place:
    """One server; `why` says what it died of and is empty while it lives."""

    url: str
    in_flight: int = 0
    faults: int = 0
    rests_until: float = 0.0
    why: str = ""
    watcher: asyncio.Task[None] | None = field(default=None, repr=False)


class Pool:
    """The servers at *urls*; *look* is awaited to see whether a dead one is back.

    Args:
        urls: base URLs.
        look: returns when the server at a URL can be asked, raises BackendError if not.
    """

    def __init__(self, urls: Sequence[str], look: Callable[[str], Awaitable[None]]) -> None:
        self.places = [Place(url) for url in urls]
        self._look = look

    @contextmanager
    def place(self) -> Iterator[Place]:
        """The server that should be asked next, for as long as it is asked.

        Raises:
            TransientError: none is alive.
        """
        alive = [place for place in self.places if not place.why]
        if not alive:
            raise TransientError("; ".join(one.why for one in self.places), fault="unreachable")
        now = time.monotonic()
        # While all rest, they share: the one whose rest ends first would draw everything.
        chosen = min(alive, key=lambda one: (one.rests_until > now, one.in_flight))
        chosen.in_flight += 1
        try:
            yield chosen
        except TransientError as error:
            self._note(chosen, error)
            raise
        else:
            chosen.faults, chosen.rests_until = 0, 0.0
        finally:
            chosen.in_flight -= 1

    def _note(self, place: Place, error: TransientError) -> None:
        if error.fault == "unreachable":
            self.dead(place, str(error))
            return
        now = time.monotonic()
        place.faults += 1
        if place.faults >= FAULTS_RUNNING:
            # A server that dies breaks off thousands at once: no power of their number.
            rest_s = 2.0 ** min(place.faults - FAULTS_RUNNING, 5)
            if error.fault == "overloaded":
                rest_s = error.retry_after_s or BUSY_REST_S
            place.rests_until = now + min(rest_s, REST_MOST_S)

    def dead(self, place: Place, why: str) -> None:
        """Ask nothing of *place* until it is back; needs a running loop."""
        if not place.why:
            place.why = why
            place.watcher = asyncio.create_task(self._watch(place))

    async def _watch(self, place: Place) -> None:
        pause_s, latest_s = LOOK_AGAIN_S
        while place.why:
            await asyncio.sleep(pause_s)
            try:
                await self._look(place.url)
            except BackendError as error:
                place.why = str(error)
                pause_s = min(pause_s * 1.2, latest_s)
            else:
                place.why, place.faults, place.rests_until = "", 0, 0.0

    async def aclose(self) -> None:
        """Look no more."""
        watchers = [place.watcher for place in self.places if place.watcher]
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

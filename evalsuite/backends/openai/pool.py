"""Several servers of one model: the least loaded is asked, a dead one is left out until it is back.

A server that fails fast always has the fewest requests in flight, so it would draw all of them;
one that refuses or fails three times running is therefore passed over for a while, unless all are.

A server may also hang: its host is up and accepts, and nothing comes any more. An answer may take
an hour, so one that has been silent for a minute with requests in flight is looked at; if it
cannot even say what it serves, three times running, it is dead and its connections are closed.
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
SILENT_S = 60.0
SILENT_LOOK_EVERY_S = 20.0
LOOKS_IN_VAIN = 3
LOOK_MOST_S = 10.0


@dataclass(slots=True, eq=False)
class Place:
    """One server; `why` says what it died of and is empty while it lives.

    `heard_at` is when it last answered or refused anything.
    """

    url: str
    in_flight: int = 0
    faults: int = 0
    rests_until: float = 0.0
    heard_at: float = 0.0
    why: str = ""
    watcher: asyncio.Task[None] | None = field(default=None, repr=False)


class Pool:
    """The servers at *urls*; *look* is awaited to see whether a dead one is back.

    Args:
        urls: base URLs.
        look: returns when the server at a URL can be asked, raises BackendError if not.
        hangs: is told the URL of a server that hangs, to close what is open there.
    """

    def __init__(
        self,
        urls: Sequence[str],
        look: Callable[[str], Awaitable[None]],
        hangs: Callable[[str], Awaitable[None]],
    ) -> None:
        self.places = [Place(url) for url in urls]
        self._look, self._hangs = look, hangs
        self._guard: asyncio.Task[None] | None = None

    @contextmanager
    def place(self) -> Iterator[Place]:
        """The server that should be asked next, for as long as it is asked.

        Raises:
            TransientError: none is alive.
        """
        alive = [place for place in self.places if not place.why]
        if not alive:
            raise TransientError("; ".join(one.why for one in self.places), fault="unreachable")
        if self._guard is None:
            self._guard = asyncio.create_task(self._look_at_silent())
        now = time.monotonic()
        # While all rest, they share: the one whose rest ends first would draw everything.
        chosen = min(alive, key=lambda one: (one.rests_until > now, one.in_flight))
        if not chosen.in_flight:
            chosen.heard_at = now
        chosen.in_flight += 1
        try:
            yield chosen
        except TransientError as error:
            self._note(chosen, error)
            raise
        except asyncio.CancelledError:
            self._faulty(chosen, REST_MOST_S)  # most likely it took too long
            raise
        else:
            chosen.faults, chosen.rests_until = 0, 0.0
            chosen.heard_at = time.monotonic()
        finally:
            chosen.in_flight -= 1

    def _note(self, place: Place, error: TransientError) -> None:
        if error.fault == "unreachable":
            self.dead(place, str(error))
            return
        place.heard_at = time.monotonic()
        if error.fault == "overloaded":
            self._faulty(place, error.retry_after_s or BUSY_REST_S)
        else:
            # A server that dies breaks off thousands at once: no power of their number.
            self._faulty(place, 2.0 ** min(max(place.faults + 1 - FAULTS_RUNNING, 0), 5))

    def _faulty(self, place: Place, rest_s: float) -> None:
        """Count a fault; from the third running on, pass *place* over for *rest_s*."""
        place.faults += 1
        if place.faults >= FAULTS_RUNNING:
            place.rests_until = time.monotonic() + min(rest_s, REST_MOST_S)

    def dead(self, place: Place, why: str) -> None:
        """Ask nothing of *place* until it is back; needs a running loop."""
        if not place.why:
            place.why = why
            place.watcher = asyncio.create_task(self._watch(place))

    async def _look_at_silent(self) -> None:
        """Find the servers that hang."""
        while True:
            await asyncio.sleep(SILENT_LOOK_EVERY_S)
            now = time.monotonic()
            silent = [
                place
                for place in self.places
                if place.in_flight and not place.why and now - place.heard_at > SILENT_S
            ]
            await asyncio.gather(*(self._look_at(place) for place in silent))

    async def _look_at(self, place: Place) -> None:
        """Look whether *place* lives; if not, it is dead and cut off."""
        why = await self._hanging(place)
        if why and not place.why:
            self.dead(place, f"{place.url} hangs: {why}")
            await self._hangs(place.url)

    async def _hanging(self, place: Place) -> str:
        """Why *place* is taken to hang; empty if it can still say what it serves."""
        why = ""
        for _ in range(LOOKS_IN_VAIN):
            try:
                async with asyncio.timeout(LOOK_MOST_S):
                    await self._look(place.url)
            except (BackendError, TimeoutError) as error:
                why = str(error) or "it does not say what it serves"
            else:
                return ""
        return why

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
        watchers = [one for one in (self._guard, *(it.watcher for it in self.places)) if one]
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

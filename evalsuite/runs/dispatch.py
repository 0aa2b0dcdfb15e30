"""Decides what is asked next: one state machine, moved by the event loop.

Nothing here waits. A request that waits for its next try stands in a heap and holds no place in
the engine, so that others go on; whatever changes something (an answer, a timer, room on the way
to the disk) calls `fill`, which sends as much as may be sent.
"""

import asyncio
import heapq
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from evalsuite.backends.base import Backend
from evalsuite.errors import EngineFailed, RequestRejected, TransientError
from evalsuite.model import Answer, Failure, Generation, Key, Request
from evalsuite.runs.gate import Gate
from evalsuite.runs.pace import Pace
from evalsuite.runs.patience import Patience

TRIES = 5
BACKOFF_S = 1.0  # before the second try; it doubles
BACKOFF_MOST_S = 60.0
MESSAGE_MOST = 2_000  # characters of an engine's error that are worth keeping


@dataclass(slots=True, eq=False)
class Item:
    """A request on its way; `tries` have failed, `refusals` cost the engine nothing."""

    request: Request
    tries: int = 0
    refusals: int = 0
    round: int = 0
    asked_at: float = 0.0  # seconds since the epoch
    began: float = 0.0  # of the loop's clock
    late: bool = False


@dataclass(slots=True, kw_only=True)
class Manner:
    """How an engine is asked: how much at once, whether at all, and for how long."""

    pace: Pace
    gate: Gate = field(default_factory=Gate)
    patience: Patience = field(default_factory=Patience)


class Dispatch:
    """Sends *requests* to *backend* in their order, as *manner* allows, within a running loop.

    Args:
        backend: who answers.
        requests: drawn from one by one, as places fall free; None is "nothing for now", after
            which it is asked again whenever something changes.
        manner: outlives this, as what was learnt of the engine does.
        put: is given what came of each request; must return at once.
        full: whether nothing new should be asked, as too much waits for the disk.
        say: is given lines for the reader.
    """

    def __init__(
        self,
        backend: Backend,
        requests: Iterator[Request | None],
        *,
        manner: Manner,
        put: Callable[[Answer | Failure], None],
        full: Callable[[], bool],
        say: Callable[[str], None],
    ) -> None:
        self._backend, self._manner = backend, manner
        self._put, self._full, self._say = put, full, say
        self._new: Iterator[Request | None] | None = requests
        self._again: deque[Item] = deque()
        self._later: list[tuple[float, int, Item]] = []
        self._stopped = False
        self._numbers = itertools.count()
        self._asked: dict[asyncio.Task[None], Item] = {}
        self._chance = random.Random()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def fill(self) -> None:
        """Send as much as may be sent now; what goes wrong ends the dispatch."""
        if self.ended.done():
            return
        try:
            self._fill()
        except Exception as error:  # noqa: BLE001 - a callback: nobody else would hear of it
            self._end(error)

    def _fill(self) -> None:
        if self._stopped:
            self._new = None
            self._again.clear()
            self._later.clear()
        now = self._loop.time()
        while self._later and self._later[0][0] <= now:
            self._again.append(heapq.heappop(self._later)[2])
        while (
            len(self._asked) < self._manner.pace.most
            and not self._full()
            and self._drawn()
            and self._manner.gate.admit(now)
        ):
            self._send(self._again.popleft(), now)
        if self.idle and not self._drawn() and self._new is None:
            self._end(None)
        else:
            self._set_timer()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waits for its next try."""
        return not (self._asked or self._later or self._again)

    def drop(self, unwanted: Callable[[Key], bool]) -> None:
        """Give up what is *unwanted*, under way or not; nothing is noted of it."""
        self._again = deque(one for one in self._again if not unwanted(one.request.key))
        self._later = [one for one in self._later if not unwanted(one[2].request.key)]
        heapq.heapify(self._later)
        for task, item in self._asked.items():
            if unwanted(item.request.key):
                task.cancel()
        self.fill()

    def stop(self) -> None:
        """Send nothing more; `ended` is done when what is under way is."""
        self._stopped = True
        self.fill()

    def cancel(self) -> None:
        """Send nothing more, and give up what is under way."""
        self.stop()
        for task in self._asked:
            task.cancel()

    async def give_up(self) -> None:
        """As `cancel`; returns when it has ended."""
        self.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)
        if not self.ended.cancel() and not self.ended.cancelled():
            self.ended.exception()  # whoever gives up has a reason that goes before

    def tick(self) -> None:
        """About a second has passed: give up what took too long, and ask more if that is due."""
        now, patience = self._loop.time(), self._manner.patience
        for task, item in self._asked.items():
            if not item.late and now - item.began > patience.limit_s(item.request.sampling):
                item.late = True
                task.cancel()
        self._manner.pace.tick()
        self.fill()

    def _drawn(self) -> bool:
        """Whether a request is at hand; draws the next new one if none is."""
        if self._again:
            return True
        try:
            request = None if self._new is None else next(self._new)
        except StopIteration:
            self._new = request = None
        if request is not None:
            self._again.append(Item(request))
        return request is not None

    def _send(self, item: Item, now: float) -> None:
        item.round, item.began, item.asked_at = self._manner.pace.round, now, time.time()
        item.late = False
        task = self._loop.create_task(self._ask(item))
        self._asked[task] = item
        task.add_done_callback(self._over)

    async def _ask(self, item: Item) -> None:
        """Ask once. Whatever goes wrong is a failure, and never a wrong answer."""
        try:
            generation = await self._backend.generate(item.request)
        except EngineFailed:
            raise
        except RequestRejected as error:
            self._rejected(item, error)
        except TransientError as error:
            self._failed(item, error)
        except asyncio.CancelledError:
            if not item.late:
                raise
            self._failed(item, _too_late(self._loop.time() - item.began))
        except Exception as error:  # noqa: BLE001 - an engine may raise anything
            self._failed(item, error)
        else:
            self._answered(item, generation)

    def _over(self, task: asyncio.Task[None]) -> None:
        del self._asked[task]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._end(error)
        else:
            self.fill()

    def _answered(self, item: Item, generation: Generation) -> None:
        self._manner.gate.answered()
        self._manner.patience.learn(generation)
        self._put(
            Answer(
                key=item.request.key,
                seed=item.request.seed,
                generation=generation,
                asked_at=item.asked_at,
                attempts=item.tries + 1,
            )
        )

    def _rejected(self, item: Item, error: RequestRejected) -> None:
        item.tries += 1
        self._put(_failure(item, error.rejection, error))
        if error.rejection != "absent":
            self._manner.gate.rejected(item.request.key, str(error))

    def _failed(self, item: Item, error: Exception) -> None:
        """Ask again, at once or later, or give the request up after `TRIES`."""
        fault = error.fault if isinstance(error, TransientError) else type(error).__name__
        pause_s = (error.retry_after_s if isinstance(error, TransientError) else None) or 0.0
        now = self._loop.time()
        took_s = now - item.began
        if fault == "unreachable":
            self._again.appendleft(item)
            self._manner.gate.away(str(error), now=now, took_s=took_s, pause_s=pause_s)
            return
        if fault in ("overloaded", "timeout") and self._manner.pace.refused(item.round):
            self._say(f"{error}\nAsking less: {self._manner.pace.most} in flight from now on.")
        if fault == "overloaded":
            item.refusals += 1
            self._ask_later(item, item.refusals, now, least_s=pause_s)
            if len(self._asked) == 1:  # this one: the engine has nothing to do and refuses
                self._manner.gate.away(str(error), now=now, took_s=took_s, pause_s=pause_s)
            return
        item.tries += 1
        if item.tries >= TRIES:
            self._put(_failure(item, fault, error))
        else:
            self._ask_later(item, item.tries, now, least_s=pause_s)
        self._manner.gate.failed(item.request.key, str(error), now=now, took_s=took_s)

    def _ask_later(self, item: Item, times: int, now: float, *, least_s: float) -> None:
        """Keep *item* for later: exponential backoff with jitter, or what the engine asks for."""
        backoff_s = min(BACKOFF_S * 2.0 ** (times - 1), BACKOFF_MOST_S)
        pause_s = max(backoff_s * self._chance.uniform(0.5, 1.0), least_s)
        heapq.heappush(self._later, (now + pause_s, next(self._numbers), item))

    def _set_timer(self) -> None:
        """Wake up when the next try is due, or the gate changes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = [self._later[0][0]] if self._later else []
        changes_at = self._manner.gate.changes_at()
        if changes_at is not None and self._again:
            due.append(changes_at)
        if due:
            self._timer = self._loop.call_at(min(due), self.fill)

    def _end(self, error: BaseException | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.ended.done():
            if error is None:
                self.ended.set_result(None)
            else:
                self.ended.set_exception(error)


def _too_late(waited_s: float) -> TransientError:
    return TransientError(f"no answer within {waited_s:.0f} s", fault="timeout")


def _failure(item: Item, kind: str, error: Exception) -> Failure:
    return Failure(
        key=item.request.key, kind=kind, message=str(error)[:MESSAGE_MOST], attempts=item.tries
    )

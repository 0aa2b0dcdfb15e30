"""A queue that may still change while an engine works it off."""

from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Self

from evalsuite.model import Key, Request
from evalsuite.runs.plan import Queue


class Feed:
    """An iterator of requests; None where there is nothing for now.

    Args:
        queue: keys → their requests in a good order.
        stored: keys that need not be asked.
    """

    def __init__(self, queue: Queue, stored: AbstractSet[Key]) -> None:
        self._queue, self._given = queue, set(stored)
        self._parts: deque[AbstractSet[Key]] = deque()
        self._part: Iterator[Request] = iter(())
        self._ended = False

    def want(self, parts: Iterable[AbstractSet[Key]]) -> None:
        """Give *parts* from now on, one after the other, instead of what was wanted before."""
        self._parts, self._part = deque(parts), iter(())

    def again(self, keys: AbstractSet[Key]) -> None:
        """Give *keys* once more where they are wanted."""
        self._given.difference_update(keys)

    def end(self) -> None:
        """Nothing more will be wanted: there is an end after what is."""
        self._ended = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Request | None:
        request = next(self._part, None)
        while request is None and self._parts:
            self._part = self._queue(self._parts.popleft() - self._given)
            request = next(self._part, None)
        if request is not None:
            self._given.add(request.key)
        elif self._ended:
            raise StopIteration
        return request

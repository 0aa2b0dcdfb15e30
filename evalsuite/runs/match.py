"""Two arms side by side, looked at as their answers come in.

A look waits for the last of its answers, and the longest takes ten times as long as most. The
engines do not wait: a place that the next look does not need goes to the looks after it. A look
still sees just what it was planned to see. When all is decided, what is under way is given up; what
came for a look that was never taken is kept, and counts for nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise, zip_longest
from pathlib import Path

from evalsuite.model import Key
from evalsuite.runs.looking import looked
from evalsuite.runs.looks import Looks, TaskLooks, write_looks
from evalsuite.runs.progress import Progress
from evalsuite.runs.session import Session

LOOK_EVERY_S = 0.1
# Engines that have been idle for so long wait for nothing but answers left to be graded.
IDLE_S = 2.0
# Answers may make a plan longer. Engines with nothing else to do go so far beyond its end.
BEYOND = 1.5


class Match:
    """The baseline's and the candidate's sessions, and what was seen of them.

    Args:
        sessions: of both arms.
        looks: the plan so far.
        orders: task → every draw of it in the order of `looks.ordered`.
        folder: the candidate's, which keeps the looks.
        progress: hears of each look.
    """

    def __init__(
        self,
        sessions: Sequence[Session],
        looks: Looks,
        orders: Mapping[str, Sequence[Key]],
        *,
        folder: Path,
        progress: Progress,
    ) -> None:
        self._sessions = sessions
        self._looks, self._orders = looks, orders
        self._folder, self._progress = folder, progress
        self._barren: set[str] = set()

    @property
    def open(self) -> list[TaskLooks]:
        """The tasks that are still to be looked at, and can be."""
        return [one for one in self._looks.tasks if not (one.stopped or one.task in self._barren)]

    @property
    def barren(self) -> bool:
        """Whether a task is not decided for lack of any answer."""
        return bool(self._barren)

    def wanted(self) -> frozenset[Key]:
        """What the next look at each open task, or the last at the others, must see."""
        chosen = self.open or self._looks.tasks
        return frozenset(key for one in chosen for key in one.wanted(self._orders[one.task]))

    def want(self) -> None:
        """Have the sessions ask for the next look at each open task, then for the one after it."""
        looks = zip_longest(*map(self._steps, self.open), fillvalue=())
        rest = [
            self._orders[one.task][one.ahead[-1] : round(BEYOND * one.ahead[-1])]
            for one in self.open
        ]
        parts = [frozenset(chain.from_iterable(part)) for part in looks]
        for session in self._sessions:
            session.want(parts, spare=frozenset(chain.from_iterable(rest)))

    async def watch(self) -> None:
        """Look while the sessions ask, and end them when they need ask no more.

        That is when all is decided, when one whose engine is shut lacks something, or when both
        engines wait for nothing but answers left to be graded.
        """
        clock = asyncio.get_running_loop().time
        busy_at = clock()
        while not all(session.stopping for session in self._sessions):
            await self.look()
            if not all(session.idle for session in self._sessions):
                busy_at = clock()
            if not self.open or clock() > busy_at + IDLE_S or self._shut_lacks():
                break
            await asyncio.sleep(LOOK_EVERY_S)
        for session in self._sessions:
            session.want(())
            session.end()

    async def look(self) -> None:
        """Take the looks that are due, one after the other."""
        while due := [one for one in self.open if self._is_due(one)]:
            for one in due:
                await self._look_at(one)
            self.want()

    def _steps(self, one: TaskLooks) -> list[Sequence[Key]]:
        """What each look ahead needs beyond the one before it."""
        order = self._orders[one.task]
        return [order[start:end] for start, end in pairwise((0, *one.ahead))]

    def _is_due(self, one: TaskLooks) -> bool:
        return all(session.has(self._needs(one)) for session in self._sessions)

    async def _look_at(self, one: TaskLooks) -> None:
        order = self._orders[one.task]
        ours, theirs = [await asyncio.to_thread(each.draws, one.task) for each in self._sessions]
        after = await asyncio.to_thread(looked, self._looks, one, order, ours, theirs)
        self._progress.said(_said(after))
        if after == one:
            self._barren.add(one.task)
        else:
            tasks = tuple(after if each is one else each for each in self._looks.tasks)
            self._looks = replace(self._looks, tasks=tasks)
            write_looks(self._folder, self._looks)
        for session, draws in zip(self._sessions, (ours, theirs), strict=True):
            session.again(one.wanted(order) - draws.keys())
            if after.stopped:
                session.drop(one.task)

    def _shut_lacks(self) -> bool:
        shut = [session for session in self._sessions if not session.is_open]
        return any(not each.has(self._needs(one)) for each in shut for one in self.open)

    def _needs(self, one: TaskLooks) -> Sequence[Key]:
        """As `TaskLooks.wanted`, for what is looked up ten times a second."""
        return self._orders[one.task][: one.target]


def _said(one: TaskLooks) -> str:
    """What a look found, in one line."""
    if not one.taken:
        return f"{one.task}: nothing to look at yet"
    number, look = len(one.taken), one.taken[-1]
    where = f"{one.task}: look {number} after {look.pairs} answers"
    if look.found:
        words = {"holds": "holds", "worse": "worse", "futile": "cannot be shown to hold any more"}
        return f"{where}: {words[look.found]}; asked no further"
    if one.stopped:
        return f"{where}: undecided"
    return f"{where}: goes on, to {one.ahead[-1]} if need be"

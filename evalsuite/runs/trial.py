"""Two arms step by step, until every task is decided: `run --until-decided` and `--anytime`.

What is decided gets no more of the engines' time; a look may lie within a pass over the questions
(`evalsuite.stats.schedule` says where). All that is stored, is stored as ever: a killed run goes on
where it was, with the same looks.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass

from evalsuite.errors import EngineFailed, RunError
from evalsuite.model import Key
from evalsuite.runs.arm import Arm, signals, stop_runner
from evalsuite.runs.folder import writing
from evalsuite.runs.looking import unseen
from evalsuite.runs.looks import Looks, Rule, TaskLooks, ordered, read_looks, write_looks
from evalsuite.runs.match import Match
from evalsuite.runs.plan import PlannedTask
from evalsuite.runs.runner import Tally
from evalsuite.runs.session import Session
from evalsuite.stats.planning import POWER
from evalsuite.stats.schedule import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A baseline and a candidate, and how they are to be decided.

    `margins` (fractions) and `discordances` (ψ, as planned) are by task. `others` are asked what
    the candidate was asked, once all is decided: the A/A control. The baseline's engine is opened
    only if it lacks an answer, so a stored baseline costs nothing.
    """

    baseline: Arm
    candidate: Arm
    others: Sequence[Arm]
    rule: Rule
    margins: Mapping[str, float]
    discordances: Mapping[str, float]
    power: float = POWER

    def run(self) -> Tally:
        """Ask, look, and ask again.

        Raises:
            RunError: a folder is locked or changed, or was begun with another margin or rule.
            BackendError: an engine cannot start, or failed for good; what arrived is stored.
        """
        with ExitStack() as stack:
            arms = [self.baseline, self.candidate, *self.others]
            runs = [
                stack.enter_context(writing(arm.path, arm.info, arm.questions())) for arm in arms
            ]
            sessions = [Session(arm, run) for arm, run in zip(arms, runs, strict=True)]
            looks = self._planned(sessions[0])
            with asyncio.Runner() as loop:
                try:
                    return self._decided(sessions, looks, loop)
                except EngineFailed as error:
                    raise EngineFailed(
                        f"{error}\nEverything that arrived is stored; the same command goes on "
                        "from there."
                    ) from error
                finally:
                    for session in sessions:
                        loop.run(session.aclose())

    def _decided(self, sessions: Sequence[Session], looks: Looks, loop: asyncio.Runner) -> Tally:
        match = Match(
            sessions[:2],
            looks,
            {
                one.task: ordered(one.task, self._questions(one.task), one.most)
                for one in looks.tasks
            },
            folder=self.candidate.path,
            progress=self.candidate.progress,
        )
        whole = Tally()
        while match.open and not whole.stopped:
            match.want()
            whole += self._asked(sessions[:2], match.wanted(), loop, match)
        if match.barren and not whole.stopped:
            raise RunError(
                f"{self.candidate.path}: neither arm answered what the next look needs. "
                "The same command asks again."
            )
        for other in sessions[2:]:
            if not whole.stopped:
                other.want([match.wanted()])
                whole += self._asked([other], match.wanted(), loop)
        if not whole.stopped:
            for session in sessions:
                session.finish()
        return whole

    def _asked(
        self,
        sessions: Sequence[Session],
        wanted: AbstractSet[Key],
        loop: asyncio.Runner,
        match: Match | None = None,
    ) -> Tally:
        """What asking *sessions* side by side gave; an engine that is not needed stays shut."""
        try:
            for session in sessions:
                session.begin()
            for session in sessions:
                if session.lacks(wanted):
                    session.open()
            return sum(loop.run(self._side_by_side(sessions, match)), Tally())
        finally:
            for session in sessions:
                session.rest()

    async def _side_by_side(self, sessions: Sequence[Session], match: Match | None) -> list[Tally]:
        def stop() -> None:
            # An engine that is shut has stopped already; one of the others says so for all.
            first, *others = sorted(sessions, key=lambda session: session.stopping)
            stop_runner(first, self.candidate.progress)
            for session in others:
                session.stop()

        with signals(stop):
            await asyncio.gather(*(session.grade() for session in sessions))
            if match:
                await match.look()  # at what is stored: it may need no more
            watch = match.watch() if match else _ended(sessions)
            tallies = await _all_asked(sessions, watch, stop)
        if match and not any(tally.stopped for tally in tallies):
            await match.look()
        return tallies

    def _planned(self, baseline: Session) -> Looks:
        """The plan that the candidate's folder holds, else a new one."""
        before = read_looks(self.candidate.path)
        now = Looks(
            rule=self.rule,
            baseline=self.baseline.info.id,
            power=self.power,
            tasks=tuple(self._first(task, baseline) for task in self.candidate.tasks),
        )
        if before is None:
            # Kept at once: what the baseline holds now is what counts, also after a stop.
            write_looks(self.candidate.path, now)
            return now
        _refuse_changes(self.candidate, before, now)
        return before

    def _first(self, task: PlannedTask, baseline: Session) -> TaskLooks:
        """*task* before anything is known of it: how much is asked before it is looked at."""
        names = [question.id for question in task.questions]
        plan = Plan(
            margin=self.margins[task.name],
            power=self.power,
            questions=len(names),
            most=task.repeats,
            # Bets are on pairs of draws, so that a draw without a partner says nothing.
            stored=baseline.repeats(task.name, names) if self.rule == "until-decided" else 0,
        )
        return unseen(task.name, self.rule, plan, self.discordances[task.name])

    def _questions(self, task: str) -> list[str]:
        planned = next(one for one in self.candidate.tasks if one.name == task)
        return [question.id for question in planned.questions]


async def _all_asked(
    sessions: Sequence[Session], watch: Coroutine[None, None, None], stop: Callable[[], None]
) -> list[Tally]:
    """Ask all *sessions* side by side, with *watch* beside."""
    asking = [asyncio.ensure_future(session.ask()) for session in sessions]
    watching = asyncio.ensure_future(watch)
    try:
        await asyncio.gather(*asking, watching)
    except BaseException:
        # One engine is dead: what the others have under way is still worth its tokens.
        stop()
        watching.cancel()
        await asyncio.gather(*asking, watching, return_exceptions=True)
        raise
    return [one.result() for one in asking]


async def _ended(sessions: Sequence[Session]) -> None:
    """Have nothing asked but what is wanted now."""
    for session in sessions:
        session.end()


def _refuse_changes(arm: Arm, before: Looks, now: Looks) -> None:
    """What was looked at by one plan must not be decided by another.

    Raises:
        RunError: rule, baseline, margins, questions or repeats differ.
    """

    def facts(looks: Looks) -> dict[str, str]:
        return {"rule": looks.rule, "baseline": looks.baseline, "power": f"{looks.power:g}"} | {
            one.task: f"margin {100 * one.margin:g} pp, {one.questions} questions, at most "
            f"{one.most} times"
            for one in looks.tasks
        }

    was, wanted = facts(before), facts(now)
    changed = [name for name in {**was, **wanted} if was.get(name) != wanted.get(name)]
    if changed:
        lines = "\n".join(
            f"  {name}: {was.get(name, 'none')} before, {wanted.get(name, 'none')} now"
            for name in changed
        )
        raise RunError(
            f"{arm.path}: was looked at by another plan:\n{lines}\nA plan that changes after a "
            "look has no error rate. Nothing was asked. Go on with the old one, or give the "
            "experiment another name."
        )

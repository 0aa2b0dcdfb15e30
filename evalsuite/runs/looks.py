"""`looks.json`: how a run that may stop early was planned, and what each look at it found.

It lies in the candidate's folder. What is asked next hangs on draws whose arms nobody needs to
know, and what a look decides on the looks before it: that is what the error rates stand on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from evalsuite.errors import RunError
from evalsuite.files import put
from evalsuite.model import Key
from evalsuite.questions.sample import rank
from evalsuite.stats.schedule import Plan, Stage
from evalsuite.stats.stopping import Stop

Rule: TypeAlias = Literal["until-decided", "anytime"]

LOOKS = "looks.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look after *pairs* draws of the candidate, *paired* of which both arms have.

    `z` is the statistic at the margin. `stage` is what it spent, None of an open-ended run's.
    `found` is None where it goes on, or where it was the last look and decided nothing.
    """

    pairs: int
    paired: int
    z: float
    stage: Stage | None
    found: Stop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLooks:
    """One task: *questions* asked *most* times at most, in the order of `ordered`.

    The baseline held `stored` draws of every question when the run began; they all count.
    `guessed` is ψ before anything was asked, which an open-ended run bets on; `discordance` what
    the draws made of it. `fixed`: draws that one look alone would take. `taken` are the looks so
    far; those `ahead`, by their draws, are planned anew at each look, empty after the last.
    """

    task: str
    margin: float
    questions: int
    most: int
    stored: int
    guessed: float
    discordance: float
    fixed: int
    ahead: tuple[int, ...]
    taken: tuple[Look, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether nothing more is asked of it."""
        return not self.ahead or bool(self.taken and self.taken[-1].found)

    @property
    def target(self) -> int:
        """Draws of the candidate that the next look needs, or that the last one had."""
        return self.taken[-1].pairs if self.stopped else self.ahead[0]

    @property
    def course(self) -> tuple[Stage, ...]:
        """What the looks have spent."""
        return tuple(look.stage for look in self.taken if look.stage is not None)

    def plan(self, power: float) -> Plan:
        """When it is looked at, by the numbers."""
        return Plan(
            margin=self.margin,
            power=power,
            questions=self.questions,
            most=self.most,
            stored=self.stored,
        )

    def wanted(self, order: Sequence[Key]) -> frozenset[Key]:
        """The draws of the candidate that count at `target`; *order* is that of `ordered`."""
        return frozenset(order[: self.target])

    def surplus(self, order: Sequence[Key]) -> frozenset[Key]:
        """Draws of the baseline that count beyond those: what it had stored of their questions."""
        first = order[: min(self.target, self.questions)]
        every = {
            Key(self.task, key.question, repeat) for key in first for repeat in range(self.stored)
        }
        return frozenset(every - self.wanted(order))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """All tasks of one candidate against one baseline."""

    rule: Rule
    baseline: str
    power: float
    tasks: tuple[TaskLooks, ...]
    schema: int = 2

    def task(self, name: str) -> TaskLooks | None:
        """What is known of task *name*."""
        return next((one for one in self.tasks if one.task == name), None)


_LOOKS = TypeAdapter(Looks)


def ordered(task: str, questions: Iterable[str], most: int) -> list[Key]:
    """Every draw of *task* in the order it is asked: pass by pass, by a hash within each.

    So the first n of a pass are a fair sample of the questions, the same in both arms.
    """
    order = sorted(questions, key=lambda one: rank(task, one))
    return [Key(task, question, repeat) for repeat in range(most) for question in order]


def read_looks(folder: Path) -> Looks | None:
    """What `looks.json` in *folder* says; None if there is none.

    Raises:
        RunError: it is damaged.
    """
    file = folder / LOOKS
    try:
        return _LOOKS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise RunError(
            f"{file}: is damaged at {where or 'its start'}, or an older version wrote it. Without "
            "it the error rates of what was looked at are not known; give the experiment another "
            "name."
        ) from error


def write_looks(folder: Path, looks: Looks) -> None:
    """Write `looks.json` into *folder*, whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    try:
        put(folder / LOOKS, _LOOKS.dump_json(looks, indent=2) + b"\n", durable=True)
    except OSError as error:
        raise RunError(f"{folder / LOOKS}: cannot be written ({error.strerror}).") from error

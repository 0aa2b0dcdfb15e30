"""`looks.json`: how a run that may stop early was planned, and what each look at it found.

It lies in the candidate's folder. The plan is made from draws whose arms nobody needs to know,
before anything is compared, and never changed: that is what the error rates stand on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from evalsuite.errors import RunError
from evalsuite.files import put
from evalsuite.model import Key
from evalsuite.questions.sample import rank
from evalsuite.stats.schedule import Schedule
from evalsuite.stats.stopping import Stop

Rule: TypeAlias = Literal["until-decided", "anytime"]

LOOKS = "looks.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look after *pairs* draws of each arm, *paired* of which both arms have.

    `z` is the score statistic at the margin. `found` is None where it goes on, or where it was the
    last look and decided nothing.
    """

    pairs: int
    paired: int
    z: float
    found: Stop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLooks:
    """One task: *questions* asked *most* times at most, in the order of `ordered`.

    `discordance` (ψ) set the schedule; None until the `first` pairs are there. `bet_discordance`
    is what an open-ended run bets on. `taken` are the looks so far.
    """

    task: str
    margin: float
    questions: int
    most: int
    first: int
    bet_discordance: float
    discordance: float | None = None
    schedule: Schedule | None = None
    taken: tuple[Look, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether nothing more is asked of it."""
        if self.taken and self.taken[-1].found:
            return True
        return self.schedule is not None and len(self.taken) == len(self.schedule.pairs)

    @property
    def target(self) -> int:
        """Draws of each arm that the next look needs, or that the last one had."""
        if self.stopped:
            return self.taken[-1].pairs
        return self.first if self.schedule is None else self.schedule.pairs[len(self.taken)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """All tasks of one candidate against one baseline."""

    rule: Rule
    baseline: str
    power: float
    tasks: tuple[TaskLooks, ...]
    schema: int = 1

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
            f"{file}: is damaged at {where or 'its start'}. Without it the error rates of what "
            "was looked at are not known; give the experiment another name."
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

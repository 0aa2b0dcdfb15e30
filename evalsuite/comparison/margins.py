"""How much loss is allowed, and who says so."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalsuite.comparison.types import Check, MarginOrigin
from evalsuite.errors import UsageError
from evalsuite.model import MACRO, RunInfo, TaskInfo

# Percentage points, where neither the caller nor the run names a margin.
DEFAULT_MARGINS_PP = {
    "mmlu": 1.0,
    "gsm8k": 1.0,
    "math_500": 2.0,
    "gpqa_diamond": 3.0,
    "aime_2024": 3.0,
}
WHOLE_PP = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The allowed loss of *task* in percentage points, and where it comes from.

    `named` by the caller, `planned` in the baseline's run.json, or the `default` of the task. The
    mean's is `derived` from the others where nobody names it.
    """

    task: str
    pp: float
    origin: MarginOrigin

    @property
    def share(self) -> float:
        """The same as a fraction of 1."""
        return self.pp / WHOLE_PP


def margin_of(info: TaskInfo, named: Mapping[str, float]) -> Margin:
    """The margin of *info*'s task; what the caller *named* comes first.

    Raises:
        UsageError: nobody names one, or it is no number of points.
    """
    sources: tuple[tuple[MarginOrigin, float | None], ...] = (
        ("named", named.get(info.name)),
        ("planned", info.margin_pp),
        ("default", DEFAULT_MARGINS_PP.get(info.name)),
    )
    for origin, pp in sources:
        if pp is not None:
            return Margin(task=info.name, pp=_possible(info.name, pp), origin=origin)
    raise UsageError(
        f"{info.name}: how much loss is allowed? Name a margin in percentage points: "
        f"--margin {info.name}=1.0"
    )


def macro_margin_of(
    margins: Sequence[Margin], *, named: Mapping[str, float], planned: float | None
) -> Margin:
    """The margin of the mean of all benchmarks, else the mean of their *margins*.

    With that default no mean is held to more than its parts: where every benchmark holds, the
    mean does, too. A tighter one must be named. It counts as a default if a part is one.
    """
    sources: tuple[tuple[MarginOrigin, float | None], ...] = (
        ("named", named.get(MACRO)),
        ("planned", planned),
    )
    for origin, pp in sources:
        if pp is not None:
            return Margin(task=MACRO, pp=_possible(MACRO, pp), origin=origin)
    mean = sum(one.pp for one in margins) / len(margins)
    default = any(one.origin == "default" for one in margins)
    return Margin(task=MACRO, pp=mean, origin="default" if default else "derived")


def refuse_strangers(named: Mapping[str, float], tasks: Sequence[str]) -> None:
    """Refuse a margin for a task that is not there: it would decide nothing.

    Raises:
        UsageError: such a margin is *named*.
    """
    strangers = sorted(named.keys() - set(tasks) - {MACRO})
    if strangers:
        raise UsageError(
            f"a margin is named for {', '.join(strangers)}, of which there is nothing here; "
            f"there is {', '.join(sorted(set(tasks)))}."
        )


def margins_check(margins: Sequence[Margin], candidate: RunInfo) -> Check:
    """Which margins decide, beside those that the candidate was planned with."""
    planned = {task.name: task.margin_pp for task in candidate.tasks}
    used = {one.task: one for one in margins}
    other = {task: pp for task in used if (pp := planned.get(task)) is not None}
    differs = any(used[task].pp != pp for task, pp in other.items())
    defaults = [one.task for one in margins if one.origin == "default"]
    message = "the candidate was planned with others; the first decide" if differs else ""
    if defaults:
        message = "nobody named a margin, so the defaults decide; name yours with --margin"
    return Check(
        name="margins",
        status="note" if message else "same",
        baseline=", ".join(f"{one.task} {one.pp:g} ({one.origin})" for one in margins),
        candidate=", ".join(f"{task} {pp:g}" for task, pp in other.items()) or "none planned",
        message=message,
    )


def _possible(task: str, pp: float) -> float:
    if not (math.isfinite(pp) and 0 < pp <= WHOLE_PP):
        raise UsageError(f"{task}: a margin is above 0 and at most 100 percentage points, not {pp}")
    return pp

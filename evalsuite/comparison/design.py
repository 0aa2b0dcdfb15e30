"""What an experiment would cost and could decide, before anything is asked."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalsuite.comparison.experience import CARD_FP4, CARD_FP8, PUBLIC_QUESTIONS, Basis, Speed
from evalsuite.comparison.margins import WHOLE_PP, Margin
from evalsuite.errors import UsageError
from evalsuite.stats.decide import Formal, formal_state
from evalsuite.stats.planning import ALPHA, POWER, detectable, pairs_needed, power_of
from evalsuite.stats.sizes import Size, largest, macro_pairs, macro_se, size_for

Goal: TypeAlias = Literal["each", "macro"]
Unit: TypeAlias = Literal["tokens", "hours"]

# A budget that would buy more than this power is not spent.
MOST_POWER = 0.99
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One task as it can be asked: its *questions*, the *size* that the config names, its margin.

    `stored` maps an arm to the answers that it has already.
    """

    task: str
    title: str
    questions: int
    size: Size
    margin: Margin
    basis: Basis
    stored: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may still be asked: output tokens or hours of the engines, all arms."""

    amount: float
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Output tokens and hours of all arms, one after the other; `left_*` is not stored yet.

    Hours are None where an arm's speed is not known.
    """

    tokens: float
    hours: float | None
    left_tokens: float
    left_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one size of one task costs and can tell.

    `detectable`: the smallest loss found with the plan's power. `half_width`: of the 90 %
    interval. `power`: the chance that a candidate as good as the baseline is found to hold.
    """

    task: str
    questions: int
    repeats: int
    cost: Cost
    detectable: float
    half_width: float
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroReach:
    """The same of the benchmarks' plain mean."""

    se: float
    detectable: float
    half_width: float
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to ask all tasks."""

    tasks: tuple[Reach, ...]
    macro: MacroReach
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """What is taken for granted of one task. `card`: what the model card's numbers would read.

    The card prints one number per arm; with one pass each, its difference has an interval too.
    None where it is not the whole public benchmark that is asked.
    """

    task: str
    title: str
    available: int
    margin: Margin
    basis: Basis
    card_difference: float | None
    card_reads: Formal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """An experiment before it is asked: as planned, as its config has it, and with one pass.

    `goal`: every benchmark is to be decided (`each`), or the mean of all (`macro`). `alpha` is
    one-sided. Fractions of 1; tokens are output tokens of all arms.
    """

    experiment: str
    goal: Goal
    power: float
    alpha: float
    budget: Budget | None
    arms: tuple[Speed, ...]
    premises: tuple[Premise, ...]
    macro_margin: Margin
    planned: Option
    configured: Option
    one_pass: Option
    schema: int = 1


def design(
    experiment: str,
    tasks: Sequence[Candidate],
    arms: Sequence[Speed],
    *,
    macro_margin: Margin,
    goal: Goal = "each",
    power: float = POWER,
    budget: Budget | None = None,
) -> Design:
    """Questions and repeats for *tasks* such that *goal* is met with *power*.

    More questions come before repeats. With a *budget* it is the highest power that the budget
    pays for, the same for each benchmark, or the mean's most precise split.

    Raises:
        UsageError: the budget is in hours and an arm's speed is unknown, or pays for nothing.
    """
    planner = _Planner(tasks=tasks, arms=arms, power=power, macro=macro_margin.pp / WHOLE_PP)
    sizes = planner.each if goal == "each" else planner.mean
    wanted = power if budget is None else planner.affordable(sizes, budget)
    one_pass = planner.option([Size(questions=one.questions, repeats=1) for one in tasks])
    return Design(
        experiment=experiment,
        goal=goal,
        power=power,
        alpha=ALPHA,
        budget=budget,
        arms=tuple(arms),
        premises=tuple(
            _premise(one, reach) for one, reach in zip(tasks, one_pass.tasks, strict=True)
        ),
        macro_margin=macro_margin,
        planned=planner.option(sizes(wanted)),
        configured=planner.option([one.size for one in tasks]),
        one_pass=one_pass,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planner:
    """The arithmetic of one experiment."""

    tasks: Sequence[Candidate]
    arms: Sequence[Speed]
    power: float
    macro: float

    def each(self, power: float) -> list[Size]:
        """Sizes that decide every benchmark with *power*."""
        return [
            size_for(
                pairs_needed(one.basis.discordance, one.margin.pp / WHOLE_PP, power=power),
                one.questions,
            )
            for one in self.tasks
        ]

    def mean(self, power: float) -> list[Size]:
        """Sizes that decide the mean of all benchmarks with *power*, at the least cost."""
        psi = [one.basis.discordance for one in self.tasks]
        split = macro_pairs(psi, [one.basis.tokens for one in self.tasks])
        wanted = self.macro / _reach(power)
        scale = (macro_se(psi, split) / wanted) ** 2
        return [
            size_for(scale * share, one.questions)
            for share, one in zip(split, self.tasks, strict=True)
        ]

    def affordable(self, sizes: Callable[[float], list[Size]], budget: Budget) -> float:
        """The highest power whose *sizes* fit into *budget*."""
        found = largest(
            lambda power: _spent(self.option(sizes(power)).cost, budget.unit) <= budget.amount,
            ALPHA,
            MOST_POWER,
        )
        if found is None:
            raise UsageError(
                f"--budget {budget.amount:g} {budget.unit}: is less than a test that is no better "
                "than chance would take. Name a larger one, or fewer tasks."
            )
        return found

    def option(self, sizes: Sequence[Size]) -> Option:
        """What *sizes*, one per task, cost and can tell."""
        reaches = tuple(
            self._task_reach(one, size) for one, size in zip(self.tasks, sizes, strict=True)
        )
        return Option(
            tasks=reaches,
            macro=self._macro_reach(sizes),
            cost=_sum([reach.cost for reach in reaches]),
        )

    def _task_reach(self, one: Candidate, size: Size) -> Reach:
        psi, pairs = one.basis.discordance, size.pairs
        return Reach(
            task=one.task,
            questions=size.questions,
            repeats=size.repeats,
            cost=self._cost(one, pairs),
            detectable=detectable(psi, pairs, power=self.power),
            half_width=_quantile(1 - ALPHA) * math.sqrt(psi / pairs),
            power=power_of(psi, pairs, one.margin.pp / WHOLE_PP),
        )

    def _macro_reach(self, sizes: Sequence[Size]) -> MacroReach:
        from scipy.stats import norm

        se = macro_se([one.basis.discordance for one in self.tasks], [size.pairs for size in sizes])
        return MacroReach(
            se=se,
            detectable=_reach(self.power) * se,
            half_width=_quantile(1 - ALPHA) * se,
            power=float(norm.cdf(self.macro / se - _quantile(1 - ALPHA))),
        )

    def _cost(self, one: Candidate, pairs: int) -> Cost:
        left = [
            max(pairs - one.stored.get(speed.arm, 0), 0) * one.basis.tokens for speed in self.arms
        ]
        tokens = [pairs * one.basis.tokens] * len(self.arms)
        return Cost(
            tokens=sum(tokens),
            hours=_hours(tokens, self.arms),
            left_tokens=sum(left),
            left_hours=_hours(left, self.arms),
        )


def design_json(found: Design) -> str:
    """*found* as indented JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(Design).dump_json(found, indent=2).decode() + "\n"


def _premise(one: Candidate, once: Reach) -> Premise:
    difference = reads = None
    if one.questions == PUBLIC_QUESTIONS.get(one.task):
        difference = CARD_FP4[one.task] - CARD_FP8[one.task]
        reads = formal_state(
            difference - once.half_width,
            difference + once.half_width,
            margin=one.margin.pp / WHOLE_PP,
        )
    return Premise(
        task=one.task,
        title=one.title,
        available=one.questions,
        margin=one.margin,
        basis=one.basis,
        card_difference=difference,
        card_reads=reads,
    )


def _spent(cost: Cost, unit: Unit) -> float:
    if unit == "tokens":
        return cost.left_tokens
    if cost.left_hours is None:
        raise UsageError(
            "--budget in hours: how fast are the engines? Name --tokens-per-second, or an earlier "
            "run of theirs with --from."
        )
    return cost.left_hours


def _hours(tokens: Sequence[float], arms: Sequence[Speed]) -> float | None:
    """Engine hours of *arms* for *tokens* each; an arm without tokens needs no speed."""
    hours = 0.0
    for count, speed in zip(tokens, arms, strict=True):
        if not count:
            continue
        if speed.tokens_per_s is None:
            return None
        hours += count / speed.tokens_per_s / HOUR_S
    return hours


def _sum(costs: Sequence[Cost]) -> Cost:
    hours = [one.hours for one in costs]
    left = [one.left_hours for one in costs]
    return Cost(
        tokens=sum(one.tokens for one in costs),
        hours=None if None in hours else sum(filter(None, hours)),
        left_tokens=sum(one.left_tokens for one in costs),
        left_hours=None if None in left else sum(filter(None, left)),
    )


def _reach(power: float) -> float:
    """Standard errors between no difference and the smallest that is found with *power*."""
    return _quantile(1 - ALPHA) + _quantile(power)


def _quantile(share: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(share))

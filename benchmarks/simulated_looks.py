"""One run that may stop early, on simulated arms: asked step by step until a rule decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from simulated_arms import Arms, Counts, Size

from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.paired import PairedCounts, paired_counts
from evalsuite.stats.planning import ALPHA, POWER, WITHIN_SHARE
from evalsuite.stats.schedule import Plan, Stage, revised
from evalsuite.stats.sequential import kim_demets
from evalsuite.stats.stopping import Stop, anytime_stop, sequential_stop, verdict_values

MOST_REPEATS = 64


@dataclass(frozen=True, kw_only=True)
class Design:
    """When one looks (pairs asked by then), and by what rule: bets without a *course*."""

    looks: tuple[int, ...]
    course: tuple[Stage, ...]
    fixed: float


@dataclass(frozen=True, kw_only=True)
class End:
    """One run: why it ended, after how many pairs and looks, and the interval shown then."""

    stop: Stop | None
    pairs: int
    looks: int
    low: float
    high: float


class Asking:
    """Both arms asked step by step, in one random order of the questions, pass after pass.

    The baseline holds *stored* draws of every question beforehand.
    """

    def __init__(self, truth: Arms, chance: np.random.Generator, stored: int = 0) -> None:
        self.order = chance.permutation(len(truth.baseline))
        self.draws = np.zeros((2, len(self.order)), dtype=np.int64)
        self.right = np.zeros_like(self.draws)
        self._rates = truth.baseline, truth.candidate
        self._chance = chance
        self._draw(0, np.full(len(self.order), stored))

    def ask(self, pairs: int) -> None:
        """Draw until the candidate has *pairs* draws, and the baseline as many of each question."""
        draws = asked(self.order, pairs)
        self._draw(0, np.maximum(draws, self.draws[0]))
        self._draw(1, draws)

    def _draw(self, arm: int, draws: Counts) -> None:
        self.right[arm] += self._chance.binomial(draws - self.draws[arm], self._rates[arm])
        self.draws[arm] = draws

    def seen(self) -> tuple[Counts, Counts]:
        """Right draws and draws of both arms, of the questions that the candidate was asked."""
        some = self.draws[1] > 0
        return self.right[:, some], self.draws[:, some]

    def counts(self) -> PairedCounts:
        """What the look sees."""
        right, draws = self.seen()
        return paired_counts(right[0], right[1], draws[0], draws[1])


def look(data: Asking, plan: Design, margin: float) -> End:
    """One group-sequential run that knows ψ."""
    for number, pairs in enumerate(plan.looks):
        data.ask(pairs)
        counts, course = data.counts(), plan.course[: number + 1]
        stop = sequential_stop(counts, course, margin=margin)
        if stop is not None or pairs == plan.looks[-1]:
            break
    return ended(stop, pairs, counts, course)


def ended(stop: Stop | None, pairs: int, counts: PairedCounts, course: Sequence[Stage]) -> End:
    """A planned run at its end, with the interval that the report shows."""
    low, high = counts.normal_limits(verdict_values(course, ALPHA)[-1])
    return End(stop=stop, pairs=pairs, looks=len(course), low=low, high=high)


def until_decided(data: Asking, plan: Plan, size: Size) -> End:
    """One run as the command does it (`evalsuite.runs.looking`)."""
    guess = size.discordance(WITHIN_SHARE)
    pairs, course = plan.first(guess), []
    while True:
        data.ask(pairs)
        counts = data.counts()
        right, draws = (arms.sum(axis=0) for arms in data.seen())
        psi = revised(guess, right, draws)
        course.append(
            plan.stage(pairs, discordance=psi, difference=counts.difference, before=course)
        )
        stop = sequential_stop(counts, course, margin=size.margin)
        if stop is not None or course[-1].share >= 1:
            return ended(stop, pairs, counts, course)
        pairs = plan.next(pairs, psi)


def bet(truth: Arms, plan: Design, psi: float, margin: float, chance: np.random.Generator) -> End:
    """One open-ended run."""
    stakes = bets(psi, margin)
    looks = 0
    for pairs, won, lost in seen(truth, plan.looks, chance):
        looks += 1
        said = evidence(won, lost, pairs, bets=stakes, alpha=ALPHA)
        stop = anytime_stop(said)
        if stop is not None:
            break
    return End(stop=stop, pairs=pairs, looks=looks, low=said.low, high=said.high)


def seen(
    truth: Arms, looks: Sequence[int], chance: np.random.Generator
) -> Iterator[tuple[int, int, int]]:
    """Pairs, and how many were right in one arm only, at each look."""
    order = chance.permutation(len(truth.baseline))
    gain = (1 - truth.baseline) * truth.candidate
    loss = truth.baseline * (1 - truth.candidate)
    before, won, lost = np.zeros(len(order), dtype=np.int64), 0, 0
    for pairs in looks:
        draws = asked(order, pairs)
        gains = chance.binomial(draws - before, gain)
        losses = chance.binomial(draws - before - gains, loss / (1 - gain))
        before, won, lost = draws, won + int(gains.sum()), lost + int(losses.sum())
        yield pairs, won, lost


def asked(order: Counts, pairs: int) -> Counts:
    """The draws of every question once *pairs* were asked, pass after pass in the same *order*."""
    whole, rest = divmod(pairs, len(order))
    draws = np.full(len(order), whole, dtype=np.int64)
    draws[order[:rest]] += 1
    return draws


def stage(pairs: int, last: int) -> Stage:
    """What a look spends after *pairs* of all that are planned."""
    share = pairs / last
    return Stage(information=pairs, share=share, futile=kim_demets(1 - POWER, share))


def plan_of(size: Size, stored: int) -> Plan:
    """The plan that the command makes."""
    return Plan(
        margin=size.margin,
        power=POWER,
        questions=size.questions,
        most=MOST_REPEATS,
        stored=stored,
    )

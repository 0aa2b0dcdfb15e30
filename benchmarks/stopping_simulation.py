"""What stopping early saves, and whether the error rates survive it: simulated, seeded.

Each benchmark is asked in steps, in a random order of its questions, both arms alike, until the
rule of `evalsuite.stats.stopping` decides or the plan's end is reached. Sizes are shares of the
pairs that one look at the end would take for the same power (Nam's N). *Blocks* are equal shares
of the plan, also within a pass over the questions; *rounds* are whole passes; both know ψ. *Fresh,
until decided* is what `evalsuite run --until-decided` does with two new arms: it begins with the
planning values (w = 0.45) and learns ψ from the draws of both arms together. *Stored* is the same
against a baseline that holds draws already (`STORED`); sizes are of the candidate's draws.

    python benchmarks/stopping_simulation.py --trials 10000 --jobs 16
"""

import argparse
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from simulated_arms import (
    SIZES,
    WITHIN_SHARES,
    Arms,
    Counts,
    Size,
    arms,
    chunks,
    percent,
    spread,
    table,
)

from evalsuite.stats.anytime import bets, evidence
from evalsuite.stats.paired import PairedCounts, paired_counts
from evalsuite.stats.planning import ALPHA, POWER, WITHIN_SHARE, pairs_needed
from evalsuite.stats.schedule import Plan, Stage, revised
from evalsuite.stats.sequential import inflation, kim_demets
from evalsuite.stats.stopping import Stop, anytime_stop, sequential_stop, verdict_values

# True differences, in margins.
TRUTHS = (0.0, -0.5, -1.0, -2.0)
# An open-ended run is looked at twenty times within the fixed design's size, and given up at this.
ANYTIME_LOOKS, ANYTIME_END = 20, 3.0
TRIALS_PER_JOB = 250
MOST_REPEATS = 64
# Draws of every question that a stored baseline holds.
STORED = {"MMLU": 4, "GSM8K": 8, "MATH-500": 8, "GPQA Diamond": 32, "AIME 2024": 64}


@dataclass(frozen=True, kw_only=True)
class Design:
    """When one looks (pairs asked by then), and by what rule: bets without a *course*."""

    looks: tuple[int, ...]
    course: tuple[Stage, ...]
    fixed: float


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some trials of one design under one truth."""

    size: Size
    share: float
    planned_share: float
    kind: str
    truth: float
    trials: int
    seed: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class End:
    """One run: why it ended, after how many pairs and looks, and the interval shown then."""

    stop: Stop | None
    pairs: int
    looks: int
    low: float
    high: float


@dataclass(kw_only=True)
class Outcome:
    """How *trials* ended, the pairs they took (in fixed designs), and whether the interval held.

    That is the one shown after the stop: the repeated interval, or the confidence sequence.
    """

    trials: int
    stops: Counter[Stop | None]
    taken: float = 0.0
    looks: int = 0
    covered: int = 0

    def add(self, other: "Outcome") -> None:
        """Sum both."""
        self.trials += other.trials
        self.stops += other.stops
        self.taken += other.taken
        self.looks += other.looks
        self.covered += other.covered


UNTIL_DECIDED = "fresh, until decided"
AGAINST_STORED = "stored, until decided"
KINDS = (
    "4 blocks",
    "8 blocks",
    "4 rounds",
    "8 rounds",
    "anytime, blocks",
    "anytime, rounds",
    UNTIL_DECIDED,
    AGAINST_STORED,
)
Setting = tuple[str, str, float, float]


def main() -> None:
    """Print one table per kind of design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1_000, help="simulated runs per setting")
    parser.add_argument("--seed", type=int, default=20_250_120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", default="", help="designs whose name contains this")
    parser.add_argument("--benchmark", default="", help="benchmarks whose title contains this")
    parser.add_argument(
        "--misjudged", type=float, default=1.0, help="true flips over those the plan assumes"
    )
    options = parser.parse_args()
    started = time.monotonic()
    kinds = [kind for kind in KINDS if options.only in kind]
    sizes = [size for size in SIZES if options.benchmark in size.title]
    found = simulate(
        sizes, kinds, options.trials, options.seed, options.jobs, misjudged=options.misjudged
    )
    for kind in kinds:
        print(f"{kind}\n\n{shown(kind, found)}\n", flush=True)
    print(f"{options.trials} runs per setting, {time.monotonic() - started:.0f} s")


def simulate(
    sizes: Sequence[Size],
    kinds: Sequence[str],
    trials: int,
    seed: int,
    processes: int,
    *,
    misjudged: float = 1.0,
) -> dict[Setting, Outcome]:
    """The outcome of every setting, the same for any number of *processes*."""
    jobs = [
        Job(
            size=size,
            share=share,
            planned_share=share / misjudged,
            kind=kind,
            truth=truth,
            trials=some,
            seed=(seed, size.questions, round(100 * share), KINDS.index(kind), place, number),
        )
        for kind in kinds
        for size in sizes
        for share in WITHIN_SHARES
        if design(size, share / misjudged, kind) is not None
        for place, truth in enumerate(TRUTHS)
        for number, some in enumerate(chunks(trials, TRIALS_PER_JOB))
    ]
    found: dict[Setting, Outcome] = {}
    for job, outcome in zip(jobs, spread(run, jobs, processes), strict=True):
        key = (job.kind, job.size.title, job.share, job.truth)
        found.setdefault(key, Outcome(trials=0, stops=Counter())).add(outcome)
    return found


def design(size: Size, share: float, kind: str) -> Design | None:
    """The plan for flips as w = *share* makes them; None if one pass is enough."""
    if kind in (UNTIL_DECIDED, AGAINST_STORED):
        # Planned while it runs; its size is held against what those who know w would ask.
        alone = pairs_needed(size.discordance(share), size.margin)
        if kind == AGAINST_STORED:
            alone = plan_of(size, STORED[size.title]).fixed(size.discordance(share))
        return Design(looks=(), course=(), fixed=alone)
    count, step = kind.split() if "anytime" not in kind else ("0", kind.split()[1])
    pairs = pairs_needed(size.discordance(share), size.margin)
    if step == "rounds" and pairs <= size.questions:
        return None
    unit = size.questions if step == "rounds" else 1
    # The fixed design, too, asks whole passes only.
    fixed = math.ceil(pairs / unit) * unit
    if count == "0":
        stride = max(math.ceil(fixed / ANYTIME_LOOKS / unit), 1) * unit
        looks = tuple(range(stride, math.ceil(ANYTIME_END * fixed) + 1, stride))
        return Design(looks=looks, course=(), fixed=fixed)
    even = tuple((look + 1) / int(count) for look in range(int(count)))
    most = inflation(even, alpha=ALPHA, beta=1 - POWER) * pairs
    looks = tuple(sorted({math.ceil(part * most / unit) * unit for part in even}))
    return Design(looks=looks, course=tuple(stage(one, looks[-1]) for one in looks), fixed=fixed)


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


def run(job: Job) -> Outcome:
    """Ask step by step until the rule decides."""
    chance = np.random.default_rng(job.seed)
    truth = arms(job.size, job.share, job.truth * job.size.margin, chance)
    plan = design(job.size, job.planned_share, job.kind)
    assert plan is not None
    found = Outcome(trials=job.trials, stops=Counter())
    psi = job.size.discordance(job.planned_share)
    for _ in range(job.trials):
        if job.kind == UNTIL_DECIDED:
            end = until_decided(Asking(truth, chance), plan_of(job.size, 0), job.size)
        elif job.kind == AGAINST_STORED:
            stored = STORED[job.size.title]
            end = until_decided(Asking(truth, chance, stored), plan_of(job.size, stored), job.size)
        elif not plan.course:
            end = bet(truth, plan, psi, job.size.margin, chance)
        else:
            end = look(Asking(truth, chance), plan, job.size.margin)
        found.stops[end.stop] += 1
        found.taken += end.pairs / plan.fixed
        found.looks += end.looks
        found.covered += end.low <= job.truth * job.size.margin <= end.high
    return found


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


def shown(kind: str, found: dict[Setting, Outcome]) -> str:
    """One row per benchmark; three figures for the three shares w."""

    def cells(title: str, truth: float, of: str) -> str:
        figures = []
        for share in WITHIN_SHARES:
            outcome = found.get((kind, title, share, truth))
            if outcome is not None:
                figures.append(figure(outcome, of))
        return " / ".join(figures) or "–"

    columns = [
        ("false holds, %", -1.0, "holds"),
        ("false worse, %", -1.0, "worse"),
        ("power, %", 0.0, "holds"),
        ("size at 0", 0.0, "size"),
        ("looks at 0", 0.0, "looks"),
        ("at half the margin", -0.5, "size"),
        ("at the margin", -1.0, "size"),
        ("at twice", -2.0, "size"),
        ("worse found at twice, %", -2.0, "worse"),
        ("interval covers 0, %", 0.0, "covered"),
        ("the margin, %", -1.0, "covered"),
        ("twice, %", -2.0, "covered"),
    ]
    return table(
        ["benchmark", *(name for name, _, _ in columns)],
        ([size.title, *(cells(size.title, at, of) for _, at, of in columns)] for size in SIZES),
    )


def figure(outcome: Outcome, of: str) -> str:
    """A mean size or number of looks, or the share of runs that stopped with the word *of*."""
    if of == "size":
        return f"{outcome.taken / outcome.trials:.2f}"
    if of == "looks":
        return f"{outcome.looks / outcome.trials:.1f}"
    if of == "covered":
        return percent(outcome.covered, outcome.trials)
    hits = sum(count for stop, count in outcome.stops.items() if stop == of)
    return percent(hits, outcome.trials)


if __name__ == "__main__":
    main()

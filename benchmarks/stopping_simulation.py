"""What stopping early saves, and whether the error rates survive it: simulated, seeded.

Each benchmark is asked in steps, in a random order of its questions, both arms alike, until the
rule of `evalsuite.stats.stopping` decides or the plan's end is reached. Sizes are shares of the
pairs that one look at the end would take for the same power (Nam's N). *Blocks* are equal shares
of the plan, also within a pass over the questions; *rounds* are whole passes. *Until decided* is
what `evalsuite run --until-decided` does, which knows nothing beforehand: the first block is that
of the planning values (w = 0.45), and the rest of the plan is made from its blinded flips.

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
from evalsuite.stats.schedule import Schedule, schedule
from evalsuite.stats.sequential import Boundaries, boundaries
from evalsuite.stats.sizes import blinded_discordance
from evalsuite.stats.stopping import Stop, anytime_stop, sequential_stop

# True differences, in margins.
TRUTHS = (0.0, -0.5, -1.0, -2.0)
# An open-ended run is looked at twenty times within the fixed design's size, and given up at this.
ANYTIME_LOOKS, ANYTIME_END = 20, 3.0
TRIALS_PER_JOB = 250
MOST_REPEATS = 64


@dataclass(frozen=True, kw_only=True)
class Design:
    """When one looks (pairs asked by then), and by what rule: bets without *bounds*."""

    looks: tuple[int, ...]
    bounds: Boundaries | None
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
    """One run: why it ended, after how many pairs, and the interval shown then."""

    stop: Stop | None
    pairs: int
    low: float
    high: float


@dataclass(kw_only=True)
class Outcome:
    """How *trials* ended, the pairs they took (in fixed designs), and whether the interval held.

    That is the one shown after the stop: the repeated interval, or the confidence sequence.
    """

    trials: int
    stops: Counter[Stop | None]
    taken: float
    covered: int

    def add(self, other: "Outcome") -> None:
        """Sum both."""
        self.trials += other.trials
        self.stops += other.stops
        self.taken += other.taken
        self.covered += other.covered


UNTIL_DECIDED = "until decided"
KINDS = (
    "4 blocks",
    "8 blocks",
    "4 rounds",
    "8 rounds",
    "anytime, blocks",
    "anytime, rounds",
    UNTIL_DECIDED,
)
Setting = tuple[str, str, float, float]


def main() -> None:
    """Print one table per kind of design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1_000, help="simulated runs per setting")
    parser.add_argument("--seed", type=int, default=20_250_120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", default="", help="designs whose name contains this")
    parser.add_argument(
        "--misjudged", type=float, default=1.0, help="true flips over those the plan assumes"
    )
    options = parser.parse_args()
    started = time.monotonic()
    kinds = [kind for kind in KINDS if options.only in kind]
    found = simulate(
        SIZES, kinds, options.trials, options.seed, options.jobs, misjudged=options.misjudged
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
        found.setdefault(key, Outcome(trials=0, stops=Counter(), taken=0.0, covered=0)).add(outcome)
    return found


def design(size: Size, share: float, kind: str) -> Design | None:
    """The plan for flips as w = *share* makes them; None if one pass is enough."""
    if kind == UNTIL_DECIDED:
        # Planned while it runs; its size is held against what those who know w would ask.
        return Design(
            looks=(), bounds=None, fixed=pairs_needed(size.discordance(share), size.margin)
        )
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
        return Design(looks=looks, bounds=None, fixed=fixed)
    even = tuple((look + 1) / int(count) for look in range(int(count)))
    most = even_bounds(even).inflation * pairs
    looks = tuple(sorted({math.ceil(part * most / unit) * unit for part in even}))
    return Design(
        looks=looks, bounds=even_bounds(tuple(one / looks[-1] for one in looks)), fixed=fixed
    )


def even_bounds(information: tuple[float, ...]) -> Boundaries:
    """The rule's own boundaries."""
    return boundaries(information, alpha=ALPHA, beta=1 - POWER)


def run(job: Job) -> Outcome:
    """Ask step by step until the rule decides."""
    chance = np.random.default_rng(job.seed)
    truth = arms(job.size, job.share, job.truth * job.size.margin, chance)
    plan = design(job.size, job.planned_share, job.kind)
    assert plan is not None
    found = Outcome(trials=job.trials, stops=Counter(), taken=0.0, covered=0)
    psi = job.size.discordance(job.planned_share)
    for _ in range(job.trials):
        if job.kind == UNTIL_DECIDED:
            end = until_decided(Asking(truth, chance), job.size)
        elif plan.bounds is None:
            end = bet(truth, plan, psi, job.size.margin, chance)
        else:
            end = look(Asking(truth, chance), plan.looks, plan.bounds, job.size.margin)
        found.stops[end.stop] += 1
        found.taken += end.pairs / plan.fixed
        found.covered += end.low <= job.truth * job.size.margin <= end.high
    return found


class Asking:
    """Both arms asked step by step, in one random order of the questions, pass after pass."""

    def __init__(self, truth: Arms, chance: np.random.Generator) -> None:
        self.order = chance.permutation(len(truth.baseline))
        self.right = np.zeros((2, len(self.order)), dtype=np.int64)
        self.draws = np.zeros(len(self.order), dtype=np.int64)
        self._truth, self._chance = truth, chance

    def ask(self, pairs: int) -> None:
        """Draw until there are *pairs*."""
        draws = asked(self.order, pairs)
        for arm, rates in enumerate((self._truth.baseline, self._truth.candidate)):
            self.right[arm] += self._chance.binomial(draws - self.draws, rates)
        self.draws = draws

    def counts(self) -> PairedCounts:
        """What the look sees."""
        some = self.draws > 0
        return paired_counts(self.right[0][some], self.right[1][some], self.draws[some])

    def flips(self) -> float:
        """What may be seen before a look: both arms' draws together."""
        some = self.draws > 0
        found = blinded_discordance(self.right.sum(axis=0)[some], 2 * self.draws[some])
        assert found is not None
        return found


def look(data: Asking, looks: Sequence[int], bounds: Boundaries, margin: float) -> End:
    """One group-sequential run."""
    for number, pairs in enumerate(looks):
        data.ask(pairs)
        counts = data.counts()
        stop = sequential_stop(counts, bounds, number, margin=margin)
        if stop is not None or pairs == looks[-1]:
            break
    low, high = counts.limits(bounds.critical[number])
    return End(stop=stop, pairs=pairs, low=low, high=high)


def until_decided(data: Asking, size: Size) -> End:
    """One run as the command does it."""

    def planned(discordance: float, there: int) -> Schedule:
        return schedule(
            discordance=discordance,
            margin=size.margin,
            questions=size.questions,
            most=MOST_REPEATS,
            asked=there,
            power=POWER,
        )

    first = planned(size.discordance(WITHIN_SHARE), 0).pairs[0]
    data.ask(first)
    plan = planned(data.flips(), first)
    # Rounded, so that thousands of plans share some dozens of boundaries.
    information = tuple(round(pairs / plan.pairs[-1], 2) for pairs in plan.pairs)
    bounds = boundaries(information, alpha=ALPHA, beta=round(plan.beta, 2))
    return look(data, plan.pairs, bounds, size.margin)


def bet(truth: Arms, plan: Design, psi: float, margin: float, chance: np.random.Generator) -> End:
    """One open-ended run."""
    stakes = bets(psi, margin)
    for pairs, won, lost in seen(truth, plan.looks, chance):
        said = evidence(won, lost, pairs, bets=stakes, alpha=ALPHA)
        stop = anytime_stop(said)
        if stop is not None:
            break
    return End(stop=stop, pairs=pairs, low=said.low, high=said.high)


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
    """A mean size, or the share of runs that stopped with the word *of*."""
    if of == "size":
        return f"{outcome.taken / outcome.trials:.2f}"
    if of == "covered":
        return percent(outcome.covered, outcome.trials)
    hits = sum(count for stop, count in outcome.stops.items() if stop == of)
    return percent(hits, outcome.trials)


if __name__ == "__main__":
    main()

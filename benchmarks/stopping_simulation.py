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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from simulated_arms import SIZES, WITHIN_SHARES, Size, arms, chunks, percent, spread, table
from simulated_looks import Asking, Design, bet, look, plan_of, stage, until_decided

from evalsuite.stats.planning import ALPHA, POWER, pairs_needed
from evalsuite.stats.sequential import inflation
from evalsuite.stats.stopping import Stop

# True differences, in margins.
TRUTHS = (0.0, -0.5, -1.0, -2.0)
# An open-ended run is looked at twenty times within the fixed design's size, and given up at this.
ANYTIME_LOOKS, ANYTIME_END = 20, 3.0
TRIALS_PER_JOB = 250
# Draws of every question that a stored baseline holds.
STORED = {"MMLU": 4, "GSM8K": 8, "MATH-500": 8, "GPQA Diamond": 32, "AIME 2024": 64}


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

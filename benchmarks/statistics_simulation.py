"""How often the verdict errs: five simulated benchmarks, seeded (`simulated_arms.py`).

For each benchmark, number of repeats and share w of the variance within questions: how often a
loss of exactly the margin is called *holds* (at most 5 % wanted) or *worse*, how often the 95 %
interval covers that difference, and how often equal arms hold (power). A number of repeats like
64/4 is a stored baseline of 64 draws a question against a candidate with 4.

    python benchmarks/statistics_simulation.py --trials 20000 --jobs 16
"""

import argparse
import os
import time
from dataclasses import dataclass

import numpy as np
from simulated_arms import SIZES, WITHIN_SHARES, Arms, Size, arms, chunks, percent, spread, table

from evalsuite.stats.decide import LEVEL_90, LEVEL_95
from evalsuite.stats.paired import PairedCounts, paired_counts
from evalsuite.stats.quantiles import two_sided

EQUAL_REPEATS = ((1, 1), (2, 2), (4, 4), (8, 8), (16, 16), (32, 32), (64, 64))
STORED_BASELINE = ((64, 1), (64, 4), (8, 2), (1, 8))
TRIALS_PER_JOB = 500


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some trials of one setting, on one benchmark drawn for them."""

    size: Size
    share: float
    repeats: tuple[int, int]
    trials: int
    seed: tuple[int, ...]


@dataclass(kw_only=True)
class Hits:
    """Counts over *trials*."""

    trials: int = 0
    holds: int = 0
    worse: int = 0
    covered: int = 0
    covered_equal: int = 0
    power: int = 0

    def add(self, other: "Hits") -> None:
        """Sum both."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2_000, help="simulated runs per setting")
    parser.add_argument("--seed", type=int, default=20_250_120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", default="", help="benchmarks whose title contains this")
    parser.add_argument("--unequal", action="store_true", help="only unequal repeats")
    options = parser.parse_args()
    started = time.monotonic()
    sizes = [size for size in SIZES if options.only in size.title]
    for repeats in (STORED_BASELINE,) if options.unequal else (EQUAL_REPEATS, STORED_BASELINE):
        found = simulate(sizes, repeats, options.trials, options.seed, options.jobs)
        print(shown(found), end="\n\n", flush=True)
    print(f"{options.trials} runs per setting, {time.monotonic() - started:.0f} s")


Setting = tuple[str, tuple[int, int], float]


def simulate(
    sizes: list[Size], repeats: tuple[tuple[int, int], ...], trials: int, seed: int, processes: int
) -> dict[Setting, Hits]:
    """The counts of every setting, the same for any number of *processes*."""
    jobs = [
        Job(
            size=size,
            share=share,
            repeats=each,
            trials=some,
            seed=(seed, size.questions, round(100 * share), *each, number),
        )
        for size in sizes
        for each in repeats
        for share in WITHIN_SHARES
        for number, some in enumerate(chunks(trials, TRIALS_PER_JOB))
    ]
    found: dict[Setting, Hits] = {}
    for job, hits in zip(jobs, spread(run, jobs, processes), strict=True):
        found.setdefault((job.size.title, job.repeats, job.share), Hits()).add(hits)
    return found


def run(job: Job) -> Hits:
    """Draw and decide."""
    chance = np.random.default_rng(job.seed)
    margin, hits = job.size.margin, Hits(trials=job.trials)
    lossy, equal = (arms(job.size, job.share, by, chance) for by in (-margin, 0.0))
    for _ in range(job.trials):
        counts = drawn(lossy, job.repeats, chance)
        z, once, twice = counts.z(-margin), quantile(counts, LEVEL_90), quantile(counts, LEVEL_95)
        hits.holds += z > once
        hits.worse += z < -once
        hits.covered += abs(z) <= twice
        counts = drawn(equal, job.repeats, chance)
        hits.power += counts.z(-margin) > quantile(counts, LEVEL_90)
        hits.covered_equal += abs(counts.z(0.0)) <= quantile(counts, LEVEL_95)
    return hits


def quantile(counts: PairedCounts, level: float) -> float:
    """The verdict's own: the limits of the interval are where the score reaches it."""
    return two_sided(level, counts.freedom)


def drawn(truth: Arms, repeats: tuple[int, int], chance: np.random.Generator) -> PairedCounts:
    """One simulated run of both arms."""
    each = [np.full(len(truth.baseline), one) for one in repeats]
    right = [
        chance.binomial(one, rates)
        for one, rates in zip(each, (truth.baseline, truth.candidate), strict=True)
    ]
    return paired_counts(*right, *each)


def shown(found: dict[Setting, Hits]) -> str:
    """One row per benchmark and number of repeats, one figure per share."""
    rows: dict[tuple[str, str], list[Hits]] = {}
    for (title, (one, other), _), hits in found.items():
        repeats = str(one) if one == other else f"{one}/{other}"
        rows.setdefault((title, repeats), []).append(hits)
    names = ("holds", "worse", "covered", "covered_equal", "power")
    return table(
        [
            "benchmark",
            "repeats",
            "false holds, %",
            "false worse, %",
            "coverage at a loss of the margin, %",
            "coverage of equal arms, %",
            "power, %",
        ],
        (
            [*key, *(" / ".join(percent(getattr(h, n), h.trials) for h in hits) for n in names)]
            for key, hits in rows.items()
        ),
    )


if __name__ == "__main__":
    main()

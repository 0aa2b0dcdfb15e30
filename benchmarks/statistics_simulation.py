"""How often the verdict errs: simulated benchmarks of the five tasks' sizes, seeded.

Questions have pass rates of their own: logits are normal, fitted to the accuracy and to the share
of the variance that lies within questions (w); the candidate's logits move by a constant, solved
so that the true difference is exact, and by noise of their own. Printed for each size, w and
number of repeats: how often a loss of exactly the margin is called *holds* (at most 5 %), how often
the 95 % interval covers that difference, and how often equal arms hold (power).

    python benchmarks/statistics_simulation.py --trials 20000
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from evalsuite.stats.paired import PairedCounts, paired_counts
from evalsuite.stats.tango import score_z

Floats = NDArray[np.float64]
Z_90, Z_95 = float(norm.ppf(0.95)), float(norm.ppf(0.975))
# Deviation of the candidate's own logits: quantisation moves questions one by one.
OWN_NOISE = 0.5


@dataclass(frozen=True, kw_only=True)
class Size:
    """One benchmark: questions, accuracy, margin, and the repeats to try."""

    title: str
    questions: int
    accuracy: float
    margin: float
    repeats: Sequence[int]


SIZES = (
    Size(title="MMLU", questions=14_042, accuracy=0.908, margin=0.01, repeats=(1, 2)),
    Size(title="GSM8K", questions=1_319, accuracy=0.963, margin=0.01, repeats=(1, 2, 8)),
    Size(title="MATH-500", questions=500, accuracy=0.958, margin=0.02, repeats=(1, 2, 4, 16)),
    Size(title="GPQA Diamond", questions=198, accuracy=0.715, margin=0.03, repeats=(1, 2, 8, 64)),
    Size(title="AIME 2024", questions=30, accuracy=0.798, margin=0.03, repeats=(1, 2, 4, 16, 64)),
)
WITHIN_SHARES = (0.15, 0.35, 0.60)


def main() -> None:
    """Print one table row for each setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2_000, help="simulated runs per setting")
    parser.add_argument("--seed", type=int, default=20_250_120)
    options = parser.parse_args()
    print("| benchmark | w | repeats | false holds, % | coverage at 95 %, % | power, % |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        for share in WITHIN_SHARES:
            baseline = logits(size, share)
            for repeats in size.repeats:
                chance = np.random.default_rng([options.seed, size.questions, repeats])
                shown = setting(baseline, size, repeats, options.trials, chance)
                print(f"| {size.title} | {share:.2f} | {repeats} | {shown} |", flush=True)


def setting(
    baseline: Floats, size: Size, repeats: int, trials: int, chance: np.random.Generator
) -> str:
    """False holds, coverage and power of one setting, as the table's cells."""
    ours, noisy = expit(baseline), baseline + chance.normal(0, OWN_NOISE, len(baseline))
    holds, covered = 0, 0
    for counts in draws(ours, moved(ours, noisy, -size.margin), repeats, trials, chance):
        z = score_z(counts.gains, counts.losses, counts.pairs, -size.margin)
        holds += z > Z_90
        covered += abs(z) <= Z_95
    equal = draws(ours, moved(ours, noisy, 0.0), repeats, trials, chance)
    power = sum(score_z(one.gains, one.losses, one.pairs, -size.margin) > Z_90 for one in equal)
    return " | ".join(f"{100 * hits / trials:.1f}" for hits in (holds, covered, power))


def draws(
    ours: Floats, theirs: Floats, repeats: int, trials: int, chance: np.random.Generator
) -> Iterator[PairedCounts]:
    """Simulated runs of two arms with the pass rates *ours* and *theirs*."""
    each = np.full(len(ours), repeats)
    for _ in range(trials):
        yield paired_counts(chance.binomial(each, ours), chance.binomial(each, theirs), each)


def logits(size: Size, share: float) -> Floats:
    """Logits whose rates have the accuracy as mean and *share* of the variance within."""
    nodes = norm.ppf((np.arange(size.questions) + 0.5) / size.questions)

    def of(spread: float) -> Floats:
        middle = brentq(lambda m: np.mean(expit(m + spread * nodes)) - size.accuracy, -60, 60)
        return np.asarray(middle + spread * nodes)

    def excess(spread: float) -> float:
        found = expit(of(spread))
        whole = size.accuracy * (1 - size.accuracy)
        return float(np.mean(found * (1 - found))) - share * whole

    return of(brentq(excess, 0.01, 20))


def moved(ours: Floats, noisy: Floats, difference: float) -> Floats:
    """The rates of the logits *noisy* plus a constant: on average *ours* plus *difference*."""
    target = float(np.mean(ours)) + difference
    by = brentq(lambda constant: np.mean(expit(noisy + constant)) - target, -20, 20)
    return np.asarray(expit(noisy + by))


if __name__ == "__main__":
    main()

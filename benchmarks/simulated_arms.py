"""Two arms whose truth is known: the data that the simulations of the statistics draw from.

Questions have pass rates of their own: logits are normal, fitted to a benchmark's published
accuracy and to the share w of the variance that lies within questions. The candidate's logits
differ by noise of their own and by a constant, solved so that the true difference is exact.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Job = TypeVar("Job")
Result = TypeVar("Result")
# Deviation of the candidate's own logits: quantisation moves questions one by one.
OWN_NOISE = 0.5
WITHIN_SHARES = (0.15, 0.35, 0.60)


@dataclass(frozen=True, kw_only=True)
class Size:
    """One benchmark: questions, accuracy, margin, and tokens per answer (planning values)."""

    title: str
    questions: int
    accuracy: float
    margin: float
    tokens: int

    def discordance(self, share: float) -> float:
        """Expected flips per pair of equal arms, w = *share*."""
        return 2 * share * self.accuracy * (1 - self.accuracy)


SIZES = (
    Size(title="MMLU", questions=14_042, accuracy=0.908, margin=0.01, tokens=1_000),
    Size(title="GSM8K", questions=1_319, accuracy=0.963, margin=0.01, tokens=800),
    Size(title="MATH-500", questions=500, accuracy=0.958, margin=0.02, tokens=3_000),
    Size(title="GPQA Diamond", questions=198, accuracy=0.715, margin=0.03, tokens=7_000),
    Size(title="AIME 2024", questions=30, accuracy=0.798, margin=0.03, tokens=12_000),
)


@dataclass(frozen=True, kw_only=True)
class Arms:
    """The pass rates of every question in the baseline and in a candidate that differs by *by*."""

    baseline: Floats
    candidate: Floats


def arms(size: Size, share: float, by: float, chance: np.random.Generator) -> Arms:
    """A benchmark whose mean rates differ by exactly *by*; the candidate's own noise is drawn."""
    base = logits(size.questions, size.accuracy, share)
    noisy = base + chance.normal(0, OWN_NOISE, len(base))
    rates = expit(base)
    target = float(np.mean(rates)) + by
    constant = brentq(lambda shift: np.mean(expit(noisy + shift)) - target, -20, 20)
    return Arms(baseline=rates, candidate=np.asarray(expit(noisy + constant)))


@cache
def logits(questions: int, accuracy: float, share: float) -> Floats:
    """Logits whose rates have *accuracy* as mean and *share* of the variance within."""
    nodes = norm.ppf((np.arange(questions) + 0.5) / questions)

    def of(spread: float) -> Floats:
        middle = brentq(lambda m: np.mean(expit(m + spread * nodes)) - accuracy, -60, 60)
        return np.asarray(middle + spread * nodes)

    def excess(spread: float) -> float:
        found = expit(of(spread))
        return float(np.mean(found * (1 - found))) - share * accuracy * (1 - accuracy)

    return of(brentq(excess, 0.01, 20))


def spread(work: Callable[[Job], Result], jobs: Sequence[Job], processes: int) -> Iterator[Result]:
    """The results of *work* in the order of *jobs*, over *processes* cores; seeds are the jobs'."""
    if processes == 1:
        yield from map(work, jobs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(work, jobs)


def chunks(trials: int, each: int) -> Iterator[int]:
    """How many trials every job does; each job draws a benchmark of its own."""
    while trials > 0:
        yield min(trials, each)
        trials -= each


def percent(hits: float, trials: int) -> str:
    """A share as the tables show it."""
    return f"{100 * hits / trials:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

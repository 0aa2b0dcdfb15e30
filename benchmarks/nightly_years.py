"""Simulated years of nights through the charts of the nightly, as they are shipped.

Each year has 365 nights of five tasks; the questions' pass rates are drawn once a year, the draws
every night, so that a night's macro average has a standard error of about 0.41 points, which is
what 10 million tokens buy on the five benchmarks. Every alarm is looked at and reset the next
morning. `--phi` makes the nights scatter more than sampling does.

    python benchmarks/nightly_years.py --years 200
    python benchmarks/nightly_years.py --years 40 --only healthy --phi 1.15
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from evalsuite.comparison.types import Estimate, FlipCounts, Interval, RateChange
from evalsuite.nightly.drift import MACRO, Chart, watch
from evalsuite.nightly.entry import Entry, Side
from evalsuite.nightly.history import Reset
from evalsuite.nightly.policy import DriftPolicy
from evalsuite.nightly.result import TaskResult

NIGHTS = 365
FIRST = date(2026, 1, 1)
POLICY = DriftPolicy(
    baseline_nights=20, false_alarms_per_month=0.05, remeasure_days=28, alarm="warn"
)
# Accuracy, questions and draws of each: standard errors a night of 0.46 to 1.4 points.
TASKS = {
    "mmlu": (0.91, 40, 42),
    "gsm8k": (0.96, 40, 34),
    "math_500": (0.97, 40, 16),
    "gpqa_diamond": (0.71, 40, 27),
    "aime_2024": (0.79, 30, 28),
}
LOGIT_SPREAD = 2.2
NONE = Estimate(value=0.0, interval=Interval(low=0.0, high=0.0, level=0.95))
SIDE = Side(
    run="r", arm="fp4", precision="nvfp4", model="m", backend="b", engine_version="1",
    hardware="h", checkpoint="c", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip

Shift = Callable[[int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens in a year: the macro accuracy moves by `shift(night)` points."""

    name: str
    shift: Shift
    begins: int | None = None
    missing: float = 0.0
    upgrade: int | None = None


SCENARIOS = (
    Scenario(name="healthy", shift=lambda _: 0.0),
    Scenario(name="missing nights", shift=lambda _: 0.0, missing=0.2),
    Scenario(name="engine upgrade", shift=lambda n: 0.0 if n < 180 else -0.5, upgrade=180),
    Scenario(name="one-night outlier", shift=lambda n: -2.0 if n == 200 else 0.0, begins=200),
    Scenario(name="step of -1", shift=lambda n: 0.0 if n < 200 else -1.0, begins=200),
    Scenario(name="step of -2", shift=lambda n: 0.0 if n < 200 else -2.0, begins=200),
    Scenario(
        name="slope of -1 in 60 nights",
        shift=lambda n: -min(max(n - 200, 0) / 60, 1.0),
        begins=200,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The alarms of one year: night at which each was raised, chart, and the night it named."""

    alarms: tuple[tuple[int, str, int], ...]


def pass_rates(accuracy: float, questions: int, rng: np.random.Generator) -> np.ndarray:
    """Pass rates with a logit-normal spread and that mean."""
    logits = rng.normal(0.0, LOGIT_SPREAD, questions)
    low, high = -12.0, 12.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        mean = float(np.mean(1 / (1 + np.exp(-(logits + middle)))))
        low, high = (middle, high) if mean < accuracy else (low, middle)
    return 1 / (1 + np.exp(-(logits + low)))


def shifted(rates: np.ndarray, points: float) -> np.ndarray:
    """*rates* whose mean is lower by *points*, where there is room for it."""
    room = rates * (1 - rates)
    return np.clip(rates + points / 100 * room / room.mean(), 0.0, 1.0)


def night_of(number: int) -> str:
    """The date of night *number*."""
    return (FIRST + timedelta(days=number)).isoformat()


def year_of(
    scenario: Scenario, seed: int, *, nights: int = NIGHTS, phi: float = 1.0
) -> list[Entry]:
    """The entries of one year."""
    rng = np.random.default_rng(seed)
    rates = {task: pass_rates(p, n, rng) for task, (p, n, _) in TASKS.items()}
    entries = []
    for number in range(nights):
        if rng.random() < scenario.missing:
            continue
        side = SIDE
        if scenario.upgrade is not None and number >= scenario.upgrade:
            side = replace(SIDE, engine_version="2")
        commit = "good" if scenario.begins is None or number < scenario.begins else "bad"
        for task, (_, _, draws) in TASKS.items():
            p = rates[task]
            noise = 100 * math.sqrt((phi**2 - 1) * float(np.sum(p * (1 - p)))) / len(p)
            extra = rng.normal(0.0, noise / math.sqrt(draws))
            tonight = shifted(p, scenario.shift(number) + extra)
            hits = rng.binomial(draws, tonight)
            entries.append(_entry(night_of(number), task, side, commit, hits, draws))
    return entries


def follow(entries: Sequence[Entry], *, until: int = NIGHTS) -> Year:
    """Watch the nights; every alarm is reset the morning after, the first from *until* on ends."""
    resets: list[Reset] = []
    alarms = []
    while True:
        found = _first_alarm(watch(entries, resets, POLICY).charts)
        if found is None or found.alarm is None:
            return Year(alarms=tuple(alarms))
        alarms.append((_number(found.alarm.night), found.task, _number(found.alarm.began)))
        if alarms[-1][0] >= until:
            return Year(alarms=tuple(alarms))
        resets.append(Reset(night=found.alarm.night, arm="fp4", why="simulated", rebase=False))


def _first_alarm(charts: Sequence[Chart]) -> Chart | None:
    raised = [chart for chart in charts if chart.alarm]
    return min(raised, key=lambda chart: chart.alarm.night, default=None)


def _number(night: str) -> int:
    return (date.fromisoformat(night) - FIRST).days


def _entry(night: str, task: str, side: Side, commit: str, hits: np.ndarray, draws: int) -> Entry:
    result = TaskResult(
        task=task, title=task, synthetic=True, questions=len(hits), pairs=len(hits) * draws,
        planned=len(hits) * draws, baseline=NONE, candidate=NONE, difference=NONE,
        interval_90=NONE.interval, margin=0.01, p_value=0.5, worse_p=0.5, verdict="undecided",
        flips=FlipCounts(both_right=0, lost=0, won=0, both_wrong=0), control=None,
        length_ratio=None, flags=(),
        rates=(RateChange(name="truncated", baseline=NONE, candidate=NONE, difference=NONE),),
    )  # fmt: skip
    return Entry(
        night=night, arm="fp4", task=task, role="candidate", experiment="simulated",
        commit=commit, versions={}, measured="m", baseline=side, candidate=side, result=result,
        counts={str(n): (int(hit), draws) for n, hit in enumerate(hits)},
    )  # fmt: skip


def healthy_summary(years: Sequence[Year], first: int, nights: int) -> str:
    """Alarms per month of healthy nights, and the share of first months that have one."""
    months = len(years) * (nights - first) / 30
    count = sum(len(year.alarms) for year in years)
    early = sum(any(at < first + 30 for at, _, _ in year.alarms) for year in years)
    return f"{count / months:.3f} alarms a month; first months with one: {early / len(years):.3f}"


def change_summary(years: Sequence[Year], begins: int) -> str:
    """How soon the change is found, and how well its beginning is named."""
    delays, misses = [], []
    for year in years:
        after = [(at, began) for at, _, began in year.alarms if at >= begins]
        if after:
            delays.append(after[0][0] - begins + 1)
            misses.append(abs(after[0][1] - begins))
    within = {n: sum(one <= n for one in delays) / len(years) for n in (1, 3, 7, 30)}
    parts = [f"found within {n}: {share:.2f}" for n, share in within.items()]
    if delays:
        parts.append(f"median night {np.median(delays):.0f}")
        exact, near = (np.mean([one <= far for one in misses]) for far in (0, 1))
        parts.append(f"first night named exactly {exact:.2f}, within one {near:.2f}")
    return "; ".join(parts)


def main() -> None:
    """Print one line for each scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--phi", type=float, default=1.0)
    chosen = parser.parse_args()
    for scenario in SCENARIOS:
        if chosen.only and scenario.name not in chosen.only:
            continue
        began = time.process_time()
        seeds = range(1000, 1000 + chosen.years)
        years = [
            follow(year_of(scenario, seed, phi=chosen.phi), until=scenario.begins or NIGHTS)
            for seed in seeds
        ]
        before = [
            Year(alarms=tuple(one for one in year.alarms if one[0] < (scenario.begins or NIGHTS)))
            for year in years
        ]
        print(f"{scenario.name} (phi {chosen.phi:g}, {chosen.years} years)")
        healthy = healthy_summary(before, POLICY.baseline_nights, scenario.begins or NIGHTS)
        print(f"  while healthy: {healthy}")
        if scenario.begins is not None:
            print(f"  {change_summary(years, scenario.begins)}")
        macro = sum(task == MACRO for year in years for _, task, _ in year.alarms)
        print(f"  {macro} alarms by the mean; {time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()

"""Nights of one task against reference nights, question by question."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from evalsuite.stats.paired import own_within

Counts: TypeAlias = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far a night's accuracy lies from the reference's on the same questions (a fraction).

    `night_variance` is what sampling gives a night's mean, `reference_variance` that of the
    reference on these questions, `own_variance` that of the difference if the night is itself
    one of the reference. Independent draws within questions (E. Miller, arXiv:2411.00640, sec. 3).
    """

    questions: int
    value: float
    night_variance: float
    reference_variance: float
    own_variance: float


def deviations(nights: Sequence[Counts], reference: int) -> list[Deviation | None]:
    """Each of *nights* against the first *reference* of them.

    Only questions that the reference asked count, so that rotating ones may come and go; None
    for a night without any.
    """
    before = _pooled(nights[:reference])
    if before is None:
        return [None] * len(nights)
    return [_deviation(night, before) for night in nights]


def mean_variance(nights: Sequence[Counts]) -> float:
    """Of the mean accuracy of *nights* together, by their own draws; infinite without any."""
    found = _pooled(nights)
    if found is None:
        return math.inf
    return float(np.sum(found.within / found.draws)) / len(found.draws) ** 2


def joined(parts: Sequence[Deviation]) -> Deviation:
    """The plain mean over tasks of one night."""
    count = len(parts)

    def variance(name: str) -> float:
        return float(sum(getattr(one, name) for one in parts)) / count**2

    return Deviation(
        questions=sum(one.questions for one in parts),
        value=sum(one.value for one in parts) / count,
        night_variance=variance("night_variance"),
        reference_variance=variance("reference_variance"),
        own_variance=variance("own_variance"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """All draws of some nights: question → place, and by place rates, draws and their variance."""

    places: Mapping[str, int]
    rates: np.ndarray[tuple[int], np.dtype[np.float64]]
    draws: np.ndarray[tuple[int], np.dtype[np.int64]]
    within: np.ndarray[tuple[int], np.dtype[np.float64]]


def _pooled(nights: Sequence[Counts]) -> _Pool | None:
    names = sorted({name for night in nights for name in night})
    if not names:
        return None
    places = {name: place for place, name in enumerate(names)}
    right, draws = np.zeros(len(names)), np.zeros(len(names), dtype=np.int64)
    for night in nights:
        for name, (hits, count) in night.items():
            right[places[name]] += hits
            draws[places[name]] += count
    rates = right / draws
    within = own_within(rates, draws)
    if within is None:  # every question was asked once: the worst case of its rate is all we have
        within = np.full(len(names), float(rates.mean() * (1 - rates.mean())))
    # Silence is no precision: of n draws without an exception, one exception could be next.
    within = within + max(1 / (float(draws.sum()) + 1) - float(within.mean()), 0.0)
    return _Pool(places=places, rates=rates, draws=draws, within=within)


def _deviation(night: Counts, before: _Pool) -> Deviation | None:
    known = [
        (before.places[name], *count) for name, count in night.items() if name in before.places
    ]
    if not known:
        return None
    at, hits, counts = (np.asarray(column) for column in zip(*known, strict=True))
    square = len(at) ** 2
    tonight = float(np.sum(before.within[at] / counts)) / square
    reference = float(np.sum(before.within[at] / before.draws[at])) / square
    return Deviation(
        questions=len(at),
        value=float(np.mean(hits / counts - before.rates[at])),
        night_variance=tonight,
        reference_variance=reference,
        own_variance=max(tonight - reference, 0.0),
    )

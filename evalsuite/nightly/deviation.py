"""Nights of one task against reference nights, question by question."""

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
    names = sorted({name for night in nights[:reference] for name in night})
    if not names:
        return [None] * len(nights)
    places = {name: place for place, name in enumerate(names)}
    right, draws = np.zeros(len(names)), np.zeros(len(names), dtype=np.int64)
    for night in nights[:reference]:
        for name, (hits, count) in night.items():
            right[places[name]] += hits
            draws[places[name]] += count
    rates = right / draws
    within = own_within(rates, draws)
    if within is None:  # every question was asked once: the worst case of its rate is all we have
        within = np.full(len(names), float(rates.mean() * (1 - rates.mean())))
    # Silence is no precision: of n draws without an exception, one exception could be next.
    within = within + max(1 / (float(draws.sum()) + 1) - float(within.mean()), 0.0)
    return [_deviation(night, places, rates, draws, within) for night in nights]


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


def _deviation(
    night: Counts,
    places: Mapping[str, int],
    rates: np.ndarray[tuple[int], np.dtype[np.float64]],
    draws: np.ndarray[tuple[int], np.dtype[np.int64]],
    within: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> Deviation | None:
    known = [(places[name], *count) for name, count in night.items() if name in places]
    if not known:
        return None
    at, hits, counts = (np.asarray(column) for column in zip(*known, strict=True))
    square = len(at) ** 2
    tonight = float(np.sum(within[at] / counts)) / square
    before = float(np.sum(within[at] / draws[at])) / square
    return Deviation(
        questions=len(at),
        value=float(np.mean(hits / counts - rates[at])),
        night_variance=tonight,
        reference_variance=before,
        own_variance=max(tonight - before, 0.0),
    )

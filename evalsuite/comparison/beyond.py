"""What lies beneath one task's difference: flips over noise, answers, rates, other gradings."""

from collections.abc import Sequence

import numpy as np

from evalsuite.comparison.estimates import difference_of, verdict_of
from evalsuite.comparison.judging import Judge
from evalsuite.comparison.pairs import Marks, Pairs
from evalsuite.comparison.types import Beyond, Estimate, Interval, RateChange, Scenario
from evalsuite.runs.rows import Draw
from evalsuite.stats.decide import LEVEL_90, LEVEL_95, LIKELY
from evalsuite.stats.flips import agreement, changed_at_all_p, flip_rates
from evalsuite.stats.paired import Counts, Floats, PairedCounts, paired_counts, variance_parts
from evalsuite.stats.planning import detectable
from evalsuite.stats.questions import shrunk_interval
from evalsuite.stats.single import rate_interval

NO_ANSWER = "\x00"


def beyond(
    pairs: Pairs,
    right: tuple[Counts, Counts],
    counts: PairedCounts,
    *,
    margin: float,
    judge: Judge,
) -> Beyond:
    """All of it for *pairs*, whose *right* draws per question made *counts*."""
    draws = pairs.draws
    parts = variance_parts(*right, draws, draws)
    flips = flip_rates(*right, draws, draws)
    ours, theirs = pairs.baseline_draws(), pairs.candidate_draws()
    same = agreement(_answers(pairs, ours), _answers(pairs, theirs))
    return Beyond(
        discordance=counts.discordance,
        sampling_se=parts.sampling_se,
        questions_se=parts.questions_se,
        detectable=detectable(
            max(counts.discordance, 1 / counts.pairs), counts.pairs, power=LIKELY
        ),
        lost=_rate(flips.lost),
        gained=_rate(flips.gained),
        own_flips_baseline=None if flips.within_a is None else _rate(flips.within_a),
        own_flips_candidate=None if flips.within_b is None else _rate(flips.within_b),
        excess_flips=_signed(flips.excess, draws),
        agreement=_rate(same.cross),
        excess_disagreement=_signed(same.excess, draws),
        changed_p=changed_at_all_p(*right, draws, draws),
        rates=(
            _change(
                "truncated",
                pairs,
                [one.finish_reason == "length" for one in ours],
                [one.finish_reason == "length" for one in theirs],
            ),
            _change(
                "no_answer",
                pairs,
                [one.outcome == "no_answer" for one in ours],
                [one.outcome == "no_answer" for one in theirs],
            ),
        ),
        scenarios=_scenarios(pairs, ours, theirs, margin, judge),
    )


def _answers(pairs: Pairs, draws: Sequence[Draw]) -> list[list[str]]:
    ends = [*pairs.starts[1:].tolist(), len(draws)]
    answers = [NO_ANSWER if draw.answer is None else draw.answer for draw in draws]
    return [answers[at:end] for at, end in zip(pairs.starts.tolist(), ends, strict=True)]


def _rate(values: Floats) -> Estimate:
    low, high = rate_interval(values, level=LEVEL_95)
    return _estimate(float(np.mean(values)), low, high)


def _signed(values: Floats | None, draws: Counts) -> Estimate | None:
    """The mean of values in −1 … 1; None where single draws cannot tell."""
    if values is None:
        return None
    low, high = shrunk_interval(values, float(np.mean(draws)), level=LEVEL_95)
    value = float(np.mean(values))
    return _estimate(value, min(low, value), max(high, value))


def _change(name: str, pairs: Pairs, ours: Sequence[bool], theirs: Sequence[bool]) -> RateChange:
    """How often something other than a right answer happens in either arm, paired."""
    marks = pairs.count(ours), pairs.count(theirs)
    counts = paired_counts(*marks, pairs.draws)
    return RateChange(
        name=name,
        baseline=_rate(marks[0] / pairs.draws),
        candidate=_rate(marks[1] / pairs.draws),
        difference=difference_of(counts),
    )


def _scenarios(
    pairs: Pairs, ours: Sequence[Draw], theirs: Sequence[Draw], margin: float, judge: Judge
) -> tuple[Scenario, ...]:
    """The verdict if unreadable answers had been graded otherwise; none if there are none.

    Unreadable is what ended by itself and gave no answer; what was cut off is wrong.
    """
    unread = [_unreadable(draws) for draws in (ours, theirs)]
    if not (unread[0].any() or unread[1].any()):
        return ()
    right = [np.asarray([one.outcome == "correct" for one in draws]) for draws in (ours, theirs)]
    read = [~marks for marks in unread]
    everything = [np.ones(len(ours), dtype=bool)] * 2
    cases = {
        "dropped": (right, read),
        "best for the candidate": ([right[0], right[1] | unread[1]], everything),
        "worst for the candidate": ([right[0] | unread[0], right[1]], everything),
    }
    found = (_scenario(name, pairs, *case, margin, judge) for name, case in cases.items())
    return tuple(one for one in found if one is not None)


def _unreadable(draws: Sequence[Draw]) -> Marks:
    return np.asarray(
        [one.outcome == "no_answer" and one.finish_reason != "length" for one in draws]
    )


def _scenario(
    name: str,
    pairs: Pairs,
    right: Sequence[Marks],
    kept: Sequence[Marks],
    margin: float,
    judge: Judge,
) -> Scenario | None:
    """None if no question is left with a draw of both arms."""
    draws = [pairs.count(marks) for marks in kept]
    left = (draws[0] > 0) & (draws[1] > 0)
    if not left.any():
        return None
    hits = [pairs.count(r & k)[left] for r, k in zip(right, kept, strict=True)]
    counts = paired_counts(hits[0], hits[1], draws[0][left], draws[1][left])
    interval_90 = judge.interval(counts, LEVEL_90)
    return Scenario(
        name=name,
        questions=int(left.sum()),
        difference=difference_of(counts),
        interval_90=interval_90,
        verdict=verdict_of(interval_90, margin),
    )


def _estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, interval=Interval(low=low, high=high, level=LEVEL_95))

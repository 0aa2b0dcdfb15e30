"""One task of two runs → one `Benchmark`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evalsuite.comparison.beyond import CHANGED, beyond
from evalsuite.comparison.deciding import decides, price_of
from evalsuite.comparison.estimates import VERDICTS, difference_of, verdict_of
from evalsuite.comparison.judging import Stops, judge_of, sequential_of
from evalsuite.comparison.lengths import length_histogram, token_ratios
from evalsuite.comparison.margins import Margin
from evalsuite.comparison.pairs import Pairs, Side, duplicates
from evalsuite.comparison.subjects import subjects
from evalsuite.comparison.types import (
    ArmResult,
    Benchmark,
    Estimate,
    FlipCounts,
    Interval,
    Missing,
    Verdict,
)
from evalsuite.model import Question, TaskInfo
from evalsuite.runs.rows import Draw
from evalsuite.stats.decide import LEVEL_90, LEVEL_95, formal_state
from evalsuite.stats.multiple import FALSE_DISCOVERIES
from evalsuite.stats.paired import Floats, paired_counts
from evalsuite.stats.questions import (
    clustered_interval,
    log_ratio_interval,
    new_questions_interval,
)
from evalsuite.stats.single import single_interval

# A length ratio whose interval lies wholly outside this band is flagged.
LENGTH_BAND = (0.97, 1.03)


def benchmark(
    info: TaskInfo,
    pairs: Pairs,
    *,
    control: Pairs | None,
    questions: Mapping[str, Question],
    margin: Margin,
    speeds: tuple[float | None, float | None] = (None, None),
    stops: Stops | None = None,
    coupled: bool = False,
) -> Benchmark:
    """Compare the arms over *pairs*; *control* pairs the baseline with itself asked again.

    *speeds*: tokens per second of the two engines, as far as known. *stops*: how a run that may
    stop early was looked at, None for others. *coupled*: both arms drew with the same seeds.
    """
    counts = paired_counts(*pairs.right, *pairs.draws)
    judge = judge_of(stops, pairs)
    interval_90 = judge.interval(counts, LEVEL_90)
    share = margin.share
    formal = formal_state(interval_90.low, interval_90.high, margin=share)
    difference = Estimate(value=counts.difference, interval=judge.interval(counts, LEVEL_95))
    ratios = token_ratios(pairs)
    new, new_90 = (
        _new_questions(info, pairs, questions, level=level) for level in (LEVEL_95, LEVEL_90)
    )
    price = price_of(pairs, speeds)
    undecided = formal == "inconclusive"
    needed = decides(counts, pairs, margin=share, price=price) if undecided else None
    found = Benchmark(
        task=info.name,
        title=info.title,
        kind=info.kind,
        source=info.source,
        synthetic=info.synthetic,
        sampling=info.sampling,
        questions=len(pairs.questions),
        pairs=len(pairs.keys),
        baseline=_arm(pairs.ours),
        candidate=_arm(pairs.theirs),
        difference=difference,
        interval_90=interval_90,
        new_questions=Estimate(value=difference.value, interval=new),
        margin=share,
        margin_origin=margin.origin,
        p_value=judge.holds_p(counts, share),
        worse_p=judge.worse_p(counts, share),
        verdict=VERDICTS[formal],
        formal=formal,
        flips=_flips(pairs),
        control=None if control is None else _flips(control),
        control_difference=_control_difference(control),
        length_ratio=_length_ratio(ratios),
        missing=_missing(pairs),
        surplus=pairs.surplus,
        subjects=subjects(pairs, questions),
        beyond=beyond(pairs, counts, margin=share, judge=judge, coupled=coupled),
        flags=(),
        decides_at=None if needed is None else needed.repeats or 0,
        decides=needed,
        sequential=None if stops is None else sequential_of(stops, price.tokens),
        lengths=None if ratios is None else length_histogram(ratios),
        question_sd=_question_sd(pairs),
    )
    return replace(found, flags=_flags(found, verdict_of(new_90, share)))


def _flags(found: Benchmark, on_new_questions: Verdict) -> tuple[str, ...]:
    """What a reader of *found* should look at, by name."""
    length, control = found.length_ratio, found.control_difference
    below, difference = found.beyond, found.difference.interval
    raised = {
        "drop": difference.high < 0,
        "gain": difference.low > 0,
        "length": length is not None and _outside(length.interval),
        "truncation": _off_zero(below.rates[0].difference),
        "frame": on_new_questions != verdict_of(found.interval_90, found.margin),
        "underpowered": below.detectable > found.margin,
        "grading-sensitive": any(one.verdict != found.verdict for one in below.scenarios),
        "aa-failed": control is not None and _off_zero(control),
        "sequential": found.sequential is not None,
        "changed": any(
            one.name == CHANGED and one.q_value <= FALSE_DISCOVERIES for one in below.metrics
        ),
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)


def _off_zero(estimate: Estimate) -> bool:
    return estimate.interval.low > 0 or estimate.interval.high < 0


def _outside(interval: Interval) -> bool:
    return interval.low > LENGTH_BAND[1] or interval.high < LENGTH_BAND[0]


def _arm(side: Side) -> ArmResult:
    draws, right = side.draws, side.right
    low, high = single_interval(right, side.counts, LEVEL_95)
    return ArmResult(
        accuracy=Estimate(
            value=float(np.mean(right / side.counts)),
            interval=Interval(low=low, high=high, level=LEVEL_95),
        ),
        draws=len(draws),
        truncated=sum(draw.finish_reason == "length" for draw in draws),
        no_answer=sum(draw.outcome == "no_answer" for draw in draws),
        reasons=dict(sorted(Counter(draw.reason for draw in draws).items())),
        mean_output_tokens=side.tokens_per_draw(),
        duplicate_draws=duplicates(draws),
        restarts=_restarts(draws),
    )


def _restarts(draws: Sequence[Draw]) -> int | None:
    counts = [draw.restarts for draw in draws if draw.restarts is not None]
    return sum(count > 0 for count in counts) if len(counts) == len(draws) else None


def _flips(pairs: Pairs) -> FlipCounts:
    seen = Counter(
        (pairs.baseline[key].outcome == "correct", pairs.candidate[key].outcome == "correct")
        for key in pairs.keys
    )
    return FlipCounts(
        both_right=seen[True, True],
        lost=seen[True, False],
        won=seen[False, True],
        both_wrong=seen[False, False],
    )


def _missing(pairs: Pairs) -> Missing:
    ours, theirs = pairs.baseline.keys(), pairs.candidate.keys()
    return Missing(
        only_baseline=len(ours - theirs) - pairs.surplus, only_candidate=len(theirs - ours)
    )


def _control_difference(control: Pairs | None) -> Estimate | None:
    if control is None:
        return None
    return difference_of(paired_counts(*control.right, *control.draws))


def _length_ratio(ratios: Floats | None) -> Estimate | None:
    """None where there are no ratios, or one question cannot give an interval."""
    if ratios is None or len(ratios) == 1:
        return None
    value, low, high = log_ratio_interval(ratios, level=LEVEL_95)
    return Estimate(value=value, interval=Interval(low=low, high=high, level=LEVEL_95))


def _question_sd(pairs: Pairs) -> float:
    differences = pairs.differences
    return float(np.std(differences, ddof=1)) if len(differences) > 1 else 0.0


def _new_questions(
    info: TaskInfo,
    pairs: Pairs,
    questions: Mapping[str, Question],
    *,
    level: float,
) -> Interval:
    """The interval for questions like these; MMLU's come in subjects, which are sampled whole.

    Clusters widen it and never narrow it: sums that cancel within each subject are no precision.
    """
    low, high = new_questions_interval(*pairs.right, *pairs.draws, level=level)
    subjects = sorted({questions[name].subject for name in pairs.questions})
    if info.name == "mmlu" and len(subjects) > 1:
        numbers = np.asarray(
            [subjects.index(questions[name].subject) for name in pairs.questions], dtype=np.int64
        )
        ends = clustered_interval(pairs.differences, numbers, level=level)
        low, high = min(low, ends[0]), max(high, ends[1])
    return Interval(low=low, high=high, level=level)

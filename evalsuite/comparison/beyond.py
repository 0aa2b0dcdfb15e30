"""What lies beneath one task's difference: flips over noise, answers, lengths, rates."""

from collections.abc import Callable

import numpy as np

from evalsuite.comparison.estimates import difference_of
from evalsuite.comparison.judging import Judge
from evalsuite.comparison.lengths import token_ratios
from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.scenarios import scenarios
from evalsuite.comparison.types import Beyond, Estimate, Interval, Metric, RateChange
from evalsuite.runs.rows import Draw
from evalsuite.stats.coupling import saved_by_coupling
from evalsuite.stats.decide import LEVEL_95, LIKELY
from evalsuite.stats.flips import agreement, changed_at_all_p, flip_rates
from evalsuite.stats.mcnemar import mcnemar_p
from evalsuite.stats.multiple import benjamini_hochberg
from evalsuite.stats.paired import Floats, PairedCounts, paired_counts, variance_parts
from evalsuite.stats.planning import detectable
from evalsuite.stats.questions import log_ratio_interval, shrunk_interval
from evalsuite.stats.single import rate_interval

NO_ANSWER = "\x00"
# The test that any pass rate changed, among the metrics.
CHANGED = "pass rates"


def beyond(
    pairs: Pairs, counts: PairedCounts, *, margin: float, judge: Judge, coupled: bool
) -> Beyond:
    """All of it for *pairs*, whose draws made *counts*."""
    right, draws = pairs.right, pairs.draws
    parts = variance_parts(*right, *draws)
    flips = flip_rates(*right, *draws)
    sides = pairs.ours, pairs.theirs
    same = agreement(*(side.per_question(_answers(side.draws)) for side in sides))
    changed = changed_at_all_p(*right, *draws)
    rates = _rates(pairs)
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
        excess_flips=_signed(flips.excess, pairs.repeats),
        agreement=_rate(same.cross),
        excess_disagreement=_signed(same.excess, pairs.repeats),
        changed_p=_mcnemar(pairs) if _single(pairs) else changed,
        rates=tuple(change for change, _ in rates),
        scenarios=scenarios(pairs, margin, judge),
        length_ratio_right=_length_right(pairs),
        coupling=_coupling(pairs) if coupled else None,
        metrics=_metrics(pairs, changed, {change.name: p for change, p in rates}),
    )


def _single(pairs: Pairs) -> bool:
    return all(int(draws.max()) == 1 for draws in pairs.draws)


def _mcnemar(pairs: Pairs) -> float | None:
    """Whether anything changed, of one draw each; None where nothing differs."""
    ours, theirs = pairs.right
    gains, losses = int(np.sum(theirs > ours)), int(np.sum(theirs < ours))
    return mcnemar_p(gains, losses) if gains + losses else None


def _answers(draws: tuple[Draw, ...]) -> list[str]:
    return [NO_ANSWER if draw.answer is None else draw.answer for draw in draws]


def _rate(values: Floats) -> Estimate:
    low, high = rate_interval(values, level=LEVEL_95)
    return _estimate(float(np.mean(values)), low, high)


def _signed(values: Floats | None, repeats: float) -> Estimate | None:
    """The mean of values in −1 … 1; None where single draws cannot tell."""
    if values is None:
        return None
    low, high = shrunk_interval(values, repeats, level=LEVEL_95)
    value = float(np.mean(values))
    return _estimate(value, min(low, value), max(high, value))


RATES: dict[str, Callable[[Draw], bool]] = {
    "truncated": lambda draw: draw.finish_reason == "length",
    "no_answer": lambda draw: draw.outcome == "no_answer",
}


# As the grader saw them, where it looked.
MARKED: dict[str, Callable[[Draw], bool]] = {
    "loop": lambda draw: draw.marks is not None and "loop" in draw.marks,
    "reached": lambda draw: draw.marks is not None and "reached" in draw.marks,
}


def _rates(pairs: Pairs) -> list[tuple[RateChange, float]]:
    """How often something other than a right answer happens, paired, with a two-sided p."""
    sides = pairs.ours, pairs.theirs
    seen = all(draw.marks is not None for side in sides for draw in side.draws)
    rates = RATES | (MARKED if seen else {})
    return [_change(name, pairs, happens) for name, happens in rates.items()]


def _change(name: str, pairs: Pairs, happens: Callable[[Draw], bool]) -> tuple[RateChange, float]:
    sides = pairs.ours, pairs.theirs
    ours, theirs = (side.count([happens(draw) for draw in side.draws]) for side in sides)
    draws = pairs.draws
    counts = paired_counts(ours, theirs, *draws)
    change = RateChange(
        name=name,
        baseline=_rate(ours / draws[0]),
        candidate=_rate(theirs / draws[1]),
        difference=difference_of(counts),
    )
    return change, min(2 * counts.noninferiority_p(0.0), 2 * counts.inferiority_p(0.0), 1.0)


def _length_right(pairs: Pairs) -> Estimate | None:
    """The length ratio over questions that both arms always answer right; None of less than two.

    Wrong answers are longer, so a loss of accuracy alone makes answers longer on average.
    """
    always = [side.right == side.counts for side in (pairs.ours, pairs.theirs)]
    ratios = token_ratios(pairs, among=always[0] & always[1])
    if ratios is None or len(ratios) == 1:
        return None
    return _estimate(*log_ratio_interval(ratios, level=LEVEL_95))


def _coupling(pairs: Pairs) -> float | None:
    """Over the matched draws only; the baseline's surplus has no partner."""
    marks = np.asarray(
        [
            (
                pairs.baseline[key].outcome == "correct",
                pairs.candidate[key].outcome == "correct",
            )
            for key in pairs.keys
        ],
        dtype=bool,
    )
    theirs = pairs.theirs
    return saved_by_coupling(
        theirs.count(marks[:, 0]),
        theirs.count(marks[:, 1]),
        theirs.count(marks[:, 0] & marks[:, 1]),
        theirs.counts,
    )


def _metrics(pairs: Pairs, changed: float | None, rates: dict[str, float]) -> tuple[Metric, ...]:
    """Everything beside accuracy that may have changed, with q-values among them."""
    found = dict(rates)
    ratios = token_ratios(pairs)
    if ratios is not None and len(ratios) > 1:
        found["length"] = _no_change_p(np.log(ratios))
    if changed is not None:
        found[CHANGED] = changed
    q_values = benjamini_hochberg(list(found.values()))
    return tuple(
        Metric(name=name, p_value=p, q_value=q)
        for (name, p), q in zip(found.items(), q_values, strict=True)
    )


def _no_change_p(values: Floats) -> float:
    """Student's two-sided test of a mean of zero; of equal values it is certain either way."""
    from scipy.stats import t as student

    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    if spread == 0:
        return 1.0 if mean == 0 else 0.0
    n = len(values)
    return float(2 * student.sf(abs(mean) / spread * n**0.5, n - 1))


def _estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, interval=Interval(low=low, high=high, level=LEVEL_95))

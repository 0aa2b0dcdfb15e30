"""All benchmarks together: the macro and the strict rule, alarms, and whether they agree."""

from collections.abc import Sequence
from typing import Protocol

from evalsuite.comparison.estimates import VERDICTS, variance_of
from evalsuite.comparison.margins import Margin
from evalsuite.comparison.types import (
    Alarm,
    Disagreement,
    Estimate,
    Interval,
    Macro,
    Overall,
    Verdict,
)
from evalsuite.stats.decide import LEVEL_90, LEVEL_95, formal_state
from evalsuite.stats.multiple import holm
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.pooling import heterogeneity, plain_mean


class Judged(Protocol):
    """What the rules read of a benchmark: its difference, and what was decided about it."""

    @property
    def task(self) -> str: ...  # noqa: D102 - as in `Benchmark`
    @property
    def difference(self) -> Estimate: ...  # noqa: D102
    @property
    def interval_90(self) -> Interval: ...  # noqa: D102
    @property
    def worse_p(self) -> float: ...  # noqa: D102
    @property
    def p_value(self) -> float: ...  # noqa: D102
    @property
    def verdict(self) -> Verdict: ...  # noqa: D102


def overall(benchmarks: Sequence[Judged], *, margin: Margin) -> Overall:
    """Both overall rules of *benchmarks* (one at least); *margin* is the macro average's.

    Strict: holds if every benchmark does (intersection-union, no correction needed). Macro: the
    plain mean is non-inferior and no benchmark raises a Holm alarm. Either is worse if one does,
    the macro rule also if its own limits say so.
    """
    adjusted = holm([one.worse_p for one in benchmarks])
    alarms = tuple(
        Alarm(task=one.task, p_value=p)
        for one, p in zip(benchmarks, adjusted, strict=True)
        if p <= ALPHA
    )
    holds = all(one.verdict == "holds" for one in benchmarks)
    strict: Verdict = "worse" if alarms else "holds" if holds else "undecided"
    return Overall(
        macro=_macro(benchmarks, margin, alarmed=bool(alarms)),
        strict=strict,
        strict_p=max(one.p_value for one in benchmarks),
        alarms=alarms,
        disagreement=_disagreement(benchmarks),
    )


def _macro(benchmarks: Sequence[Judged], margin: Margin, *, alarmed: bool) -> Macro:
    from scipy.stats import norm

    mean = plain_mean(*_moments(benchmarks))
    ends = {level: mean.limits(float(norm.ppf((1 + level) / 2))) for level in (LEVEL_90, LEVEL_95)}
    formal = formal_state(*ends[LEVEL_90], margin=margin.share)
    return Macro(
        difference=Estimate(value=mean.value, interval=_interval(ends[LEVEL_95], LEVEL_95)),
        interval_90=_interval(ends[LEVEL_90], LEVEL_90),
        margin=margin.share,
        margin_origin=margin.origin,
        p_value=float(norm.sf(mean.z(-margin.share))),
        formal=formal,
        verdict="worse" if alarmed else VERDICTS[formal],
    )


def _disagreement(benchmarks: Sequence[Judged]) -> Disagreement | None:
    found = heterogeneity(*_moments(benchmarks))
    if found is None:
        return None
    return Disagreement(q=found.q, p_value=found.p_value, i2=found.i2)


def _moments(benchmarks: Sequence[Judged]) -> tuple[list[float], list[float]]:
    """The differences and their variances."""
    return (
        [one.difference.value for one in benchmarks],
        [variance_of(one.interval_90) for one in benchmarks],
    )


def _interval(ends: tuple[float, float], level: float) -> Interval:
    return Interval(low=ends[0], high=ends[1], level=level)

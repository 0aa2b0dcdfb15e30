"""What the history says in words: alarms, segments, and a baseline that grows old."""

from collections.abc import Sequence
from datetime import date

from evalsuite.comparison.words import percent, points
from evalsuite.model import MACRO
from evalsuite.nightly.drift import Chart, Found, Watch, watch
from evalsuite.nightly.entry import Entry
from evalsuite.nightly.history import Reset
from evalsuite.nightly.policy import DriftPolicy
from evalsuite.stats.drift import found_within

POINT = 0.01
SOON = (1, 3, 7)


def watches(entries: Sequence[Entry], resets: Sequence[Reset], policy: DriftPolicy) -> list[Watch]:
    """The charts of each arm of *entries*."""
    arms = sorted({one.arm for one in entries})
    return [watch([one for one in entries if one.arm == arm], resets, policy) for arm in arms]


def alarm_line(chart: Chart) -> str:
    """What a chart with an alarm found, since when, and what changed there."""
    found = chart.alarm
    assert found is not None
    since = (
        found.began
        if found.earliest == found.latest
        else (f"{found.began} (between {found.earliest} and {found.latest})")
    )
    return (
        f"drift of {chart.arm}, {chart.title}: {points(found.size)} ± {percent(found.reach)} pp "
        f"since {since}, found on {found.night}; {changed(found)}"
    )


def changed(found: Found) -> str:
    """What differed at the nights at which the change may have begun."""
    if not found.changed:
        return "nothing that is recorded changed there"
    return "; ".join(f"changed on {night}: {', '.join(lines)}"
                     for night, lines in found.changed.items())  # fmt: skip


def state_line(chart: Chart, needed: int) -> str:
    """What a chart without an alarm is worth: how much of a loss of a point it would find."""
    if chart.spread is None or chart.limit is None or not chart.night_se:
        have = sum(point.level is None for point in chart.points)
        return f"{chart.title}: {have} of {needed} reference nights"
    phi2 = chart.spread.phi2
    words = f"{chart.title}: a night is worth ± {100 * chart.night_se:.2f} pp (φ² {phi2:.2f})"
    if chart.task != MACRO:
        return words
    chances = found_within(
        SOON,
        drop=POINT / chart.night_se,
        reference=chart.reference_ratio,
        freedom=chart.spread.freedom,
        limit=chart.limit,
    )
    told = ", ".join(f"{night}: {p:.2f}" for night, p in zip(SOON, chances, strict=True))
    return (
        f"{words}; a loss of a point is found within nights {told}; false alarms a month: "
        f"{chart.rate:.3f}"
    )


def baseline_line(entries: Sequence[Entry], policy: DriftPolicy) -> str | None:
    """A warning if the baseline was not measured against itself for too long; None if it was."""
    if not entries:
        return None
    last = max(one.night for one in entries)
    controls = [one.night for one in entries if one.role == "control"]
    if not controls:
        return "the baseline was never measured against itself (A/A)"
    age = (date.fromisoformat(last[:10]) - date.fromisoformat(max(controls)[:10])).days
    if age > policy.remeasure_days:
        return (
            f"the baseline was last measured against itself {age} nights ago, on {max(controls)}; "
            f"the policy asks for it every {policy.remeasure_days}"
        )
    return None

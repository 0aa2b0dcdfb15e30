"""Charts: what a segment is, what raises an alarm, and what an alarm names."""

import importlib.util
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from evalsuite.model import MACRO
from evalsuite.nightly.deviation import deviations
from evalsuite.nightly.drift import watch
from evalsuite.nightly.history import Reset
from evalsuite.nightly.notes import alarm_line, baseline_line, state_line
from evalsuite.nightly.policy import DriftPolicy

POLICY = DriftPolicy(
    baseline_nights=10, false_alarms_per_month=0.05, remeasure_days=28, alarm="warn"
)


def day(number):
    return (date(2026, 1, 1) + timedelta(days=number)).isoformat()


@pytest.fixture(scope="module")
def years():
    """The simulation in benchmarks/, of which these are small versions."""
    path = Path(__file__).parents[2] / "benchmarks" / "nightly_years.py"
    spec = importlib.util.spec_from_file_location("nightly_years", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["nightly_years"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def series(entry):
    """series(nights, drop at): one task whose pass rate of 0.8 falls to 0.5 at a night."""

    def make(count, falls=None, *, seed=1, **changes):
        rng = np.random.default_rng(seed)
        rows = []
        for number in range(count):
            rate = 0.5 if falls is not None and number >= falls else 0.8
            bad = falls is not None and number >= falls
            counts = {f"q{n}": (int(rng.binomial(10, rate)), 10) for n in range(12)}
            facts = {"commit": "bad" if bad else "good"} | changes
            rows.append(entry(day(number), counts=counts, **facts))
        return rows

    return make


def test_a_step_is_found_named_and_explained(series):
    """The first night, the size of the loss, and the commit that changed there."""
    found = watch(series(30, falls=20), [], POLICY)
    (chart,) = found.alarms
    assert chart.alarm.began == day(20)
    assert chart.alarm.size == pytest.approx(-0.3, abs=0.1)
    assert chart.alarm.changed[day(20)] == ("bad (commit, was good)",)
    assert "changed on 2026-01-21: bad (commit, was good)" in alarm_line(chart)


def test_the_interval_of_a_loss_covers_it(entry):
    """Of forty steps of a tenth nine in ten at least, whatever choosing the beginning takes."""
    alarms = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rates = np.repeat([0.8, 0.7], [20, 10])
        rows = [
            entry(day(n), counts={f"q{q}": (int(rng.binomial(10, rate)), 10) for q in range(40)})
            for n, rate in enumerate(rates)
        ]
        alarms += [(chart, chart.alarm) for chart in watch(rows, [], POLICY).alarms]
    assert len(alarms) >= 38
    assert np.mean([abs(found.size + 0.1) <= found.reach for _, found in alarms]) >= 0.9
    chart, found = alarms[0]
    assert 0.01 < found.reach < 0.1
    assert f" ± {100 * found.reach:.2f} pp since " in alarm_line(chart)


def test_healthy_nights_raise_none(series):
    """Fifty nights of the same rate."""
    assert watch(series(50), [], POLICY).alarms == []


def test_there_is_no_alarm_before_the_reference_is_complete(series):
    """Nine of ten nights: nothing is watched yet, and the words say so."""
    found = watch(series(9, falls=5), [], POLICY)
    (chart,) = found.running
    assert not chart.watching
    assert state_line(chart, 10) == "MMLU: 9 of 10 reference nights"


def test_a_new_engine_begins_a_segment(series):
    """A fall that comes with a new engine is the gate's to judge; the charts begin anew."""
    rows = [
        replace(one, candidate=replace(one.candidate, engine_version="2"))
        if one.night >= day(20)
        else one
        for one in series(30, falls=20)
    ]
    found = watch(rows, [], POLICY)
    assert found.alarms == []
    assert [chart.segment for chart in found.charts] == [0, 1]


@pytest.mark.parametrize("field", ["engine_version", "checkpoint", "hardware"])
def test_the_policy_says_what_begins_a_segment(series, field):
    """By default another GPU does not, another engine or checkpoint does."""
    rows = [
        replace(one, candidate=replace(one.candidate, **{field: "other"}))
        if one.night >= day(5)
        else one
        for one in series(10)
    ]
    assert len(watch(rows, [], POLICY).charts) == (1 if field == "hardware" else 2)
    every = replace(POLICY, segment_by=("engine_version", "checkpoint", "hardware"))
    assert len(watch(rows, [], every).charts) == 2


def test_nights_that_measured_something_else_are_not_compared(series):
    """Other prompts, sampling or graders begin a segment, too."""
    rows = [replace(one, measured="other") if one.night >= day(15) else one for one in series(20)]
    assert len(watch(rows, [], POLICY).charts) == 2


def test_a_reset_resolves_an_alarm(series):
    """The charts begin again; what goes on being bad is found again."""
    rows = series(40, falls=20)
    (chart,) = watch(rows[:25], [], POLICY).alarms
    reset = Reset(night=rows[24].night, arm="fp4", why="seen", rebase=False)
    assert watch(rows[:25], [reset], POLICY).alarms == []
    (again,) = watch(rows, [reset], POLICY).alarms
    assert again.alarm.night > chart.alarm.night


def test_a_rebase_takes_the_new_level_as_it_is(series):
    """Later nights are held against new reference nights."""
    rows = series(45, falls=20)
    reset = Reset(night=rows[24].night, arm="fp4", why="accepted", rebase=True)
    found = watch(rows, [reset], POLICY)
    assert found.alarms == []
    assert len(found.charts) == 2


def test_another_arm_s_reset_changes_nothing(series):
    """A reset belongs to its arm."""
    rows = series(30, falls=20)
    reset = Reset(night=rows[29].night, arm="other", why="seen", rebase=False)
    assert watch(rows, [reset], POLICY).alarms


def test_missing_nights_are_no_nights(series):
    """The night before is the last one that is there."""
    rows = [one for one in series(34, falls=20) if one.night not in (day(18), day(19), day(22))]
    (chart,) = watch(rows, [], POLICY).alarms
    assert chart.alarm.began == day(20)


def test_the_mean_needs_all_tasks_of_a_night(series):
    """Two tasks and their mean; a night with one of them has no mean."""
    both = [*series(12), *series(12, seed=2, task="gsm8k")]
    charts = {chart.task: chart for chart in watch(both[:-1], [], POLICY).running}
    assert set(charts) == {MACRO, "mmlu", "gsm8k"}
    assert len(charts[MACRO].points) == 11
    assert charts[MACRO].rate == pytest.approx(0.025)


def test_rotating_questions_are_compared_where_the_reference_asked_them():
    """New questions are left out, and a night of only new ones has no deviation."""
    reference = [{"a": (1, 2), "b": (2, 2)}] * 4
    same, partly, new = deviations(
        [*reference, {"a": (1, 2), "b": (2, 2)}, {"a": (0, 2), "z": (0, 2)}, {"z": (0, 2)}], 4
    )[4:]
    assert same.value == 0
    assert (partly.questions, partly.value) == (1, -0.5)
    assert new is None


def test_silence_is_no_precision():
    """A reference without a single wrong answer still has a variance."""
    (night,) = deviations([{"a": (2, 2)}] * 5 + [{"a": (1, 2)}], 5)[5:]
    assert night.night_variance > 0


def test_a_reference_of_single_draws_is_one_variance():
    """One draw for each question, asked once: the variance of their common rate."""
    found = deviations([{f"q{n}": (n % 2, 1) for n in range(10)}] * 1 + [{"q0": (1, 1)}], 1)
    assert found[1].night_variance == pytest.approx(0.25)


def test_an_old_baseline_is_told(entry):
    """A/A is due every 28 nights, and once at least."""
    rows = [entry(day(40))]
    assert "never measured against itself" in baseline_line(rows, POLICY)
    control = entry(day(5), arm="fp8_again", role="control")
    assert "35 nights ago" in baseline_line([*rows, control], POLICY)
    assert baseline_line([entry(day(20)), control], POLICY) is None
    assert baseline_line([], POLICY) is None


def test_a_simulated_year_with_a_step_is_found(years):
    """A small version of the simulation: a fall of two points is found within seven nights."""
    (scenario,) = [one for one in years.SCENARIOS if one.name == "step of -2"]
    short = replace(scenario, shift=lambda n: 0.0 if n < 40 else -2.0, begins=40)
    found = [years.follow(years.year_of(short, seed, nights=50), until=40) for seed in range(4)]
    first = [next(at for at, _, _ in year.alarms if at >= 40) for year in found]
    assert max(first) <= 46


def test_simulated_healthy_months_are_quiet(years):
    """Eight times three months without a change: at most two alarms."""
    healthy = years.SCENARIOS[0]
    found = [years.follow(years.year_of(healthy, seed, nights=110)) for seed in range(8)]
    assert sum(len(year.alarms) for year in found) <= 2

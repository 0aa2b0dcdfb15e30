"""All benchmarks together."""

import pytest

from evalsuite.comparison import compare

RIGHT, WRONG = [True], [False]


def overall(make_run, **lost):
    """Benchmarks of 1,000 questions, so many of which the candidate loses."""
    ours = make_run("fp8", {task: [RIGHT] * 1000 for task in lost})
    theirs = make_run("fp4", {task: [WRONG] * n + [RIGHT] * (1000 - n) for task, n in lost.items()})
    return compare(ours, theirs).overall


def test_nothing_lost_holds_by_both_rules(make_run):
    found = overall(make_run, a=0, b=0)
    assert (found.macro.verdict, found.strict, found.alarms) == ("holds", "holds", ())
    assert found.macro.interval_90.low > -found.macro.margin


def test_one_collapse_is_an_alarm_that_no_average_hides(make_run):
    found = overall(make_run, a=0, b=0, c=200)
    assert [alarm.task for alarm in found.alarms] == ["c"]
    assert (found.macro.verdict, found.strict) == ("worse", "worse")
    assert found.disagreement.p_value < 0.001


def test_a_small_loss_everywhere_fails_the_macro_rule_only(make_run):
    """Two points everywhere are inside each margin of three, and not inside one on average."""
    found = overall(make_run, a=18, b=18, c=18)
    assert found.strict == "holds"
    assert found.macro.verdict == "worse"
    assert found.macro.difference.value == pytest.approx(-0.018)


def test_one_benchmark_alone_has_nothing_to_disagree_with(make_run):
    found = overall(make_run, a=5)
    assert found.disagreement is None
    assert found.macro.difference.value == pytest.approx(-0.005)

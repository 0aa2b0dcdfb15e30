"""All benchmarks together."""

import pytest

from evalsuite.comparison import compare

RIGHT, WRONG = [True], [False]


def overall(make_run, macro=None, **lost):
    """Benchmarks of 1,000 questions, so many of which the candidate loses."""
    return both(make_run, macro=macro, **lost).overall


def both(make_run, macro=None, **lost):
    ours = make_run("fp8", {task: [RIGHT] * 1000 for task in lost})
    theirs = make_run("fp4", {task: [WRONG] * n + [RIGHT] * (1000 - n) for task, n in lost.items()})
    return compare(ours, theirs, margins_pp={"macro": macro} if macro else None)


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
    found = overall(make_run, macro=1.0, a=18, b=18, c=18)
    assert found.strict == "holds"
    assert found.macro.verdict == "worse"
    assert found.macro.difference.value == pytest.approx(-0.018)


def test_one_benchmark_alone_has_nothing_to_disagree_with(make_run):
    found = overall(make_run, a=5)
    assert found.disagreement is None
    assert found.macro.difference.value == pytest.approx(-0.005)


def test_the_mean_holds_where_every_benchmark_does(make_run):
    """Without a margin of its own the mean is held to the mean of theirs, and says so."""
    found = overall(make_run, a=18, b=12, c=0)
    assert (found.strict, found.macro.verdict) == ("holds", "holds")
    assert (found.macro.margin, found.macro.margin_origin) == (pytest.approx(0.03), "derived")
    assert overall(make_run, macro=2.0, a=0, b=0).macro.margin_origin == "named"


def test_one_of_many_that_is_worse_by_chance_decides_nothing(make_run):
    """A loss that alone would be worse is undecided among ten, and the sentence says so."""
    lost = {f"t{n}": 0 for n in range(9)} | {"u": 42}
    found = both(make_run, **lost)
    assert [one.verdict for one in found.benchmarks] == ["holds"] * 9 + ["worse"]
    assert (found.verdict, found.exit_code, found.overall.alarms) == ("undecided", 11, ())
    assert "U is worse alone, not among all of them." in found.sentence


def test_margins_that_nobody_named_are_known(make_run):
    """A reader can tell the tool's margins from their own."""
    ours, theirs = (
        make_run(arm, {"gsm8k": [RIGHT] * 400}, info={"margin_pp": None}) for arm in ("a", "b")
    )
    found = compare(ours, theirs)
    origins = [one.margin_origin for one in (*found.benchmarks, found.overall.macro)]
    assert origins == ["default", "default"]
    named = compare(ours, theirs, margins_pp={"gsm8k": 2.0})
    origins = [one.margin_origin for one in (*named.benchmarks, named.overall.macro)]
    assert origins == ["named", "derived"]

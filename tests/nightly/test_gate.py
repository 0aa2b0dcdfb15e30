"""The decision, one reason at a time."""

from dataclasses import replace

import pytest

from evalsuite.nightly.gate import Charts, gate, no_comparison


@pytest.fixture
def decide(policy, names):
    def decide(results, replacements=None, **more):
        return gate(results, policy(replacements), names=names, **more)

    return decide


def test_everything_holds(decide, healthy):
    """Exit 0, and the sentence says so."""
    found = decide(healthy)
    assert (found.state, found.exit_code, found.passes) == ("holds", 0, True)
    assert found.sentence == "FP4 passes: every required benchmark holds."
    assert found.warnings == ()


def test_a_loss_beyond_the_margin_is_worse(decide, healthy, result):
    """Exit 10, named with its numbers and what was allowed."""
    found = decide([result("mmlu", difference=-0.02), *healthy[1:]])
    assert (found.state, found.exit_code) == ("worse", 10)
    assert "MMLU: Δ −2.00 (−2.60 … −1.40) pp, allowed −1.0" in found.reasons


@pytest.mark.parametrize(("meaning", "code"), [("fail", 11), ("warn", 0), ("pass", 0)])
def test_what_undecided_means_is_the_policy_s(decide, healthy, result, meaning, code):
    """It fails, passes with a warning, or passes."""
    results = [result("mmlu", difference=-0.007), *healthy[1:]]
    found = decide(results, {"undecided: fail": f"undecided: {meaning}"})
    assert (found.state, found.exit_code) == ("undecided", code)
    assert bool(found.warnings) == (meaning == "warn")


def test_an_advisory_task_never_decides(decide, healthy, result):
    """It warns, whatever it says."""
    found = decide([*healthy[:2], result("aime_2024", difference=-0.2, margin=0.03)])
    assert found.exit_code == 0
    assert found.warnings[0].startswith("AIME_2024 is worse (advisory)")


@pytest.mark.parametrize("undecided", ["fail", "warn", "pass"])
@pytest.mark.parametrize("pairs", [98, 0])
def test_a_half_finished_task_is_no_pass(decide, healthy, result, pairs, undecided):
    """Exit 12, even where undecided would pass, and with the share that is there."""
    results = [result("mmlu", pairs=pairs), *healthy[1:]]
    found = decide(results, {"undecided: fail": f"undecided: {undecided}"})
    assert (found.state, found.exit_code) == ("not comparable", 12)
    assert f"({pairs}.0 %), at least 99.0 % must be" in found.reasons[0]


def test_a_missing_task_is_no_pass(decide, healthy):
    """What the policy requires and no run holds is not comparable."""
    found = decide(healthy[1:])
    assert (found.state, found.exit_code) == ("not comparable", 12)


def test_a_loss_outweighs_what_is_missing(decide, result):
    """A proven loss on one task stays one when another is half finished."""
    found = decide([result("mmlu", difference=-0.02), result("gsm8k", pairs=3)])
    assert found.exit_code == 10
    assert any("GSM8K is not comparable" in line for line in found.warnings)


def test_no_comparison_is_no_pass(policy, names):
    """Runs that cannot be compared exit 12 with the reason, whatever the policy tolerates."""
    found = no_comparison(policy({"undecided: fail": "undecided: pass"}), "no run", names=names)
    assert (found.exit_code, found.reasons) == (12, ("no run",))


def test_a_result_of_another_margin_is_not_used(decide, healthy, result):
    """A verdict at one margin says nothing about another."""
    found = decide([result("mmlu", margin=0.05), *healthy[1:]])
    assert found.exit_code == 12
    assert "compare again" in found.reasons[0]


def grown_rate(one, low):
    cut = one.rates[0]
    interval = replace(cut.difference.interval, low=low, high=low + 0.01)
    more = replace(cut, difference=replace(cut.difference, value=low + 0.005, interval=interval))
    return replace(one, rates=(more, one.rates[1]))


@pytest.mark.parametrize(("low", "code"), [(0.0049, 0), (0.0051, 10)])
def test_truncation_may_grow_as_far_as_allowed(decide, healthy, low, code):
    """Worse where the whole interval lies above half a point."""
    found = decide([grown_rate(healthy[0], low), *healthy[1:]])
    assert found.exit_code == code
    if code:
        assert any("answers cut off" in line for line in found.reasons)


@pytest.mark.parametrize(("low", "code"), [(1.099, 0), (1.101, 10)])
def test_answers_may_grow_as_far_as_allowed(decide, healthy, low, code):
    """Worse where the whole interval of the length ratio lies above a tenth."""
    ratio = healthy[0].length_ratio
    longer = replace(
        ratio, value=low + 0.01, interval=replace(ratio.interval, low=low, high=low + 0.02)
    )
    found = decide([replace(healthy[0], length_ratio=longer), *healthy[1:]])
    assert found.exit_code == code


MACRO = {"overall: strict": "overall: macro\nmacro_margin_pp: 1.0"}


def test_the_mean_may_hold_where_one_task_is_undecided(decide, healthy, result):
    """The macro rule asks the mean of the required tasks, and none that is worse among all."""
    results = [result("mmlu", difference=-0.007, half=0.006), *healthy[1:]]
    assert decide(results).exit_code == 11
    found = decide(results, MACRO)
    assert (found.exit_code, found.state) == (0, "holds")
    assert found.reasons[0].startswith("mean of the required benchmarks")


def test_the_mean_does_not_hide_a_loss(decide, result):
    """A Holm alarm on one task is worse, however well the others do."""
    results = [result("mmlu", difference=-0.03), result("gsm8k", difference=0.05)]
    found = decide(results, MACRO)
    assert found.exit_code == 10


def test_the_mean_needs_every_required_task(decide, healthy):
    """A mean over what happens to be there is none."""
    assert decide(healthy[1:], MACRO).exit_code == 12


def test_one_of_several_that_is_worse_by_itself_only_is_undecided(decide, result):
    """A loss counts as shown if Holm's test over the required benchmarks finds it."""
    chance = result("mmlu", difference=-0.02, worse_p=0.04)
    found = decide([chance, result("gsm8k")])
    assert found.exit_code == 11
    assert "not among the 2 required" in " ".join(found.reasons)
    assert decide([replace(chance, worse_p=0.02), result("gsm8k")]).exit_code == 10


FAIL = {
    "tasks:": "drift: {baseline_nights: 5, false_alarms_per_month: 0.05, remeasure_days: 28, "
    "alarm: fail}\ntasks:"
}


@pytest.mark.parametrize(
    ("charts", "code", "rest"),
    [
        (Charts(), 0, "holds."),
        (Charts(warnings=["old"]), 0, "holds."),
        (Charts(alarms=["fell"]), 10, "worse: drift."),
        (Charts(blind="not added"), 12, "not comparable: drift."),
        (Charts(alarms=["fell"], blind="not added"), 10, "worse: drift."),
    ],
)
def test_where_drift_fails_its_charts_decide_too(decide, healthy, charts, code, rest):
    """An alarm is worse, charts without tonight are not comparable; elsewhere both only warn."""
    found = decide(healthy, FAIL, charts=charts)
    assert found.exit_code == code
    assert found.reasons[: len(charts.found)] == charts.found
    assert found.sentence.endswith(rest)
    tolerated = decide(healthy, charts=charts)
    assert (tolerated.exit_code, tolerated.warnings) == (0, (*charts.found, *charts.warnings))


def test_a_loss_outweighs_charts_without_tonight(decide, healthy, result):
    """The gravest state is the whole's."""
    results = [result("mmlu", difference=-0.02), *healthy[1:]]
    assert decide(results, FAIL, charts=Charts(blind="not added")).exit_code == 10


def test_what_grew_is_shown_however_many_tasks_there_are(decide, healthy, result):
    """Holm's test over the differences is not asked about it."""
    grown = grown_rate(result("mmlu", difference=-0.02, worse_p=0.04), 0.02)
    assert decide([grown, *healthy[1:]]).exit_code == 10

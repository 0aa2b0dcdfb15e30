"""What lies beneath an equal average."""

import random

import numpy as np
import pytest

from evalsuite.comparison import compare


def only(make_run, ours, theirs):
    (one,) = compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})).benchmarks
    return one


def test_exchanged_questions_are_excess_flips_under_an_equal_average(make_run):
    """Half the questions are lost whole, half won whole: no difference, and all of it changed."""
    one = only(
        make_run,
        [[True] * 4, [False] * 4] * 20,
        [[False] * 4, [True] * 4] * 20,
    )
    assert one.difference.value == 0
    assert one.beyond.excess_flips.value == 1
    assert (one.beyond.lost.value, one.beyond.gained.value) == (0.5, 0.5)
    assert one.beyond.changed_p < 0.001


def test_sampling_noise_is_no_excess(make_run):
    """Arms that both flip a coin, seeded, differ as often as each from itself."""
    chance = np.random.default_rng(4)
    ours, theirs = ((chance.random((60, 4)) < 0.5).tolist() for _ in range(2))
    beyond = only(make_run, ours, theirs).beyond
    assert beyond.own_flips_baseline.value == pytest.approx(0.5, abs=0.07)
    assert beyond.excess_flips.interval.low < 0 < beyond.excess_flips.interval.high
    assert beyond.changed_p > 0.05


def test_single_draws_cannot_tell_noise_from_change(make_run):
    beyond = only(make_run, [[True]] * 5, [[True]] * 5).beyond
    assert beyond.excess_flips is None
    assert beyond.own_flips_baseline is None
    assert beyond.questions_se is None
    assert beyond.changed_p is None


def test_single_draws_are_tested_as_the_field_does(make_run):
    """Nine lost and one won: McNemar's exact p is 2·(1 + 10)/2¹⁰; it is no metric of its own."""
    ours = [[True]] * 9 + [[False]] + [[True]] * 20
    theirs = [[False]] * 9 + [[True]] + [[True]] * 20
    beyond = only(make_run, ours, theirs).beyond
    assert beyond.changed_p == pytest.approx(22 / 1024)
    assert "pass rates" not in [one.name for one in beyond.metrics]


def test_unreadable_answers_that_would_change_the_verdict_are_flagged(make_run):
    """A candidate with 30 of 400 unreadable is worse as graded, and holds if they were right."""
    silent = {"outcome": "no_answer", "reason": "no_box"}
    one = only(make_run, [[True]] * 400, [[silent]] * 30 + [[True]] * 370)
    assert one.verdict == "worse"
    assert "grading-sensitive" in one.flags
    verdicts = {scenario.name: scenario.verdict for scenario in one.beyond.scenarios}
    assert verdicts == {
        "dropped": "holds",
        "best for the candidate": "holds",
        "worst for the candidate": "worse",
    }


def test_what_was_cut_off_is_wrong_and_no_question_of_reading(make_run):
    cut = {"outcome": "no_answer", "reason": "truncated", "finish": "length"}
    one = only(make_run, [[True]] * 400, [[cut]] * 30 + [[True]] * 370)
    assert one.beyond.scenarios == ()
    assert [change.name for change in one.beyond.rates] == ["truncated", "no_answer"]
    assert one.beyond.rates[0].difference.value == pytest.approx(0.075)
    assert "truncation" in one.flags


def test_surplus_repeats_of_a_stored_baseline_make_it_more_certain(make_run):
    """Sixteen stored draws against two: all count for the baseline's rates, two are paired."""
    chance = random.Random(3)
    ours = [[chance.random() < 0.8 for _ in range(16)] for _ in range(60)]
    theirs = [[chance.random() < 0.8 for _ in range(2)] for _ in range(60)]
    whole, cut = make_run("fp8", {"t": ours}), make_run("fp8", {"t": [row[:2] for row in ours]})
    candidate = make_run("fp4", {"t": theirs})
    more, less = (compare(run, candidate).benchmarks[0] for run in (whole, cut))
    assert (more.pairs, more.surplus, more.missing.only_baseline) == (120, 60 * 14, 0)
    assert (less.pairs, less.surplus) == (120, 0)
    assert more.flips == less.flips
    assert more.baseline.draws == 960
    assert more.baseline.accuracy.value == pytest.approx(sum(map(sum, ours)) / 960)
    widths = [one.interval_90.high - one.interval_90.low for one in (more, less)]
    assert widths[0] < 0.85 * widths[1]


def test_a_failed_draw_is_no_surplus(make_run):
    """A draw of the baseline whose partner failed is missing, not surplus."""
    ours, theirs = [[True, True]] * 5, [[True, True]] * 4 + [[True, None]]
    one = compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})).benchmarks[0]
    assert (one.surplus, one.missing.only_baseline) == (0, 1)


def test_equal_seeds_are_measured_and_not_assumed(make_run):
    """Draws that go the same way in both arms save all the noise; other seeds say nothing."""
    rows = [[True, False, True, False]] * 10 + [[True, True, False, True]] * 10
    same = make_run("fp8", {"t": rows}), make_run("fp4", {"t": rows})
    other = make_run("fp4", {"t": rows}, seed=2)
    assert compare(*same).benchmarks[0].beyond.coupling == pytest.approx(1.0)
    assert compare(same[0], other).benchmarks[0].beyond.coupling is None


def test_length_over_right_answers_is_free_of_what_was_lost(make_run):
    """Wrong answers are long: the ratio over questions that both answer right is one."""
    right = {"outcome": "correct", "tokens": 100}
    wrong = {"outcome": "incorrect", "tokens": 900}
    ours = [[right]] * 40
    theirs = [[right]] * 30 + [[wrong]] * 10
    one = compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})).benchmarks[0]
    assert one.length_ratio.value > 1.5
    assert one.beyond.length_ratio_right.value == pytest.approx(1.0)


def test_metrics_are_held_against_each_other(make_run):
    """Each metric has its p and q; what did not change is not called a change."""
    cut = {"outcome": "incorrect", "finish": "length", "tokens": 10}
    ours, theirs = [[True]] * 100, [[True]] * 60 + [[cut]] * 40
    one = compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})).benchmarks[0]
    found = {metric.name: metric for metric in one.beyond.metrics}
    assert found["truncated"].q_value < 0.001
    assert found["length"].p_value == 1.0
    assert all(metric.q_value >= metric.p_value for metric in found.values())


def test_marks_are_rates_where_the_grader_looked(make_run):
    """Loops and lost answers are compared as pairs; without marks nothing is told of them."""
    lost = {"outcome": "incorrect", "marks": ("reached",)}
    ours = [[{"outcome": "correct", "marks": ()}]] * 20
    theirs = [[{"outcome": "correct", "marks": ()}]] * 15 + [[lost]] * 5
    one = only(make_run, ours, theirs)
    rates = {rate.name: rate for rate in one.beyond.rates}
    assert rates["reached"].candidate.value == 0.25
    assert rates["loop"].difference.value == 0.0
    unseen = only(make_run, [[True]] * 20, [[True]] * 20)
    assert {rate.name for rate in unseen.beyond.rates} == {"truncated", "no_answer"}

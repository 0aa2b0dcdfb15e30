"""What lies beneath an equal average."""

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

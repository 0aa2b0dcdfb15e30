"""Two runs → one comparison."""

import math
from dataclasses import fields, is_dataclass

import pytest

from evalsuite.comparison import compare, from_json, to_json
from evalsuite.errors import DataError, NotComparable, UsageError

RIGHT, WRONG = [True], [False]


def only(comparison):
    (one,) = comparison.benchmarks
    return one


def test_pairs_are_made_by_key_and_the_rest_is_counted(make_run):
    """A draw without a partner is left out and said so, whatever its place in the file."""
    baseline = make_run("fp8", {"t": [RIGHT, [None, True], [True, False]]})
    candidate = make_run("fp4", {"t": [RIGHT, [True, True], [False, None]]})
    one = only(compare(baseline, candidate))
    assert (one.questions, one.pairs) == (3, 3)
    assert (one.missing.only_baseline, one.missing.only_candidate) == (1, 1)
    assert (one.flips.both_right, one.flips.lost, one.flips.won) == (2, 1, 0)


def test_difference_is_candidate_minus_baseline(make_run):
    """A candidate that loses two of four questions is 50 points down, and its flips are named."""
    baseline = make_run("fp8", {"t": [RIGHT, RIGHT, RIGHT, WRONG]})
    candidate = make_run("fp4", {"t": [WRONG, WRONG, RIGHT, WRONG]})
    found = compare(baseline, candidate)
    assert only(found).difference.value == -0.5
    assert [(flip.question, flip.lost) for flip in found.flips] == [("q000", True), ("q001", True)]
    assert found.flips[0].gold == "0"


def test_lost_flips_come_before_won_ones(make_run):
    """What got worse is read first."""
    baseline = make_run("fp8", {"t": [WRONG, RIGHT]})
    candidate = make_run("fp4", {"t": [RIGHT, WRONG]})
    assert [flip.lost for flip in compare(baseline, candidate).flips] == [True, False]


@pytest.mark.parametrize(
    ("lost", "verdict", "code"), [(0, "holds", 0), (300, "worse", 10), (12, "undecided", 11)]
)
def test_verdict_and_exit_code(make_run, lost, verdict, code):
    """400 questions, a margin of three points: none lost holds, 300 lost is worse."""
    baseline = make_run("fp8", {"t": [RIGHT] * 400})
    candidate = make_run("fp4", {"t": [WRONG] * lost + [RIGHT] * (400 - lost)})
    found = compare(baseline, candidate)
    assert (found.verdict, found.exit_code) == (verdict, code)
    assert (only(found).decides_at is None) == (verdict != "undecided")


def test_worst_benchmark_decides(make_run):
    """One worse benchmark makes the whole worse, and the sentence names it."""
    tasks = {"a": [RIGHT] * 300, "b": [RIGHT] * 300}
    baseline = make_run("fp8", tasks)
    candidate = make_run("fp4", {"a": [RIGHT] * 300, "b": [WRONG] * 300})
    found = compare(baseline, candidate)
    assert found.verdict == "worse"
    assert found.sentence == "FP4 holds on 1 of 2 benchmarks. B is worse."


def test_control_gives_the_noise(make_run):
    """The A/A flips are those between the baseline and the control."""
    baseline = make_run("fp8", {"t": [RIGHT] * 10})
    again = make_run("fp8_again", {"t": [RIGHT] * 9 + [WRONG]}, seed=2)
    candidate = make_run("fp4", {"t": [RIGHT] * 10})
    found = compare(baseline, candidate, control=again)
    assert (only(found).control.lost, only(found).flips.lost) == (1, 0)
    assert found.control.arm == "fp8_again"


def test_length_truncation_and_reasons(make_run):
    """Twice the tokens is a ratio of two; cut-off and unread draws are counted per arm."""
    ours = [[{"tokens": n}] for n in (10, 20, 40)]
    theirs = [
        [{"tokens": 2 * n, "outcome": "no_answer", "reason": "truncated", "finish": "length"}]
        for n in (10, 20, 40)
    ]
    one = only(compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})))
    assert one.length_ratio.value == pytest.approx(2)
    assert (one.candidate.truncated, one.candidate.no_answer) == (3, 3)
    assert one.candidate.reasons == {"truncated": 3}
    assert "length" in one.flags


def test_equal_texts_of_one_question_are_counted(make_run):
    """Draws of other seeds with the same text are duplicates; those of other questions are not."""
    draws = [[{"text": "same"}, {"text": "same"}], [{"text": "same"}, {"text": "other"}]]
    one = only(compare(make_run("fp8", {"t": draws}), make_run("fp4", {"t": draws})))
    assert one.baseline.duplicate_draws == 1


def test_subjects_have_rows(make_run):
    """MMLU's questions are shown by subject."""
    run = make_run("fp8", {"mmlu": [RIGHT, WRONG, RIGHT]})
    one = only(compare(run, make_run("fp4", {"mmlu": [RIGHT, RIGHT, RIGHT]})))
    assert [(row.subject, row.questions) for row in one.subjects] == [("0", 2), ("1", 1)]
    assert one.subjects[1].difference.value == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"prompt": "Another question"}, "questions"),
        ({"grader": "g2"}, "grader"),
        ({"info": {"sampling": None}}, None),
    ],
)
def test_what_must_not_differ_stops(make_run, changes, name):
    """Other prompts or graders are refused, unless forced; unknown sampling is a warning."""
    tasks = {"t": [RIGHT, WRONG]}
    baseline, candidate = make_run("fp8", tasks), make_run("fp4", tasks, **changes)
    if name is None:
        assert not compare(baseline, candidate).forced
        return
    with pytest.raises(NotComparable, match=name) as caught:
        compare(baseline, candidate)
    assert caught.value.exit_code == 12
    assert compare(baseline, candidate, force=True).forced


def test_other_seeds_are_a_note(make_run):
    """Independent draws may be compared."""
    tasks = {"t": [RIGHT, WRONG]}
    found = compare(make_run("fp8", tasks), make_run("fp4", tasks, seed=5))
    assert next(check.status for check in found.checks if check.name == "seed") == "note"


def test_nothing_in_common_is_not_comparable(make_run):
    """Runs of other tasks share no pair."""
    with pytest.raises(NotComparable, match="share no scored answer"):
        compare(make_run("fp8", {"a": [RIGHT]}), make_run("fp4", {"b": [RIGHT]}))


def test_a_task_without_a_margin_asks_for_one(make_run):
    """No margin is guessed for a task that has no default."""
    runs = [make_run(arm, {"t": [RIGHT]}, info={"margin_pp": None}) for arm in ("fp8", "fp4")]
    with pytest.raises(UsageError, match="--margin t="):
        compare(*runs)
    assert only(compare(*runs, margins_pp={"t": 2.0})).margin == 0.02


def test_json_comes_back_equal(make_run):
    """A comparison survives JSON, and equal comparisons give equal bytes."""
    tasks = {"mmlu": [RIGHT, WRONG, [True, False]]}
    found = compare(make_run("fp8", tasks), make_run("fp4", tasks))
    assert from_json(to_json(found)) == found
    assert to_json(found) == to_json(from_json(to_json(found)))


def test_json_that_is_none_is_refused():
    """A damaged file is named by its first fault."""
    with pytest.raises(DataError, match=r"comparison\.json"):
        from_json('{"experiment": 3}')


DEGENERATE = {
    "all right": ([RIGHT] * 5, [RIGHT] * 5),
    "all wrong": ([WRONG] * 5, [WRONG] * 5),
    "opposites": ([RIGHT] * 5, [WRONG] * 5),
    "one question": ([RIGHT], [WRONG]),
    "one question, many repeats": ([[True] * 8], [[True, False] * 4]),
    "always right with repeats": ([[True] * 4] * 3, [[True] * 4] * 3),
    "always flipped with repeats": ([[True] * 4] * 3, [[False] * 4] * 3),
    "unequal repeats": ([[True, False, True], [True]], [[True, True, True], [False]]),
    "no token counts": ([[{"tokens": None}]] * 3, [[{"tokens": 0}]] * 3),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_inputs_have_a_defined_answer(make_run, case):
    """No NaN, no infinity and no warning, whatever the draws are."""
    ours, theirs = DEGENERATE[case]
    found = compare(
        make_run("fp8", {"t": ours}),
        make_run("fp4", {"t": theirs}),
        control=make_run("again", {"t": ours}, seed=2),
    )
    assert all(map(math.isfinite, floats(found)))


def floats(value):
    """Every float inside a comparison."""
    if isinstance(value, float):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from floats(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from floats(one)


def test_lengths_and_the_spread_of_questions(make_run):
    """Each question gives one ratio, and one mean difference."""
    ours = make_run("fp8", {"gsm8k": [[{"tokens": 10}, {"tokens": 30}], [{"tokens": 10}] * 2]})
    theirs = make_run("fp4", {"gsm8k": [[{"tokens": 20}] * 2, [{"tokens": 15}, False]]})
    (one,) = compare(ours, theirs).benchmarks
    assert one.lengths.median == pytest.approx((20 / 20 + 12.5 / 10) / 2)
    assert sum(one.lengths.counts) == one.questions
    assert one.question_sd == pytest.approx(math.sqrt(0.125))  # of 0 and -0.5

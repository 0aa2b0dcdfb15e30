"""Inputs at the edge of what can be compared: a defined answer each, never a NaN or a warning."""

import json
import math

import pytest

from evalsuite.comparison import compare, from_json, to_json

CASES = {
    "all right": ([[True]] * 30, [[True]] * 30),
    "all wrong": ([[False]] * 30, [[False]] * 30),
    "all right, repeated": ([[True] * 8] * 30, [[True] * 8] * 30),
    "all lost": ([[True] * 4] * 30, [[False] * 4] * 30),
    "all won": ([[False]] * 30, [[True]] * 30),
    "one question": ([[True]], [[True]]),
    "one question, lost": ([[True]], [[False]]),
    "one question, repeated": ([[True] * 16], [[False, True] * 8]),
    "two questions": ([[True], [False]], [[False], [True]]),
    "one repeat against 64": ([[True, False] * 32] * 5, [[True]] * 5),
    "64 repeats against one": ([[True]] * 5, [[True, False] * 32] * 5),
    "missing pairs": ([[True, None], [None, True]], [[True, True], [None, True]]),
    "unequal repeats": ([[True] * 2, [False]], [[False] * 2, [True]]),
    "no answers": ([[{"outcome": "no_answer"}]] * 4, [[{"outcome": "no_answer"}]] * 4),
    "no tokens": ([[{"tokens": None}]] * 4, [[{"tokens": None}]] * 4),
    "nothing said": ([[{"tokens": 0, "text": ""}]] * 4, [[{"tokens": 0, "text": ""}]] * 4),
}


def numbers(value):
    if isinstance(value, dict):
        return [one for each in value.values() for one in numbers(each)]
    if isinstance(value, list):
        return [one for each in value for one in numbers(each)]
    return [value] if isinstance(value, float) else []


def intervals(value):
    if isinstance(value, dict):
        own = [value] if value.keys() == {"low", "high", "level"} else []
        return own + [one for each in value.values() for one in intervals(each)]
    return [one for each in value for one in intervals(each)] if isinstance(value, list) else []


@pytest.mark.parametrize("task", ["mmlu", "t"])
@pytest.mark.parametrize("name", CASES)
def test_every_number_is_finite_and_every_interval_in_order(make_run, name, task):
    """With a control and with subjects, too; warnings are errors in these tests."""
    ours, theirs = CASES[name]
    runs = make_run("fp8", {task: ours}), make_run("fp4", {task: theirs})
    again = make_run("again", {task: ours}, seed=2)
    found = compare(*runs, control=again)
    text = to_json(found)
    assert from_json(text) == found
    data = json.loads(text)
    assert all(map(math.isfinite, numbers(data)))
    assert all(one["low"] <= one["high"] for one in intervals(data))
    assert found.verdict in ("holds", "worse", "undecided")


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("all right", "undecided"),
        ("all wrong", "undecided"),
        ("all lost", "worse"),
        ("all won", "holds"),
        ("one question", "undecided"),
        ("one question, lost", "undecided"),
        ("one question, repeated", "worse"),
        ("one repeat against 64", "holds"),
    ],
)
def test_verdicts_at_the_edge(make_run, name, verdict):
    """Thirty silent questions cannot show three points; five that rise from a half to all can."""
    ours, theirs = CASES[name]
    found = compare(make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs}))
    assert found.benchmarks[0].verdict == verdict


def test_an_empty_subject_is_no_subject(make_run):
    """Questions without a subject make no row of their own; one subject alone makes no table."""
    rows = {"mmlu": [[True]] * 10}
    blank = make_run("fp8", rows, subject=lambda _: ""), make_run("fp4", rows, subject=lambda _: "")
    assert compare(*blank).benchmarks[0].subjects == ()
    half = [make_run(arm, rows, subject=lambda n: "x" * n) for arm in ("fp8", "fp4")]
    assert compare(*half).benchmarks[0].subjects == ()

"""Results of tasks made of numbers, without any run."""

import pytest

from evalsuite.comparison.types import Estimate, FlipCounts, Interval, RateChange
from evalsuite.nightly.entry import Entry, Side
from evalsuite.nightly.gate import Names
from evalsuite.nightly.policy import check_policy
from evalsuite.nightly.result import TaskResult

POLICY = """
overall: strict
undecided: fail
min_complete: 0.99
max_truncation_growth_pp: 0.5
max_length_growth: 1.10
tasks:
  mmlu: {margin_pp: 1.0}
  gsm8k: {margin_pp: 1.0}
  aime_2024: {margin_pp: 3.0, level: advisory}
"""


def estimate(value, half=0.005, level=0.95):
    return Estimate(
        value=value, interval=Interval(low=value - half, high=value + half, level=level)
    )


def task_result(task="mmlu", *, difference=0.0, half=0.005, margin=0.01, **changes):
    """A task that holds at ±0.5 points; the verdict follows the numbers."""
    low, high = difference - half, difference + half
    verdict = "holds" if low > -margin else "worse" if high < -margin else "undecided"
    none = estimate(0.0, 0.001)
    facts = {
        "task": task,
        "title": task.upper(),
        "synthetic": False,
        "questions": 100,
        "pairs": 100,
        "planned": 100,
        "baseline": estimate(0.9),
        "candidate": estimate(0.9 + difference),
        "difference": estimate(difference, half * 1.2),
        "interval_90": Interval(low=low, high=high, level=0.9),
        "margin": margin,
        "worse_p": 0.999 if verdict == "holds" else 0.001 if verdict == "worse" else 0.7,
        "p_value": 0.001 if verdict == "holds" else 0.999 if verdict == "worse" else 0.3,
        "verdict": verdict,
        "flips": FlipCounts(both_right=85, lost=5, won=5, both_wrong=5),
        "control": None,
        "length_ratio": estimate(1.0, 0.01),
        "rates": tuple(
            RateChange(name=name, baseline=none, candidate=none, difference=none)
            for name in ("truncated", "no_answer")
        ),
        "flags": (),
    }
    return TaskResult(**(facts | changes))


@pytest.fixture
def result():
    """result(task, difference=..., ...): a `TaskResult`."""
    return task_result


@pytest.fixture
def policy():
    """policy(replacements): the policy of these tests with parts of its text replaced."""

    def make(replacements=None):
        text = POLICY
        for old, new in (replacements or {}).items():
            assert old in text
            text = text.replace(old, new)
        return check_policy(text, where="gate.yaml")

    return make


@pytest.fixture
def names():
    return Names(baseline="FP8", candidate="FP4", baseline_run="x-fp8", candidate_run="x-fp4")


@pytest.fixture
def healthy(result):
    """Three tasks that hold."""
    return [result("mmlu"), result("gsm8k"), result("aime_2024", margin=0.03)]


@pytest.fixture
def entry():
    """entry(night, task, right of ten draws for each of six questions, ...): a row."""

    def make(night="2026-01-01", task="mmlu", right=8, *, arm="fp4", role="candidate", **changes):
        engine = {
            name: changes.pop(name)
            for name in ("engine_version", "checkpoint", "hardware")
            if name in changes
        }
        side = Side(
            **{
                "run": f"x-{arm}",
                "arm": arm,
                "precision": "nvfp4",
                "model": "m",
                "backend": "fake",
                "engine_version": "1",
                "hardware": "h",
                "checkpoint": "c",
                "created": f"{night}T00:00:00+00:00",
                **engine,
            }
        )
        facts = {
            "night": night,
            "arm": arm,
            "task": task,
            "role": role,
            "experiment": "x",
            "commit": "good",
            "versions": {"driver": "1"},
            "measured": "m",
            "baseline": side,
            "candidate": side,
            "result": task_result(task),
            "counts": {f"q{n}": (right, 10) for n in range(6)},
        }
        return Entry(**(facts | changes))

    return make

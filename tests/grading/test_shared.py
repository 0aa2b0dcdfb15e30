"""Agreement with labels on real responses, where the data lie beside the checkout."""

import json

import pytest

from evalsuite.grading import Grader

pytestmark = pytest.mark.shared
KINDS = {"aime_2024": "integer", "gsm8k": "numeric", "math_500": "math", "mmlu": "choice"}


@pytest.fixture(scope="module")
def grader():
    with Grader() as one:
        yield one


@pytest.mark.parametrize("name", KINDS)
def test_verdicts_agree_with_the_labels_of_real_traces(shared, grader, name):
    """At least 99 % of the labelled rows of each file."""
    agree = total = 0
    with (shared / "data" / "traces" / f"{name}.jsonl").open() as lines:
        for row in map(json.loads, lines):
            if row["label_ours"] is None:
                continue
            score = grader.grade_text(
                kind=KINDS[name],
                gold=row["gold"],
                text=row["response"],
                choices=row.get("options") or (),
                finish_reason="unknown",
                starts_in_thinking=bool(row["think_prefilled"]),
            )
            total += 1
            agree += (score.outcome == "correct") == row["label_ours"]
    assert agree / total >= 0.99


@pytest.mark.parametrize(
    ("kind", "least"), [("choice", 0.99), ("integer", 0.99), ("numeric", 0.99), ("math", 0.98)]
)
def test_labelled_cases_are_judged_as_before(shared, grader, kind, least):
    """The shares that benchmarks/grading_cases.py prints do not fall."""
    with (shared / "data" / "grading" / f"{kind}.jsonl").open() as lines:
        rows = [json.loads(line) for line in lines]
    agree = sum(
        (
            grader.grade_text(
                kind=kind,
                gold=row["gold"],
                text=row["response"],
                choices=row.get("choices") or (),
                bare=row["form"] == "answer",
            ).outcome
            == "correct"
        )
        == row["correct"]
        for row in rows
    )
    assert agree / len(rows) >= least

"""`evalsuite score` grades rows of responses."""

import json

import pytest
from click.testing import CliRunner

from evalsuite.cli.score_command import command
from evalsuite.errors import DataError

ROWS = [
    {"task": "gsm8k", "gold": "18", "response": "<think>17?</think>\nIt is \\boxed{18}.", "id": 1},
    {"kind": "choice", "gold": "C", "response": "Answer: B", "choices": ["a", "b", "c", "d"]},
    {
        "task": "math_500",
        "gold": "\\frac{1}{2}",
        "response": "The answer is 0.5.",
        "form": "response",
    },
    {"kind": "math", "gold": "x", "response": "<think>x", "finish_reason": "length"},
    {"kind": "integer", "gold": 7, "response": "7", "form": "answer"},
]


def score(tmp_path, *lines):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )
    done = CliRunner().invoke(command, [str(path)], catch_exceptions=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_rows_come_back_with_outcome_answer_and_reason(tmp_path):
    """Every row keeps its columns and gains its score."""
    found = score(tmp_path, *ROWS)
    assert [row["outcome"] for row in found] == [
        "correct",
        "incorrect",
        "correct",
        "no_answer",
        "correct",
    ]
    assert found[0]["id"] == 1
    assert found[1]["answer"] == "B"
    assert found[3]["reason"] == "truncated"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"task": "gsm8k", "gold": "1"', "line 2"),
        ({"task": "gsm8k", "gold": "1"}, "response"),
        ({"task": "gsm9k", "gold": "1", "response": ""}, "gsm9k"),
        ("[]", "line 2"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_graded(tmp_path, line, said):
    """One bad row refuses the file with its line number and fault."""
    with pytest.raises(DataError, match=said):
        score(tmp_path, ROWS[0], line)

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


def parquet(path, rows):
    """A parquet file of *rows*."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    pq.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def test_parquet_goes_in_and_comes_out_with_its_types(tmp_path):
    """A parquet file keeps its columns and their types and gains the score's; nulls are absent."""
    from pyarrow import parquet as pq

    rows = [
        {"kind": "integer", "gold": "7", "response": "so \\boxed{7}", "n": 1, "choices": None},
        {"kind": "choice", "gold": "B", "response": "Answer: A", "n": 2, "choices": ["x", "y"]},
    ]
    source = parquet(tmp_path / "rows", rows)  # by its first bytes, not by its name
    out = tmp_path / "scored.parquet"
    CliRunner().invoke(command, [str(source), "-o", str(out)], catch_exceptions=False)
    table = pq.read_table(out)
    assert table.column("outcome").to_pylist() == ["correct", "incorrect"]
    assert table.column("weak").to_pylist() == [False, False]
    assert str(table.schema.field("n").type) == "int64"
    assert table.column("choices").to_pylist() == [None, ["x", "y"]]
    assert list(tmp_path.glob("*.part")) == []


def test_jsonl_becomes_parquet_and_parquet_jsonl(tmp_path):
    """Either form goes to either; what is not Unicode is replaced in parquet."""
    from pyarrow import parquet as pq

    rows = [*ROWS, {"kind": "integer", "gold": 7, "response": "\\boxed{7} \ud800", "id": None}]
    source = tmp_path / "rows.jsonl"
    rows = [{**row, "gold": str(row["gold"])} for row in rows]
    source.write_text("\n".join(json.dumps(row) for row in rows))
    out = tmp_path / "scored.parquet"
    CliRunner().invoke(command, [str(source), "-o", str(out)], catch_exceptions=False)
    table = pq.read_table(out)
    assert table.num_rows == 6
    assert table.column("response")[5].as_py() == "\\boxed{7} ?"
    assert table.column("id").to_pylist() == [1, None, None, None, None, None]
    again = CliRunner().invoke(command, [str(out)], catch_exceptions=False)
    assert [json.loads(line)["outcome"] for line in again.stdout.splitlines()] == table.column(
        "outcome"
    ).to_pylist()


def test_a_bad_row_of_a_parquet_file_is_named(tmp_path):
    """Its place is its row, from 1."""
    rows = [
        {"kind": "integer", "gold": "7", "response": "7"},
        {"kind": "integer", "gold": "7", "response": None},
    ]
    source = parquet(tmp_path / "rows.parquet", rows)
    with pytest.raises(DataError, match="row 2: response: Field required"):
        CliRunner().invoke(command, [str(source)], catch_exceptions=False)


def test_what_parquet_cannot_hold_is_said_and_nothing_is_written(tmp_path):
    """A damaged file, and a column of several types, are named with the file."""
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"broken\.parquet: parquet fails"):
        CliRunner().invoke(command, [str(broken)], catch_exceptions=False)
    source = tmp_path / "rows.jsonl"
    row = {"kind": "integer", "gold": "7", "response": "7"}
    source.write_text(json.dumps(row | {"n": 1}) + "\n" + json.dumps(row | {"n": "one"}))
    with pytest.raises(DataError, match=r"out\.parquet: parquet fails"):
        CliRunner().invoke(
            command, [str(source), "-o", str(tmp_path / "out.parquet")], catch_exceptions=False
        )
    assert not list(tmp_path.glob("*out.parquet*"))

"""The tables as files."""

import csv
import gzip
import io

import pytest

from evalsuite.report import tables


def test_the_summary_as_csv_holds_the_comparisons_numbers(factory):
    """Fractions of 1, as in comparison.json, one row per benchmark."""
    comparison = factory.comparison()
    rows = list(csv.DictReader(io.StringIO(tables.summary_table([comparison]).csv())))

    assert [row["task"] for row in rows] == [one.task for one in comparison.benchmarks]
    assert float(rows[0]["difference"]) == comparison.benchmarks[0].difference.value
    assert float(rows[0]["low_90"]) == comparison.benchmarks[0].interval_90.low
    assert rows[2]["verdict"] == "worse"


def test_the_summary_as_markdown_is_one_table_under_its_verdict(factory):
    """For a pull request: sign, sentence, one row per benchmark."""
    made = tables.summary_markdown([factory.comparison()])

    assert made.startswith("### ✗ FP4 holds on 3 of 5 benchmarks.")
    assert (
        "| MMLU | 91.29 (90.53 … 92.05) | 90.96 (90.20 … 91.72) | −0.33 (−0.72 … +0.06) | −1.0 |"
        in made
    )
    assert made.count("\n|") == 2 + 5


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-5", "-5"),
        ("+1,000.5", "+1,000.5"),
        ("-\\frac{1}{2}", "-\\frac{1}{2}"),
        ("x=1", "x=1"),
        (-0.5, -0.5),
        (None, None),
    ],
)
def test_no_spreadsheet_takes_an_answer_for_a_formula(cell, safe):
    """Formulas get a quote before them; numbers and LaTeX stay what they are."""
    assert tables.safe_cell(cell) == safe


def test_markdown_shows_hostile_names_letter_by_letter(factory):
    """No pipe ends a cell, no markup begins."""
    made = tables.summary_markdown([factory.hostile()])
    rows = [line for line in made.splitlines() if line.startswith("|")]
    assert "<script" not in made.replace("\\<script", "")
    assert len({line.count("|") - line.count("\\|") for line in rows}) == 1


def test_the_files_beside_the_page_are_whole_and_always_the_same(tmp_path, runs, factory):
    """Every pair has its row; figures are SVG and PNG; equal comparisons give equal bytes."""
    comparison = factory.comparison()
    texts = runs(comparison)
    for name in ("a", "b"):
        factory.report(comparison, tmp_path / name, **texts)
    files = [one for one in (tmp_path / "a").rglob("*") if one.is_file()]
    assert len(files) == 3 + 4 + 2 * 4 + 1
    for one in files:
        assert one.read_bytes() == (tmp_path / "b" / one.relative_to(tmp_path / "a")).read_bytes()
    rows = list(
        csv.DictReader(
            io.StringIO(gzip.decompress((tmp_path / "a" / tables.PAIRS).read_bytes()).decode())
        )
    )
    assert len(rows) == len(comparison.flips)
    assert {row["baseline_outcome"] for row in rows} == {"correct", "incorrect"}
    figures = tmp_path / "a" / "figures"
    assert (figures / "forest.png").read_bytes().startswith(b"\x89PNG")
    assert "#0b7548" in (figures / "forest.svg").read_text()
    assert "var(--" not in (figures / "forest.svg").read_text()

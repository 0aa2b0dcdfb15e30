"""`evalsuite report`, from two run folders."""

import pytest
from click.testing import CliRunner

from evalsuite.cli import cli
from evalsuite.comparison import from_json


@pytest.fixture
def folders(runs, factory):
    """Two graded runs on disk."""
    made = runs(factory.comparison())
    return [str(made[arm].path) for arm in ("baseline", "candidate")]


def test_the_path_of_the_page_is_printed_and_the_exit_code_is_0(folders, tmp_path):
    """The verdict is on the page; writing it succeeded."""
    done = CliRunner().invoke(cli, ["report", *folders, "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out' / 'index.html'}\n"
    comparison = from_json((tmp_path / "out" / "comparison.json").read_text())
    assert len(comparison.flips) == 30
    assert comparison.exit_code != 0


def test_margins_and_control_reach_the_comparison(folders, tmp_path):
    """--margin and --control mean what they mean to compare."""
    arguments = ["-o", str(tmp_path / "out"), "--control", folders[0], "--margin", "gsm8k=40"]
    CliRunner().invoke(cli, ["report", *folders, *arguments], catch_exceptions=False)
    comparison = from_json((tmp_path / "out" / "comparison.json").read_text())
    margins = {one.task: one.margin for one in comparison.benchmarks}
    assert margins["gsm8k"] == pytest.approx(0.4)
    assert margins["mmlu"] == pytest.approx(0.02)
    assert comparison.control is not None


def test_publish_and_light_reach_the_report(folders, tmp_path):
    """--publish leaves GPQA's texts out, --light the folder of pairs."""
    made = {}
    for option in ("--light", "--publish", "--force"):
        out = tmp_path / option
        CliRunner().invoke(cli, ["report", *folders, "-o", str(out), option])
        texts = (out / "index.html").read_text().count("data-chunk=")
        made[option] = (texts, (out / "items").is_dir())
    assert made == {"--light": (30, False), "--publish": (24, True), "--force": (30, True)}


def test_several_candidates_make_one_page(folders, tmp_path):
    """`report BASELINE CANDIDATE CANDIDATE`; two runs of one arm are told apart by their names."""
    baseline, candidate = folders
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["report", baseline, candidate, baseline, "-o", str(out)])
    assert done.exit_code == 0, done.output
    page = (out / "index.html").read_text()
    assert "2 candidates against" in page
    assert len(list(out.glob("comparison-*.json"))) == 2


def test_open_opens_the_page_in_the_browser(folders, tmp_path, monkeypatch):
    """--open hands the page's address to the system's browser."""
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    CliRunner().invoke(cli, ["report", *folders, "-o", str(tmp_path / "out"), "--open"])
    assert opened == [(tmp_path / "out" / "index.html").as_uri()]

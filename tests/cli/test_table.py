"""The final table in the terminal, wide and narrow, and what the tab key offers."""

import io
import json
import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from rich.console import Console

from evalsuite.cli import cli
from evalsuite.cli.table import comparison_table
from evalsuite.comparison import compare
from evalsuite.comparison.words import interval, reach
from evalsuite.runs.folder import open_run

NAMES = ("fp8", "a_very_long_name_of_an_arm_that_never_ends_fp4")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two imported runs, one of them with a long name."""
    folder = tmp_path_factory.mktemp("table")
    for name in NAMES:
        rows = [
            {
                "benchmark": "gpqa_diamond",
                "item_id": f"x/{n}",
                "gold": "A",
                "question": f"Which is {n}?",
                "response": f"Answer: {'B' if n % 9 == len(name) % 9 else 'A'}",
                "options": list("wxyz"),
            }
            for n in range(40)
        ]
        (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
        arguments = ["import", str(folder / "rows.jsonl"), "--run", name, "--model", "m"]
        arguments += ["--precision", name[:8], "--results", str(folder / "results")]
        done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder / "results"


@pytest.fixture(scope="module")
def comparison(results):
    """The one of them against the other."""
    with open_run(results / NAMES[0]) as ours, open_run(results / NAMES[1]) as theirs:
        return compare(ours, theirs)


@pytest.mark.parametrize("width", [36, 40, 60, 80, 104, 160])
def test_the_verdict_and_its_difference_with_interval_fit_every_width(comparison, width):
    """Columns are left out where they do not fit; what stands there is never cut."""
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(comparison_table(comparison, width=width))
    text = console.export_text()
    one = comparison.benchmarks[0]
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("GPQA"))
    row = lines[at]
    assert f"{100 * one.difference.value:+.2f}".replace("-", "−") in row
    assert row.rstrip().endswith(one.verdict)
    assert "…" not in row.replace(" … ", "")
    assert interval(one.difference.interval, signed=True) in row or lines[at + 1].strip() == (
        f"±{reach(one.difference)}"
    )
    assert max(map(len, text.splitlines())) <= width


def test_no_colour_reaches_who_wants_none(results):
    """NO_COLOR holds for compare and show, also on a terminal."""
    for arguments in (
        ["compare", *(str(results / name) for name in NAMES)],
        ["show", str(results / "fp8"), "x/3"],
    ):
        done = subprocess.run(
            ["script", "-qec", f"{sys.executable} -m evalsuite {' '.join(arguments)}", "/dev/null"],
            env={**os.environ, "NO_COLOR": "1", "PAGER": "cat", "TERM": "xterm-256color"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "GPQA" in done.stdout or "gold" in done.stdout, done.stdout
        assert "\x1b[3" not in done.stdout
        assert "\x1b[9" not in done.stdout


def offered(line, word):
    """What the tab key offers for *word* after *line*."""
    made = ShellComplete(cli, {}, "evalsuite", "_EVALSUITE_COMPLETE")
    return [one.value for one in made.get_completions(line.split(), word)]


def test_the_tab_key_offers_runs_and_tasks(results, monkeypatch):
    """Run folders by path or by name, tasks by name."""
    monkeypatch.chdir(results.parent)
    assert offered("compare", "fp") == ["results/fp8"]
    assert offered("compare results/fp8", "results/a") == [f"results/{NAMES[1]}"]
    assert offered("show", "results/") == [f"results/{name}" for name in sorted(NAMES)]
    assert offered("report results/fp8 results/fp8 --control", "results/f") == ["results/fp8"]
    assert offered("tasks", "m") == ["math_500", "mmlu"]
    assert offered("report a b --withhold", "gp") == ["gpqa_diamond"]
    assert offered("run c.yaml --task", "aime") == ["aime_2024"]
    assert offered("compare", "nowhere/x") == ["nowhere/x"]

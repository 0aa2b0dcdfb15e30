"""`evalsuite compare` from the outside."""

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def runs(tmp_path_factory, import_gsm8k):
    """Two imported runs: the candidate misses every second question of the baseline."""
    folder = tmp_path_factory.mktemp("runs")
    for name, wrong in (("fp8", ()), ("fp4", range(0, 60, 2))):
        import_gsm8k(folder, name, wrong, "--precision", name)
    return folder


def test_table_names_benchmark_and_verdict(evalsuite, runs):
    """The table is on stdout, also where there is no terminal, and the exit code is the verdict."""
    done = evalsuite(runs, "compare", "results/fp8", "results/fp4")
    assert done.returncode == 10
    assert "GSM8K" in done.stdout
    assert "worse" in done.stdout


def test_json_is_the_comparison(evalsuite, runs):
    """`--json` prints nothing but the comparison."""
    done = evalsuite(runs, "compare", "results/fp8", "results/fp4", "--json")
    assert json.loads(done.stdout)["verdict"] == "worse"


def test_a_run_holds_against_itself(evalsuite, runs):
    """No flip, no loss; a narrow margin stays undecided."""
    done = evalsuite(runs, "compare", "results/fp8", "results/fp8", "--margin", "gsm8k=10")
    assert done.returncode == 0
    done = evalsuite(runs, "compare", "results/fp8", "results/fp8", "--margin", "gsm8k=0.1")
    assert done.returncode == 11


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["results/fp8", "results/none"], 1, "is no run folder"),
        (["results/fp8", "results/fp4", "--margin", "gsm8k"], 2, "TASK=PP"),
        (["results/fp8"], 2, "CANDIDATE"),
    ],
)
def test_bad_input_is_one_clear_line(evalsuite, runs, args, code, said):
    """A missing folder fails, wrong usage exits 2; nothing is written to stdout."""
    done = evalsuite(runs, "compare", *args)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_report_is_written_and_named(evalsuite, runs):
    """`report` prints the page's path and exits 0 whatever the verdict."""
    done = evalsuite(runs, "report", "results/fp8", "results/fp4", "-o", "reports/x", "--light")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("reports/x/index.html"))
    assert (runs / "reports/x/comparison.json").is_file()

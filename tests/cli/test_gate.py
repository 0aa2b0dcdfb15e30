"""`evalsuite gate` from the outside."""

import json
import sqlite3
from contextlib import closing

import pytest


@pytest.fixture(scope="module")
def runs(tmp_path_factory, import_gsm8k, policy):
    """Imported runs: the same answers, half of them wrong, three of them missing."""
    folder = tmp_path_factory.mktemp("runs")
    for name, wrong, left_out in (("fp8", 0, 0), ("fp4", 0, 0), ("bad", 30, 0), ("part", 0, 3)):
        import_gsm8k(folder, name, wrong, "--precision", name)
        with closing(sqlite3.connect(folder / "results" / name / "generations.sqlite")) as db, db:
            db.execute(f"DELETE FROM answer WHERE rowid <= {left_out}")
    (folder / "gate.yaml").write_text(policy)
    return folder


@pytest.fixture(scope="module")
def gate(evalsuite, runs):
    """gate(candidate, *args, **env): FP8 against it."""

    def call(candidate, *args, **env):
        pair = "results/fp8", f"results/{candidate}"
        return evalsuite(runs, "gate", *pair, "--policy", "gate.yaml", *args, **env)

    return call


@pytest.mark.parametrize(
    ("candidate", "code", "said"),
    [
        ("fp4", 0, "passes: every required benchmark holds"),
        ("bad", 10, "worse: GSM8K"),
        ("part", 12, "57 of 60 planned answers are paired"),
        ("nothing", 12, "is no run folder"),
        ("fp8", 12, "a run holds against itself"),
    ],
)
def test_the_exit_code_is_the_decision(gate, candidate, code, said):
    """Passes, worse, half finished, missing: code and reason on stdout."""
    done = gate(candidate)
    assert done.returncode == code, done.stderr
    assert said in done.stdout


def test_undecided_is_eleven(evalsuite, runs, policy):
    """A margin narrower than so few questions can decide."""
    (runs / "narrow.yaml").write_text(policy.replace("10.0", "0.1"))
    done = evalsuite(runs, "gate", "results/fp8", "results/fp4", "--policy", "narrow.yaml")
    assert done.returncode == 11


def test_every_file_is_written_also_without_a_comparison(gate, tmp_path):
    """CI finds its JUnit file even if the candidate's run is missing."""
    done = gate("nothing", "-o", str(tmp_path / "out"))
    assert done.returncode == 12
    assert "<error" in (tmp_path / "out" / "junit.xml").read_text()


def test_json_is_alone_on_stdout_inside_github(gate, tmp_path):
    """Annotations go to stderr, the summary into GitHub's file, stdout stays JSON."""
    path = tmp_path / "summary.md"
    done = gate("bad", "--json", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(path))
    assert json.loads(done.stdout)["state"] == "worse"
    assert "::error file=gate.yaml,title=GSM8K%3A worse::" in done.stderr
    assert path.read_text().startswith("### ✗ ")


def test_outside_github_there_are_no_annotations(gate):
    """Nothing on stderr."""
    assert gate("bad").stderr == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["results/fp8", "results/fp4"], "there is no such policy"),
        (["results/fp8", "results/fp4", "--policy", "other.yaml"], "says nothing of gsm8k"),
        (["results/fp8"], "name two runs, BASELINE CANDIDATE, or a --history"),
        (["results/fp8", "results/fp4", "--night", "2026-01-01"], "choose from the history"),
        (
            ["results/fp8", "results/fp4", "--policy", "drift.yaml"],
            "without --history no drift would be found",
        ),
    ],
)
def test_wrong_usage_is_two(evalsuite, runs, policy, args, said):
    """What cannot be decided on as it was asked for: exit 2, which no gate means."""
    (runs / "other.yaml").write_text(policy.replace("gsm8k", "mmlu"))
    drift = "baseline_nights: 5, false_alarms_per_month: 0.05, remeasure_days: 28, alarm: fail"
    (runs / "drift.yaml").write_text(f"{policy}drift: {{{drift}}}")
    done = evalsuite(runs, "gate", *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_example_is_a_policy(evalsuite, runs, tmp_path):
    """What `--example` prints decides."""
    (tmp_path / "gate.yaml").write_text(evalsuite(runs, "gate", "--example").stdout)
    done = evalsuite(
        runs, "gate", "results/fp8", "results/fp4", "--policy", str(tmp_path / "gate.yaml")
    )
    assert done.returncode == 12
    assert "mmlu" in done.stdout

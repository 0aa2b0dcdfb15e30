"""`evalsuite gate` from the outside."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest

POLICY = """
overall: strict
undecided: fail
min_complete: 0.99
max_truncation_growth_pp: 0.5
max_length_growth: 1.10
tasks:
  gsm8k: {margin_pp: 10.0}
"""
OUTSIDE = {
    name: value for name, value in os.environ.items() if not name.startswith(("GITHUB", "CI"))
}


def evalsuite(folder, *args, **env):
    return subprocess.run(
        [sys.executable, "-m", "evalsuite", *args],
        cwd=folder,
        env=OUTSIDE | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Imported runs: the same answers, half of them wrong, three of them missing."""
    folder = tmp_path_factory.mktemp("runs")
    for name, wrong, left_out in (("fp8", 0, 0), ("fp4", 0, 0), ("bad", 30, 0), ("part", 0, 3)):
        rows = [
            {
                "benchmark": "gsm8k",
                "item_id": f"gsm8k_test/{n}",
                "gold": str(n),
                "question": f"What is {n}?",
                "response": f"It is \\boxed{{{-1 if n < wrong else n}}}",
            }
            for n in range(60)
        ]
        path = folder / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        done = evalsuite(folder, "import", path.name, "--run", name, "--precision", name)
        assert done.returncode == 0, done.stderr
        with sqlite3.connect(folder / "results" / name / "generations.sqlite") as db:
            db.execute(f"DELETE FROM answer WHERE rowid <= {left_out}")
    (folder / "gate.yaml").write_text(POLICY)
    return folder


def gate(runs, candidate, *args, **env):
    return evalsuite(
        runs, "gate", "results/fp8", f"results/{candidate}", "--policy", "gate.yaml", *args, **env
    )


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
def test_the_exit_code_is_the_decision(runs, candidate, code, said):
    """Passes, worse, half finished, missing: code and reason on stdout."""
    done = gate(runs, candidate)
    assert done.returncode == code, done.stderr
    assert said in done.stdout


def test_undecided_is_eleven(runs):
    """A margin narrower than so few questions can decide."""
    (runs / "narrow.yaml").write_text(POLICY.replace("10.0", "0.1"))
    done = evalsuite(runs, "gate", "results/fp8", "results/fp4", "--policy", "narrow.yaml")
    assert done.returncode == 11


def test_every_file_is_written_also_without_a_comparison(runs, tmp_path):
    """CI finds its JUnit file even if the candidate's run is missing."""
    done = gate(runs, "nothing", "-o", str(tmp_path / "out"))
    assert done.returncode == 12
    assert "<error" in (tmp_path / "out" / "junit.xml").read_text()


def test_json_is_alone_on_stdout_inside_github(runs, tmp_path):
    """Annotations go to stderr, the summary into GitHub's file, stdout stays JSON."""
    path = tmp_path / "summary.md"
    done = gate(runs, "bad", "--json", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(path))
    assert json.loads(done.stdout)["state"] == "worse"
    assert "::error file=gate.yaml,title=GSM8K%3A worse::" in done.stderr
    assert path.read_text().startswith("### ✗ ")


def test_outside_github_there_are_no_annotations(runs):
    """Nothing on stderr."""
    assert gate(runs, "bad").stderr == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["results/fp8", "results/fp4"], "there is no such policy"),
        (["results/fp8", "results/fp4", "--policy", "other.yaml"], "says nothing of gsm8k"),
        (["results/fp8"], "name two runs, BASELINE CANDIDATE, or a --history"),
    ],
)
def test_wrong_usage_is_two(runs, args, said):
    """No policy, a task without a margin, one run: exit 2, which no gate means."""
    (runs / "other.yaml").write_text(POLICY.replace("gsm8k", "mmlu"))
    done = evalsuite(runs, "gate", *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_example_is_a_policy(runs, tmp_path):
    """What `--example` prints decides."""
    (tmp_path / "gate.yaml").write_text(evalsuite(runs, "gate", "--example").stdout)
    done = evalsuite(
        runs, "gate", "results/fp8", "results/fp4", "--policy", str(tmp_path / "gate.yaml")
    )
    assert done.returncode == 12
    assert "mmlu" in done.stdout

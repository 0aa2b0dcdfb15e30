"""`evalsuite history` from the outside."""

import json
import shutil
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
drift: {baseline_nights: 5, false_alarms_per_month: 0.05, remeasure_days: 28, alarm: warn}
"""


def evalsuite(folder, *args):
    return subprocess.run(
        [sys.executable, "-m", "evalsuite", *args],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A baseline, a run as good and one that is worse; ten nights of the history."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "gate.yaml").write_text(POLICY)
    for name, wrong in (("fp8", 0), ("fp4", 2), ("bad", 30)):
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
        arm = "fp8" if name == "fp8" else "fp4"
        names = ["--run", name, "--arm", arm, "--precision", arm]
        done = evalsuite(folder, "import", path.name, *names)
        assert done.returncode == 0, done.stderr
    return folder


def add(runs, candidate, *args):
    return evalsuite(
        runs, "history", "add", "results/fp8", f"results/{candidate}", "--policy", "gate.yaml",
        *args,
    )  # fmt: skip


def show(runs, *args):
    return evalsuite(runs, "history", "--policy", "gate.yaml", *args)


def test_nights_are_added_shown_and_decided_on(runs):
    """Add, add again, list, decide on the last night, and say what is worse."""
    first = add(runs, "fp4", "--night", "2026-01-01", "--commit", "abc")
    assert first.stdout == "2026-01-01 fp4: 1 of 1 tasks added\n", first.stderr
    assert "0 of 1" in add(runs, "fp4", "--night", "2026-01-01", "--commit", "abc").stdout
    assert show(runs, "--regressed").returncode == 0
    add(runs, "bad", "--night", "2026-01-02", "--commit", "def", "--replace")
    shown = show(runs).stdout
    assert "2026-01-01" in shown
    assert "−50.00 ✗" in shown
    assert "reference nights" in shown
    regressed = show(runs, "--regressed")
    assert regressed.returncode == 10
    assert "GSM8K: worse, −50.00 pp" in regressed.stdout
    document = json.loads(show(runs, "--json").stdout)
    assert [one["commit"] for one in document["nights"]] == ["abc", "def"]


def test_gate_decides_on_the_history_s_last_night(runs):
    """Without runs, by the night that was added last."""
    for night, candidate, code in (("2026-02-01", "fp4", 0), ("2026-02-02", "bad", 10)):
        history = f"{candidate}.sqlite"
        add(runs, candidate, "--night", night, "--history", history)
        done = evalsuite(runs, "gate", "--history", history, "--policy", "gate.yaml")
        assert done.returncode == code, done.stdout + done.stderr
    assert "never measured against itself" in done.stdout


@pytest.fixture(scope="module")
def fallen(runs):
    """A history whose seventh night falls by half."""
    for number in range(1, 9):
        candidate, commit = ("fp4", "abc") if number < 7 else ("bad", "def")
        night = f"2026-03-{number:02}"
        add(runs, candidate, "--night", night, "--commit", commit, "--history", "fallen.sqlite")
    return runs / "fallen.sqlite"


@pytest.mark.parametrize(("alarm", "code"), [("warn", 0), ("fail", 10)])
def test_an_alarm_of_drift_is_what_the_policy_makes_of_it(runs, fallen, alarm, code):
    """Amber by default: it warns and names what changed; `fail` stops."""
    history = f"{alarm}.sqlite"
    shutil.copy(fallen, runs / history)
    (runs / f"{alarm}.yaml").write_text(POLICY.replace("alarm: warn", f"alarm: {alarm}"))
    done = evalsuite(
        runs,
        "gate",
        "results/fp8",
        "results/fp4",
        "--history",
        history,
        "--policy",
        f"{alarm}.yaml",
    )
    assert done.returncode == code, done.stderr
    assert "since 2026-03-07" in done.stdout
    assert "def (commit, was abc)" in done.stdout
    reset = evalsuite(
        runs, "history", "reset", "fp4", "--night", "2026-03-08", "--why", "x", "--history", history
    )
    assert reset.returncode == 0, reset.stderr
    assert "since 2026-03-07" not in show(runs, "--history", history).stdout


def test_older_runs_are_imported_once(runs):
    """Every run below the folder with its experiment's baseline; what has none is named."""
    for _ in range(2):
        done = evalsuite(
            runs, "history", "import", "results", "--policy", "gate.yaml", "--history", "i.sqlite"
        )
        assert "rows added" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["add", "results/fp8", "results/none", "--policy", "gate.yaml"], 1, "is no run folder"),
        (["add", "results/fp8", "results/fp4"], 2, "there is no such policy"),
        (
            ["add", "results/fp8", "results/fp4", "--policy", "gate.yaml", "--night", "today"],
            2,
            "is no night",
        ),
        (
            ["add", "results/fp8", "results/fp4", "--policy", "gate.yaml", "--fact", "x"],
            2,
            "is not NAME=VALUE",
        ),
        (["--history", "none.sqlite"], 1, "there is no history yet"),
    ],
)
def test_bad_input_is_one_clear_line(runs, args, code, said):
    """Nothing is added, nothing is on stdout."""
    done = evalsuite(runs, "history", *args)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr

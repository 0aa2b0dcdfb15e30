"""`evalsuite history` from the outside."""

import json
import shutil

import pytest

from evalsuite.runs.looks import Looks, write_looks

DRIFT = "drift: {baseline_nights: 5, false_alarms_per_month: 0.05, remeasure_days: 28, alarm: warn}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory, import_gsm8k, policy):
    """A baseline, a run as good and one that is worse."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "gate.yaml").write_text(policy + DRIFT)
    for name, arm, wrong in (("fp8", "fp8", 0), ("fp4", "fp4", 2), ("bad", "fp4", 30)):
        import_gsm8k(folder, name, wrong, "--arm", arm, "--precision", arm)
    return folder


@pytest.fixture(scope="module")
def add(evalsuite, runs):
    """add(candidate, *args): against FP8."""

    def call(candidate, *args):
        pair = "results/fp8", f"results/{candidate}"
        return evalsuite(runs, "history", "add", *pair, "--policy", "gate.yaml", *args)

    return call


@pytest.fixture(scope="module")
def show(evalsuite, runs):
    """show(*args): the history."""
    return lambda *args: evalsuite(runs, "history", "--policy", "gate.yaml", *args)


@pytest.fixture(scope="module")
def gate(evalsuite, runs):
    """gate(*args): by a history."""
    return lambda *args: evalsuite(runs, "gate", "--policy", "gate.yaml", *args)


def test_nights_are_added_shown_and_decided_on(add, show):
    """Add, add again, list, decide on the last night, and say what is worse."""
    first = add("fp4", "--night", "2026-01-01", "--commit", "abc")
    assert first.stdout == "2026-01-01 fp4: 1 of 1 tasks added\n", first.stderr
    assert "0 of 1" in add("fp4", "--night", "2026-01-01", "--commit", "abc").stdout
    assert show("--regressed").returncode == 0
    add("bad", "--night", "2026-01-02", "--commit", "def", "--replace")
    shown = show().stdout
    assert "2026-01-01" in shown
    assert "✗ −50.00 ±" in shown
    assert "reference nights" in shown
    regressed = show("--regressed")
    assert regressed.returncode == 10
    assert "GSM8K: worse, −50.00 (−" in regressed.stdout
    document = json.loads(show("--json").stdout)
    assert [one["commit"] for one in document["nights"]] == ["abc", "def"]


@pytest.fixture(scope="module")
def two_nights(add):
    """A history with a good night and a bad one."""
    for night, candidate in (("2026-02-01", "fp4"), ("2026-02-02", "bad")):
        done = add(candidate, "--night", night, "--history", "two.sqlite")
        assert done.returncode == 0, done.stderr
    return "two.sqlite"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--night", "2026-02-01"], 0, "never measured against itself"),
        (["--night", "2026-02-02"], 10, "worse: GSM8K"),
        (
            ["--night", "2026-02-03"],
            12,
            "two.sqlite holds no night 2026-02-03 of fp4; the last is 2026-02-02",
        ),
    ],
)
def test_gate_decides_on_a_night_of_the_history(gate, two_nights, args, code, said):
    """By the night that is named; one that is missing is no pass, whatever came before it."""
    done = gate("--history", two_nights, *args)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "say which night is to be decided on with --night; the last in two.sqlite is 2026-02"),
        (["--night", "today"], "is no night"),
        (["--night", "2026-02-01", "--arm", "fp5"], "--arm: name one of fp4"),
    ],
)
def test_gate_never_guesses_the_night(gate, two_nights, args, said):
    """A broken night would pass on the one before."""
    done = gate("--history", two_nights, *args)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.fixture(scope="module")
def fallen(add, runs):
    """A history whose seventh night falls by half."""
    for number in range(1, 9):
        candidate, commit = ("fp4", "abc") if number < 7 else ("bad", "def")
        night = f"2026-03-{number:02}"
        add(candidate, "--night", night, "--commit", commit, "--history", "fallen.sqlite")
    return runs / "fallen.sqlite"


@pytest.fixture
def policy_of(runs, policy):
    """policy_of(alarm): the file of the policy with what an alarm does."""

    def make(alarm):
        path = runs / f"{alarm}.yaml"
        path.write_text(policy + DRIFT.replace("alarm: warn", f"alarm: {alarm}"))
        return path.name

    return make


@pytest.mark.parametrize(("alarm", "code"), [("warn", 0), ("fail", 10)])
def test_an_alarm_of_drift_is_what_the_policy_makes_of_it(
    evalsuite, show, runs, fallen, policy_of, alarm, code
):
    """Amber by default: it warns and names what changed; `fail` stops."""
    history = f"{alarm}.sqlite"
    shutil.copy(fallen, runs / history)
    pair = "results/fp8", "results/fp4"
    more = "--history", history, "--policy", policy_of(alarm)
    done = evalsuite(runs, "gate", *pair, *more)
    assert done.returncode == code, done.stderr
    assert "since 2026-03-07" in done.stdout
    assert "def (commit, was abc)" in done.stdout
    words = "fp4", "--night", "2026-03-08", "--why", "x", "--history", history
    reset = evalsuite(runs, "history", "reset", *words)
    assert reset.returncode == 0, reset.stderr
    assert "since 2026-03-07" not in show("--history", history).stdout


@pytest.mark.parametrize(("alarm", "code"), [("warn", 0), ("fail", 12)])
def test_charts_without_the_run_say_nothing_of_it(evalsuite, add, runs, policy_of, alarm, code):
    """Where drift decides, a run that was not added is no pass; else it is a warning."""
    add("bad", "--night", "2026-03-01", "--history", "other.sqlite")
    pair = "results/fp8", "results/fp4"
    more = "--history", "other.sqlite", "--policy", policy_of(alarm)
    done = evalsuite(runs, "gate", *pair, *more)
    assert done.returncode == code, done.stdout
    assert "other.sqlite does not hold fp4" in done.stdout


def test_a_run_that_may_stop_early_is_no_night(evalsuite, add, runs, policy_of):
    """Its accuracy is biased by when it stopped; the gate takes it, also where drift decides."""
    early = runs / "early"
    shutil.copytree(runs / "results" / "fp4", early, dirs_exist_ok=True)
    write_looks(early, Looks(rule="until-decided", baseline="fp8", power=0.9, tasks=()))
    done = add("../early", "--history", "early.sqlite")
    assert done.returncode == 1
    assert "was asked with --until-decided" in done.stderr
    add("fp4", "--history", "early.sqlite")
    more = "--history", "early.sqlite", "--policy", policy_of("fail")
    assert evalsuite(runs, "gate", "results/fp8", "early", *more).returncode == 0


def test_an_earlier_night_is_decided_on_as_it_was_known(gate, fallen):
    """An alarm of a later night is none of its own."""
    assert "drift of fp4" not in gate("--history", fallen.name, "--night", "2026-03-06").stdout
    assert "drift of fp4" in gate("--history", fallen.name, "--night", "2026-03-08").stdout


def test_older_runs_are_imported_once(evalsuite, runs):
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
def test_bad_input_is_one_clear_line(evalsuite, runs, args, code, said):
    """Nothing is added, nothing is on stdout."""
    done = evalsuite(runs, "history", *args)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr

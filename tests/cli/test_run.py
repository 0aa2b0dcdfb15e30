"""`evalsuite run` from the command line, on answers that are played back."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from evalsuite.cli import main

COUNT = 40
CONFIG = {
    "name": "tiny",
    "seed": 3,
    "data": "data",
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
    "tasks": {"gsm8k": {"margin_pp": 1.0}},
    "arms": {
        "fp8": {"backend": "replay", "precision": "fp8", "options": {"source": "fp8.jsonl"}},
        "fp4": {"backend": "replay", "precision": "nvfp4", "options": {"source": "fp4.jsonl"}},
    },
}


def changed(path, value):
    """The configuration with *value* at the dotted *path*."""
    config = json.loads(json.dumps(CONFIG))
    *parents, last = path.split("/")
    place = config
    for name in parents:
        place = place[name]
    place[last] = value
    return config


def write(folder, config):
    (folder / "tiny.yaml").write_text(json.dumps(config))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with invented items, two files of answers and a configuration."""
    (tmp_path / "data").mkdir()
    items = [
        {"question": f"How much is {n} + 1?", "answer": f"{n} + 1\n#### {n + 1}"}
        for n in range(COUNT)
    ]
    lines = "".join(json.dumps(item) + "\n" for item in items)
    (tmp_path / "data" / "gsm8k_test.jsonl").write_text(lines)
    (tmp_path / "data" / "dataset.json").write_text('{"synthetic": true}')
    for arm, wrong in (("fp8", 3), ("fp4", 5)):
        rows = [
            {
                "benchmark": "gsm8k",
                "item_id": f"gsm8k_test/{n}",
                "response": f"It is \\boxed{{{n + 1 + (n < wrong)}}}.",
                "tokens": n,
                "finish_reason": "stop",
            }
            for n in range(COUNT)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{arm}.jsonl").write_text(text)
    write(tmp_path, CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*options):
    """Call the command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "tiny.yaml", "--quiet", "--no-report", *map(str, options)])
    return ended.value.code


def rows(folder, arm="fp8"):
    """What is stored of *arm*: question → when it was asked."""
    path = folder / "results" / f"tiny-{arm}" / "generations.sqlite"
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path)) as db, db:
        try:
            found = dict(db.execute("SELECT question, asked_at FROM answer").fetchall())
        except sqlite3.OperationalError:
            found = {}
    db.close()
    return found


def outcomes(folder, arm="fp8"):
    with (
        closing(sqlite3.connect(folder / "results" / f"tiny-{arm}" / "generations.sqlite")) as db,
        db,
    ):
        found = db.execute(
            "SELECT question, outcome, hex(text_hash) FROM answer"
            " JOIN score USING (task, question, repeat) ORDER BY 1"
        ).fetchall()
    db.close()
    return found


def test_arms_are_run_kept_and_graded(folder):
    """Each arm gets a folder with its answers and their outcomes."""
    assert run() == 0
    for arm, wrong in (("fp8", 3), ("fp4", 5)):
        given = [outcome for _, outcome, _ in outcomes(folder, arm)]
        assert (given.count("incorrect"), len(given)) == (wrong, COUNT)


def test_the_same_command_again_asks_nothing(folder):
    """No answer is asked for a second time; more is asked when more is wanted."""
    assert run("--limit", 7) == 0
    before = rows(folder)
    assert run("--limit", 7) == 0
    assert rows(folder) == before
    assert run("--arm", "fp8") == 0
    after = rows(folder)
    assert len(after) == COUNT
    assert {name: after[name] for name in before} == before
    assert len(rows(folder, "fp4")) == 7


def test_one_arm_or_task_can_be_chosen(folder, capsys):
    """An unknown choice names the nearest valid one."""
    assert run("--arm", "fp8") == 0
    assert rows(folder, "fp4") == {}
    assert run("--arm", "fp9") == 2
    assert "fp8, fp4" in capsys.readouterr().err
    assert run("--task", "gsm9k") == 2
    assert "did you mean 'gsm8k'?" in capsys.readouterr().err


def test_requests_without_an_answer_make_the_run_incomplete(folder, capsys):
    """What stays missing is said, and the exit code is not that of success."""
    lines = (folder / "fp8.jsonl").read_text().splitlines()
    (folder / "fp8.jsonl").write_text("\n".join(lines[:-2]) + "\n")
    assert run("--arm", "fp8") == 1
    assert "2 request(s) stay without an answer" in capsys.readouterr().err
    (folder / "fp8.jsonl").write_text("\n".join(lines) + "\n")
    assert run("--arm", "fp8") == 0
    assert len(rows(folder)) == COUNT


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("tasks/gsm9k", {"margin_pp": 1}, "did you mean 'gsm8k'"),
        ("arms/fp4/backend", "reply", "did you mean 'replay'"),
        ("arms/fp4/options", {"sorce": "x"}, "arms.fp4.options.sorce"),
        ("arms/fp4/presision", "x", "did you mean 'precision'"),
        ("arms", {}, "arms"),
        ("arms/fp4", {}, "arms.fp4.backend"),
        ("tasks", {}, "tasks"),
    ],
)
def test_bad_configurations_start_nothing(folder, capsys, path, value, said):
    """Each mistake is one line with the valid name, exit code 2, and no run folder."""
    write(folder, changed(path, value))
    assert run() == 2
    assert said in capsys.readouterr().err
    assert not (folder / "results").exists()


def test_all_mistakes_are_told_at_once(folder, capsys):
    """A reader corrects a configuration in one go."""
    config = changed("tasks/gsm9k", {"margin_pp": -1})
    config["arms"]["fp4"]["backend"] = "reply"
    config["sed"] = 3
    write(folder, config)
    assert run() == 2
    err = capsys.readouterr().err
    assert all(name in err for name in ("gsm9k", "margin_pp", "reply", "sed"))


@pytest.mark.parametrize("content", [None, b"\xff\xfe{", b"a: [", b"[]"])
def test_an_unreadable_configuration_is_one_line(folder, capsys, content):
    """Missing, binary, broken or of another kind: named, and no traceback."""
    (folder / "tiny.yaml").unlink()
    if content is not None:
        (folder / "tiny.yaml").write_bytes(content)
    assert run() == 2
    assert "tiny.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"question": "a", "answer": "#### 1"}\n{"question": "b', "gsm8k_test.jsonl"),
        (b'{"question": "a", "answer": "#### 1"}\n{"question": "b"}\n', "2"),
        (b"\x00\x01\xff\xfe", "gsm8k_test.jsonl"),
    ],
    ids=["truncated", "column", "binary"],
)
def test_bad_data_is_named_before_an_engine_is_opened(folder, capsys, content, said):
    """File and line are named, and nothing is asked."""
    (folder / "data" / "gsm8k_test.jsonl").write_bytes(content)
    assert run() in (1, 2)
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert not (folder / "results").exists()


def test_a_changed_configuration_is_refused_with_the_difference(folder, capsys):
    """Also when only the second arm has changed: then the first is not started either."""
    assert run("--limit", 3) == 0
    before = rows(folder)
    config = changed("arms/fp4/precision", "mxfp4")
    config["arms"]["fp4"]["options"]["latency_s"] = 0.1
    write(folder, config)
    assert run() == 1
    err = capsys.readouterr().err
    assert "precision: nvfp4 before, mxfp4 now" in err
    assert "latency_s" in err
    assert rows(folder) == before


def test_a_missing_source_is_one_line(folder, capsys):
    """An engine that cannot be opened is an error and not a crash."""
    (folder / "fp8.jsonl").unlink()
    assert run() == 1
    assert "fp8.jsonl: cannot be read" in capsys.readouterr().err
    assert rows(folder) == {}


def test_a_results_folder_that_cannot_be_written_is_one_line(folder, capsys):
    """The error says what to do about it."""
    (folder / "results").mkdir()
    (folder / "results" / "tiny-fp8").write_text("in the way")
    assert run() == 1
    assert "--results" in capsys.readouterr().err


def test_arms_without_answers_are_no_comparison(folder, capsys):
    """An arm whose engine has no answer at all ends in an error, not in a verdict."""
    (folder / "fp4.jsonl").write_text("")
    assert run() == 1
    with pytest.raises(SystemExit) as ended:
        main(["compare", "results/tiny-fp8", "results/tiny-fp4"])
    assert ended.value.code == 1
    assert "no scored answers" in capsys.readouterr().err


def test_json_progress_is_lines_of_json(folder, capsys):
    """Every line on stderr is an event that a machine can read; stdout stays for data."""
    with pytest.raises(SystemExit):
        main(["run", "tiny.yaml", "--no-report", "--progress", "json", "--arm", "fp8"])
    out, err = capsys.readouterr()
    events = [json.loads(line) for line in err.splitlines()]
    assert out == ""
    assert [one["event"] for one in events[:2]] == ["started", "opened"]
    last = events[-1]
    assert (last["done"], last["graded"], last["correct"]) == (COUNT, COUNT, COUNT - 3)


def ended(capsys, *options):
    """The exit code of the command with --json, and its document."""
    with pytest.raises(SystemExit) as code:
        main(["run", "tiny.yaml", "--quiet", "--json", *options])
    return code.value.code, json.loads(capsys.readouterr().out)


def test_json_is_one_document_on_how_it_ended(folder, capsys):
    """Folders, counts, accuracy with its interval, verdicts and page; nothing else on stdout."""
    code, found = ended(capsys)
    assert (code, found["exit_code"], found["reason"]) == (11, 11, "undecided")
    assert [one["run"] for one in found["runs"]] == ["results/tiny-fp8", "results/tiny-fp4"]
    task = found["runs"][1]["tasks"]["gsm8k"]
    assert (task["wanted"], task["done"], task["correct"]) == (COUNT, COUNT, COUNT - 5)
    accuracy = task["accuracy"]
    assert accuracy["low_95"] < accuracy["value"] == (COUNT - 5) / COUNT < accuracy["high_95"]
    (compared,) = found["comparisons"]
    assert compared["benchmarks"]["gsm8k"]["difference"] == pytest.approx(-2 / COUNT)
    assert (folder / found["report"]).is_file()


def test_json_says_what_is_open(folder, capsys, monkeypatch):
    """Requests that failed by kind; after a stop the runs that are there."""
    lines = (folder / "fp8.jsonl").read_text().splitlines()
    (folder / "fp8.jsonl").write_text("\n".join(lines[:-2]) + "\n")
    code, found = ended(capsys, "--arm", "fp8")
    assert (code, found["reason"]) == (1, "incomplete")
    assert sum(found["runs"][0]["failures"].values()) == 2
    assert found["runs"][0]["tasks"]["gsm8k"]["failed"] == 2

    def opening(name, **facts):
        raise KeyboardInterrupt

    monkeypatch.setattr("evalsuite.cli.experiment.open_backend", opening)
    code, found = ended(capsys)
    assert (code, found["reason"]) == (130, "stopped")
    assert [one["arm"] for one in found["runs"]] == ["fp8"]


def test_plain_progress_says_each_tenth(folder, capsys):
    """Not a terminal: a line per tenth, with the running accuracy and its half-width."""
    with pytest.raises(SystemExit):
        main(["run", "tiny.yaml", "--no-report", "--arm", "fp8"])
    err = capsys.readouterr().err
    assert f"tiny-fp8: {COUNT} answers, 0 stored, {COUNT} to ask" in err
    assert "fp8 GSM8K: 20/40" in err
    assert "fp8 GSM8K: 40/40, accuracy 92.5 ± " in err


def test_rescore_grades_again_without_an_engine(folder, capsys):
    """Kept answers are graded again; what changed is said, with its keys."""
    run("--arm", "fp8")
    before = outcomes(folder)
    path = folder / "results" / "tiny-fp8" / "generations.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE score SET outcome = 'correct', grader = 'older'")
    db.close()
    with pytest.raises(SystemExit) as ended:
        main(["rescore", "results/tiny-fp8"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f"{COUNT} graded" in out
    assert "correct → incorrect: 3" in out
    assert "gsm8k gsm8k_test/0 repeat 0: correct (differs: 2) → incorrect (differs: 2)" in out
    assert outcomes(folder) == before


def test_rescore_leaves_imported_outcomes_alone(folder, capsys):
    """Outcomes that came without a text cannot be graded again."""
    run("--arm", "fp8")
    path = folder / "results" / "tiny-fp8" / "generations.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE score SET outcome = 'correct', grader = 'imported'")
    db.close()
    with pytest.raises(SystemExit):
        main(["rescore", "results/tiny-fp8", "--all"])
    assert "0 graded" in capsys.readouterr().out
    assert {outcome for _, outcome, _ in outcomes(folder)} == {"correct"}


def slow(folder):
    """A process that runs the first arm slowly: 0.15 s for each answer, four at a time."""
    config = changed("arms/fp8/options", {"source": "fp8.jsonl", "latency_s": 0.15})
    config["arms"]["fp8"]["concurrency"] = 4
    write(folder, config)
    command = [sys.executable, "-m", "evalsuite", "run", "tiny.yaml", "--arm", "fp8"]
    return subprocess.Popen(
        [*command, "--progress", "plain", "--no-report"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(folder, count):
    """Wait until *count* answers are stored."""
    deadline = time.monotonic() + 60
    while len(rows(folder)) < count and time.monotonic() < deadline:
        time.sleep(0.02)


def test_kills_lose_and_repeat_nothing(folder):
    """Killed early, in the middle and late: each answer is asked once, the end is the same."""
    for count in (0, 8, 24):
        before = rows(folder)
        process = slow(folder)
        until(folder, count)
        process.kill()
        process.communicate()
        kept = rows(folder)
        assert {name: kept[name] for name in before} == before
    before = rows(folder)
    assert 0 < len(before) < COUNT
    assert run("--arm", "fp8") == 0
    after = rows(folder)
    assert {name: after[name] for name in before} == before
    disturbed = outcomes(folder)
    write(folder, CONFIG)
    assert run("--arm", "fp8", "--results", "whole/results") == 0
    assert outcomes(folder / "whole") == disturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_tidily_and_says_how_to_go_on(folder, number):
    """Ctrl-C, and what a batch system sends: 130, the way back, and what arrived is stored."""
    process = slow(folder)
    until(folder, 4)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopping: waiting" in err
    assert "same command goes on" in err
    assert "Traceback" not in err
    assert 4 <= len(rows(folder)) < COUNT
    before = rows(folder)
    assert run("--arm", "fp8") == 0
    assert before.items() <= rows(folder).items()


def test_a_signal_while_the_engine_opens_ends_at_once(folder, capsys, monkeypatch):
    """Loading a large model takes minutes; nobody has to wait for it to stop a run."""

    def opening(name, **facts):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        raise AssertionError("went on")

    monkeypatch.setattr("evalsuite.cli.experiment.open_backend", opening)
    assert run() == 130
    assert "same command goes on" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert run() == 0


def test_a_second_process_is_refused(folder, capsys):
    """Two commands on one run: the second names the first and changes nothing."""
    process = slow(folder)
    until(folder, 1)
    assert run("--arm", "fp8") == 1
    assert f"pid {process.pid} on " in capsys.readouterr().err
    process.communicate()
    assert process.returncode == 0
    assert len(rows(folder)) == COUNT


def test_a_disk_that_fills_up_keeps_what_was_stored(folder):
    """A limit on file sizes stands in for the disk: one line, and later the run goes on."""
    limited = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "sys.argv[0] = 'evalsuite'; runpy.run_module('evalsuite', run_name='__main__')"
    )
    big = [
        {**json.loads(line), "reasoning": os.urandom(8_000).hex()}
        for line in (folder / "fp8.jsonl").read_text().splitlines()
    ]
    (folder / "fp8.jsonl").write_text("".join(json.dumps(row) + "\n" for row in big))
    config = changed("arms/fp8/options", {"source": "fp8.jsonl", "latency_s": 0.1})
    config["arms"]["fp8"]["concurrency"] = 2
    write(folder, config)
    command = [sys.executable, "-c", limited, "run", "tiny.yaml", "--quiet", "--no-report"]
    done = subprocess.run([*command, "--arm", "fp8"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "same command again" in done.stderr
    before = rows(folder)
    assert 0 < len(before) < COUNT
    assert run("--arm", "fp8") == 0
    assert before.items() <= rows(folder).items()
    assert len(rows(folder)) == COUNT


def test_the_rule_for_several_closing_tags_is_a_tasks_option(folder, capsys):
    """`think: last` reads what follows the last tag; the run says so, and restarts are shown."""
    lines = [json.loads(line) for line in (folder / "fp4.jsonl").read_text().splitlines()]
    for row in lines[-6:]:
        row["response"] = f"One.</think>{row['response']}</think>Hm."
    (folder / "fp4.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    write(folder, changed("tasks/gsm8k", {"margin_pp": 1.0, "think": "last"}))
    assert run() == 0
    given = [outcome for _, outcome, _ in outcomes(folder, "fp4")]
    assert (given.count("incorrect"), given.count("no_answer")) == (5, 6)
    info = json.loads((folder / "results" / "tiny-fp4" / "run.json").read_text())
    assert info["tasks"][0]["think"] == "last"
    with pytest.raises(SystemExit):
        main(["compare", "results/tiny-fp8", "results/tiny-fp4"])
    assert "back into thinking after closing it: 0 of 40 | 6 of 40" in capsys.readouterr().out
    write(folder, CONFIG)
    assert run() == 0
    given = [outcome for _, outcome, _ in outcomes(folder, "fp4")]
    assert (given.count("incorrect"), given.count("no_answer")) == (5, 0)


def test_nothing_is_asked_where_a_reference_answer_cannot_be_graded(folder, capsys):
    """The item is named before any engine is started."""
    path = folder / "data" / "gsm8k_test.jsonl"
    path.write_text(path.read_text() + json.dumps({"question": "?", "answer": "#### four"}) + "\n")
    assert run() == 1
    assert f"gsm8k gsm8k_test/{COUNT}: the reference answer is no number" in capsys.readouterr().err
    assert not (folder / "results").exists()


def test_nights_ask_the_fixed_part_and_their_turn(folder, capsys):
    """A config that rotates needs a night; two nights share the fixed part, --full asks all."""
    write(folder, changed("tasks/gsm8k", {"margin_pp": 1.0, "sample": 10, "rotate": 6}))
    assert run("--arm", "fp8") == 2
    assert "--night" in capsys.readouterr().err
    asked = []
    for night in ("2026-11-24", "2026-11-25"):
        assert run("--arm", "fp8", "--night", night, "--results", night) == 0
        (folder / "results").mkdir(exist_ok=True)
        (folder / night / "tiny-fp8").rename(folder / "results" / "tiny-fp8")
        asked.append(set(rows(folder)))
        (folder / "results" / "tiny-fp8").rename(folder / night / "tiny-fp8")
    assert [len(one) for one in asked] == [16, 16]
    assert len(asked[0] & asked[1]) == 10
    seeds = {
        json.loads((folder / night / "tiny-fp8" / "run.json").read_text())["seed"]
        for night in ("2026-11-24", "2026-11-25")
    }
    assert len(seeds) == 2
    assert run("--arm", "fp8", "--full", "--results", "whole") == 0
    whole = json.loads((folder / "whole" / "tiny-fp8" / "run.json").read_text())
    assert whole["tasks"][0]["questions"] == COUNT

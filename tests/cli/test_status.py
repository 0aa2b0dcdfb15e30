"""A run seen from outside: going on, stopped, complete."""

import json
import os
import time

import pytest

from evalsuite.cli import main
from evalsuite.config import config_hash
from evalsuite.model import (
    Answer,
    Failure,
    Generation,
    Key,
    Message,
    Question,
    RunInfo,
    Sampling,
    Score,
    TaskInfo,
)
from evalsuite.runs.folder import writing
from evalsuite.runs.provenance import unopened

QUESTIONS = [
    Question(
        task="gsm8k",
        id=f"q{number}",
        kind="integer",
        messages=(Message(role="user", content=f"{number}?"),),
        gold="4",
    )
    for number in range(3)
]
INFO = RunInfo(
    id="night-fp4",
    experiment="night",
    arm="fp4",
    role="candidate",
    precision="nvfp4",
    seed=1,
    tasks=(
        TaskInfo(
            name="gsm8k",
            title="GSM8K [red]",
            kind="integer",
            source="invented",
            revision="",
            synthetic=True,
            data_hash="",
            prompt_hash="",
            questions=3,
            repeats=2,
            sampling=Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100),
        ),
    ),
    backend=unopened("openai", model="r1", precision="nvfp4"),
    fingerprint=config_hash({}),
    settings={},
    versions={},
    created="",
)


def answer(question, repeat, text, *, finish="stop", at=None):
    """An answer of 100 tokens that took ten seconds and came at *at*."""
    return Answer(
        key=Key("gsm8k", question, repeat),
        seed=1,
        generation=Generation(text=text, finish_reason=finish, output_tokens=100, latency_s=10.0),
        asked_at=(time.time() if at is None else at) - 10.0,
    )


@pytest.fixture
def run(tmp_path):
    """An open run with four of six answers: one cut off, one empty, two alike."""
    path = tmp_path / "night-fp4"
    with writing(path, INFO, QUESTIONS) as one:
        one.store.put(
            [
                answer("q0", 0, "4"),
                answer("q0", 1, "4"),
                answer("q1", 0, "so it", finish="length"),
                answer("q2", 0, " \n"),
            ]
        )
        score = Score(outcome="correct", reason="match", answer="4")
        one.store.put(scores=[(Key("gsm8k", "q0", 0), score)], grader="1")
        failed = Failure(key=Key("gsm8k", "q1", 1), kind="timeout", message="no", attempts=5)
        one.store.put(failures=[failed])
        yield one


def told(capsys, *arguments):
    """What `evalsuite status` prints, and its exit code."""
    with pytest.raises(SystemExit) as exit_:
        main(["status", *map(str, arguments)])
    return capsys.readouterr().out, exit_.value.code


def test_a_run_that_goes_on(run, capsys, monkeypatch):
    """Who writes it, how far it is, what is odd about its answers, what is left."""
    monkeypatch.setenv("COLUMNS", "160")
    out, code = told(capsys, run.path)
    assert code == 0
    assert f"running: pid {os.getpid()}" in out
    for part in ("night-fp4", "GSM8K [red]", "4/6", "~100.0", "cut off", "empty", "alike"):
        assert part in out
    assert "left about" in out
    assert "failed: 1 timeout" in out


def test_as_json(run, capsys):
    """The same for machines."""
    found = json.loads(told(capsys, run.path, "--json")[0])
    assert found["writer"].startswith(f"pid {os.getpid()} on ")
    assert found["missing"] == 2
    assert found["failures"] == {"timeout": 1}
    assert found["tasks"]["gsm8k"] == {
        "wanted": 6,
        "done": 4,
        "graded": 1,
        "correct": 1,
        "failed": 1,
        "cut_off": 1,
        "empty": 1,
        "alike": 1,
    }
    # Four answers of 100 tokens in the last 30 seconds, ten of which the run has lasted.
    assert found["tokens_per_s"] == pytest.approx(40.0, rel=0.2)


def test_a_run_that_was_stopped(run, capsys, tmp_path):
    """The folder does not look alive when nobody writes it."""
    stopped = tmp_path / "copy"
    stopped.mkdir()
    for name in ("run.json", "generations.sqlite"):
        (stopped / name).write_bytes((run.path / name).read_bytes())
    out, _ = told(capsys, stopped)
    assert "not running, 2 to ask: the same command goes on" in " ".join(out.split())


def test_what_is_no_run_is_told(tmp_path, capsys):
    """With the folder's name, and exit code 1."""
    with pytest.raises(SystemExit) as exit_:
        main(["status", str(tmp_path)])
    assert exit_.value.code == 1
    assert "is no run folder" in capsys.readouterr().err

"""The main job from the command line, as a newcomer runs it."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

pytestmark = pytest.mark.slow
ARMS = ["fp8", "fp4", "fp8_again"]
COMMAND = [sys.executable, "-m", "evalsuite", "demo", "--progress", "none", "--limit", "6"]


def demo(folder):
    return subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=False)


def answers(folder):
    """Every stored answer with the moment it was asked, by arm and key."""
    found = {}
    for arm in ARMS:
        path = folder / "results" / f"demo-{arm}" / "generations.sqlite"
        if not path.exists():
            continue
        with closing(sqlite3.connect(path)) as db:
            rows = db.execute("SELECT task, question, repeat, asked_at FROM answer").fetchall()
        found |= {(arm, *row[:3]): row[3] for row in rows}
    return found


def comparison(folder):
    return json.loads((folder / "reports" / "demo" / "comparison.json").read_text())


def timeless(document):
    """*document* without what legitimately differs between two executions: times and speeds."""
    arms = ("baseline", "candidate", "control")
    for one in document["benchmarks"]:
        if one["decides"]:
            one["decides"]["hours"] = None
    return (
        document
        | {arm: document[arm] | {"created": ""} for arm in arms}
        | {"checks": [one for one in document["checks"] if one["name"] != "asked"]}
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """One demo that nobody interrupted."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = demo(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_demo_ends_with_a_report(undisturbed):
    """The demo writes the page and its numbers, on five benchmarks and an A/A control."""
    assert (undisturbed / "reports" / "demo" / "index.html").stat().st_size > 10_000
    document = comparison(undisturbed)
    assert len(document["benchmarks"]) == 5
    assert document["control"]["arm"] == "fp8_again"
    assert all(one["synthetic"] for one in document["benchmarks"])
    assert all(one["control"] for one in document["benchmarks"])


def test_second_demo_asks_nothing(undisturbed):
    """The same command again leaves every answer as it was."""
    before = answers(undisturbed)
    done = demo(undisturbed)
    assert done.returncode == 0, done.stderr
    assert answers(undisturbed) == before


def test_two_arms_really_differ(undisturbed):
    """FP8 and FP4 gave different texts: nothing in the demo is played back."""
    texts = []
    for arm in ("fp8", "fp4"):
        path = undisturbed / "results" / f"demo-{arm}" / "generations.sqlite"
        with closing(sqlite3.connect(path)) as db:
            texts.append(db.execute("SELECT text FROM answer ORDER BY 1").fetchall())
    assert texts[0] != texts[1]


@pytest.mark.timeout(600)
def test_ten_kills_lose_and_repeat_nothing(undisturbed, tmp_path):
    """Killed ten times at random moments, the demo asks nothing stored and ends the same."""
    chance = random.Random(10)
    for _ in range(10):
        before = answers(tmp_path)
        process = subprocess.Popen(
            COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(1.5, 6.0))
        process.kill()
        process.wait()
        kept = answers(tmp_path)
        assert {key: kept.get(key) for key in before} == before
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    assert timeless(comparison(tmp_path)) == timeless(comparison(undisturbed))


def test_ctrl_c_says_how_to_go_on(tmp_path):
    """SIGINT ends the demo with exit code 130 and the way back."""
    process = subprocess.Popen(
        COMMAND, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not answers(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "same command" in said

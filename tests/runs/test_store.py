"""The store keeps what it was given, or says why it cannot."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from evalsuite.errors import RunError
from evalsuite.model import Answer, Failure, Generation, Key, Score
from evalsuite.runs.rows import is_empty, text_hash
from evalsuite.runs.store import Store

HOSTILE = [
    "",
    "a\x00b",
    "\ud800 lone \udfff",
    "</think> \U0001f600 \u202e <script>",
    "x" * 200_000,
]


@pytest.fixture
def store(tmp_path):
    with_store = Store(tmp_path / "generations.sqlite")
    yield with_store
    with_store.close()


def answer(number, text="four", **facts):
    generation = Generation(text=text, finish_reason="stop", **facts)
    key = Key("gsm8k", f"q{number:03d}", 0)
    return Answer(key=key, seed=2**63 - 1, generation=generation, asked_at=1.5, attempts=2)


@pytest.mark.parametrize("text", HOSTILE, ids=["empty", "nul", "surrogate", "unicode", "long"])
def test_texts_come_back_as_they_were(store, text):
    """Any text that Python can hold survives, with all that was counted."""
    given = answer(
        1,
        text,
        reasoning=text,
        prompt_tokens=3,
        output_tokens=9,
        latency_s=0.25,
        starts_in_thinking=True,
    )
    store.put([given])
    assert store.answer(given.key) == given
    assert list(store.answers("gsm8k")) == [given]


def test_questions_come_back_as_they_were(store, lab):
    """Prompt, options and gold survive, whatever is in them."""
    given = lab.question(1, gold="\x00\ud800", prompt="a\x00b")
    store.put_questions([given, given])
    assert list(store.questions()) == [given]
    assert store.question("gsm8k", "q001") == given


def test_another_gold_or_prompt_is_another_hash(tmp_path, lab):
    """The hash of a question covers what decides an outcome."""
    hashes = set()
    for number, facts in enumerate([{}, {"gold": "2"}, {"prompt": "?"}]):
        one = Store(tmp_path / f"{number}.sqlite")
        one.put_questions([lab.question(1, **facts)])
        hashes.update(one.question_hashes().values())
        one.close()
    assert len(hashes) == 3


def test_journal_is_safe_on_network_file_systems(store):
    """A rollback journal, written through: no WAL, no lazy sync."""
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_answer_is_stored_once(store):
    """A second answer to the same key is refused whole, and the first stays."""
    store.put([answer(1)])
    with pytest.raises(RunError, match="stored twice"):
        store.put([answer(2), answer(1, "five")])
    assert [one.generation.text for one in store.answers()] == ["four"]


def test_an_answer_replaces_its_failure(store):
    """A failed request is listed until it is answered."""
    failed = Failure(key=answer(1).key, kind="Timeout", message="\ud800 slow", attempts=5)
    store.put(failures=[failed])
    assert [one.message for one in store.failures()] == ["? slow"]
    store.put([answer(1)])
    assert store.failures() == []


def test_only_other_versions_scores_are_missing(store, lab):
    """Answers are unscored for a grader version that did not score them; imported ones never."""
    store.put_questions(lab.question(number) for number in range(3))
    store.put([answer(number) for number in range(3)])
    score = Score(outcome="correct", reason="match", answer="\ud800")
    store.put(scores=[(answer(0).key, score)], grader="imported")
    store.put(scores=[(answer(1).key, score)], grader="v1")
    assert [one.key.question for _, one in store.unscored("v1")] == ["q002"]
    assert [one.key.question for _, one in store.unscored("v2")] == ["q001", "q002"]
    assert store.graders() == {"imported", "v1"}
    assert store.score(answer(0).key) == score


def test_equal_texts_have_equal_hashes(store):
    """Draws tell duplicates without their texts; thinking alone is a text, too."""
    store.put([answer(1), answer(2), answer(3, "five"), answer(4, "", reasoning="five")])
    store.put([answer(5, "")])
    score = Score(outcome="correct", reason="match")
    store.put(scores=[(answer(number).key, score) for number in range(1, 6)], grader="v1")
    hashes = [draw.text_hash for draw in store.draws()]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]
    assert hashes[4] == b""


def test_lengths_are_means_over_repeats(store):
    """Questions whose tokens were not counted have no length."""
    other = Answer(
        key=Key("gsm8k", "q001", 1),
        seed=1,
        asked_at=1.0,
        generation=Generation(text="", finish_reason="stop", output_tokens=30),
    )
    store.put([answer(1, output_tokens=10), other, answer(2)])
    assert store.lengths() == {("gsm8k", "q001"): 20.0}


@pytest.mark.parametrize("damage", ["garbage", "cut", "text"])
def test_damage_is_named(tmp_path, damage):
    """A damaged file is one clear error and never a wrong answer."""
    path = tmp_path / "generations.sqlite"
    store = Store(path)
    store.put([answer(number, "x" * 5_000 + str(number)) for number in range(200)])
    if damage == "text":
        with store._db:
            store._db.execute("UPDATE answer SET text = x'00'")
    store.close()
    if damage == "garbage":
        path.write_bytes(b"this is no database, but it is long enough to be one" * 100)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with (
        pytest.raises(RunError, match=r"generations\.sqlite.*damaged"),
        closing(Store(path, readonly=True)) as damaged,
    ):
        list(damaged.answers())


def test_a_file_of_a_later_version_is_refused(tmp_path):
    """What this program cannot read it does not touch."""
    path = tmp_path / "generations.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(RunError, match="version 99"):
        Store(path)


def test_a_full_disk_loses_nothing_stored(store):
    """What does not fit is refused as a whole; when there is space, it goes on."""
    store.put([answer(1)])
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = os.urandom(20_000).hex()
    with pytest.raises(RunError, match=r"full.*same command again"):
        store.put([answer(2), answer(3, noise)])
    assert [one.key.question for one in store.answers()] == ["q001"]
    store._db.execute("PRAGMA max_page_count = 100000")
    store.put([answer(2), answer(3, noise)])
    assert len(store.answered()) == 3


@pytest.fixture
def unprivileged():
    """A folder below which nothing is refused to root alone; drops root for the test."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    was_root = os.geteuid() == 0
    yield folder, lambda: os.seteuid(65534) if was_root else None
    if was_root:
        os.seteuid(0)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_read_only_folders_can_be_read_but_not_written(unprivileged):
    """An archive on a read-only disk can be compared; writing there is one clear error."""
    folder, drop_root = unprivileged
    path = folder / "generations.sqlite"
    store = Store(path)
    store.put([answer(1)])
    store.close()
    path.chmod(0o444)
    folder.chmod(0o555)
    drop_root()
    reader = Store(path, readonly=True)
    assert reader.answered() == {answer(1).key}
    reader.close()
    writer = Store(path)
    with pytest.raises(RunError, match="readonly"):
        writer.put([answer(2)])
    writer.close()


def test_a_reader_cannot_write(store):
    """A store opened for reading refuses to change anything."""
    store.put([answer(1)])
    reader = Store(store.path, readonly=True)
    with pytest.raises(RunError, match="readonly"):
        reader.put([answer(2)])
    reader.close()


def test_a_long_reader_does_not_stop_the_writer(store):
    """Whoever looks at a run while it goes on delays it at most."""
    store.put([answer(number) for number in range(10)])
    reader = Store(store.path, readonly=True)
    reading = reader.answers()
    next(reading)
    threading.Timer(0.5, reading.close).start()
    store.put([answer(11)])
    assert len(store.answered()) == 11
    reader.close()


HALF_DONE = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE answer SET attempts = 99")
db.execute("CREATE TABLE spill AS SELECT randomblob(100000) FROM answer")
db.execute("PRAGMA cache_spill = 1")
db.execute("INSERT INTO spill SELECT randomblob(100000) FROM answer, answer AS b LIMIT 30")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_undoes_what_a_killed_writer_left(store):
    """After kill -9 in the middle of a commit, reading gives what was stored before."""
    store.put([answer(number) for number in range(10)])
    store.close()
    done = subprocess.run([sys.executable, "-c", HALF_DONE, store.path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert Path(f"{store.path}-journal").stat().st_size > 0
    reader = Store(store.path, readonly=True)
    assert [one.attempts for one in reader.answers()] == [2] * 10
    reader.close()


def test_restarts_are_kept_and_a_file_of_version_1_does_not_know_them(store, lab):
    """How often thinking was resumed is kept with a score; an older file is read, then upgraded."""
    key = Key("gsm8k", "q001", 0)
    store.put_questions([lab.question(1)])
    store.put([answer(1)])
    score = Score(outcome="correct", reason="match", answer="4", restarts=2)
    store.put(scores=[(key, score)], grader="g1")
    assert store.score(key) == score
    assert [draw.restarts for draw in store.draws()] == [2]
    store.close()
    with closing(sqlite3.connect(store.path)) as db, db:
        db.executescript(
            "ALTER TABLE score DROP COLUMN restarts;"
            "ALTER TABLE score DROP COLUMN marks; PRAGMA user_version = 1;"
        )
    older = Store(store.path, readonly=True)
    assert older.score(key) == Score(outcome="correct", reason="match", answer="4")
    assert [draw.restarts for draw in older.draws()] == [None]
    older.close()
    upgraded = Store(store.path)
    assert [draw.restarts for draw in upgraded.draws()] == [None]
    upgraded.put(scores=[(key, score)], grader="g2")
    assert [draw.restarts for draw in upgraded.draws()] == [2]
    upgraded.close()


def test_marks_are_kept_and_a_file_of_version_2_does_not_know_them(store, lab):
    """What was seen of a response is kept; that nobody looked is told apart from nothing seen."""
    store.put_questions([lab.question(1)])
    store.put([answer(1), answer(2)])
    marked = Score(outcome="incorrect", reason="differs", marks=("loop", "reached"))
    clean = Score(outcome="correct", reason="match", marks=())
    keys = Key("gsm8k", "q001", 0), Key("gsm8k", "q002", 0)
    store.put(scores=list(zip(keys, (marked, clean), strict=True)), grader="g1")
    assert [store.score(key) for key in keys] == [marked, clean]
    assert [draw.marks for draw in store.draws()] == [{"loop", "reached"}, set()]
    store.close()
    with closing(sqlite3.connect(store.path)) as db, db:
        db.executescript("ALTER TABLE score DROP COLUMN marks; PRAGMA user_version = 2;")
    older = Store(store.path, readonly=True)
    assert [draw.marks for draw in older.draws()] == [None, None]
    older.close()
    upgraded = Store(store.path)
    assert [draw.marks for draw in upgraded.draws()] == [None, None]
    upgraded.close()


def test_the_questions_of_the_first_runs_can_be_read(lab, tmp_path):
    """They are stored compressed there."""
    with closing(Store(tmp_path / "old.sqlite")) as store:
        store.put_questions([lab.question(1)])
        ((body,),) = store._db.execute("SELECT body FROM question").fetchall()
        with store._db:
            store._db.execute("UPDATE question SET body = ?", (zlib.compress(body),))
        assert list(store.questions()) == [lab.question(1)]


def test_answers_look_from_outside_as_they_are(lab, tmp_path):
    """Finish, emptiness and equality without reading the texts; also of what is not graded."""
    said = {
        "a": lab.said("the same"),
        "b": lab.said("the same"),
        "c": lab.said(" \n\n "),
        "d": Generation(text="", finish_reason="length"),
        "e": lab.said("", reasoning="thought"),
    }
    with closing(Store(tmp_path / "kept.sqlite")) as store:
        store.put(
            [
                Answer(key=Key("t", name, 0), seed=1, generation=one, asked_at=0.0)
                for name, one in said.items()
            ]
        )
        kept = {one.key.question: one for one in store.kept()}
    assert kept["a"].text_hash == kept["b"].text_hash == text_hash(said["a"])
    assert [name for name, one in sorted(kept.items()) if one.empty] == ["c", "e"]
    assert kept["d"].finish_reason == "length"
    assert all(one.empty is is_empty(said[name]) for name, one in kept.items())

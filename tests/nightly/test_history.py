"""The history keeps each night once and whole, whatever happens to its writer."""

import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from evalsuite.errors import RunError, UsageError
from evalsuite.nightly.history import History, Reset

TASKS = ("mmlu", "gsm8k", "aime_2024")


@pytest.fixture
def night(entry):
    """night(date): the rows of three tasks."""
    return lambda when, **changes: [entry(when, task, **changes) for task in TASKS]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "history.sqlite"


def stored(path):
    with History(path, readonly=True) as history:
        return history.entries()


def keys(path):
    return [(one.night, one.arm, one.task) for one in stored(path)]


def test_rows_come_back_as_they_went_in(path, night):
    """Every number, version and count, by night and task."""
    rows = [*night("2026-01-02"), *night("2026-01-01")]
    with History(path) as history:
        assert history.add(rows) == 6
    assert stored(path) == sorted(rows, key=lambda one: (one.night, one.task))


def test_adding_twice_is_adding_once(path, night):
    """The same content is left alone."""
    with History(path) as history:
        history.add(night("2026-01-01"))
        assert history.add(night("2026-01-01")) == 0
    assert len(keys(path)) == 3


def test_another_result_of_a_night_is_refused_whole(path, night, entry):
    """Nothing of the call is kept, not even what would be new; --replace takes it."""
    other = [entry("2026-01-01", "mmlu", right=1), entry("2026-01-01", "math_500")]
    with History(path) as history:
        history.add(night("2026-01-01"))
        with pytest.raises(RunError, match="another result of mmlu"):
            history.add(other)
        assert len(history.entries()) == 3
        assert history.add(other, replace=True) == 2
        assert [one.task for one in history.entries()] == ["math_500", "mmlu"]


def test_sql_reads_the_numbers(path, night):
    """The view holds points and versions under their names."""
    with History(path) as history:
        history.add(night("2026-01-01"))
    with closing(sqlite3.connect(path)) as db, db:
        row = db.execute(
            "SELECT difference_pp, margin_pp, verdict, engine_version, commit_id, lost FROM entry"
        ).fetchone()
    assert row == (0.0, 1.0, "holds", "1", "good", 5)


def test_a_reset_needs_a_night_that_is_there(path, night):
    """A typing error resolves nothing."""
    with History(path) as history:
        history.add(night("2026-01-01"))
        reset = Reset(night="2026-01-01", arm="fp4", why="seen", rebase=True)
        history.put_reset(reset)
        assert history.resets() == [reset]
        with pytest.raises(UsageError, match="the last is 2026-01-01"):
            history.put_reset(Reset(night="2026-01-03", arm="fp4", why="seen", rebase=False))


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one" * 40, b""])
def test_what_is_no_history_is_refused(tmp_path, content):
    """A foreign or empty file is named; it is not overwritten."""
    path = tmp_path / "history.sqlite"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"history\.sqlite"):
        History(path, readonly=True)
    assert path.read_bytes() == content


def test_a_missing_history_says_how_to_begin(path):
    """Reading does not make a file."""
    with pytest.raises(RunError, match="history add"):
        History(path, readonly=True)
    assert not path.exists()


WRITER = """
import pathlib, pickle, sys
from evalsuite.nightly.history import History
rows = pickle.loads(pathlib.Path(sys.argv[2]).read_bytes())
print("ready", flush=True)
for one in rows:
    with History(pathlib.Path(sys.argv[1])) as history:
        history.add(one)
    print(one[0].night, flush=True)
"""


def writer(path, rows, folder, name, **options):
    import pickle

    packed = folder / f"{name}.pickle"
    packed.write_bytes(pickle.dumps(rows))
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(packed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def nights(night, first, count):
    return [night(f"20{first + n // 360}-{n // 30 % 12 + 1:02}-{n % 30 + 1:02}")
            for n in range(count)]  # fmt: skip


def test_two_writers_lose_and_double_nothing(path, night, tmp_path):
    """Two processes add different nights and the same ones at the same time."""
    common = nights(night, 30, 20)
    processes = [
        writer(path, [*nights(night, first, 20), *common], tmp_path, str(first))
        for first in (26, 27)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    found = keys(path)
    assert len(found) == len(set(found)) == 60 * len(TASKS)


def kept_keys(path):
    """The rows of a history; none where its writer ended before the first."""
    try:
        return keys(path)
    except RunError as error:
        if "there is no history yet" in str(error):
            return []
        raise


def test_a_file_whose_writer_ended_at_once_is_no_history_yet(path, night):
    """An empty file is not one of another version; a night can be added to it."""
    path.parent.mkdir()
    path.touch()
    assert kept_keys(path) == []
    with History(path) as history:
        assert history.add(night("2026-01-01")) == 3


def test_kill_9_leaves_every_night_whole(path, night, tmp_path):
    """Killed at eight moments while it adds: what it said is there, every night has all tasks."""
    rows = nights(night, 26, 300)
    for delay in (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        process = writer(path, rows, tmp_path, "killed")
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate(timeout=60)
        found = kept_keys(path)
        assert len(found) == len(set(found))
        assert set(said.split()) <= {when for when, _, _ in found}
        assert len(found) == len({when for when, _, _ in found}) * len(TASKS)
    process = writer(path, rows, tmp_path, "last")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert len(keys(path)) == 300 * len(TASKS)


def test_a_full_disk_keeps_what_was_there(path, night, tmp_path):
    """No byte more may be written: a clear error, all earlier nights, and none by half."""
    rows = nights(night, 26, 300)
    limit = 60_000

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = writer(path, rows, tmp_path, "full", preexec_fn=small)
    said, errors = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "What was added before is kept" in errors
    kept = said.split()[1:]
    assert 0 < len(kept) < 300
    assert path.stat().st_size <= limit
    found = keys(path)
    assert sorted({when for when, _, _ in found}) == sorted(kept)
    assert len(found) == len(kept) * len(TASKS)
    process = writer(path, rows, tmp_path, "room")
    process.communicate(timeout=120)
    assert len(keys(path)) == 300 * len(TASKS)


def test_a_full_disk_at_the_very_first_night(path, night, tmp_path):
    """Not even the tables fit: an error, and later room makes it right."""

    def none():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

    process = writer(path, nights(night, 26, 1), tmp_path, "none", preexec_fn=none)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "history.sqlite" in errors
    with History(path) as history:
        assert history.add(night("2026-01-01")) == 3


def test_a_long_reader_does_not_end_a_writer(path, night, tmp_path):
    """Whoever reads the file in SQL makes the writer wait, not fail."""
    with History(path) as history:
        history.add(night("2026-01-01"))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM row").fetchone()
    process = writer(path, [night("2026-01-02")], tmp_path, "patient")
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    assert process.poll() is None
    reader.execute("COMMIT")
    reader.close()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert len(keys(path)) == 6

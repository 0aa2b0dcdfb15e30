"""Lines of plain, gzip and zip files."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from evalsuite.errors import DataError
from evalsuite.interop.files import lines

LINES = b'{"a": 1}\n\n{"a": 2}'
LOCKED = Path(__file__).parent / "data" / "locked.zip"
WANTED = [(1, b'{"a": 1}\n'), (3, b'{"a": 2}')]


def test_plain_lines_are_counted_with_the_blank_ones(tmp_path):
    """A number is the line that an editor shows."""
    (tmp_path / "rows.jsonl").write_bytes(LINES)

    assert list(lines(tmp_path / "rows.jsonl")) == WANTED


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.jsonl"])
def test_gzip_is_known_by_its_bytes(tmp_path, name):
    """The name does not matter."""
    (tmp_path / name).write_bytes(gzip.compress(LINES))

    assert list(lines(tmp_path / name)) == WANTED


def test_a_zip_is_read_in_memory(tmp_path):
    """Its one .jsonl member is read and nothing is unpacked."""
    with zipfile.ZipFile(tmp_path / "rows.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README", "about")
        archive.writestr("rows.jsonl", LINES)

    assert list(lines(tmp_path / "rows.zip")) == WANTED
    assert [path.name for path in tmp_path.iterdir()] == ["rows.zip"]


def test_a_zip_of_several_files_is_refused(tmp_path):
    """Which one is meant is not guessed."""
    with zipfile.ZipFile(tmp_path / "rows.zip", "w") as archive:
        archive.writestr("a.jsonl", LINES)
        archive.writestr("b.jsonl", LINES)

    with pytest.raises(DataError, match=r"must hold one \.jsonl file; it holds 2"):
        list(lines(tmp_path / "rows.zip"))


def test_a_missing_file_is_named(tmp_path):
    """One line that says which."""
    with pytest.raises(DataError, match=r"gone\.jsonl: cannot be read \(No such file"):
        list(lines(tmp_path / "gone.jsonl"))


@pytest.mark.parametrize("name", ["rows.gz", "rows.zip"])
def test_a_cut_off_archive_is_an_error(tmp_path, name):
    """Half a file never passes for a whole one."""
    whole = tmp_path / "whole"
    if name == "rows.gz":
        whole.write_bytes(gzip.compress(LINES * 100))
    else:
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("rows.jsonl", LINES * 100)
    (tmp_path / name).write_bytes(whole.read_bytes()[:-30])

    with pytest.raises(DataError, match=f"{name}: is damaged, cut off"):
        list(lines(tmp_path / name))


def test_a_locked_zip_opens_with_the_password_of_the_environment(monkeypatch):
    """The password comes from EVALSUITE_GPQA_PASSWORD."""
    monkeypatch.setenv("EVALSUITE_GPQA_PASSWORD", "invented")

    ((_, line),) = lines(LOCKED)
    assert json.loads(line)["item_id"] == "gsm8k_test/0"


@pytest.mark.parametrize("password", ["", "wrong", "wrong too", "and this"])
def test_a_locked_zip_says_what_to_set(monkeypatch, password):
    """Without the password, or with another, the message names the variable."""
    monkeypatch.setenv("EVALSUITE_GPQA_PASSWORD", password)

    with pytest.raises(DataError, match="EVALSUITE_GPQA_PASSWORD"):
        list(lines(LOCKED))

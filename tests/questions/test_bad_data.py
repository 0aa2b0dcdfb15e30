"""Damaged and unsuitable files: one clear message each, with file and place."""

import zipfile

import pandas as pd
import pytest

from evalsuite.errors import DataError

GSM8K = '{"question": "q", "answer": "#### 1"}\n'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gsm8k.jsonl", b"", "holds no rows"),
        ("gsm8k.jsonl", b"\n\n", "holds no rows"),
        ("gsm8k.jsonl", (GSM8K + '{"question": "q", "ans').encode(), "line 2: is not one complete"),
        ("gsm8k.jsonl", (GSM8K + "\n" + GSM8K).encode(), "line 2: is not one complete"),
        ("gsm8k.jsonl", b"[1, 2]\n", "line 1: must be a JSON object, not list"),
        ("gsm8k.jsonl", b"[" * 100_000, "line 1: is not one complete"),
        ("gsm8k.jsonl", b'{"question": "\xff"}', "is not UTF-8 (byte 14)"),
        ("gsm8k.jsonl", (GSM8K + '{"question": "q"}').encode(), "line 2: no value for 'answer'"),
        ("gsm8k.jsonl", b'{"question": "q", "answer": null}', "line 1: no value for 'answer'"),
        ("gsm8k.jsonl", b'{"question": "q", "answer": "5"}', "line 1: the answer has no number"),
        ("gsm8k.jsonl", b'{"question": " ", "answer": "#### 5"}', "column 'question' is empty"),
        ("gsm8k.jsonl", rb'{"question": "\ud800", "answer": "#### 5"}', "text that is not Unicode"),
        ("gsm8k.csv", b"question,answer\n", "holds no rows"),
        ("gsm8k.csv", b"question,answer\nq\n", "row 1: no value for 'answer'"),
        ("gsm8k.csv", b"question,answer\nq,#### 1,x\n", "row 1: has more cells"),
        ("gsm8k.csv", b'question,answer\nq,"#### 1\n', "near line 2: is not CSV"),
        ("gsm8k.parquet", b"PAR1 and then nothing", "is not a complete parquet file"),
        ("gsm8k.zip", b"PK\x03\x04 and then nothing", "is damaged, not a zip"),
        ("gsm8k.txt", b"x", "Known endings: .jsonl, .parquet, .csv, .zip"),
        (
            "mmlu.jsonl",
            b'{"question": "q", "subject": "s", "choices": ["a", "b", "c"], "answer": 0}',
            "line 1: there must be 4 choices, not 3",
        ),
        (
            "mmlu.jsonl",
            b'{"question": "q", "subject": "s", "choices": ["a", "b", "c", "d"], "answer": 4}',
            "line 1: the answer must be an index from 0 to 3, not 4",
        ),
        (
            "mmlu.csv",
            b"question,subject,choices,answer\nq,s,a b c d,1\n",
            "row 1: the choices must be a list",
        ),
        (
            "aime_2024.jsonl",
            b'{"id": 1, "problem": "p", "answer": "5"}\n{"id": 1, "problem": "q", "answer": "6"}',
            "line 2: its id occurs a second time",
        ),
    ],
)
def test_a_bad_file_is_named_with_the_place(name, content, said, load, tmp_path):
    """The message says which file, which line or row, and what is wrong there."""
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(DataError) as refused:
        load(file.stem, data=file)

    assert str(file) in str(refused.value)
    assert said in str(refused.value)


def test_a_truncated_parquet_file_is_refused(load, tmp_path):
    """A parquet file without its end is not read in part."""
    file = tmp_path / "gsm8k.parquet"
    pd.DataFrame([{"question": "q", "answer": "#### 1"}]).to_parquet(file)
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(DataError, match=r"gsm8k\.parquet: is not a complete parquet file"):
        load("gsm8k", data=file)


def test_a_truncated_zip_is_refused(load, examples, tmp_path):
    """A zip file without its end is not read in part."""
    file = tmp_path / "gpqa_diamond.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(examples / "gpqa_diamond.csv", "gpqa_diamond.csv")
    file.write_bytes(file.read_bytes()[:-30])

    with pytest.raises(DataError, match=r"gpqa_diamond\.zip: is damaged"):
        load("gpqa_diamond", data=file)


def test_a_missing_file_is_named(load, tmp_path):
    """A path that is not there is said as such."""
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read \(No such file"):
        load("gsm8k", data=tmp_path / "nowhere.jsonl")


def test_a_folder_without_the_task_says_what_it_looked_for(load, tmp_path):
    """The names that would have been found are listed."""
    with pytest.raises(DataError, match=r"holds no file for task 'gsm8k'.*gsm8k_test\.jsonl"):
        load("gsm8k", data=tmp_path)


def test_two_files_for_one_task_are_not_guessed_between(load, tmp_path):
    """With two candidates in a folder the user must name one."""
    (tmp_path / "gsm8k.jsonl").write_text(GSM8K)
    (tmp_path / "gsm8k_test.csv").write_text("question,answer\nq,#### 2\n")

    with pytest.raises(DataError, match=r"holds gsm8k_test\.csv and gsm8k\.jsonl"):
        load("gsm8k", data=tmp_path)


def test_a_zip_must_hold_one_usable_file(load, tmp_path):
    """Members that cannot be told apart are listed."""
    with zipfile.ZipFile(tmp_path / "gpqa_diamond.zip", "w") as archive:
        archive.writestr("a.csv", "x\n1\n")
        archive.writestr("b.csv", "x\n1\n")

    with pytest.raises(DataError, match=r"must hold one file for task 'gpqa_diamond'.*'b\.csv'"):
        load("gpqa_diamond", data=tmp_path)


def test_a_damaged_note_on_the_folder_is_refused(load, tmp_path):
    """Whether rows are synthetic is never guessed from a broken dataset.json."""
    (tmp_path / "gsm8k.jsonl").write_text(GSM8K)
    (tmp_path / "dataset.json").write_text('{"synthetic": tr')

    with pytest.raises(DataError, match=r"dataset\.json: is not JSON"):
        load("gsm8k", data=tmp_path)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_says_where_the_right_one_is(password, load, examples, monkeypatch):
    """Without a password and with a wrong one the message names the variable and the place."""
    monkeypatch.setenv("EVALSUITE_GPQA_PASSWORD", password)

    with pytest.raises(DataError, match=r"Set EVALSUITE_GPQA_PASSWORD .*idavidrein/gpqa"):
        load("gpqa_diamond", data=examples / "locked")

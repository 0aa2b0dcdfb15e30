"""Questions from local files: ids, hashes, formats, folders."""

import csv
import json
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from evalsuite.errors import UsageError
from evalsuite.questions import load_task, task_names

FIVE = ["aime_2024", "gpqa_diamond", "gsm8k", "math_500", "mmlu"]


def rows_of(examples, stem):
    return list(map(json.loads, (examples / f"{stem}.jsonl").read_text().splitlines()))


@pytest.mark.parametrize(
    ("task", "ids"),
    [
        ("mmlu", ["mmlu_test/0", "mmlu_test/1", "mmlu_test/2"]),
        ("gsm8k", ["gsm8k_test/0", "gsm8k_test/1"]),
        ("aime_2024", ["901", "902"]),
        ("math_500", ["test/prealgebra/invented-1.json", "test/algebra/invented-2.json"]),
        ("gpqa_diamond", ["recInvented1", "recInvented2"]),
    ],
)
def test_ids_are_the_data_sets_own_or_the_row(task, ids, load, examples):
    """Ids are stable, and MMLU's duplicate items stay distinct."""
    assert [question.id for question in load(task, data=examples).questions] == ids


def test_subject_and_level_come_from_the_data(load, examples):
    """MMLU has subjects, MATH-500 subjects and levels, GPQA domains, the others neither."""
    said = {
        task: (load(task, data=examples).questions[0].subject,
               load(task, data=examples).questions[0].level)
        for task in FIVE
    }  # fmt: skip

    assert said == {
        "mmlu": ("elementary_mathematics", ""),
        "math_500": ("Prealgebra", "1"),
        "gpqa_diamond": ("Physics", ""),
        "gsm8k": ("", ""),
        "aime_2024": ("", ""),
    }


def test_the_five_are_there_without_any_option():
    """The canonical names are the file names."""
    assert task_names() == FIVE


def test_an_unknown_task_is_refused_with_the_nearest_name(load):
    """A misspelt task is a usage error that names the nearest."""
    with pytest.raises(UsageError, match="did you mean 'gsm8k'"):
        load("gms8k")


def test_synthetic_rows_say_so(load, examples):
    """A folder whose dataset.json says synthetic is never taken for the benchmark."""
    info = load("gsm8k", data=examples).info

    assert (info.source, info.synthetic) == ("synthetic, GSM8K format", True)
    assert load("gsm8k", data=examples / "gsm8k_test.jsonl").info.synthetic


def test_local_rows_say_so(load, examples, tmp_path):
    """Rows of a file are named by the file."""
    shutil.copy(examples / "gsm8k_test.jsonl", tmp_path)

    info = load("gsm8k", data=tmp_path).info

    assert (info.source, info.synthetic, info.revision) == ("gsm8k_test.jsonl, local", False, "")
    assert info.questions == 2


def test_a_limit_takes_the_first_and_keeps_their_ids(load, examples):
    """A limited task is a prefix of the whole one, with hashes of its own."""
    whole, first = load("mmlu", data=examples), load("mmlu", data=examples, limit=1)

    assert first.questions == whole.questions[:1]
    assert first.info.questions == 1
    assert first.info.data_hash != whole.info.data_hash
    assert first.info.prompt_hash != whole.info.prompt_hash


@pytest.mark.parametrize("task", ["mmlu", "gsm8k", "aime_2024", "math_500"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_format_gives_the_same_questions(task, ending, load, examples, tmp_path):
    """jsonl, csv and parquet of the same rows are the same task, by hash too."""
    stem = f"{task}_test" if task in {"mmlu", "gsm8k"} else task
    rows = rows_of(examples, stem)
    if ending == "parquet":
        pd.DataFrame(rows).to_parquet(tmp_path / f"{task}.parquet")
    else:
        cells = [{key: json.dumps(value) if isinstance(value, list) else value
                  for key, value in row.items()} for row in rows]  # fmt: skip
        with (tmp_path / f"{task}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(cells)

    read, expected = load(task, data=tmp_path), load(task, data=examples)

    assert read.questions == expected.questions
    assert read.info.prompt_hash == expected.info.prompt_hash
    if (task, ending) != ("mmlu", "csv"):  # a list in a cell is text
        assert read.info.data_hash == expected.info.data_hash


def test_a_zip_is_read_in_memory(load, examples, tmp_path):
    """A zip's one file is used, the one with the task's name if there are more; none is left."""
    with zipfile.ZipFile(tmp_path / "gpqa_diamond.zip", "w") as archive:
        archive.write(examples / "gpqa_diamond.csv", "dataset/gpqa_diamond.csv")
        archive.writestr("dataset/gpqa_main.csv", "a,b\n1,2\n")

    read = load("gpqa_diamond", data=tmp_path)

    assert read.questions == load("gpqa_diamond", data=examples).questions
    assert [path.name for path in tmp_path.iterdir()] == ["gpqa_diamond.zip"]


def test_a_locked_zip_opens_with_the_password_of_the_environment(load, examples, monkeypatch):
    """The password comes from EVALSUITE_GPQA_PASSWORD; the questions are the same."""
    monkeypatch.setenv("EVALSUITE_GPQA_PASSWORD", "invented")

    read = load("gpqa_diamond", data=examples / "locked")

    assert read.questions == load("gpqa_diamond", data=examples).questions


def test_the_hashes_see_what_matters(load, examples, tmp_path):
    """A changed gold changes both hashes; a column that is not used changes neither."""
    rows = rows_of(examples, "aime_2024")
    rows[0]["solution"] = "another"
    (tmp_path / "aime_2024.jsonl").write_text("\n".join(map(json.dumps, rows)))
    same = load("aime_2024", data=tmp_path).info
    rows[0]["answer"] = "026"
    (tmp_path / "aime_2024.jsonl").write_text("\n".join(map(json.dumps, rows)))
    other = load("aime_2024", data=tmp_path).info
    info = load("aime_2024", data=examples).info

    assert (same.data_hash, same.prompt_hash) == (info.data_hash, info.prompt_hash)
    assert other.data_hash != info.data_hash
    assert other.prompt_hash != info.prompt_hash


def test_local_files_need_no_heavy_package(examples):
    """Reading a jsonl file imports neither lm_eval nor datasets, pandas, numpy or pyarrow."""
    program = (
        "import sys; from pathlib import Path; from evalsuite.questions import load_questions\n"
        f"load_questions('mmlu', data=Path({str(examples)!r}))\n"
        "print({m.partition('.')[0] for m in sys.modules}"
        " & {'lm_eval', 'datasets', 'pandas', 'numpy', 'pyarrow'})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"


def test_load_task_is_what_the_run_says_of_it(examples):
    """Repeats, sampling and margin are carried into the task's facts."""
    from evalsuite.model import Sampling

    sampling = Sampling(temperature=0.0, top_p=1.0, top_k=0, max_tokens=10)

    info = load_task("gsm8k", repeats=4, sampling=sampling, data=examples, margin_pp=1.5).info

    assert (info.repeats, info.sampling, info.margin_pp) == (4, sampling, 1.5)
    assert (info.name, info.title, info.questions) == ("gsm8k", "GSM8K", 2)

"""A run's folder: who may write it, and when it may be gone on with."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from evalsuite.errors import RunError
from evalsuite.runs.folder import open_run, read_info, rewriting, writing

HOLDER = """
import pathlib, sys, time
from evalsuite.runs.folder import rewriting
with rewriting(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def made(lab, **facts):
    """An empty run folder."""
    with writing(lab.path(), lab.run_info(**facts), [lab.question(1)]):
        pass
    return lab.path()


@pytest.fixture
def holder(lab):
    """A second process that writes the run."""
    path = made(lab)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_and_told_by_whom(lab, holder):
    """The error names the process and the machine that hold the run."""
    with (
        pytest.raises(RunError, match=rf"pid {holder.pid} on {os.uname().nodename}"),
        writing(lab.path(), lab.run_info(), []),
    ):
        pass
    with open_run(lab.path()) as run:
        assert run.info.id == "test-fp8"


def test_the_lock_vanishes_with_a_killed_process(lab, holder):
    """No lock file has to be deleted by hand."""
    holder.kill()
    holder.wait()
    with rewriting(lab.path()) as run:
        assert run.info.id == "test-fp8"


def test_a_changed_setting_is_refused_with_both_values(lab):
    """Each difference is one line; nothing of the old run changes."""
    path = made(lab, precision="fp8", options="{}")
    before = (path / "run.json").read_bytes()
    changed = lab.run_info(precision="nvfp4", options='{"a": 1}')
    with pytest.raises(RunError) as caught, writing(path, changed, []):
        pass
    assert '  options: {} before, {"a": 1} now\n' in str(caught.value)
    assert "  precision: fp8 before, nvfp4 now\n" in str(caught.value)
    assert "another name" in str(caught.value)
    assert (path / "run.json").read_bytes() == before


def test_a_setting_outside_this_call_is_still_held(lab):
    """Going on with one task does not forget how another was asked."""
    path = made(lab, **{"sampling.gsm8k": "a", "sampling.mmlu": "b"})
    made(lab, **{"sampling.gsm8k": "a"})
    with pytest.raises(RunError, match=r"sampling\.mmlu: b before, c now"):
        made(lab, **{"sampling.mmlu": "c"})
    assert read_info(path).settings["sampling.mmlu"] == "b"


@pytest.mark.parametrize("change", [{"gold": "2"}, {"prompt": "Otherwise?"}])
def test_a_changed_question_is_refused(lab, change):
    """The same id with another prompt or gold is another question."""
    path = made(lab)
    with (
        pytest.raises(RunError, match="q001 of gsm8k"),
        writing(path, lab.run_info(), [lab.question(1, **change)]),
    ):
        pass


def test_other_data_is_refused(lab):
    """A part of the same data is fine, larger or smaller; other data is not."""
    path = made(lab)
    with writing(path, lab.run_info(), [lab.question(1), lab.question(2)]):
        pass
    with writing(path, lab.run_info(), [lab.question(2)]):
        pass
    with (
        pytest.raises(RunError, match="q003 of gsm8k"),
        writing(path, lab.run_info(), [lab.question(2), lab.question(3)]),
    ):
        pass


def test_a_smaller_call_forgets_nothing(lab):
    """run.json says the most questions and repeats that were asked for."""
    path = made(lab)
    for questions, repeats in ((9, 1), (5, 4)):
        info = lab.run_info(questions=questions, repeats=repeats)
        with writing(path, replace(info, created="later"), []):
            pass
    task = read_info(path).tasks[0]
    assert (task.questions, task.repeats) == (9, 4)
    assert read_info(path).created == "2026-01-01T00:00:00+00:00"


def test_what_is_no_run_is_refused_with_its_neighbours(lab):
    """A misspelt folder names the runs beside it."""
    made(lab)
    with pytest.raises(RunError, match=r"holds no run\.json\. Beside it: test-fp8"):
        open_run(lab.results / "test-fp4")


@pytest.mark.parametrize(
    ("text", "said"), [("{", "start"), ("{}", "id"), ('{"id": 3}', "id")], ids=["cut", "no", "type"]
)
def test_a_damaged_run_json_is_named(lab, text, said):
    """The error says which file and where in it."""
    path = made(lab)
    (path / "run.json").write_text(text)
    with pytest.raises(RunError, match=rf"run\.json: is damaged at .*{said}"):
        open_run(path)


@pytest.mark.parametrize("content", [None, b""], ids=["absent", "empty"])
def test_a_run_without_answers_says_so(lab, content):
    """A run that was killed at its very start is no damage."""
    path = made(lab)
    (path / "generations.sqlite").unlink()
    if content is not None:
        (path / "generations.sqlite").write_bytes(content)
    with pytest.raises(RunError, match="run"):
        open_run(path)
    with writing(path, lab.run_info(), [lab.question(1)]) as run:
        assert len(list(run.store.questions())) == 1


def test_a_results_path_that_is_a_file_is_refused(lab):
    """What cannot be a folder is one clear error."""
    lab.results.write_text("in the way")
    with (
        pytest.raises(RunError, match=r"cannot be written.*--results"),
        writing(lab.path(), lab.run_info(), []),
    ):
        pass


def test_run_json_is_written_whole_or_not_at_all(lab):
    """A draft that cannot be written leaves the old file whole."""
    path = made(lab)
    before = json.loads((path / "run.json").read_text())
    (path / "run.json.new").mkdir()
    with pytest.raises(RunError, match="cannot be written"):
        made(lab)
    assert json.loads((path / "run.json").read_text()) == before

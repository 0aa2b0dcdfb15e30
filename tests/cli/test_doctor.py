"""`evalsuite doctor`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evalsuite.cli import health
from evalsuite.cli.doctor_command import command
from evalsuite.cli.health import findings

EXAMPLES = Path(__file__).parents[1] / "questions" / "data"


def call(*arguments):
    """The command's result."""
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)


def look(results, data=EXAMPLES):
    """What is found, by name."""
    return {one.name: one for one in findings(data=data, results=results)}


def test_this_machine_is_ready_for_the_demo(tmp_path):
    """Packages, disk, memory, checkpoints and items are there, so the exit code is 0."""
    done = call("--data", EXAMPLES, "--results", tmp_path / "results")

    assert done.exit_code == 0, done.stdout
    assert "FAILED" not in done.stdout
    assert not (tmp_path / "results").exists()


def test_json_has_the_same_findings(tmp_path):
    """Programs get each finding with its fix."""
    done = call("--data", EXAMPLES, "--results", tmp_path, "--json")
    found = {one["name"]: one for one in json.loads(done.stdout)}

    assert found["python"]["status"] == "ok"
    assert found["MATH-500"]["found"] == f"2 questions in {EXAMPLES}"
    assert "NGC container" in found["tensorrt_llm"]["fix"] + "NGC container" * (
        found["tensorrt_llm"]["status"] == "ok"
    )


def test_every_failure_has_a_fix(tmp_path):
    """A finding that is not ok says what to do."""
    assert all(one.fix for one in look(tmp_path, tmp_path / "gone").values() if one.status != "ok")


def test_a_folder_that_cannot_be_written_fails(tmp_path):
    """The results folder is a file: the doctor says so before a run does."""
    (tmp_path / "file").write_text("")
    done = call("--data", EXAMPLES, "--results", tmp_path / "file")

    assert done.exit_code == 1
    assert "FAILED  results" in done.stdout


def test_little_disk_and_memory_fail(tmp_path, monkeypatch):
    """Both name how much is needed."""
    monkeypatch.setattr(health, "NEEDED_DISK_GIB", 1e9)
    monkeypatch.setattr(health, "NEEDED_MEMORY_GIB", 1e9)
    found = look(tmp_path)

    assert (found["disk"].status, found["memory"].status) == ("failed", "failed")


def test_a_package_of_another_version_fails_with_its_install_line(tmp_path, monkeypatch):
    """What needs the packages is then not looked at."""
    monkeypatch.setattr(health, "requires", lambda _: ["click<1", "not-there>=3", "numpy>=2"])
    found = look(tmp_path)

    assert found["click"].fix == "pip install 'click<1'"
    assert found["not-there"].found == "not installed"
    assert "numpy" not in found
    assert "GSM8K" not in found


def test_missing_checkpoints_and_items_fail(tmp_path, monkeypatch):
    """A damaged installation is named file by file."""
    monkeypatch.setattr("evalsuite.backends.embedded.checkpoint.SHIPPED", tmp_path)
    monkeypatch.setattr("evalsuite.resources.DEMO_ITEMS", tmp_path)
    found = look(tmp_path)

    assert found["checkpoint fp8"].status == "failed"
    assert found["items of gsm8k"].status == "failed"


def test_data_sets_that_fail_alike_are_one_finding(tmp_path):
    """Five times the same sentence helps nobody."""
    found = list(findings(data=tmp_path / "no.jsonl", results=tmp_path))

    assert [one.found for one in found if one.name == "data sets"] == [
        "AIME 2024, GPQA Diamond, GSM8K, MATH-500, MMLU cannot be had"
    ]


def test_the_hub_is_asked_without_data(tmp_path, monkeypatch):
    """What is cached or within reach is ok, and nothing is downloaded."""
    monkeypatch.setattr("evalsuite.questions.hub.availability", lambda _: "cached")

    assert look(tmp_path, None)["GSM8K"].found == "openai/gsm8k main test: cached"


@pytest.mark.parametrize(("token", "found"), [("hf_secret", "set"), ("", "not set")])
def test_a_token_is_never_shown(tmp_path, monkeypatch, token, found):
    """Whether it is set is said, its value is not."""
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setenv("HOME", str(tmp_path))
    done = call("--data", EXAMPLES, "--results", tmp_path, "--json")

    assert {"HF token": found}.items() <= {
        one["name"]: one["found"] for one in json.loads(done.stdout)
    }.items()
    assert "hf_secret" not in done.output

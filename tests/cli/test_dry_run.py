"""`evalsuite run --dry-run`."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from evalsuite.backends import backend_class
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.cli.run_command import command
from evalsuite.resources import shipped

DATA = Path(__file__).parents[1] / "questions" / "data"
READY = sorted(shipped("configs").glob("r1-*.yaml"))
FAKE = Path(__file__).parents[1] / "backends" / "tensorrt_llm" / "fake.py"
TINY = {
    "name": "tiny",
    "seed": 3,
    "data": str(DATA),
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
    "tasks": {"gsm8k": {"margin_pp": 1.0, "repeats": 3}, "math_500": {"margin_pp": 1.0}},
    "arms": {"fp8": {"backend": "embedded", "precision": "fp8"}},
}


def dry(folder, config, *options):
    """The command's result, in *folder*."""
    path = folder / "config.yaml"
    path.write_text(config if isinstance(config, str) else json.dumps(config))
    places = ["--results", folder / "results", "--reports", folder / "reports"]
    words = [path, "--dry-run", *places, *options]
    return CliRunner().invoke(command, [str(one) for one in words], catch_exceptions=False)


@pytest.fixture
def fake(monkeypatch):
    """The fake TensorRT-LLM."""
    spec = importlib.util.spec_from_file_location("fake_for_dry_run", FAKE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.Fake()
    for name, one in made.modules().items():
        monkeypatch.setitem(sys.modules, name, one)
    return made


def arm(**engine_args):
    return TINY | {
        "arms": {
            "fp8": {
                "backend": "tensorrt_llm",
                "precision": "fp8",
                "options": {"model": str(SHIPPED / "fp8"), "engine_args": engine_args},
            }
        }
    }


def test_it_tells_what_would_be_asked_and_starts_nothing(tmp_path):
    """Counts and tokens of each task; no folder is made."""
    done = dry(tmp_path, TINY)

    assert done.exit_code == 0, done.output
    assert "gsm8k" in done.output
    assert "2 × 3" in done.output
    assert "No problem was found." in done.output
    assert {one.name for one in tmp_path.iterdir()} == {"config.yaml"}


def test_what_is_stored_is_not_counted_again(tmp_path):
    """And its lengths are what the rest is expected to take."""
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps(TINY))
    words = ["--results", tmp_path / "results", "--quiet", "--no-report", "--repeats", 2]
    CliRunner().invoke(command, [str(path), *map(str, words)], catch_exceptions=False)
    done = dry(tmp_path, TINY, "--task", "gsm8k")

    assert "2 of 6" in done.output
    assert "1.6 k" not in done.output
    assert "tokens/s (tiny-fp8)" in done.output


def test_every_problem_is_told_at_once(tmp_path, monkeypatch):
    """A task without data, a missing package, a wrong precision, too few GPUs."""
    monkeypatch.setattr("evalsuite.backends.tensorrt_llm.examine.installed", lambda: False)
    monkeypatch.setattr("evalsuite.backends.tensorrt_llm.examine.gpus", list)
    config = arm(max_seq_len=2_000, tensor_parallel_size=8)
    config["arms"]["fp8"]["precision"] = "nvfp4"
    config["tasks"] = TINY["tasks"] | {"aime_2024": {"margin_pp": 1.0, "data": "gone"}}
    done = dry(tmp_path, config)

    assert done.exit_code == 2
    assert "4 problem(s) found." in done.output
    for words in (
        "PROBLEM tasks.aime_2024: gone",
        "nvcr.io/nvidia/tensorrt-llm/release",
        "are 'fp8'",
        "needs 8 GPUs; nvidia-smi shows 0",
    ):
        assert words in done.output
    assert "at least" in done.output


def test_prompts_are_measured_against_max_seq_len(tmp_path, fake, monkeypatch):
    """With the checkpoint's own template and tokenizer, before anything is loaded."""
    monkeypatch.setattr("evalsuite.backends.tensorrt_llm.examine.shortage", lambda *_, **__: [])
    done = dry(tmp_path, arm(max_seq_len=120))
    assert "max_seq_len 120 is too small for 2 question(s) with max_tokens 100" in done.output

    done = dry(tmp_path, arm(max_seq_len=100))
    assert "100 leaves no room for a prompt" in done.output
    assert not fake.loaded


@pytest.mark.parametrize("wrong", [{"tensor_parallel_size": "eight"}, ["max_seq_len"], "8"])
def test_options_that_make_no_sense_are_problems_and_no_crash(tmp_path, wrong):
    """The rest is told all the same."""
    config = arm(max_seq_len=2_000)
    config["arms"]["fp8"]["options"]["engine_args"] = wrong
    done = dry(tmp_path, config)
    assert done.exit_code == 2
    assert "PROBLEM arms.fp8.options.engine_args" in done.output
    assert "2 × 3" in done.output


def test_a_given_speed_tells_the_hours(tmp_path):
    """2 × 3 answers of 100 tokens and 2 of 100, at one token a second."""
    done = dry(tmp_path, TINY, "--tokens-per-second", 1)
    assert "about 800 tokens of answers: 0.2 h at 1 tokens/s (named)" in done.output


def test_a_run_of_another_configuration_is_a_problem(tmp_path):
    """As a real run would refuse it."""
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps(TINY))
    words = ["--results", tmp_path / "results", "--quiet", "--no-report"]
    CliRunner().invoke(command, [str(path), *map(str, words)], catch_exceptions=False)
    done = dry(tmp_path, TINY | {"seed": 4})

    assert "PROBLEM arms.fp8:" in done.output
    assert "seed: 3 before, 4 now" in done.output


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_the_ready_configurations_are_right(tmp_path, path, fake):
    """Every argument is one of the contract's, with its type; only this machine is in the way."""
    # Of a benchmark that is asked in parts, a night is named; or all of it is asked.
    full = ["--full"] if "rotate" in path.read_text() else []
    done = dry(tmp_path, path.read_text(), "--data", DATA, *full)
    lines = [line for line in done.output.splitlines() if line.startswith("PROBLEM")]
    assert all("GPUs" in line or "hf download" in line for line in lines), done.output

    for one in yaml.safe_load(path.read_text())["arms"].values():
        from evalsuite.backends.tensorrt_llm.engine import _objects

        options = one["options"]
        module = sys.modules["tensorrt_llm"]
        llm = module.LLM(str(SHIPPED / "fp8"), **_objects(module, options["engine_args"]))
        assert llm.given["enable_attention_dp"]
        assert set(options) <= set(backend_class("tensorrt_llm").OPTIONS)
    assert fake.loaded


def test_there_is_a_ready_configuration_for_each_use():
    """Each arm alone, the card, the paper, every night."""
    assert [path.stem for path in READY] == [
        "r1-card",
        "r1-fp4-b200",
        "r1-fp8-b200",
        "r1-nightly",
        "r1-paper",
    ]

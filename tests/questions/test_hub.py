"""Public data sets: read once, pinned by commit, and every failure says what to do."""

import subprocess
import sys

import pytest

from evalsuite.errors import DataError

README = b"""---
configs:
- config_name: main
  data_files:
  - split: test
    path: main/test.jsonl
---
"""
TWICE = """
import sys
from evalsuite.model import Sampling
from evalsuite.questions import load_task

sampling = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32768)
for revision in ("main", sys.argv[1]):
    info = load_task("gsm8k", repeats=1, sampling=sampling, revision=revision).info
    print(info.source, info.revision, info.prompt_hash, sep="|")
"""


@pytest.fixture
def hub_at(monkeypatch):
    """Point the hub library of this process to an address."""
    from huggingface_hub import constants

    def point(address):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    return point


def test_a_public_data_set_is_fetched_once_and_pinned(fake_hub, load, examples, tmp_path):
    """A branch is resolved to its commit; the commit is then read without asking the hub."""
    make, serving, commit = fake_hub
    rows = (examples / "gsm8k_test.jsonl").read_bytes()
    hub = make("openai/gsm8k", {"README.md": README, "main/test.jsonl": rows})

    with serving(hub) as address:
        run = [sys.executable, "-c", TWICE, commit]
        settings = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(run, env=settings, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    expected = load("gsm8k", data=examples).info.prompt_hash
    assert first == second == f"openai/gsm8k main test|{commit}|{expected}"
    assert len([path for path in hub.asked if path.startswith("GET") and "jsonl" in path]) == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("gated", r"is gated.*Accept the licence at .*set HF_TOKEN, or give its rows as a file"),
        ("absent", r"does not exist on the hub or needs a login"),
        ("broken", r"cannot be fetched.*503.*or give its rows as a file"),
    ],
)
def test_a_refusing_hub_says_what_to_do(state, said, fake_hub, hub_at, load):
    """Gated, unknown and failing data sets end in one message with the way out."""
    make, serving, _ = fake_hub

    with serving(make("Idavidrein/gpqa", {}, state=state)) as address:
        hub_at(address)
        with pytest.raises(DataError, match=said) as refused:
            load("gpqa_diamond", revision="main")

    assert "\n" not in str(refused.value)


def test_an_unknown_revision_is_named(fake_hub, hub_at, load):
    """A revision that the data set does not have is said as such."""
    make, serving, _ = fake_hub

    with serving(make("openai/gsm8k", {})) as address:
        hub_at(address)
        with pytest.raises(DataError, match="has no revision 'v9'"):
            load("gsm8k", revision="v9")


def test_an_unreachable_hub_is_known_at_once(hub_at, load):
    """Without a network there are no retries, only the message."""
    hub_at("http://127.0.0.1:9")

    with pytest.raises(DataError, match=r"Check the network and HF_HUB_OFFLINE"):
        load("gpqa_diamond", revision="main")


def test_offline_mode_is_obeyed(hub_at, load, monkeypatch):
    """HF_HUB_OFFLINE means that nothing is asked."""
    from huggingface_hub import constants

    hub_at("http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(DataError, match="offline mode is enabled"):
        load("gsm8k", revision="main")


def test_every_task_is_pinned_to_a_commit():
    """A branch could move between the FP8 run and the FP4 run."""
    from evalsuite.questions import read_task, task_names

    assert all(len(read_task(name).revision) == 40 for name in task_names())

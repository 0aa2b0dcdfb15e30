"""Whether a data set could be read, without reading it; `evalsuite doctor` asks."""

import dataclasses

import pytest

from evalsuite.errors import DataError
from evalsuite.questions import read_task
from evalsuite.questions.hub import availability


@pytest.fixture
def ask(fake_hub, monkeypatch):
    """Asks a hub in some state about a task; also tells what the hub was asked."""
    from huggingface_hub import constants

    def call(name, state):
        make, serving, commit = fake_hub
        spec = dataclasses.replace(read_task(name), revision=commit)
        hub = make(spec.dataset, {"README.md": b"---\n---\n"}, state=state)
        with serving(hub) as address:
            monkeypatch.setattr(constants, "ENDPOINT", address)
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
            return availability(spec), hub.asked

    return call


def test_a_data_set_within_reach_is_not_downloaded(ask):
    """One look at the hub's own description is enough."""
    said, asked = ask("gsm8k", "open")

    assert said == "reachable"
    assert not [path for path in asked if "resolve" in path]


def test_a_gated_data_set_says_what_to_do(ask):
    """The same message that a run would end with, before one is started."""
    with pytest.raises(DataError, match="Accept the licence at"):
        ask("gpqa_diamond", "gated")

"""`evalsuite plan` from the outside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evalsuite.cli import cli

DEMO = str(Path(__file__).parents[2] / "configs" / "demo.yaml")


def evalsuite(*args):
    return CliRunner().invoke(cli, ["plan", DEMO, *args, "--results", "nowhere"])


def test_plan_says_what_to_ask_and_from_what():
    """The table names planning values as such and ends in lines for the config."""
    done = evalsuite()
    assert done.exit_code == 0, done.output
    assert "planning value" in done.output
    assert "aime_2024: {margin_pp: 5, repeats:" in done.output


def test_budget_and_json():
    """Half an hour at a named speed, as JSON for other programs."""
    done = evalsuite(
        "--budget", "30min", "--tokens-per-second", "3000", "--margin", "2.5", "--json"
    )
    found = json.loads(done.output)
    assert found["budget"] == {"amount": 0.5, "unit": "hours"}
    assert found["goal"] == "macro"
    assert 0.3 < found["planned"]["cost"]["hours"] <= 0.5


@pytest.mark.parametrize("budget", ["4 hours", "-1h", "0", "x", "infh"])
def test_budget_of_another_form_is_refused(budget):
    """The message says which forms there are."""
    done = evalsuite(f"--budget={budget}")
    assert done.exit_code == 2
    assert "neither hours" in done.output

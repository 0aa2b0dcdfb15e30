"""The command line as a user has it, and small runs for it."""

import json
import os
import subprocess
import sys

import pytest

OUTSIDE = {
    name: value for name, value in os.environ.items() if not name.startswith(("GITHUB", "CI"))
}
POLICY = """
overall: strict
undecided: fail
min_complete: 0.99
max_truncation_growth_pp: 0.5
max_length_growth: 1.10
tasks:
  gsm8k: {margin_pp: 10.0}
"""


@pytest.fixture(scope="session")
def evalsuite():
    """evalsuite(folder, *args, **env): the finished process, called in *folder*, outside any CI."""

    def call(folder, *args, **env):
        return subprocess.run(
            [sys.executable, "-m", "evalsuite", *args],
            cwd=folder,
            env=OUTSIDE | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def import_gsm8k(evalsuite):
    """import_gsm8k(folder, name, wrong, *args): a run of 60 questions, *wrong* of them wrong.

    *wrong* is how many from the first on, or which.
    """

    def make(folder, name, wrong=0, *args):
        missed = range(wrong) if isinstance(wrong, int) else wrong
        rows = [
            {
                "benchmark": "gsm8k",
                "item_id": f"gsm8k_test/{n}",
                "gold": str(n),
                "question": f"What is {n}?",
                "response": f"It is \\boxed{{{-1 if n in missed else n}}}",
            }
            for n in range(60)
        ]
        path = folder / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        done = evalsuite(folder, "import", path.name, "--run", name, *args)
        assert done.returncode == 0, done.stderr

    return make


@pytest.fixture(scope="session")
def policy():
    """A policy for such runs."""
    return POLICY

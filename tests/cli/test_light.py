"""The command line starts light."""

import json
import resource
import subprocess
import sys

import pytest

from evalsuite.cli import COMMANDS, cli

HEAVY = [
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "datasets",
    "lm_eval",
    "torch",
    "pydantic",
    "tokenizers",
    "sympy",
]


@pytest.mark.parametrize(
    "statement", ["import evalsuite", "from evalsuite.cli import main; main(['--help'])"]
)
def test_start_imports_nothing_heavy(statement):
    """Importing the package and printing the help load no heavy package."""
    code = f"""
import atexit, json, sys
found = lambda: json.dumps([name for name in {HEAVY} if name in sys.modules])
atexit.register(lambda: print(found(), file=sys.stderr))
{statement}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stderr) == []


def test_help_is_quick():
    """`evalsuite --help` takes under 0.3 s of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "evalsuite", "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < 0.3


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_says_what_its_line_in_the_help_says(name):
    """The help line known without importing a command is the command's own first line."""
    command = cli.get_command(None, name)
    assert command.help.partition("\n")[0] == COMMANDS[name].help


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_has_an_example_in_its_help(name):
    """Every help text shows a line to paste."""
    assert f"evalsuite {name}" in cli.get_command(None, name).help


def test_an_unknown_command_names_the_nearest():
    """A misspelt command gets a hint and exit code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "evalsuite", "comapre"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "did you mean 'compare'?" in done.stderr

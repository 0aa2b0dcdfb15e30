"""What is built and locked is what the project says."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def normal(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")


def test_lock_holds_every_dependency():
    """Each package of the core and of the dev extra is pinned in the lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    locked = {
        normal(line)
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if re.match(r"[A-Za-z0-9]", line)
    }
    assert {normal(one) for one in wanted} <= locked


def test_every_dependency_has_a_reason():
    """Each dependency line of pyproject.toml says why it is there."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    wanted = [line for line in lines if re.match(r'    "[a-z0-9_-]+[><=]=[^"]*",', line)]
    assert len(wanted) > 20
    assert [line for line in wanted if "#" not in line] == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The built wheel, installed alone into a folder."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, target, wheel], check=True, capture_output=True)
    return target


def run(installed, where, *args):
    return subprocess.run(
        [sys.executable, "-m", "evalsuite", *args],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(installed), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_runs_outside_a_checkout(installed, tmp_path):
    """The wheel alone lists its tasks and reads its own files, not the checkout's."""
    where = subprocess.run(
        [sys.executable, "-c", "import evalsuite; print(evalsuite.__file__)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(installed) in where.stdout
    listed = run(installed, tmp_path, "tasks")
    assert listed.returncode == 0, listed.stderr
    assert "GPQA Diamond" in listed.stdout


@pytest.mark.slow
def test_wheel_runs_the_demo(installed, tmp_path):
    """The wheel holds the embedded model, its items and the demo's configuration."""
    done = run(installed, tmp_path, "demo", "--limit", "2", "--progress", "none")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reports" / "demo" / "index.html").is_file()

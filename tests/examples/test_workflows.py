"""Workflows and examples are what their systems accept, and call what exists."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from evalsuite.cli import COMMANDS, cli

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITLAB = ROOT / "examples" / "gitlab-ci.yml"
SCRIPTS = sorted([*(ROOT / "examples").rglob("*.sh"), *(ROOT / "examples").rglob("*.sbatch")])


def name(path):
    return path.name


def steps(path):
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def gitlab_script():
    return "\n".join(yaml.safe_load(GITLAB.read_text())["nightly"]["script"])


def texts():
    """Every shell text: file → text."""
    found = {
        f"{path.name}": "\n".join(step["run"] for step in steps(path) if "run" in step)
        for path in WORKFLOWS
    }
    found |= {path.name: path.read_text() for path in SCRIPTS}
    return found | {GITLAB.name: gitlab_script()}


@pytest.mark.parametrize(
    ("schema", "path"),
    [*(("vendor.github-workflows", path) for path in WORKFLOWS), ("vendor.gitlab-ci", GITLAB)],
)
def test_files_are_valid_under_their_schema(schema, path):
    """GitHub's and GitLab's schemas, as check-jsonschema ships them."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_check_can_fail(tmp_path):
    """A step without anything to do is found."""
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: 3}]}}\n")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*command, "vendor.github-workflows", broken], capture_output=True, check=False
    )
    assert done.returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_actions_are_pinned_with_their_version_beside(path):
    """Forty hexadecimal digits, and the release in a comment."""
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_jobs_are_bounded_and_may_only_read(path):
    """A time limit for each job, and no permission that is not named."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_no_foreign_text_reaches_a_shell(path):
    """Expressions stand in `env:` and `with:`, never in a script."""
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("file", texts())
def test_shell_is_shell(file):
    """Bash reads it to its end."""
    done = subprocess.run(
        ["bash", "-n"], input=texts()[file], text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def calls(text):
    """The words of each call of evalsuite."""
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        at = re.search(r"(?:^|[\s/])evalsuite (?=[a-z-])(.*)", line)
        if at and not line.lstrip().startswith("#"):
            yield shlex.split(at[1].partition(" > ")[0], comments=True)


@pytest.mark.parametrize("file", texts())
def test_every_call_names_commands_and_options_that_exist(file):
    """What a nightly calls is what the program has."""
    for words in calls(texts()[file]):
        if words[0].startswith("-"):
            continue
        assert words[0] in COMMANDS
        command = cli.get_command(None, words[0])
        if isinstance(command, click.Group):
            command = command.commands.get(words[1], command)
        known = {option for one in command.params for option in one.opts}
        used = {word for word in words[1:] if word.startswith("-")}
        assert used <= known, f"{words[0]}: {used - known}"


def test_the_calls_are_found():
    """The check above looks at something."""
    found = [words[0] for text in texts().values() for words in calls(text)]
    assert {"run", "history", "gate", "report", "doctor", "demo"} <= set(found)


def test_servers_are_asked_as_the_nightly_is():
    """The two configurations differ in their engines, and in nothing that moves a number."""
    ours = yaml.safe_load((ROOT / "configs" / "r1-nightly.yaml").read_text())
    theirs = yaml.safe_load((ROOT / "examples" / "slurm" / "r1-servers.yaml").read_text())
    for part in ("seed", "sampling", "tasks"):
        assert ours[part] == theirs[part]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("", "POST"),
        ("7 <!-- evalsuite-gate new -->", "same"),
        ("7 <!-- evalsuite-gate old -->", "PATCH"),
    ],
)
def test_a_comment_is_touched_only_when_it_changed(tmp_path, listed, expected):
    """A stand-in for gh: posts the first time, patches another verdict, leaves the same alone."""
    log = tmp_path / "log"
    gh = tmp_path / "gh"
    gh.write_text(
        f'#!/bin/sh\ncase "$*" in *--paginate*) echo "{listed}";;\n*) echo "$*" >> {log};; esac\n'
    )
    gh.chmod(0o755)
    (tmp_path / "comment.md").write_text("<!-- evalsuite-gate new -->\n### holds\n")
    subprocess.run(
        [ROOT / "examples" / "pr-comment.sh", "o/r", "5", tmp_path / "comment.md"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    said = log.read_text() if log.exists() else "same"
    kind = "PATCH" if "PATCH" in said else "same" if said == "same" else "POST"
    assert kind == expected
    assert expected != "PATCH" or "issues/comments/7" in said

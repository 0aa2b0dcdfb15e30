"""All outputs as files of one folder."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from evalsuite.errors import EvalsuiteError
from evalsuite.files import put
from evalsuite.nightly.gate import Gate
from evalsuite.nightly.outputs.badge import badge
from evalsuite.nightly.outputs.gitlab import code_quality, metrics
from evalsuite.nightly.outputs.junit import junit
from evalsuite.nightly.outputs.markdown import comment, summary

SCHEMA = 1
FILES: Mapping[str, str] = {
    "gate.json": "the decision with every number",
    "junit.xml": "one test case per benchmark and one for the gate",
    "summary.md": "the job summary",
    "comment.md": "the pull request comment; changes only when a verdict does",
    "badge.svg": "the badge",
    "code-quality.json": "GitLab's Code Quality report",
    "metrics.txt": "GitLab's metrics report (OpenMetrics)",
}
_GATE = TypeAdapter(Gate)


def to_json(gate: Gate) -> str:
    """*gate* as JSON with its exit code and sentence."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "state": gate.state,
        "passes": gate.passes,
        "exit_code": gate.exit_code,
        "sentence": gate.sentence,
    }
    return json.dumps(found | _GATE.dump_python(gate, mode="json"), indent=2) + "\n"


def write_outputs(
    gate: Gate, folder: Path, *, policy: str, lines: dict[str, int], at: datetime | None = None
) -> None:
    """Write every file of `FILES` into *folder*; *policy* is the policy's file, *lines* its tasks.

    Raises:
        EvalsuiteError: the folder cannot be written.
    """
    when = at or datetime.now(UTC)
    writers: dict[str, Callable[[], str]] = {
        "gate.json": lambda: to_json(gate),
        "junit.xml": lambda: junit(gate, at=when),
        "summary.md": lambda: summary(gate),
        "comment.md": lambda: comment(gate),
        "badge.svg": lambda: badge(gate),
        "code-quality.json": lambda: code_quality(gate, policy=policy, lines=lines),
        "metrics.txt": lambda: metrics(gate),
    }
    try:
        for name, write in writers.items():
            put(folder / name, write())
    except OSError as error:
        raise EvalsuiteError(
            f"{error.filename or folder}: cannot be written ({error.strerror})."
        ) from error

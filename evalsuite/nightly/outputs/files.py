"""All outputs as files of one folder."""

import json
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
    """Write a file of each format into *folder*; *policy* is the policy's file, *lines* its tasks.

    Raises:
        EvalsuiteError: the folder cannot be written.
    """
    when = at or datetime.now(UTC)
    texts = {
        "gate.json": to_json(gate),
        "junit.xml": junit(gate, at=when),
        "summary.md": summary(gate),
        "comment.md": comment(gate),
        "badge.svg": badge(gate),
        "code-quality.json": code_quality(gate, policy=policy, lines=lines),
        "metrics.txt": metrics(gate),
    }
    try:
        for name, text in texts.items():
            put(folder / name, text)
    except OSError as error:
        raise EvalsuiteError(
            f"{error.filename or folder}: cannot be written ({error.strerror})."
        ) from error

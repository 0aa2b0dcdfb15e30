"""What GitLab shows in a merge request: Code Quality findings and metrics (OpenMetrics text)."""

import hashlib
import json

from evalsuite.nightly.gate import CODES, Finding, Gate, State
from evalsuite.nightly.outputs.numbers import numbers
from evalsuite.nightly.words import clean

SEVERITIES: dict[State, str] = {
    "worse": "critical",
    "not comparable": "major",
    "undecided": "minor",
    "holds": "info",
}


def code_quality(gate: Gate, *, policy: str, lines: dict[str, int]) -> str:
    """A finding for each benchmark that does not hold, at its line of the file *policy*."""
    found = [
        {
            "description": clean(f"{one.title}: {one.state}: {'; '.join(one.reasons)}"),
            "check_name": f"evalsuite.gate.{one.task}",
            "fingerprint": _fingerprint(one),
            "severity": SEVERITIES[one.state] if one.level == "required" else "info",
            "location": {"path": policy, "lines": {"begin": lines.get(one.task, 1)}},
        }
        for one in gate.findings
        if one.state != "holds"
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def metrics(gate: Gate) -> str:
    """Every number as a gauge with its benchmark as label, and the exit code of the gate."""
    rows: dict[str, list[str]] = {}
    for one in gate.findings:
        label = _label(one.task)
        for name, value in numbers(one).items():
            rows.setdefault(name, []).append(f'evalsuite_{name}{{task="{label}"}} {value:.10g}')
    rows["gate_exit_code"] = [f"evalsuite_gate_exit_code {CODES[gate.state]}"]
    lines = [
        line
        for name, samples in rows.items()
        for line in (f"# TYPE evalsuite_{name} gauge", *samples)
    ]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _fingerprint(one: Finding) -> str:
    """The same as long as the same benchmark is in the same state."""
    return hashlib.sha256(f"{one.task}\n{one.state}".encode()).hexdigest()[:32]


def _label(task: str) -> str:
    return clean(task).replace("\\", "\\\\").replace('"', '\\"')

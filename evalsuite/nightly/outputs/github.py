"""GitHub's workflow commands: one annotation for each benchmark that does not hold."""

from evalsuite.nightly.gate import Gate
from evalsuite.nightly.words import clean


def annotations(gate: Gate, *, policy: str = "") -> list[str]:
    """One line for each; *policy* is the file that they point to."""
    lines = []
    for one in gate.findings:
        if one.state == "holds" or (one.level == "advisory" and one.state == "undecided"):
            continue
        tolerated = one.state == "undecided" and gate.tolerates_undecided
        kind = "warning" if one.level == "advisory" or tolerated else "error"
        lines.append(_command(kind, f"{one.title}: {one.state}", "; ".join(one.reasons), policy))
    if not gate.passes and not any(line.startswith("::error") for line in lines):
        lines.append(_command("error", "gate", gate.sentence, policy))
    named = tuple(f"{one.title} is " for one in gate.findings)
    lines += [
        _command("warning", "gate", warning, policy)
        for warning in gate.warnings
        if not warning.startswith(named)
    ]
    return lines


def _command(kind: str, title: str, message: str, file: str) -> str:
    place = f"file={_property(file)}," if file else ""
    return f"::{kind} {place}title={_property(clean(title))}::{_data(clean(message))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")

"""JUnit XML: one test case per benchmark, not per question.

Valid under both schemas in use: Ant's (Windy Road) and Jenkins' xunit plugin (junit-10). Neither
allows properties in a test case, so the numbers are properties of the suite.
"""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evalsuite.nightly.gate import Finding, Gate
from evalsuite.nightly.outputs.numbers import numbers
from evalsuite.nightly.words import clean

SUITE = "evalsuite.gate"


def junit(gate: Gate, *, at: datetime) -> str:
    """*gate* as JUnit XML; *at* is when it was decided.

    Worse is a failure, not comparable an error. Undecided is a failure unless the policy lets it
    pass; then it is skipped, and so is whatever an advisory benchmark has to say.
    """
    cases = [(one, _result(one, gate)) for one in gate.findings]
    whole = _result_of_the_whole(gate)
    results = [found for _, found in cases] + [whole]
    root = Element("testsuites")
    suite = SubElement(
        root,
        "testsuite",
        {
            "id": "0",
            "package": SUITE,
            "name": SUITE,
            "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            "tests": str(len(results)),
            "failures": str(results.count("failure")),
            "errors": str(results.count("error")),
            "skipped": str(results.count("skipped")),
            "time": "0",
        },
    )
    properties = SubElement(suite, "properties")
    for name, value in _properties(gate):
        SubElement(properties, "property", {"name": name, "value": value})
    for one, found in cases:
        _case(suite, one.task, found, one.state, "; ".join(one.reasons))
    _case(suite, "gate", whole, gate.state, gate.sentence)
    SubElement(suite, "system-out").text = clean(gate.sentence)
    SubElement(suite, "system-err").text = "\n".join(clean(line) for line in gate.warnings)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _result(one: Finding, gate: Gate) -> str:
    """The element that says how *one* ended; empty if it passed."""
    if one.state == "holds":
        return ""
    if one.level == "advisory" or (one.state == "undecided" and gate.tolerates_undecided):
        return "skipped"
    return "error" if one.state == "not comparable" else "failure"


def _result_of_the_whole(gate: Gate) -> str:
    if gate.passes:
        return "" if gate.state == "holds" else "skipped"
    return "error" if gate.state == "not comparable" else "failure"


def _case(suite: Element, name: str, found: str, state: str, message: str) -> None:
    case = SubElement(suite, "testcase", {"classname": SUITE, "name": clean(name), "time": "0"})
    if found == "skipped":
        SubElement(case, found, {"message": clean(f"{state}: {message}")})
    elif found:
        attributes = {"message": clean(message), "type": state.replace(" ", "_")}
        SubElement(case, found, attributes).text = clean(message)


def _properties(gate: Gate) -> list[tuple[str, str]]:
    named = [
        ("baseline", clean(gate.names.baseline_run)),
        ("candidate", clean(gate.names.candidate_run)),
        ("state", gate.state),
    ]
    return named + [
        (f"{clean(one.task)}.{name}", f"{value:.6g}")
        for one in gate.findings
        for name, value in numbers(one).items()
    ]

"""What CI systems read, held to their schemas and limits, also with hostile texts."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from evalsuite.nightly.gate import gate, no_comparison
from evalsuite.nightly.outputs import write_outputs
from evalsuite.nightly.outputs.badge import badge
from evalsuite.nightly.outputs.files import to_json
from evalsuite.nightly.outputs.github import annotations
from evalsuite.nightly.outputs.gitlab import code_quality, metrics
from evalsuite.nightly.outputs.junit import junit
from evalsuite.nightly.outputs.markdown import comment, summary
from evalsuite.nightly.result import Lost

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOSTILE = (
    "</testcase><script>alert(1)</script> | @all [x](javascript:x) `a` ::error::\n"
    "\x00\x1b[31m\ud800 %0A <!-- --> ]]> & \u202e #1 https://example.org"
)


@pytest.fixture
def gates(policy, names, healthy, result):
    """One gate of each state, and one whose every text is hostile."""
    worse = [result("mmlu", difference=-0.02), *healthy[1:]]
    undecided = [result("mmlu", difference=-0.007), *healthy[1:]]
    tolerant = policy({"undecided: fail": "undecided: warn"})
    hostile = [replace(one, title=HOSTILE) for one in worse]
    named = replace(names, baseline=HOSTILE, candidate=HOSTILE, baseline_run=HOSTILE)
    lost = [Lost(task=HOSTILE, question=HOSTILE, lost=2, won=1)]
    return {
        "holds": gate(healthy, policy(), names=names),
        "worse": gate(worse, policy(), names=names),
        "undecided": gate(undecided, policy(), names=names),
        "tolerated": gate(undecided, tolerant, names=names),
        "not comparable": gate(healthy[1:], policy(), names=names),
        "no comparison": no_comparison(policy(), f"{HOSTILE}\nsecond line", names=names),
        "hostile": gate(hostile, policy(), names=named, lost=lost, warnings=[HOSTILE]),
    }


STATES = [
    "holds", "worse", "undecided", "tolerated", "not comparable", "no comparison", "hostile"
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_junit_is_valid_and_counts_right(gates, state):
    """The XML is valid under the schema, and its counts are those of its cases."""
    schema = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))
    root = etree.fromstring(junit(gates[state], at=AT).encode())
    schema.assertValid(root)
    (suite,) = root
    for name in ("failure", "error", "skipped"):
        plural = name if name == "skipped" else f"{name}s"
        assert int(suite.get(plural)) == len(suite.findall(f"testcase/{name}"))
    assert int(suite.get("tests")) == len(suite.findall("testcase"))


@pytest.mark.parametrize(
    ("state", "element"),
    [
        ("holds", None),
        ("worse", "failure"),
        ("undecided", "failure"),
        ("tolerated", "skipped"),
        ("not comparable", "error"),
    ],
)
def test_junit_says_how_a_benchmark_ended(gates, state, element):
    """Worse fails, not comparable is an error, undecided is what the policy makes of it."""
    root = etree.fromstring(junit(gates[state], at=AT).encode())
    case = root.find("testsuite/testcase[@name='mmlu']")
    assert [child.tag for child in case] == ([element] if element else [])


def test_junit_of_a_gate_that_fails_is_never_green(gates):
    """Also where each benchmark passes or is skipped, the gate's own case tells."""
    for name in ("worse", "undecided", "not comparable", "no comparison"):
        suite = etree.fromstring(junit(gates[name], at=AT).encode())[0]
        assert int(suite.get("failures")) + int(suite.get("errors")) > 0


@pytest.mark.parametrize("state", STATES)
def test_summary_is_small_and_a_whole_table(gates, state):
    """A few KiB, with as many cells in each row of the table as in its head."""
    text = summary(gates[state])
    assert len(text.encode()) < 6 * 1024
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {9}


def test_summary_stays_below_github_s_limit(gates, result):
    """A gate of absurd size is cut, and says so."""
    many = replace(gates["worse"], warnings=("x" * 290,) * 9_000)
    text = summary(many)
    assert len(text.encode()) <= 1024 * 1024
    assert "gate.json holds it" in text


def test_markdown_holds_no_markup_of_foreign_texts(gates):
    """No tag, mention, link, code or cell comes out of a title, a name or an id."""
    for text in (summary(gates["hostile"]), comment(gates["hostile"])):
        foreign = text.replace("<code>", "").replace("</code>", "")
        foreign = re.sub(r"\A<!-- evalsuite-gate [0-9a-f]{16} -->\n", "", foreign)
        assert "<" not in foreign
        assert "@" not in foreign.replace("&#64;", "")
        assert "](" not in foreign
        assert "`" not in foreign
        assert "https://" not in foreign
        assert "\x1b" not in text


def test_comment_changes_only_when_a_verdict_does(policy, names, healthy, result):
    """Other numbers with the same verdicts give the same bytes; another verdict gives others."""
    first = comment(gate(healthy, policy(), names=names))
    moved = [replace(one, pairs=99, p_value=0.01) for one in healthy]
    moved[0] = result("mmlu", difference=0.002)
    assert comment(gate(moved, policy(), names=names)) == first
    worse = [result("mmlu", difference=-0.02), *healthy[1:]]
    assert comment(gate(worse, policy(), names=names)) != first
    wider = policy({"gsm8k: {margin_pp: 1.0}": "gsm8k: {margin_pp: 2.0}"})
    results = [healthy[0], result("gsm8k", margin=0.02), healthy[2]]
    assert comment(gate(results, wider, names=names)) != first


def test_annotations_are_one_line_for_each_that_does_not_hold(gates):
    """Errors for what fails, warnings for what does not decide, nothing where all holds."""
    assert annotations(gates["holds"]) == []
    (worse,) = annotations(gates["worse"], policy="configs/gate.yaml")
    assert worse.startswith("::error file=configs/gate.yaml,title=MMLU%3A worse::Δ −2.00")
    assert [line.split()[0] for line in annotations(gates["tolerated"])] == ["::warning"] * 2
    assert any(line.startswith("::error") for line in annotations(gates["no comparison"]))


def test_annotations_cannot_be_broken_out_of(gates):
    """Each is one line with one command, whatever the texts hold."""
    for line in annotations(gates["hostile"], policy="a,b:c"):
        assert "\n" not in line
        assert re.match(r"::(error|warning) file=a%2Cb%3Ac,title=[^:,]*::", line)
        assert "%0A" not in line.replace("%250A", "")


@pytest.mark.parametrize("state", STATES)
def test_code_quality_is_what_gitlab_reads(gates, state):
    """A list of findings with the fields that GitLab needs and one of its severities."""
    found = json.loads(code_quality(gates[state], policy="configs/gate.yaml", lines={"mmlu": 7}))
    for one in found:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert one["location"]["path"] == "configs/gate.yaml"
        assert one["location"]["lines"]["begin"] >= 1
    assert len({one["fingerprint"] for one in found}) == len(found)
    assert bool(found) == (state != "holds")


@pytest.mark.parametrize("state", STATES)
def test_metrics_are_openmetrics(gates, state):
    """Each sample is a name, labels and a number, each family is announced once, and it ends."""
    lines = metrics(gates[state]).splitlines()
    assert lines[-1] == "# EOF"
    families = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(families) == len(set(families))
    for line in lines[:-1]:
        if not line.startswith("#"):
            name = re.fullmatch(r'([a-z0-9_]+)(\{task="[^"\n]*"\})? -?[0-9.e+-]+', line)[1]
            assert name in families


@pytest.mark.parametrize("state", STATES)
def test_badge_is_an_svg_that_says_the_state(gates, state):
    """It parses, names the state in words, and holds nothing that runs."""
    root = etree.fromstring(badge(gates[state]).encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label").endswith(gates[state].state)
    assert {etree.QName(node).localname for node in root.iter()} == {
        "svg", "title", "rect", "path", "g", "text"
    }  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_json_says_all(gates, state):
    """State, exit code and every finding; texts stay as they are."""
    found = json.loads(to_json(gates[state]))
    assert found["exit_code"] == gates[state].exit_code
    assert [one["task"] for one in found["findings"]] == ["mmlu", "gsm8k", "aime_2024"]


def test_all_files_are_written_and_nothing_else(gates, tmp_path):
    """Each is in the documentation's table and the other way round; twice is once."""
    docs = (Path(__file__).parents[3] / "docs" / "nightly.md").read_text()
    table = docs.partition("`-o DIR` writes all of these")[2].partition("\n\n")[2]
    named = {
        name
        for line in table.partition("\n\n")[0].splitlines()
        for name in re.findall(r"`([\w.-]+\.\w+)`", line.split("|")[1])
    }
    for _ in range(2):
        write_outputs(gates["worse"], tmp_path / "out", policy="p", lines={}, at=AT)
    assert {path.name for path in (tmp_path / "out").iterdir()} == named

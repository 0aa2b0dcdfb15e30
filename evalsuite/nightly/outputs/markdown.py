"""The job summary and the comment on a pull request, in GitHub's and GitLab's Markdown."""

import hashlib
import re

from evalsuite.comparison.words import accuracy, allowed, difference, growth
from evalsuite.nightly.gate import Finding, Gate
from evalsuite.nightly.result import TaskResult
from evalsuite.nightly.words import GLYPHS, clean, percent

# GitHub refuses a step summary of more than 1,024 KiB and shows none of it.
MOST_BYTES = 1_000 * 1024
MARKER = "<!-- evalsuite-gate {digest} -->"
_SPECIAL = re.compile(r"[\\`*_\[\]#!|<>&~@]|:(?=\S)")


def summary(gate: Gate) -> str:
    """The whole decision on one page: table, reasons, warnings, the questions most lost."""
    lines = [f"### {GLYPHS[gate.state]} {text(gate.sentence)}", ""]
    if any(one.result and one.result.synthetic for one in gate.findings):
        lines += ["Synthetic items: this says nothing about the public benchmarks.", ""]
    lines += _table(gate)
    lines += _list("Why", gate.reasons)
    lines += _list("Warnings", gate.warnings)
    lines += _lost(gate)
    return _bounded(lines)


def comment(gate: Gate) -> str:
    """The body of the one comment on a pull request.

    It holds no number that sampling moves, so it changes only when a verdict or a margin does;
    its first line names its content, so that a script finds it and can leave it alone.
    """
    body = [f"### {GLYPHS[gate.state]} {text(gate.sentence)}", ""]
    body += ["| | allowed pp | |", "|---|--:|---|"]
    body += [
        f"| {text(one.title)} | {allowed(one.margin)} | {_state(one)} |" for one in gate.findings
    ]
    body += ["", "The numbers of the last night are in the job's summary and its report."]
    digest = hashlib.sha256("\n".join(body).encode()).hexdigest()[:16]
    return _bounded([MARKER.format(digest=digest), *body])


def text(foreign: str) -> str:
    """*foreign* as text: nothing in it is markup, a mention or a link."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", clean(foreign)).replace(
        "&#64;", "&#64;&#8203;"
    )


def _table(gate: Gate) -> list[str]:
    arms = text(gate.names.baseline), text(gate.names.candidate)
    numbers = " | ".join(f"{name} (95 % CI)" for name in (*arms, "Δ pp"))
    head = f"| | {numbers} | margin | flips (A/A) | length | |"
    return [head, "|---|--:|--:|--:|--:|--:|--:|---|", *(_row(one) for one in gate.findings), ""]


def _row(one: Finding) -> str:
    if one.result is None:
        cells = ["—"] * 3 + [allowed(one.margin)] + ["—"] * 2
    else:
        cells = _cells(one.result, one.margin)
    return f"| {' | '.join([text(one.title), *cells, _state(one)])} |"


def _cells(result: TaskResult, margin: float) -> list[str]:
    noise = "" if result.control is None else f" ({percent(result.control.rate)})"
    ratio = result.length_ratio
    return [
        accuracy(result.baseline),
        accuracy(result.candidate),
        difference(result.difference),
        allowed(margin),
        f"{percent(result.flips.rate)}{noise}",
        "—" if ratio is None else growth(ratio),
    ]


def _state(one: Finding) -> str:
    level = "" if one.level == "required" else f" ({one.level})"
    return f"{GLYPHS[one.state]} {one.state}{level}"


def _list(title: str, lines: tuple[str, ...]) -> list[str]:
    return [f"**{title}**", "", *(f"- {text(line)}" for line in lines), ""] if lines else []


def _lost(gate: Gate) -> list[str]:
    if not gate.lost:
        return []
    rows = [f"- <code>{text(f'{one.task} {one.question}')}</code> {one.lost} lost, {one.won} won"
            for one in gate.lost]  # fmt: skip
    return ["**Questions most lost**", "", *rows, ""]


def _bounded(lines: list[str]) -> str:
    """The lines that fit, and a word on those that do not."""
    kept, size = [], 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            kept += ["", "The rest is left out here: it would not fit. gate.json holds it."]
            break
        kept.append(line)
    return "\n".join(kept).rstrip("\n") + "\n"

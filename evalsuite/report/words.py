"""How foreign strings, and numbers that no other output shows, are written on the page."""

import hashlib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from evalsuite.comparison.sentences import decides_sentence, looks_sentence
from evalsuite.comparison.types import Benchmark, Flip, RateChange
from evalsuite.comparison.words import (
    allowed,
    change,
    change_interval,
    interval,
    margin,
    percent,
    points,
)

SCENARIOS: Mapping[str, str] = {
    "dropped": "unread left out",
    "best for the candidate": "unread: best",
    "worst for the candidate": "unread: worst",
}
RATES: Mapping[str, str] = {
    "truncated": "cut off at the limit",
    "no_answer": "no readable answer",
}
METRICS: Mapping[str, str] = {
    "pass rates": "how often each question is answered right",
    "length": "length",
    **RATES,
}

LONGEST_NAME = 80
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What turns the direction of the text after it, or ends such a turn.
DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def readable(value: object) -> object:
    """*value*; if it is a string, with � for what breaks a page or turns its direction."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return DIRECTION.sub("\ufffd", UNREADABLE.sub("\ufffd", value))


def short(text: str, most: int = 120) -> str:
    """The first *most* characters of *text*; an answer may be a megabyte long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def middle(text: str, most: int) -> str:
    """Both ends of a name that is longer than *most*: long names differ where they end."""
    if len(text) <= most:
        return text
    end = (most - 1) * 2 // 3
    return f"{text[: most - 1 - end]}…{text[-end:]}"


def address(flip: Flip, arm: str = "") -> str:
    """The link to *flip* inside the page; it stays the same as long as the questions do.

    *arm* is named where the page holds several candidates.
    """
    names = (name_in_address(part) for part in (flip.task, flip.question))
    parts = [*(quote(text, safe="") for text in names), str(flip.repeat), *([arm] if arm else [])]
    return "#/flip/" + "/".join(parts)


def name_in_address(text: str) -> str:
    """The name of a task or a question as addresses have it; no two are the same.

    One that is long, or holds what no page may, is cut and gets a part of its hash.
    """
    shown = str(readable(text))
    if shown == text and len(text) <= LONGEST_NAME:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{short(shown, LONGEST_NAME - len(digest) - 1)}~{digest}"


def p_value(value: float) -> str:
    """Three digits, as far as they say something."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 - three digits


def count(value: float) -> str:
    """A number of things."""
    return f"{value:,.0f}"


def draws_each(one: Benchmark) -> str:
    """Paired draws per question: whole, or about."""
    each = one.pairs / one.questions
    return f"{each:.0f}" if each.is_integer() else f"{each:.1f}"


def reasons(one: Benchmark) -> list[tuple[str, int, int]]:
    """Each grading reason with the draws of both arms, the most frequent first."""
    names = one.baseline.reasons.keys() | one.candidate.reasons.keys()
    rows = [
        (name, one.baseline.reasons.get(name, 0), one.candidate.reasons.get(name, 0))
        for name in sorted(names)
    ]
    return sorted(rows, key=lambda row: -row[1] - row[2])


def rates(benchmarks: Sequence[Benchmark]) -> list[tuple[Benchmark, RateChange]]:
    """The rates of *benchmarks* that are not zero in both arms."""
    return [
        (one, rate)
        for one in benchmarks
        for rate in one.beyond.rates
        if rate.baseline.value or rate.candidate.value
    ]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "short": short,
    "middle": middle,
    "address": address,
    "in_address": name_in_address,
    "percent": percent,
    "points": points,
    "interval": interval,
    "margin": margin,
    "allowed": allowed,
    "change": change,
    "change_interval": change_interval,
    "p_value": p_value,
    "count": count,
    "draws_each": draws_each,
    "reasons": reasons,
    "rates": rates,
    "decides": decides_sentence,
    "looks": looks_sentence,
    "shell": shlex.quote,
}

"""How the nightly writes numbers; everything is plain text, escaped by whoever writes a format."""

from evalsuite.comparison.types import Estimate, Interval
from evalsuite.nightly.result import TaskResult

GLYPHS = {"holds": "✓", "worse": "✗", "undecided": "?", "not comparable": "∅"}


def points(value: float, digits: int = 2) -> str:
    """A difference of fractions in percentage points, with its sign."""
    return f"{100 * value:+.{digits}f}".replace("-", "−")


def interval(ends: Interval) -> str:
    """The two ends in percentage points."""
    return f"{points(ends.low)} … {points(ends.high)}"


def allowed(margin: float) -> str:
    """A margin as the loss that is allowed: −1.0, with as many digits as it has."""
    number = round(100 * margin, 6)
    return f"−{number:.1f}" if number == round(number, 1) else f"−{number:g}"


def percent(share: float) -> str:
    """A share with one digit; never rounded up to a whole that it is not."""
    tenths = int(1000 * share + 1e-9) / 10
    return f"{tenths:.1f} %"


def growth(ratio: Estimate) -> str:
    """A ratio as the percentage by which it differs from 1, with its interval."""
    ends = [ratio.value, ratio.interval.low, ratio.interval.high]
    value, low, high = (f"{100 * (end - 1):+.1f}".replace("-", "−") for end in ends)
    return f"{value} % ({low} … {high})"


def difference(result: TaskResult) -> str:
    """The difference with its 95 % interval."""
    return f"{points(result.difference.value)} ({interval(result.difference.interval)})"


def listed(names: list[str]) -> str:
    """Names as a sentence has them: a, b and c."""
    return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]


def clean(text: str) -> str:
    """*text* on one line without control characters; of a long one the beginning."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= 300 else f"{line[:299]}…"  # noqa: PLR2004 - one line of a log

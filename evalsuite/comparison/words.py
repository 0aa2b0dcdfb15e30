"""How the numbers of a `Comparison` are written, the same in every output. No markup."""

from collections.abc import Mapping, Sequence

from evalsuite.comparison.types import Estimate, Interval

GLYPHS: Mapping[str, str] = {"holds": "✓", "worse": "✗", "undecided": "?"}


def percent(value: float, digits: int = 2) -> str:
    """A fraction as percent; a minus where it is below zero, and never before a zero."""
    return minus(f"{round(100 * value, digits) + 0.0:.{digits}f}")


def points(value: float, digits: int = 2) -> str:
    """A difference of fractions in percentage points, with its sign."""
    return minus(f"{100 * value:+.{digits}f}")


def interval(ends: Interval, *, signed: bool = False) -> str:
    """The two ends, in percent or percentage points."""
    show = points if signed else percent
    return f"{show(ends.low)} … {show(ends.high)}"


def accuracy(estimate: Estimate) -> str:
    """An accuracy in percent with its interval."""
    return f"{percent(estimate.value)} ({interval(estimate.interval)})"


def difference(estimate: Estimate) -> str:
    """A difference in percentage points with its interval."""
    return f"{points(estimate.value)} ({interval(estimate.interval, signed=True)})"


def reach(estimate: Estimate, digits: int = 2) -> str:
    """The distance to the farther end of the interval, in percentage points: where room is scarce.

    So `value ± reach` holds the whole interval.
    """
    ends = estimate.interval
    return percent(max(estimate.value - ends.low, ends.high - estimate.value), digits)


def margin(loss: float) -> str:
    """A margin in percentage points: one digit, or as many as it has."""
    number = round(100 * loss, 6)
    return f"{number:.1f}" if number == round(number, 1) else f"{number:g}"


def allowed(loss: float) -> str:
    """A margin as the loss that is allowed: −1.0."""
    return f"−{margin(loss)}"


def change(ratio: float) -> str:
    """A ratio as the percentage by which it differs from 1."""
    return minus(f"{100 * (ratio - 1):+.1f}")


def change_interval(estimate: Estimate) -> str:
    """The ends of a ratio's interval, as `change` writes them."""
    return f"{change(estimate.interval.low)} … {change(estimate.interval.high)}"


def growth(ratio: Estimate) -> str:
    """A ratio as the percentage by which it differs from 1, with its interval."""
    return f"{change(ratio.value)} % ({change_interval(ratio)})"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: a, b and c."""
    return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]


def minus(number: str) -> str:
    """*number* with a true minus."""
    return number.replace("-", "−")

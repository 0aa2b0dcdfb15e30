"""Sets of real numbers as intervals: joined, cut, taken away, compared."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from evalsuite.grading.arithmetic import Unvalued, Value, close, is_real, less
from evalsuite.grading.matching import same_in_any_order
from evalsuite.grading.notation.tree import Node, symbols
from evalsuite.grading.values import evaluate, same_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An interval; an end of None is infinite."""

    low: Node | None = None
    high: Node | None = None
    low_closed: bool = False
    high_closed: bool = False


Region: TypeAlias = tuple[Span, ...]
EVERYTHING = (Span(),)


def same_region(ours: Region, theirs: Region) -> bool:
    """Whether two sets are equal.

    Raises:
        Unvalued: an end has no value.
    """
    if _numeric(ours) and _numeric(theirs):
        ours, theirs = _merged(ours), _merged(theirs)
    return same_in_any_order(ours, theirs, _same_span)


def both(ours: Region | None, theirs: Region | None) -> Region | None:
    """What two sets share; None if it cannot be told."""
    if ours is None or theirs is None:
        return None
    if EVERYTHING in (ours, theirs):
        return theirs if ours == EVERYTHING else ours
    if not (_numeric(ours) and _numeric(theirs)):
        return _half_lines(ours, theirs)
    found = [_cut(one, other) for one in ours for other in theirs]
    return tuple(span for span in found if span is not None)


def _half_lines(ours: Region, theirs: Region) -> Region | None:
    """Two half-lines with symbolic ends that face each other: a < x and x < b."""
    if len(ours) != 1 or len(theirs) != 1:
        return None
    (one,), (other,) = ours, theirs
    if one.low is None and other.high is None:
        return (replace(other, high=one.high, high_closed=one.high_closed),)
    if one.high is None and other.low is None:
        return (replace(one, high=other.high, high_closed=other.high_closed),)
    return None


def combined(name: str, ours: Region | None, theirs: Region | None) -> Region | None:
    """The union (`cup`), the intersection (`cap`), or what is left (`setminus`) of two sets."""
    if ours is None or theirs is None:
        return None
    if name == "cap":
        return both(ours, theirs)
    if name == "cup":
        joined = (*ours, *theirs)
        return _merged(joined) if _numeric(joined) else joined
    if not all(span.low is not None and span.low == span.high for span in theirs):
        return None
    found: Region | None = ours
    for span in theirs:
        found = both(found, (Span(high=span.low), Span(low=span.low)))
    return found


def _numeric(spans: Region) -> bool:
    """Whether all ends are real numbers."""
    try:
        return all(
            end is None or (not symbols(end) and is_real(evaluate(end, {})))
            for span in spans
            for end in (span.low, span.high)
        )
    except Unvalued:
        return False


def _value(end: Node) -> Value:
    return evaluate(end, {})


def _cut(one: Span, other: Span) -> Span | None:
    """What two numeric intervals share."""
    low, low_closed = one.low, one.low_closed
    if other.low is not None and (low is None or _before(low, other.low)):
        low, low_closed = other.low, other.low_closed
    elif other.low is not None and low is not None and close(_value(low), _value(other.low)):
        low_closed = low_closed and other.low_closed
    high, high_closed = one.high, one.high_closed
    if other.high is not None and (high is None or _before(other.high, high)):
        high, high_closed = other.high, other.high_closed
    elif other.high is not None and high is not None and close(_value(high), _value(other.high)):
        high_closed = high_closed and other.high_closed
    if low is not None and high is not None:
        touching = close(_value(low), _value(high))
        if _before(high, low) or (touching and not (low_closed and high_closed)):
            return None
    return Span(low=low, high=high, low_closed=low_closed, high_closed=high_closed)


def _before(one: Node, other: Node) -> bool:
    return less(_value(one), _value(other))


def _merged(spans: Region) -> Region:
    """Numeric intervals in order, those that overlap or touch made one."""
    low_first = sorted(spans, key=_by_low)
    found: list[Span] = []
    for span in low_first:
        if found and _touch(found[-1], span):
            found[-1] = _joined(found[-1], span)
        else:
            found.append(span)
    return tuple(found)


def _by_low(span: Span) -> tuple[float, int]:
    return (-1e308 if span.low is None else float(_value(span.low)), 0 if span.low_closed else 1)


def _touch(one: Span, other: Span) -> bool:
    if one.high is None or other.low is None:
        return True
    if close(_value(one.high), _value(other.low)):
        return one.high_closed or other.low_closed
    return _before(other.low, one.high)


def _joined(one: Span, other: Span) -> Span:
    if one.high is None or other.high is None:
        return replace(one, high=None, high_closed=False)
    if close(_value(one.high), _value(other.high)):
        return replace(one, high_closed=one.high_closed or other.high_closed)
    if _before(one.high, other.high):
        return replace(one, high=other.high, high_closed=other.high_closed)
    return one


def _same_span(one: Span, other: Span) -> bool:
    if (one.low_closed, one.high_closed) != (other.low_closed, other.high_closed):
        return False
    ends = ((one.low, other.low), (one.high, other.high))
    return all(
        (ours is None and theirs is None)
        or (ours is not None and theirs is not None and same_value(ours, theirs))
        for ours, theirs in ends
    )

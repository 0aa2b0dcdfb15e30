"""Times of day: 8:34 p.m. is 20:34."""

import re

from evalsuite.grading.notation.spelling import spelled

TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([ap])\.? ?m\.?)?$", re.IGNORECASE)
HALF_DAY = 12


def same_time(gold: str, answer: str) -> bool | None:
    """Whether two times of day are the same; None if one of the two is no time."""
    ours, theirs = _seconds(gold), _seconds(answer)
    return None if ours is None or theirs is None else ours == theirs


def _seconds(text: str) -> int | None:
    """Seconds since midnight."""
    match = TIME.match(re.sub(r"\\text ?\{([^{}]*)\}", r"\1", spelled(text)).strip())
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.group(1, 2, 3))
    if match.group(4):
        hours = hours % HALF_DAY + (HALF_DAY if match.group(4).lower() == "p" else 0)
    return (hours * 60 + minutes) * 60 + seconds

"""What the nightly writes beside numbers: plain text, escaped by whoever writes a format."""

from collections.abc import Mapping

from evalsuite.comparison.words import GLYPHS as VERDICTS

GLYPHS: Mapping[str, str] = {**VERDICTS, "not comparable": "∅"}


def percent(share: float) -> str:
    """A share with one digit; never rounded up to a whole that it is not."""
    tenths = int(1000 * share + 1e-9) / 10
    return f"{tenths:.1f} %"


def clean(text: str) -> str:
    """*text* on one line without control characters; of a long one the beginning."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= 300 else f"{line[:299]}…"  # noqa: PLR2004 - one line of a log

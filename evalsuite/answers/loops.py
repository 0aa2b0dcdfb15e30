"""Finds out that a response ended by saying the same again and again.

Words stand in for tokens, as no tokenizer is at hand. The thresholds are those that R1-like traces
are usually screened with: the end is periodic over 256 words, or of the last 2,048 words fewer
than a fifth of the runs of four are different ones.
"""

from collections.abc import Sequence

TAIL = 20_000  # characters that are looked at
PERIODIC, PERIOD = 256, 64
WINDOW, FEWEST, RUN, DISTINCT = 2_048, 512, 4, 0.2
# Of text without spaces: so many characters, with a period of at most that.
LETTERS, LETTER_PERIOD = 1_024, 256


def ends_in_loop(text: str) -> bool:
    """Whether the end of *text* repeats itself; false for anything short."""
    tail = text[-TAIL:]
    words = tail.rsplit(maxsplit=WINDOW)[-WINDOW:]
    if _periodic(words[-PERIODIC:], least=PERIODIC, most=PERIOD):
        return True
    if _periodic(tail.rstrip()[-LETTERS:], least=LETTERS, most=LETTER_PERIOD):
        return True
    if len(words) < FEWEST:
        return False
    enough = DISTINCT * (len(words) - RUN + 1)
    # Of ordinary text a quarter has enough different runs already.
    return all(_runs(part) < enough for part in (words[: FEWEST + RUN - 1], words))


def _runs(words: Sequence[str]) -> int:
    """How many different runs of words there are."""
    return len(set(zip(*(words[start:] for start in range(RUN)), strict=False)))


def _periodic(end: Sequence[str], *, least: int, most: int) -> bool:
    if len(end) < least:
        return False
    # The last two that must be equal are looked at first: that is enough nearly always.
    return any(
        end[-1] == end[-1 - period] and end[period:] == end[:-period]
        for period in range(1, most + 1)
    )

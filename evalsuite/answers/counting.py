"""Numbers in words: "one hundred and five" is 105."""

NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
     "ninety": 90}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
MOST_WORDS = 12


def counted(phrase: str) -> int | None:
    """The value of a number in words; None for any other words."""
    words = [word for word in phrase.lower().replace("-", " ").split() if word != "and"]
    if not words or len(words) > MOST_WORDS:
        return None
    total = part = 0
    before = 0
    for word in words:
        if word in SCALES and (part or before == 0):
            part = max(part, 1) * SCALES[word]
            if SCALES[word] > SCALES["hundred"]:
                total, part = total + part, 0
        elif word in NUMBER_WORDS and _follows(before, NUMBER_WORDS[word]):
            part += NUMBER_WORDS[word]
        else:
            return None
        before = SCALES.get(word) or NUMBER_WORDS[word] or 1
    return total + part


def _follows(before: int, value: int) -> bool:
    """Whether *value* may stand behind *before*: twenty one, hundred five, never five six."""
    tens = 20
    return before == 0 or before >= SCALES["hundred"] or (before >= tens and 0 < value < tens // 2)

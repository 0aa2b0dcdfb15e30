r"""Numbers as people and models write them → exact fractions.

`1,234.50`, `$18`, `-3 units`, `28\%`, `\frac{3}{4}`, `1 1/2`, `1.2\times 10^{3}`. A percent sign, a
currency and a unit do not change a value. `1,2` is two numbers and no number here.
"""

import re
from fractions import Fraction

from evalsuite.answers.counting import SCALES

MOST_DIGITS = 400
VULGAR = {"½": "12", "⅓": "13", "⅔": "23", "¼": "14", "¾": "34", "⅕": "15", "⅖": "25", "⅗": "35",
          "⅘": "45", "⅙": "16", "⅚": "56", "⅛": "18", "⅜": "38", "⅝": "58", "⅞": "78"}  # fmt: skip
SIGN = r"(?:[-+−–]\s{0,3})?"
PLAIN = r"(?:\d{1,3}(?:(?:,|\\,|\{,\}| )\d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+"
TEN = (
    r"(?:\s*(?:\\times|\\cdot|×|\*|x|·)\s*10\s*\^\s*\{?\s*([-+−]?\d{1,4})\s*\}?"
    r"|[eE]([-+]?\d{1,4}))?"
)
FRACTION = rf"\\[dtc]?frac\s*(?:\{{\s*({SIGN}\d+)\s*\}}|(\d))\s*(?:\{{\s*(\d+)\s*\}}|(\d))"
NUMBER = re.compile(rf"({SIGN})({PLAIN}){TEN}")
WHOLE = re.compile(
    rf"^({SIGN})(?:(?P<mixed>\d+)\s*)?{FRACTION}$|^({SIGN})(?:(\d+)\s+)?(\d+)\s*/\s*(\d+)$"
)
CURRENCY = re.compile(r"(?:\\?\$|US\$|€|£|¥|₹|USD|EUR|Rs\.?)\s*")
UNIT = re.compile(
    r"(?:\\?%|percent|°|\^\s?\{?\s?\\circ\s?\}?|\\degrees?"
    r"|\\(?:text|mathrm|textrm|mbox|textit)\s?\{[^{}]*\}(?:\^\{?\d\}?)?"
    r"|(?<![A-Za-z\\])[A-Za-zµμ]+(?:(?:\^\{?|/)[A-Za-z0-9]\}?)?|[²³])$"
)
MOST_UNITS = 6
WRAPPED = re.compile(r"^\\(?:text|textbf|mathrm|mathbf|textrm|mathit|bf)\s*\{(.*)\}$", re.DOTALL)
NOISE = re.compile(r"\\[!;: ]|\\left|\\right|\\displaystyle|[*_`]|~")
# "1.5 million dollars"; the words behind it are a unit.
SCALED = re.compile(
    rf"(.*\d)\s*({'|'.join(SCALES)})\b(?:\s+[A-Za-z]+){{0,3}}$", re.IGNORECASE | re.DOTALL
)
# A comma before one or two digits, which separates no thousands.
COMMA = re.compile(r"(?<![\d,.])(\d+),(\d{1,2})(?![\d,.])")
WORD_BEFORE = re.compile(r"[A-Za-z_]")
SCANNED = re.compile(
    rf"({SIGN})((?<![\d,.])\d+,\d{{1,2}}(?![\d,.])|{PLAIN}){TEN}(?:\s?/\s?\d+(?![\d.,]))?"
    rf"(?:\s(?:{'|'.join(SCALES)})\b)?"
)
# Letters right behind a number make it part of a word (3rd, 4x4), unless they are a unit (5km).
WORD_GOES_ON = re.compile(
    r"(?!(?:[kcm]?m|[km]?g|lbs?|oz|m?[lL]|h|hrs?|mins?|s|ft|in|yd|mi|mph|kph|[ap]m)(?![A-Za-z0-9_]))"
    r"[A-Za-z_]"
)
FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)} | {
    ord("．"): ".",
    ord("，"): ",",
}
CHARACTERS = FULL_WIDTH | {ord(sign): f" {over[0]}/{over[1]} " for sign, over in VULGAR.items()}


def number(text: str, *, decimal_comma: bool = False) -> Fraction | None:
    """The value of *text* if it is one number and nothing else but a unit; else None.

    *decimal_comma*: one number is wanted, so that `2,74` is 2.74 and no pair.
    """
    plain = _plain(text)
    if len(plain) > MOST_DIGITS:
        return None
    scaled = SCALED.match(plain)
    if scaled:
        value = number(scaled.group(1))
        return None if value is None else value * SCALES[scaled.group(2).lower()]
    bare = _without_units(plain)
    for one in dict.fromkeys((plain, bare)):
        value = _exact(one)
        if value is not None:
            return value
    return _exact(COMMA.sub(r"\1.\2", bare)) if decimal_comma else None


def numbers(text: str) -> list[str]:
    """The numbers of a sentence, in order, as they are written; digits within a word are none."""
    plain = text.translate(CHARACTERS)
    return [
        match.group().strip()
        for match in SCANNED.finditer(plain)
        if not WORD_BEFORE.match(plain, max(match.start(2) - 1, 0))
        and not WORD_GOES_ON.match(plain, match.end())
    ]


def _plain(text: str) -> str:
    plain = text.translate(CHARACTERS).strip()
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if plain.startswith(opening) and plain.endswith(closing) and len(plain) > len(opening):
            plain = plain[len(opening) : -len(closing)].strip()
    wrapped = WRAPPED.match(plain)
    if wrapped:
        plain = wrapped.group(1).strip()
    plain = NOISE.sub("", plain).strip().rstrip(".。").strip()
    return CURRENCY.sub("", plain).rstrip("$").strip()


def _without_units(plain: str) -> str:
    """*plain* without the words behind its number; a variable is no unit: 5i, 3x."""
    if re.search(r"[\d})]\s?[A-Za-z]$", plain):
        return plain
    for _ in range(MOST_UNITS):
        shorter = UNIT.sub("", plain).rstrip()
        if shorter == plain:
            break
        plain = shorter
    return plain


def _exact(plain: str) -> Fraction | None:
    match = NUMBER.fullmatch(plain)
    if match:
        return _plain_value(match)
    return _fraction(plain)


def _plain_value(match: re.Match[str]) -> Fraction | None:
    digits = re.sub(r"[,\s{}\\]", "", match.group(2)).rstrip(".")
    if len(digits) > MOST_DIGITS:
        return None
    exponent = (match.group(3) or match.group(4) or "0").replace("−", "-")
    if abs(int(exponent)) > MOST_DIGITS:
        return None
    return _signed(match.group(1), Fraction(digits) * Fraction(10) ** int(exponent))


def _fraction(plain: str) -> Fraction | None:
    match = WHOLE.match(plain)
    if not match:
        return None
    latex = [match.group(3) or match.group(4), match.group(5) or match.group(6)]
    slash = [match.group(9), match.group(10)]
    top, bottom = latex if latex[0] else slash
    whole = match.group("mixed") or match.group(8) or "0"
    over = Fraction(re.sub(r"\s", "", top).replace("−", "-").replace("–", "-"))
    if int(bottom) == 0:
        return None
    return _signed(match.group(1) or match.group(7) or "", int(whole) + over / int(bottom))


def _signed(sign: str, value: Fraction) -> Fraction:
    return -value if sign.strip() in ("-", "−", "–") else value

"""Text in one spelling → tokens, in one pass."""

import re
from dataclasses import dataclass

from evalsuite.grading.notation.vocabulary import (
    CANONICAL,
    FUNCTIONS,
    KEYWORDS,
    PLAIN_FUNCTIONS,
    SEPARATORS,
    UNITS,
)

NUMBER = r"\d+(?:\.\d+|\.(?!\d|\.))?(?:[eE][-+]?\d+(?![A-Za-z\d]))?|\.\d+"
GROUPED = r"\d{1,3}(?:,\d{3})+(?![\d,]|\.\d*,)(?:\.\d+)?"
SPACED = r"\d{1,3}(?: \d{3})+(?!\d| ?/)(?:\.\d+)?"
SHAPES = (
    r"(?P<text>\\text ?\{{[^{{}}]*\}})"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<number>{number})"
    r"|(?P<relation><=|>=|=<|=>|!=|==|->|[=<>])"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<power>\*\*|\^)"
    r"|(?P<sign>\S)"
)
SPLIT = re.compile(SHAPES.format(number=f"{SPACED}|{NUMBER}"), re.DOTALL)
JOINED = re.compile(SHAPES.format(number=f"{GROUPED}|{SPACED}|{NUMBER}"), re.DOTALL)
RELATIONS = {"<=": "\\le", "=<": "\\le", ">=": "\\ge", "!=": "\\ne", "==": "=",
             "=>": "\\Rightarrow", "->": "\\to"}  # fmt: skip
LONG_WORD = 4
SHORT_WORD = 3
POINTS = re.compile(r"[A-Z]{2,3}$")
WORDS = re.compile(r"[^\W\d_][^\W\d_./'-]*(?:[ ./'-]+[^\W\d_]+)*\.?$")
GREEK_WORDS = frozenset(["pi", "alpha", "beta", "theta", "phi", "lambda", "infty"])


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: its kind, how it is written, and whether white space precedes it."""

    kind: str
    text: str
    spaced: bool = False


def tokens(text: str, *, grouped: bool) -> list[Token]:
    """The tokens of *text*; with *grouped* a comma may separate thousands (1,234).

    Inside brackets it does so only where other commas are followed by a space.
    """
    found: list[Token] = []
    shape = JOINED if grouped else SPLIT
    open_brackets: list[bool] = []
    position = 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        inside = open_brackets and not open_brackets[-1]
        match = (SPLIT if inside else shape).match(text, position)
        assert match
        spaced = position > 0 and text[position - 1] == " "
        kind = match.lastgroup or ""
        word = match.group()
        if word in ("(", "[", "\\{"):
            open_brackets.append(", " in text)
        elif word in (")", "]", "\\}") and open_brackets:
            open_brackets.pop()
        if kind == "text":
            content = word[word.index("{") + 1 : -1].strip()
            if content in CANONICAL and found and found[-1].kind == "number":
                found.append(Token("words", content, spaced=True))
            else:
                found += _text(content, grouped=grouped)
        elif kind == "word":
            found += _word(word, spaced=spaced)
        else:
            found.append(_token(kind, word, spaced))
        position = match.end()
    return found


def _text(content: str, *, grouped: bool) -> list[Token]:
    r"""What `\text{content}` stands for: a letter, mathematics, or words in one token."""
    low = content.lower()
    if low in SEPARATORS:
        return [Token("keyword", low, spaced=True)]
    if (len(content) == 1 and content.isalpha()) or POINTS.match(content):
        return [Token("letter", char) for char in content]
    if content in PLAIN_FUNCTIONS:
        return [Token("function", content, spaced=True)]
    if WORDS.match(content):
        return [Token("words", low, spaced=True)]
    return tokens(content, grouped=grouped)


def _token(kind: str, word: str, spaced: bool) -> Token:  # noqa: FBT001 - private
    if kind == "relation":
        return Token("relation", RELATIONS.get(word, word), spaced)
    if kind == "command" and word[1:] in FUNCTIONS and word not in ("\\sqrt", "\\cbrt"):
        return Token("function", word[1:], spaced)
    if kind == "number":
        return Token("number", re.sub(r"[, ]", "", word), spaced)
    return Token(kind, word, spaced)


def _word(word: str, *, spaced: bool) -> list[Token]:  # noqa: PLR0911 - a line for each sort
    """A run of letters: a known word, a function with its argument, or a product of names."""
    low = word.lower()
    if len(word) == 1:
        return [Token("letter", word, spaced)]
    if word in GREEK_WORDS:
        return [Token("command", f"\\{word}", spaced)]
    if low in ("infinity", "inf", "oo"):
        return [Token("command", "\\infty", spaced)]
    if low in KEYWORDS:
        return [Token("keyword", low, spaced)]
    if word in PLAIN_FUNCTIONS:
        return [Token("function", word, spaced)]
    unit = word in UNITS or (len(word) >= SHORT_WORD and low in UNITS)
    if unit or len(word) >= LONG_WORD or not word.isascii():
        return _prefixed(word, spaced=spaced) or [Token("word", word, spaced)]
    split = _prefixed(word, spaced=spaced)
    letters = [Token("letter", char, spaced and not index) for index, char in enumerate(word)]
    return split or letters


def _prefixed(word: str, *, spaced: bool) -> list[Token] | None:
    """`sinx` and `lnx`: a function's name right before one letter."""
    for name in ("sin", "cos", "tan", "ln", "log", "exp"):
        if word.startswith(name) and len(word) == len(name) + 1:
            return [Token("function", name, spaced), Token("letter", word[-1])]
    return None

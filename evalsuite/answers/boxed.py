r"""Boxes: `\boxed{…}` and its relatives, found in one pass however they nest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# \b + oxed, and two backslashes, are what a JSON accident leaves of \boxed.
TOKEN = re.compile(r"(?:\\{1,4}(?:boxed|fbox|framebox|Boxed)|\x08oxed)\s*(\{)?|\\.|[{}]", re.DOTALL)
# One of these stands in each token that starts a box; most texts have none.
STARTS = ("\\boxed", "\\fbox", "\\framebox", "\\Boxed", "\x08oxed")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
OPENS = re.compile(r"\s*\$?\s*\\(?:boxed|fbox|framebox)\s*\{")
NOTHING = re.compile(r"\s*\$?\s*")
JOINT = re.compile(
    r"^(?:[\s$,;.、+]|\\[()\[\]]|\\(?:text|quad)|[{}]|\b(?:and|or)\b){0,16}"
    r"(?:[a-zA-Z](?:_\{?\w{1,3}\}?)?(?:\([a-z]\))? ?= ?)?"
    r"\\+(?:boxed|fbox|framebox)\s*\{?$"
)
BARE = re.compile(r"[^\s$.,;{}\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The content of a box, from *start* to its brace at *end*; None if it was never closed."""

    content: str | None
    start: int
    end: int = 0


def boxes(text: str) -> list[Box]:
    """The outermost boxes of *text* in order; a box in a box stands for itself."""
    spans: list[tuple[int, int, int]] = []  # where a content starts and ends, and its box ends
    # One entry per open brace: where the content of a box starts, None for any other brace.
    braces: list[int | None] = []
    for token in _tokens(text):
        word = token.group()
        if word == "{":
            braces.append(None)
        elif token.group(1):
            braces.append(token.end())
        elif word == "}":
            start = braces.pop() if braces else None
            if start is not None:
                while spans and spans[-1][0] > start:
                    spans.pop()
                spans.append((start, token.start(), token.end()))
        else:
            spans += _bare(text, token)
    found = [Box(content=text[start:stop], start=start, end=end) for start, stop, end in spans]
    torn = next((start for start in reversed(braces) if start is not None), None)
    if torn is None or (found and found[-1].start > torn):
        # A complete box behind a torn one is what the response ends with.
        return found
    return [*found, Box(content=None, start=torn)]


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """What boxes are made of; nothing where no box begins."""
    return TOKEN.finditer(text) if any(word in text for word in STARTS) else iter(())


def _bare(text: str, token: re.Match[str]) -> list[tuple[int, int, int]]:
    r"""The box without braces (`\boxed 5`) that *token* opens, if it does."""
    if not token.group().rstrip().endswith("box") and "oxed" not in token.group():
        return []
    bare = BARE.match(text, token.end())
    return [(token.end(), bare.end(), bare.end())] if bare else []


def last_joined(text: str, found: list[Box]) -> list[Box]:
    """The last of the complete boxes *found*, with those that "and" or a comma joins to it."""
    joined = found[-1:]
    for earlier in reversed(found[:-1]):
        between = text[earlier.end : joined[0].start]
        if not JOINT.match(between):
            break
        joined.insert(0, earlier)
    return joined


def unwrapped(content: str) -> str:
    """*content* without boxes inside it that hold all of it, however many."""
    partners = _partners(content)
    start, end = 0, len(content)
    while opens := OPENS.match(content, start, end):
        closes = partners.get(opens.end() - 1)
        if closes is None or not NOTHING.fullmatch(content, closes + 1, end):
            break
        start, end = opens.end(), closes
    return content[start:end]


def _partners(text: str) -> dict[int, int]:
    """Where each brace of *text* that opens is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in BRACE.finditer(text):
        if brace.group() == "{":
            opened.append(brace.start())
        elif brace.group() == "}" and opened:
            found[opened.pop()] = brace.start()
    return found

r"""Boxes: `\boxed{…}` and its relatives, found in one pass however they nest."""

import re
from dataclasses import dataclass

# \b + oxed, and two backslashes, are what a JSON accident leaves of \boxed.
TOKEN = re.compile(r"(?:\\+(?:boxed|fbox|framebox|Boxed)|\x08oxed)\s*(\{)?|\\.|[{}]", re.DOTALL)
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
    found: list[Box] = []
    # One entry per open brace: where the content of a box starts, None for any other brace.
    braces: list[int | None] = []
    for token in TOKEN.finditer(text):
        word = token.group()
        if word == "{":
            braces.append(None)
        elif token.group(1):
            braces.append(token.end())
        elif word == "}":
            start = braces.pop() if braces else None
            if start is not None:
                while found and found[-1].start > start:
                    found.pop()
                found.append(Box(content=text[start : token.start()], start=start, end=token.end()))
        else:
            found += _bare(text, token)
    torn = next((start for start in reversed(braces) if start is not None), None)
    if torn is None or (found and found[-1].start > torn):
        # A complete box behind a torn one is what the response ends with.
        return found
    return [*found, Box(content=None, start=torn)]


def _bare(text: str, token: re.Match[str]) -> list[Box]:
    r"""The box without braces (`\boxed 5`) that *token* opens, if it does."""
    if not token.group().rstrip().endswith("box") and "oxed" not in token.group():
        return []
    bare = BARE.match(text, token.end())
    return [Box(content=bare.group(), start=token.end(), end=bare.end())] if bare else []


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
    """*content* without boxes inside it that hold all of it."""
    inner = boxes(content)
    alone = re.fullmatch(
        r"\s*\$?\s*(?:\\(?:boxed|fbox|framebox)\s*\{.*\})\s*\$?\s*", content, re.DOTALL
    )
    if alone and len(inner) == 1 and inner[0].content is not None:
        return unwrapped(inner[0].content)
    return content

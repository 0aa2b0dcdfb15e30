r"""Boxes: `\boxed{…}` and its relatives, found in one pass however they nest."""

import re
from dataclasses import dataclass

# \b + oxed is what a JSON accident leaves of \boxed.
TOKEN = re.compile(r"(?:\\(?:boxed|fbox|framebox|Boxed)|\x08oxed)\s*(\{)?|\\.|[{}]", re.DOTALL)
BARE = re.compile(r"[^\s$.,;{}\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The content of a box; None if it was never closed (the text was cut off)."""

    content: str | None
    start: int


def boxes(text: str) -> list[Box]:
    """The outermost boxes of *text* in order; a box in a box stands for itself."""
    found: list[Box] = []
    open_braces: list[int | None] = []
    for token in TOKEN.finditer(text):
        word = token.group()
        if word == "{":
            open_braces.append(None)
        elif word == "}":
            if open_braces:
                start = open_braces.pop()
                if start is not None and not _in_box(open_braces):
                    found.append(Box(content=text[start : token.start()], start=start))
        elif token.group(1):
            open_braces.append(token.end())
        elif "oxed" in word or "box" in word:
            bare = BARE.match(text, token.end())
            if bare and not _in_box(open_braces):
                found.append(Box(content=bare.group(), start=token.end()))
    torn = next((start for start in open_braces if start is not None), None)
    return found if torn is None else [*found, Box(content=None, start=torn)]


def unwrapped(content: str) -> str:
    """*content* without boxes inside it that hold all of it."""
    inner = boxes(content)
    alone = re.fullmatch(r"\s*\$?\s*(?:\\(?:boxed|fbox)\s*\{.*\})\s*\$?\s*", content, re.DOTALL)
    if alone and len(inner) == 1 and inner[0].content is not None:
        return unwrapped(inner[0].content)
    return content


def _in_box(open_braces: list[int | None]) -> bool:
    return any(start is not None for start in open_braces)

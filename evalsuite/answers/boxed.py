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
                found.append(Box(content=text[start : token.start()], start=start))
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
    return [Box(content=bare.group(), start=token.end())] if bare else []


def unwrapped(content: str) -> str:
    """*content* without boxes inside it that hold all of it."""
    inner = boxes(content)
    alone = re.fullmatch(
        r"\s*\$?\s*(?:\\(?:boxed|fbox|framebox)\s*\{.*\})\s*\$?\s*", content, re.DOTALL
    )
    if alone and len(inner) == 1 and inner[0].content is not None:
        return unwrapped(inner[0].content)
    return content

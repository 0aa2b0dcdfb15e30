r"""One spelling for what LaTeX spells in many ways, and the parts of lists, tuples, intervals."""

import re

REPLACED = (
    (re.compile(r"\\[dtc]frac"), r"\\frac"),
    (
        re.compile(
            r"\\(?:left|right|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|displaystyle|limits)(?![A-Za-z])"
        ),
        "",
    ),
    (re.compile(r"\\(?:quad|qquad)(?![A-Za-z])|\\[!,;: ]|~"), " "),
    (re.compile(r"\\(?:leq|leqslant)(?![A-Za-z])|≤|⩽"), r"\\le "),
    (re.compile(r"\\(?:geq|geqslant)(?![A-Za-z])|≥|⩾"), r"\\ge "),
    (re.compile(r"\\(?:cdot|times)(?![A-Za-z])|[×·⋅]"), r"\\cdot "),
    (
        re.compile(
            r"\\(?:mathrm|mathbf|textbf|textit|textrm|mbox|operatorname|mathit|bf|rm)(?![A-Za-z])"
        ),
        r"\\text",
    ),
    (re.compile(r"\^\s*\{\s*\\circ\s*\}|\^\s*\\circ(?![A-Za-z])|°|\\degree"), r""),
    (re.compile(r"\\frac\s*(\d)\s*(\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\sqrt\s*(\d)"), r"\\sqrt{\1}"),
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"π"), r"\\pi "),
    (re.compile(r"∞"), r"\\infty "),
    (re.compile(r"∪"), r"\\cup "),
    (re.compile(r"√\s*(\w+)"), r"\\sqrt{\1}"),
    (re.compile(r"\\\$|\$"), ""),
    (re.compile(r"\\\(|\\\)|\\\[|\\\]"), ""),
)
UNIT_TEXT = re.compile(r"(?<=[\d})])\s*\\text\s*\{\s*[^{}]*\}(?:\^\{?\d\}?)?\s*$")
TEXT = re.compile(r"^\\text\s*\{([^{}]*)\}$")
PAIRS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}


def normal(answer: str) -> str:
    """*answer* in one spelling, with single spaces."""
    text = answer.strip().rstrip(".。").strip()
    for pattern, by in REPLACED:
        text = pattern.sub(by, text)
    text = UNIT_TEXT.sub("", text)
    return re.sub(r"\s+", " ", text).strip().rstrip(",.;").strip()


def squeezed(text: str) -> str:
    """*text* without any white space."""
    return re.sub(r"\s+", "", text)


def plain_text(text: str) -> str | None:
    r"""The words of `\text{…}` or of bare words; None for a formula."""
    match = TEXT.match(text)
    inner = match.group(1) if match else text
    words = inner.strip().strip(".").casefold()
    return words if re.fullmatch(r"[^\W\d_][\w\s'’-]*", words) and len(words) > 1 else None


def parts(text: str, separators: str = ",;") -> list[str]:
    """*text* split at its outermost *separators* and "and"."""
    found, depth, start, position = [], 0, 0, 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            joined = re.match(r"\\text\s*\{\s*(?:and|or)\s*\}", text[position:])
            if joined and depth == 0:
                found.append(text[start:position])
                start = position = position + joined.end()
                continue
            position += 2 if text[position + 1 : position + 2] not in "{}" else 1
            continue
        depth += (char in "([{") - (char in ")]}")
        word = re.match(r" (?:and|or) ", text[position:])
        if depth == 0 and (char in separators or word):
            found.append(text[start:position])
            position += len(word.group()) if word else 1
            start = position
            continue
        position += 1
    found.append(text[start:])
    return [part.strip() for part in found if part.strip()]


def enclosed(text: str) -> tuple[str, str, str] | None:
    """(opening, inside, closing) if one pair of brackets holds all of *text*; else None."""
    body = text.replace("\\{", "{").replace("\\}", "}")
    if len(body) < 2 or body[0] not in "([{" or body[-1] not in ")]}":  # noqa: PLR2004 - a pair
        return None
    depth = 0
    for position, char in enumerate(body):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and position < len(body) - 1:
            return None
    return (body[0], body[1:-1].strip(), body[-1]) if depth == 0 else None


def assigned(text: str) -> tuple[str, str] | None:
    """(left, right) of an equation whose left side is a name or f(x); None otherwise."""
    match = re.match(r"^([A-Za-z](?:_\{?\w+\}?)?(?:\([A-Za-z]\))?|\\[a-z]+)\s*=\s*([^=<>]+)$", text)
    return (match.group(1), match.group(2).strip()) if match else None

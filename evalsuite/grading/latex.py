r"""One spelling for what LaTeX spells in many ways, and the parts of lists, tuples, intervals."""

import re

REPLACED = (
    (re.compile(r",\\!\s*|\{,\}"), ","),
    (re.compile(r"\\!"), ""),
    (re.compile(r"[，、]|或"), ", "),
    (re.compile(r"｛"), r"\\{"),
    (re.compile(r"｝"), r"\\}"),
    (re.compile(r"\*\*\s*\(([^()]*)\)|\^\s*\(([^()]*)\)"), r"^{\1\2}"),
    (re.compile(r"\*\*\s*(\w+)"), r"^{\1}"),
    (re.compile(r"\*"), r"\\cdot "),
    (re.compile(r"(?<![A-Za-z\\])(sin|cos|tan|ln|log|exp|pi)(?![A-Za-z])"), r"\\\1 "),
    (re.compile(r"(?<![A-Za-z\\])sqrt\s*\(([^()]*)\)"), r"\\sqrt{\1}"),
    (re.compile(r"\\sqrt\s*\[(\d)\]\s*(\d)"), r"\\sqrt[\1]{\2}"),
    (re.compile(r"\^\s*\{?\s*\\(?:mathrm|text)\s*\{\s*(?:st|nd|rd|th)\s*\}\s*\}?"), ""),
    (re.compile(r"\\[dtc]frac"), r"\\frac"),
    (
        re.compile(
            r"\\(?:left|right|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|displaystyle|limits)(?![A-Za-z])"
        ),
        "",
    ),
    (re.compile(r"\\(?:quad|qquad)(?![A-Za-z])|(?<!\\)\\[,;: ]|~"), " "),
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
LETTER_TEXT = re.compile(r"\\text\s*\{\s*([A-Za-z]|sin|cos|tan|ln|log)\s*\}")
UNIT_TEXT = re.compile(r"(?<=[\d})])\s*\\text\s*\{\s*[^{}]*\}(?:\^\{?\d\}?)?\s*$")
TEXT = re.compile(r"^\\text\s*\{([^{}]*)\}$")
PAIRS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}


def normal(answer: str) -> str:
    """*answer* in one spelling, with single spaces."""
    text = answer.strip().rstrip(".。").strip()
    for pattern, by in REPLACED:
        text = pattern.sub(by, text)
    text = LETTER_TEXT.sub(_letters, UNIT_TEXT.sub("", text))
    return re.sub(r"\s+", " ", text).strip().rstrip(",.;").strip()


def _letters(match: re.Match[str]) -> str:
    word = match.group(1)
    return word if len(word) == 1 else f"\\{word} "


def matrix(text: str) -> list[list[str]] | None:
    r"""The rows of `\begin{pmatrix}…\end{pmatrix}` and its relatives; a tuple is one column."""
    match = re.fullmatch(
        r"\\begin\s?\{[pbvBV]?matrix\}(.*)\\end\s?\{[pbvBV]?matrix\}", text, re.DOTALL
    )
    if not match:
        return None
    rows = [row.split("&") for row in re.split(r"\\\\", match.group(1)) if row.strip()]
    return [[cell.strip() for cell in row] for row in rows]


def interval(text: str) -> str:
    """*text* with an inequality of one name written as an interval, others as they are."""
    builder = re.fullmatch(r"\\?\{\s?([a-z])\s?(?:\||:|\\mid)\s?(.*?)\\?\}", text)
    body = builder.group(2) if builder else text
    body = re.sub(r"^\\?[A-Za-z]+\s?\\in(?![A-Za-z])", "", body).strip()
    pieces = re.split(r"\s?(?:\\text\s?\{\s?or\s?\}|\bor\b|\\cup|, )\s?", body)
    found = [_one_interval(piece.strip()) for piece in pieces]
    return " \\cup ".join(one for one in found if one) if all(found) else body


def _one_interval(text: str) -> str | None:
    if enclosed(text) and len(parts(text.strip("()[]"))) == 2:  # noqa: PLR2004 - two ends
        return text
    name = r"\s?(?:[a-z]|\\[a-z]+)\s?"
    both = re.fullmatch(rf"([^<>]+?)\s?(<|\\le){name}(<|\\le)\s?([^<>]+)", text)
    if both:
        return _bracketed(both.group(1), both.group(2), both.group(3), both.group(4))
    less = re.fullmatch(rf"{name}(<|\\le)\s?([^<>\\]+|[^<>]*\\[a-z]+.*)", text)
    if less:
        return _bracketed("-\\infty", "<", less.group(1), less.group(2))
    more = re.fullmatch(rf"{name}(>|\\ge)\s?([^<>\\]+|[^<>]*\\[a-z]+.*)", text)
    if more:
        return _bracketed(more.group(2), more.group(1), "<", "\\infty")
    return None


def _bracketed(low: str, opens: str, closes: str, high: str) -> str:
    left = "(" if opens in "<>" else "["
    return f"{left}{low.strip()}, {high.strip()}{')' if closes in '<>' else ']'}"


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
    swapped = re.match(r"^([^=<>]+?)\s*=\s*([A-Za-z])$", text)
    if swapped and not re.match(r"^[A-Za-z]$", swapped.group(1)):
        return (swapped.group(2), swapped.group(1).strip())
    match = re.match(r"^([A-Za-z](?:_\{?\w+\}?)?(?:\([A-Za-z]\))?|\\[a-z]+)\s*=\s*([^=<>]+)$", text)
    return (match.group(1), match.group(2).strip()) if match else None

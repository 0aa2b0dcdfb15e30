"""Where a free-form answer stands in the visible text, by rules in a fixed order."""

import re
import string
from dataclasses import dataclass

from evalsuite.answers.boxed import Box, boxes, last_joined, unwrapped
from evalsuite.answers.counting import counted
from evalsuite.answers.number import number, numbers
from evalsuite.answers.phrases import announced, hashes, tagged

BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
# An escaped dollar sign is a currency and delimits nothing.
MATH = re.compile(
    r"\\\[(.{1,1500}?)\\\]|\$\$(.{1,1500}?)\$\$|\\\((.{1,1500}?)\\\)"
    r"|(?<!\\)\$((?:[^$\n\\]|\\[^\n]){1,500})\$",
    re.DOTALL,
)
SAYS = re.compile(r"\s(?:is|are|equals|be)\s")
LAST_WORD = re.compile(r"final\s+answer", re.IGNORECASE)
# A call, a dunder or a lambda: code says nothing.
CODE = re.compile(r"__|\blambda\b|\bimport\b|\b[A-Za-z_]\w*\(\s*['\"]")
# What stands in brackets at the end of a sentence is a remark: 18 (9 × 2).
REMARK = re.compile(r"(?<=[\w*$])\s{1,9}\([^()]{1,200}\)(?=[\s.*]{0,9}$)")
OPERATION = re.compile(r"[-+*/×÷]\s*\d|\b(?:times|plus|minus)\b")
COUNT = re.compile(r"[a-z]+(?:[- ][a-z]+){0,4}", re.IGNORECASE)
MATHS_FIRST = re.compile(r"[-−+(\[{$√π\d]")
GOES_ON = re.compile(r"[\s,]*(?:where|with|for)\b", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z]{2,}")
PROSE_WORDS = 3
SENTENCE = re.compile(r"(?<=[^\d\s])\.\s|(?<=\d)\.\s+(?=[A-Z])")
TRAILING = string.whitespace + "\xa0\u3000.。!*"
# Of a longer line only the end is read.
MOST_OF_LINE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Texts that may be the answer, the rule that found them; several are members of one list.

    `torn`: the last box was cut off, so there is no answer. `weak`: a last-resort rule.
    """

    texts: tuple[str, ...]
    rule: str
    torn: bool = False
    weak: bool = False


def final_answer(text: str, *, numeric: bool, weak: bool = True) -> Found | None:
    """The final answer in *text*; *numeric* if a number is expected, *weak* if last resorts count.

    Those read what nothing announces, and cost the most.
    """
    inside = tagged(text)
    if inside is not None:
        nested = final_answer(inside, numeric=numeric) if "\\boxed" in inside else None
        return Found(texts=nested.texts if nested else (inside,), rule="answer_tag")
    found = boxes(text)
    last_word = _last_word(text, found, numeric=numeric)
    if last_word:
        return last_word
    if found:
        if found[-1].content is None:
            return Found(texts=(), rule="boxed", torn=True)
        joined = last_joined(text, [box for box in found if box.content is not None])
        contents = (unwrapped(box.content or "").strip() for box in joined)
        return Found(texts=tuple(map(_stated, contents)), rule="boxed")
    marked = hashes(text)
    if marked is not None and not _announced_later(text):
        return Found(texts=(marked,), rule="hashes")
    return _announced(text, numeric=numeric) or _closing(text, numeric=numeric, weak=weak)


def _last_word(text: str, found: list[Box], *, numeric: bool) -> Found | None:
    """What a sentence behind the last box calls the final answer, if it has a value."""
    end = found[-1].end if found and found[-1].content is not None else 0
    if not end or not LAST_WORD.search(text, end):
        return None
    said = _announced(text[end:], numeric=numeric)
    return said if said and re.search(r"\d", said.texts[-1]) else None


def _announced_later(text: str) -> bool:
    """Whether an announcement follows the last `####`."""
    return any(_clean(rest) for rest in announced(text[text.rfind("####") :]))


def _announced(text: str, *, numeric: bool) -> Found | None:
    for rest in announced(text):
        short = _clean(rest)
        if not short:
            continue
        if not numeric:
            return Found(texts=(_stated(_sentence(short)),), rule="announced")
        if number(short) is not None:
            return Found(texts=(short,), rule="announced")
        said = _said_number(_sentence(short))
        if said:
            return Found(texts=(said,), rule="announced")
    return None


def _said_number(sentence: str) -> str | None:
    """The number that an announcement's *sentence* gives: a result, its first word, or its last."""
    plain = REMARK.sub("", sentence).strip() or sentence
    result = numbers(plain.rpartition("=")[2]) if "=" in plain else []
    found = numbers(plain)
    if result or not found:
        return result[0] if result else _count(plain)
    first = plain.lstrip("$\\( ")
    alone = first.startswith(found[0]) and not OPERATION.search(plain)
    return found[0] if alone else found[-1]


def _count(sentence: str) -> str | None:
    """The number in words that *sentence* begins with."""
    words = COUNT.match(sentence)
    parts = re.split(r"([- ])", words.group()) if words else []
    for length in range(len(parts), 0, -2):
        phrase = "".join(parts[:length])
        if counted(phrase) is not None:
            return str(counted(phrase))
    return None


def _closing(text: str, *, numeric: bool, weak: bool) -> Found | None:
    """The last line if it is the answer; else a formula, bold text or number, which are *weak*."""
    lines = [line[-MOST_OF_LINE:] for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    last = _clean(lines[-1])
    if number(last) is not None or (len(lines) == 1 and not numeric):
        return Found(texts=(_stated(_last_sentence(last)),), rule="line_alone")
    if not weak:
        return None
    return _closing_number(lines) if numeric else _closing_formula(text, last)


def _closing_number(lines: list[str]) -> Found | None:
    """The number of the last line that has one: its bold one, the last result, or its last."""
    formula = _closing_formula_of(lines[-1])
    if formula:
        return Found(texts=(formula,), rule="last_formula", weak=True)
    for line in reversed(lines):
        found = [] if CODE.search(line) else numbers(REMARK.sub("", line)) or numbers(line)
        if not found:
            continue
        bold = [one for part in BOLD.findall(line) for one in numbers(part)]
        computed = _last_result(lines)
        known = [one for one in found if computed and number(one) == number(computed)]
        rule = "last_bold" if bold else "last_result" if known else "last_number"
        return Found(texts=((bold or known or found)[-1],), rule=rule, weak=True)
    return None


def _last_result(lines: list[str]) -> str | None:
    """The first number behind the last equals sign that has one in its line."""
    for line in reversed(lines):
        for side in reversed(line.split("=")[1:]):
            found = numbers(side)
            if found:
                return found[0]
    return None


def _closing_formula_of(line: str) -> str | None:
    """The only formula of *line*, if the line ends with it."""
    found = list(MATH.finditer(line))
    if len(found) != 1 or re.search(r"\w", line[found[0].end() :]):
        return None
    return str(next(filter(None, found[0].groups()))).strip()


def _closing_formula(text: str, last: str) -> Found | None:
    formulas = [next(filter(None, groups)) for groups in MATH.findall(text[-4000:])]
    if formulas:
        shown = formulas[-1].strip()
        side = shown.rpartition("=")[2].strip() if shown.count("=") > 0 else shown
        return Found(texts=(side or shown,), rule="last_formula", weak=True)
    bold = BOLD.findall(text[-2000:])
    if bold:
        return Found(texts=(bold[-1],), rule="last_bold", weak=True)
    value = _stated(last)
    return Found(texts=(value,), rule="last_sentence", weak=True) if value != last else None


def _stated(short: str) -> str:
    """What a sentence states: its only formula, what it says something "is", its only number."""
    first = MATH.match(short)
    if len(short) > MOST_OF_LINE or (first and GOES_ON.match(short, first.end())):
        return short
    said = SAYS.split(short)[-1].strip()
    for part in (short, said):
        formulas: list[str] = [next(filter(None, groups)) for groups in MATH.findall(part)]
        if len(formulas) == 1:
            return formulas[0].strip()
    if number(said) is not None:
        return said
    if len(WORD.findall(short)) < PROSE_WORDS or "\\" in short:
        return short
    if MATHS_FIRST.match(said) and len(WORD.findall(said)) <= PROSE_WORDS:
        return said
    found = numbers(short)
    return found[0] if len(found) == 1 else short


def _clean(text: str) -> str:
    return text.rstrip(TRAILING).strip(" \t*_`\"'")


def _sentence(text: str) -> str:
    """The first sentence of *text*; a point between digits ends none."""
    return SENTENCE.split(text, maxsplit=1)[0]


def _last_sentence(text: str) -> str:
    """The last sentence of *text*, if it holds a formula."""
    last = SENTENCE.split(text)[-1]
    return last if MATH.search(last) else text

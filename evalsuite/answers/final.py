"""Where a free-form answer stands in the visible text, by rules in a fixed order."""

import re
from dataclasses import dataclass

from evalsuite.answers.boxed import boxes, unwrapped
from evalsuite.answers.number import NUMBER, number
from evalsuite.answers.phrases import announced, hashes, tagged

BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
MATH = re.compile(
    r"\\\[(.{1,1500}?)\\\]|\$\$(.{1,1500}?)\$\$|\\\((.{1,1500}?)\\\)|\$([^$\n]{1,500})\$", re.DOTALL
)
TRAILING = re.compile(r"[\s.。!*]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Texts that may be the answer, the rule that found them; several are members of one list.

    `torn`: the last box was cut off, so there is no answer. `weak`: a last-resort rule.
    """

    texts: tuple[str, ...]
    rule: str
    torn: bool = False
    weak: bool = False


def final_answer(text: str, *, numeric: bool) -> Found | None:
    """The final answer in the visible *text*; *numeric* if a number is expected."""
    inside = tagged(text)
    if inside is not None:
        nested = final_answer(inside, numeric=numeric) if "\\boxed" in inside else None
        return Found(texts=nested.texts if nested else (inside,), rule="answer_tag")
    found = boxes(text)
    if found:
        if found[-1].content is None:
            return Found(texts=(), rule="boxed", torn=True)
        texts = tuple(unwrapped(box.content).strip() for box in found if box.content is not None)
        return Found(texts=texts, rule="boxed")
    marked = hashes(text)
    if marked is not None and not _announced_later(text):
        return Found(texts=(marked,), rule="hashes")
    return _announced(text, numeric=numeric) or _closing(text, numeric=numeric)


def _announced_later(text: str) -> bool:
    """Whether an announcement follows the last `####`."""
    return any(_clean(rest) for rest in announced(text[text.rfind("####") :]))


def _announced(text: str, *, numeric: bool) -> Found | None:
    for rest in announced(text):
        short = _clean(rest)
        if not short:
            continue
        if not numeric or number(short) is not None:
            return Found(texts=(_formula_of(short) if not numeric else short,), rule="announced")
        inside = NUMBER.search(short)
        if inside:
            return Found(texts=(_last_number(_sentence(short)),), rule="announced")
    return None


def _closing(text: str, *, numeric: bool) -> Found | None:
    """The last bold text, formula or number: nothing announces them, so they are weak."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    if number(_clean(lines[-1])) is not None or (len(lines) == 1 and not numeric):
        return Found(texts=(_formula_of(_clean(lines[-1])),), rule="line_alone")
    if numeric:
        for rule, candidates in (
            ("last_bold", [bold for bold in BOLD.findall(text[-2000:]) if NUMBER.search(bold)]),
            ("last_number", [line for line in lines if NUMBER.search(line)]),
        ):
            if candidates:
                return Found(texts=(_last_number(candidates[-1]),), rule=rule, weak=True)
        return None
    formulas = [next(filter(None, groups)) for groups in MATH.findall(text[-4000:])]
    if formulas:
        return Found(texts=(formulas[-1].strip(),), rule="last_formula", weak=True)
    bold = BOLD.findall(text[-2000:])
    return Found(texts=(bold[-1],), rule="last_bold", weak=True) if bold else None


def _clean(text: str) -> str:
    return TRAILING.sub("", text).strip(" \t*_`\"'")


def _formula_of(text: str) -> str:
    """The only formula of *text*, if it holds one; else *text*."""
    formulas = [next(filter(None, groups)) for groups in MATH.findall(text)]
    return formulas[0].strip() if len(formulas) == 1 else text


def _sentence(text: str) -> str:
    """The first sentence of *text*; a point between digits ends none."""
    return re.split(r"(?<=[^\d\s])\.\s|(?<=\d)\.\s+(?=[A-Z])", text, maxsplit=1)[0]


def _last_number(text: str) -> str:
    return list(NUMBER.finditer(text))[-1].group().strip()

"""An answer's text → what it is read as."""

import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from evalsuite.answers.counting import counted
from evalsuite.grading.notation.cursor import Unreadable
from evalsuite.grading.notation.parser import Parser
from evalsuite.grading.notation.spelling import spelled
from evalsuite.grading.notation.tokens import tokens
from evalsuite.grading.notation.tree import Node, Number, Symbol, Words, walk
from evalsuite.grading.notation.vocabulary import SYNONYMS

MOST_CHARACTERS = 4000
MOST_NODES = 600
GROUPS = re.compile(r"\d,\d{3}(?!\d)")
WORDY = re.compile(r"\\text ?\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says: `node` is None if it is no mathematics that the parser knows.

    `condition` is what it says of its letters (for all x), `units` the units behind numbers,
    `grouped`: a comma in it may separate thousands or members.
    """

    text: str
    node: Node | None
    condition: str = ""
    units: tuple[str, ...] = ()
    grouped: bool = False


@functools.lru_cache(maxsize=4096)
def read(answer: str, *, grouped: bool = True) -> Reading:
    """How *answer* reads; with *grouped* `1,234` is one number, else two."""
    text = spelled(answer)
    ambiguous = GROUPS.search(text) is not None
    if len(text) > MOST_CHARACTERS:
        return Reading(text=text, node=None, grouped=ambiguous)
    known = SYNONYMS.get(words_of(text))
    if known:
        return Reading(text=text, node=Symbol(known))
    count = counted(WORDY.sub(r" \1 ", text))
    if count is not None:
        return Reading(text=text, node=Number(Fraction(count)))
    try:
        parser = Parser(tokens(text, grouped=grouped))
        node: Node | None = parser.answer()
    except Unreadable:
        phrase = words_of(text)
        return Reading(text=text, node=Words(phrase) if phrase else None, grouped=ambiguous)
    if node is not None and sum(1 for _ in walk(node)) > MOST_NODES:
        node = None
    return Reading(
        text=text,
        node=node,
        condition=parser.condition,
        units=tuple(parser.units),
        grouped=ambiguous,
    )


def words_of(text: str) -> str:
    r"""The words of *text* in lower case if it is nothing but words (`\text{…}` or bare), or ""."""
    bare = WORDY.sub(r" \1 ", text)
    bare = " ".join(bare.strip(" ()[].!?\"'").split()).lower()
    named = bare.replace("-", " ")
    if counted(named) is not None:
        return ""
    return bare if re.fullmatch(r"[^\W\d_][^\W\d_ ,.;'&/-]*(?:[ ,.;'&/-]+[^\W\d_]+)*", bare) else ""

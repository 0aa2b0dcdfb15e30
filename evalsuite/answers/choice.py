"""The letter that a response chooses; None, or several where it names more than one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evalsuite.answers.boxed import boxes, unwrapped
from evalsuite.answers.phrases import WORDS, announced, tag

LETTERS = "ABCDEFGHIJ"
# Letters that other alphabets use for options.
FOREIGN = str.maketrans("ＡＢＣＤＥＦＧＨＩＪ", LETTERS)
ARABIC = {"أ": "A", "ا": "A", "ب": "B", "ج": "C", "د": "D"}
WRAPPING = re.compile(
    r"\\(?:text|textbf|textrm|textit|mathrm|mathbf|mathit|mathsf|bf|rm|boldsymbol|operatorname)\b"
    r"|\\[()\[\],;! ]|[{}$*_`\"'“”‘’]|\\"
)
LETTER_ONLY = re.compile(r"\W{0,9}[A-Ja-j]?\W{0,9}")
OPTION = r"(?:(?:the\s+)?(?:correct\s+)?(?:option|choice|letter|answer|选项|選項)s?[\s_:]*)?"
FILLER = (
    r"(?:for\s+sure|definitely|clearly|most\s+likely|likely|probably|certainly|therefore|thus"
    r"|simply|indeed|either|not|none\s+of)?"
)
ALONE = re.compile(
    rf"^{OPTION}[\s(\[（【<]*([A-Ja-j])\s*(?:[)\]）】>.:：,;]|[-–—]\s|$)", re.IGNORECASE
)
BEFORE_REASON = re.compile(
    rf"^{OPTION}\(?([A-J])\)?\s+(?:because|since|as|for|is\s+(?:correct|right)|which|due)\b"
)
STRONG = (
    rf"(?:(?:{WORDS})(?:\s+corre(?:ct|ta|cta|cte|tta))?|option\s+selected|final\s+choice"
    r"|(?:best|correct|right)\s+(?:option|choice))"
)
MILD = r"(?:option|choice|select(?:ed)?|choose|chose|pick(?:ed)?|go\s+with|think\s+it[’']s|[选選])"
LETTER = (
    r"[\s*_`\"')\]>]{0,4}(?:\s*(?:is|are|was|would\s+be|should\s+be|must\s+be|:|：|=|ist|es|est|是|为|為"
    r"|は|：|é|è|[-–—→]))?[\s*_`\"':：]{0,6}"
    rf"{FILLER}\s*(?:\\boxed\{{|\\text\w*\{{|\$|\\\()*\s*(?:{OPTION})[\s(\[（【<*_`\"']*"
    r"([A-Ja-jＡ-Ｊأابجد])(?![A-Za-z0-9]|['’][A-Za-z])"
)
ANNOUNCED = tuple(re.compile(words + LETTER, re.IGNORECASE) for words in (STRONG, MILD))
NONE = re.compile(rf"{STRONG}[\s*_`:：]*(?:is|are)?\s*[\"'(]*none\s+of\s+the", re.IGNORECASE)
# What NONE needs: looking for it first is thirty times faster.
NONE_OF = re.compile(r"none\s+of\s+the", re.IGNORECASE)
ENDS_WITH = re.compile(r"\w+:?\s+(?<!not )(?<!than )(?<!or )(?<!and )\(?([A-J])\)?[.!*]*$")
NO_OPTION = re.compile(r"\s*none\s+of", re.IGNORECASE)
CORRECT = re.compile(r"(?<![A-Za-z'’])([A-J])\)?\s+is\s+(?:the\s+)?(?:correct|right)\b")
TAGGED_BEFORE = re.compile(
    r"<(?:answer|choice)>([^<]{1,400})</(?:answer|choice)>\s*$", re.IGNORECASE
)
SECOND = re.compile(
    r"^[ \t)\].*_`]*(?:or|and|/|&|,\s*(?:or|and)?|oder|und|或|和|y|o|[ \t])[ \t]*"
    r"(?:(?:[Oo]ption|[Cc]hoice)[\s_]*)?"
    r"[(\[]?([A-J])(?![A-Za-z0-9'’.:])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The letters named, and the rule that found them.

    One letter is an answer, two are ambiguous, none says that no option is right.
    """

    letters: str
    rule: str
    weak: bool = False


def chosen(text: str, choices: Sequence[str] = ()) -> Chosen | None:
    """The choice that *text* makes among *choices* (A first); None if it makes none."""
    valid = LETTERS[: len(choices)] if choices else LETTERS
    inside = tag(text)
    if inside is not None:
        found = _in_tag(text, inside, choices, valid)
        if found:
            return found
    boxed = [unwrapped(box.content) for box in boxes(text) if box.content is not None]
    if boxed:
        letters = named(boxed[-1], choices, valid)
        return Chosen(letters=letters, rule="boxed") if letters else None
    return (
        _announced(text, choices, valid)
        or _announced_option(text, choices, valid)
        or _closing_line(text, choices, valid)
        or _called_correct(text, valid)
        or _closing_letter(text, valid)
        or _only_mention(text, valid)
    )


def _in_tag(text: str, inside: re.Match[str], choices: Sequence[str], valid: str) -> Chosen | None:
    """What a tag holds, unless an announcement follows it; tags side by side are ambiguous."""
    later = _announced(text[inside.end() :], choices, valid)
    if later:
        return later
    content = inside.group(1).strip()
    letters = named(content, choices, valid)
    if not letters:
        nested = chosen(content, choices)
        letters = nested.letters if nested else ""
    before = TAGGED_BEFORE.search(text[: inside.start()])
    if letters and before:
        letters = "".join(sorted({*letters, *named(before.group(1), choices, valid)}))
    return Chosen(letters=letters, rule="answer_tag") if letters else None


def named(short: str, choices: Sequence[str], valid: str) -> str:
    """The letters that a *short* text (a box, a line) stands for; "" if none.

    An option's whole text stands for that option, whatever letters are in it ("A and B",
    "C, Ruby"), unless it is itself a letter.
    """
    plain = WRAPPING.sub(" ", short.translate(FOREIGN)).strip()
    plain = ARABIC.get(plain, plain)
    own = "" if LETTER_ONLY.fullmatch(plain) else _by_text(short, choices, valid)
    if own:
        return own
    several = re.fullmatch(r"\(?([A-J])\)?\s*(?:,|and|or|/|&)\s*\(?([A-J])\)?\.?", plain)
    if several:
        return "".join(sorted({several.group(1), several.group(2)}))
    match = ALONE.match(plain) or BEFORE_REASON.match(plain)
    if match and match.group(1).upper() in valid:
        return match.group(1).upper()
    with_text = re.match(r"\(?([A-J])\)?\s+(.+)", plain, re.DOTALL)
    if with_text and _by_text(with_text.group(2), choices, valid) == with_text.group(1):
        return with_text.group(1)
    return ""


def _by_text(text: str, choices: Sequence[str], valid: str) -> str:
    """The letter of the only option whose text is *text*; case counts if they differ in it."""
    wanted = _plain_option(text)
    ours = [(letter, _plain_option(one)) for letter, one in zip(valid, choices, strict=False)]
    same = [letter for letter, one in ours if one and one == wanted]
    same = same or [letter for letter, one in ours if one and one.casefold() == wanted.casefold()]
    return same[0] if len(same) == 1 else ""


def _announced(text: str, choices: Sequence[str], valid: str) -> Chosen | None:
    """The last announcement that names a letter: "Answer: C", "the correct option is (C)".

    A mere "option B" or "I choose B" is weak, and counts only where nothing is called the answer.
    "None of the above" names no letter, unless an option says so.
    """
    deniable = NONE_OF.search(text) and not any(NO_OPTION.match(option) for option in choices)
    denied = [match.start() for match in NONE.finditer(text)][-1:] if deniable else []
    found = (
        (match, words is not ANNOUNCED[0])
        for words in ANNOUNCED
        for match in reversed(list(words.finditer(text)))
    )
    for match, weak in found:
        if denied and match.start() <= denied[0]:
            break
        letter = ARABIC.get(match.group(1), match.group(1).translate(FOREIGN)).upper()
        rest = text[match.end(1) : match.end(1) + 60]
        if letter not in valid or _is_word(match, rest):
            continue
        if re.search(r"\b(?:not|none\s+of)\b", match.group(), re.IGNORECASE):
            continue
        second = SECOND.match(rest)
        if second and second.group(1) != letter and second.group(1) in valid:
            return Chosen(letters="".join(sorted(letter + second.group(1))), rule="announced")
        return Chosen(letters=letter, rule="announced", weak=weak)
    return Chosen(letters="", rule="announced") if denied else None


def _announced_option(text: str, choices: Sequence[str], valid: str) -> Chosen | None:
    """The option whose own text is announced: "the answer is a blue stone"."""
    for rest in announced(text) if choices else ():
        letters = named(rest.strip(" *_`\"'"), choices, valid)
        if letters:
            return Chosen(letters=letters, rule="announced")
    return None


def _is_word(match: re.Match[str], rest: str) -> bool:
    """Whether the letter is an article or a pronoun: "the answer is a polygenic score"."""
    letter = match.group(1)
    if not re.match(r"\s+[a-z]", rest) or re.match(
        r"\s+(?:because|since|as|which|is|and|or|for|due|with|based|from)\b", rest
    ):
        return letter.islower() and bool(re.match(r"\s+(?:is|and|or|for|with)\b", rest))
    return letter in "AaIi" or letter.islower()


def _closing_line(text: str, choices: Sequence[str], valid: str) -> Chosen | None:
    """The first or the last line, if it is a letter or an option's text and nothing else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in dict.fromkeys([*lines[-1:], *lines[:1]]):
        letters = named(line, choices, valid) if len(line) < 400 else ""  # noqa: PLR2004 - a line
        if letters:
            return Chosen(letters=letters, rule="line_alone")
    return None


def _called_correct(text: str, valid: str) -> Chosen | None:
    """The only letter that the closing words call correct: "A is wrong, D is correct"."""
    letters = {letter for letter in CORRECT.findall(text[-600:]) if letter in valid}
    return Chosen(letters=letters.pop(), rule="called_correct") if len(letters) == 1 else None


def _closing_letter(text: str, valid: str) -> Chosen | None:
    """The letter that ends the last sentence, if it is the only one there: "which leaves B."."""
    sentence = re.split(r"[.!?:]\s+|\n", text.rstrip(" \n.!*")[-400:])[-1]
    match = ENDS_WITH.search(sentence)
    if not match or match.group(1) not in valid:
        return None
    others = set(re.findall(r"(?<!not )\b([B-HJ])\b", sentence)) - {match.group(1)}
    return None if others else Chosen(letters=match.group(1), rule="closing_letter", weak=True)


def _only_mention(text: str, valid: str) -> Chosen | None:
    """The only letter that the last sentence puts in brackets or bold or calls an option."""
    tail = text[-600:]
    found = re.findall(
        r"(?:[Oo]ption|[Cc]hoice)[\s_]*\(?([A-J])\b|\(([A-J])\)|\*\*\(?([A-J])\)?[.:)]?", tail
    )
    letters = {letter for groups in found for letter in groups if letter and letter in valid}
    return (
        Chosen(letters=letters.pop(), rule="only_mention", weak=True) if len(letters) == 1 else None
    )


def _plain_option(text: str) -> str:
    """*text* without white space, wrapping and final full stop."""
    return re.sub(r"\s+", "", WRAPPING.sub(" ", text)).rstrip(".")

"""Sentences that announce an answer: "the final answer is …", `#### …`, answer tags."""

import re
from collections import deque
from collections.abc import Iterator

# "Answer" in the languages that models fall into.
WORDS = (
    r"final\s+answers?|answers?|solution|result|Antwort|Ergebnis|Lösung|respuesta|réponse|resposta"
    r"|risposta|odpověď|odpowiedź|ответ|答案|答え|正解|정답|답|উত্তর|उत्तर|الإجابة|الجواب|jawaban|cevap"
)
LINK = (
    r"(?:\s*(?:to\s+(?:the|this)\s+(?:question|problem)\s*)?"
    r"(?:is|are|was|=|:|：|ist|lautet|es|est|é|è|是|为|為|は|:\*\*|would\s+be|should\s+be|must\s+be)"
    r"\s*(?:therefore|thus|then|simply|just|exactly|approximately)?\s*[:：]?)"
)
# In text without capitals, which is six times faster than ignoring case: with that flag the search
# cannot skip to where a word may begin.
ANNOUNCED = re.compile(rf"(?:{WORDS.lower()})[\s*_`\"')\]]{{0,4}}{LINK}")
TAGGED = re.compile(r"<(?:answer|choice)>(.*?)</(?:answer|choice)>", re.IGNORECASE | re.DOTALL)
# A response that repeats itself announces thousands of times.
MOST_ANNOUNCED = 20
HASHES = re.compile(r"####[ \t]*([^\n]+)")


def tag(text: str) -> re.Match[str] | None:
    """The last complete `<answer>` or `<choice>` tag; its first group is what it holds."""
    start = max(text.rfind("<answer>"), text.rfind("<choice>"))
    return TAGGED.match(text, start) if start >= 0 else None


def tagged(text: str) -> str | None:
    """The content of the last `<answer>` or `<choice>` tag."""
    match = tag(text)
    return match.group(1).strip() if match else None


def hashes(text: str) -> str | None:
    """What follows the last `####`, GSM8K's own marker."""
    found = HASHES.findall(text)
    return found[-1].strip() if found else None


def announced(text: str) -> Iterator[str]:
    """What follows each of the last announcements up to the end of its line, the last first."""
    found = ANNOUNCED.finditer(_without_capitals(text))
    for match in reversed(deque(found, maxlen=MOST_ANNOUNCED)):
        rest = text[match.end() : match.end() + 2000].lstrip(" \t*_`\"'")
        if rest.startswith("\n"):
            rest = rest.lstrip()
        yield _through_math(rest)


def _without_capitals(text: str) -> str:
    """*text* in small letters, each at its place: one capital (İ) becomes two characters."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


def _through_math(rest: str) -> str:
    """The line that *rest* begins, or the whole displayed formula if it begins with one."""
    for opening, closing in (("\\[", "\\]"), ("$$", "$$"), ("\\(", "\\)")):
        if rest.startswith(opening):
            end = rest.find(closing, len(opening))
            if end > 0:
                return rest[len(opening) : end].strip()
    return rest.partition("\n")[0].strip()

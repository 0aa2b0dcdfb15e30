"""The visible text of a response: what stands after its thinking.

Reasoning is what precedes the first closing tag, whether or not the opening tag is in the text
(R1's template writes it into the prompt), as the servers' reasoning parsers split. A response that
is in thinking and never closes it has no visible text: what stands there is a draft.

Some responses go back into thinking after they have closed it. By the rule "first", the default,
all that follows the first closing tag is visible, so that a response which a server has split and
one that came whole read alike; by the rule "last" only what follows the last.
"""

import re
from dataclasses import dataclass

from evalsuite.model import Generation, ThinkRule

OPENS = re.compile(r"<think(?:ing)?>|<\|channel\|?>\s*(?:thought|analysis)", re.IGNORECASE)
CLOSES = re.compile(
    r"</think(?:ing)?>|<channel\|>|<\|channel\|>\s*final\s*(?:<\|message\|>)?", re.IGNORECASE
)
# Where a model writes the next turn itself, its answer has ended.
NEXT_TURN = re.compile(
    r"<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<｜User｜>|<\|start\|>|\[INST\]"
)
# Models that loop write white space by the thousand; it separates, however much of it.
# Written so that a search skips to a blank at once.
BLANK = re.compile(r"\s\s{23,}")
SPECIAL = re.compile(
    r"<｜end▁of▁sentence｜>|<\|(?:im_end|eot_id|end_of_text|endoftext|end|return)\|>|<end_of_turn>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """`text` is None if the thinking was never closed; `restarts` counts further closing tags."""

    text: str | None
    restarts: int = 0


def visible(
    response: str,
    *,
    starts_in_thinking: bool = False,
    split_off: bool = False,
    think: ThinkRule = "first",
) -> Visible:
    """What of *response* is meant for the reader.

    *starts_in_thinking*: the prompt ended inside a think block. *split_off*: the server
    has taken the thinking out already, with its closing tag. *think*: which closing tag counts.
    """
    text = SPECIAL.sub("", response)
    closing = list(CLOSES.finditer(text))
    restarts = len(closing) if split_off else max(len(closing) - 1, 0)
    if closing and not (split_off and think == "first"):
        text = text[closing[0 if think == "first" else -1].end() :]
        reopened = think == "last" and OPENS.search(text)
        return Visible(text=None if reopened else _first_turn(text), restarts=restarts)
    if not closing and not split_off and (starts_in_thinking or OPENS.search(text)):
        return Visible(text=None)
    return Visible(text=_first_turn(text), restarts=restarts)


def thinking(response: str, *, starts_in_thinking: bool) -> str:
    """The thinking in *response*: what stands before the first closing tag, "" if there is none."""
    text = SPECIAL.sub("", response)
    closing = CLOSES.search(text)
    if closing:
        return text[: closing.start()]
    return text if starts_in_thinking or OPENS.search(text) else ""


def _first_turn(text: str) -> str:
    """*text* up to the next turn, unless it begins with one."""
    for turn in NEXT_TURN.finditer(text):
        before = text[: turn.start()].strip()
        if before:
            return condensed(before)
    return condensed(text.strip())


def condensed(text: str) -> str:
    """*text* with long white space made short: rules look for it at every place."""
    return BLANK.sub(lambda blank: "\n\n" if "\n" in blank.group() else "  ", text)


def split(came: Generation) -> tuple[str, str]:
    """The thinking of *came*, with its closing tag, and what stands after it."""
    if came.reasoning is not None:
        return came.reasoning, came.text
    closing = CLOSES.search(came.text)
    if closing:
        return came.text[: closing.end()], came.text[closing.end() :]
    if came.starts_in_thinking or OPENS.search(came.text):
        return came.text, ""
    return "", came.text

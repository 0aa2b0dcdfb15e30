"""The visible text of a response: what stands after its thinking.

Reasoning is what precedes the first closing tag, whether or not the opening tag is in the text
(R1's template writes it into the prompt), as the servers' reasoning parsers split. A response that
is in thinking and never closes it has no visible text: what stands there is a draft.
"""

import re
from dataclasses import dataclass

OPENS = re.compile(r"<think(?:ing)?>|<\|channel\|?>\s*(?:thought|analysis)", re.IGNORECASE)
CLOSES = re.compile(
    r"</think(?:ing)?>|<channel\|>|<\|channel\|>\s*final\s*(?:<\|message\|>)?", re.IGNORECASE
)
SPECIAL = re.compile(
    r"<｜end▁of▁sentence｜>|<\|(?:im_end|eot_id|end_of_text|endoftext|end|return)\|>|<end_of_turn>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """`text` is None if the thinking was never closed; `restarts` counts further closing tags."""

    text: str | None
    restarts: int = 0


def visible(response: str, *, starts_in_thinking: bool = False, split_off: bool = False) -> Visible:
    """What of *response* is meant for the reader.

    *starts_in_thinking*: the prompt ended inside a think block. *split_off*: the server
    has taken the thinking out already, so all of *response* is visible.
    """
    text = SPECIAL.sub("", response)
    closing = list(CLOSES.finditer(text))
    if closing:
        return Visible(text=text[closing[0].end() :].strip(), restarts=len(closing) - 1)
    if not split_off and (starts_in_thinking or OPENS.search(text)):
        return Visible(text=None)
    return Visible(text=text.strip())

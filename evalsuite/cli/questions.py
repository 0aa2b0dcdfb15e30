"""A question of some runs by its name, and texts that a terminal may show."""

import difflib
import re
from typing import TYPE_CHECKING

from evalsuite.errors import UsageError

if TYPE_CHECKING:
    from evalsuite.model import Question
    from evalsuite.runs.folder import Run

# What a terminal would obey: escapes and other controls, and marks that turn text around.
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\ud800-\udfff]"
)
MOST_NAMES = 5


def find_question(run: "Run", name: str, task: str | None) -> "Question":
    """The question of *run* called *name*.

    Raises:
        UsageError: there is none, or one of several tasks; the error names the nearest.
    """
    questions = [one for one in run.store.questions() if task in (None, one.task)]
    same = [one for one in questions if one.id == name]
    if len(same) == 1:
        return same[0]
    if same:
        tasks = ", ".join(sorted(one.task for one in same))
        raise UsageError(f"{name} is a question of {tasks}; choose with --task.")
    names = [one.id for one in questions]
    near = difflib.get_close_matches(name, names, n=MOST_NAMES, cutoff=0.4) or names[:MOST_NAMES]
    raise UsageError(
        f"{run.path}: has no question {name!r}{f' of {task}' if task else ''}; "
        f"near it: {', '.join(map(plain, near)) or 'nothing'}."
    )


def plain(text: str) -> str:
    """*text* without what a terminal would obey."""
    return CONTROLS.sub("\ufffd", text)

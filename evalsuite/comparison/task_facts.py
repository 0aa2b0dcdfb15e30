"""What two run.json say of one task."""

from collections.abc import Iterator

from evalsuite.comparison.facts import check
from evalsuite.comparison.types import Check, CheckStatus
from evalsuite.model import TaskInfo


def task_checks(ours: TaskInfo, theirs: TaskInfo) -> Iterator[Check]:
    """What of one task's record must not differ, or may.

    Prompts and golds are compared question by question elsewhere; a hash over all of them also
    differs where one run asked a part only.
    """
    whole = ours.questions == theirs.questions
    rows: tuple[tuple[str, str, str, CheckStatus, str], ...] = (
        ("kind", ours.kind, theirs.kind, "stop", "answers were judged as another kind"),
        ("think rule", ours.think, theirs.think, "stop", "read by another rule; rescore both runs"),
        (
            "synthetic",
            str(ours.synthetic),
            str(theirs.synthetic),
            "stop",
            "one run asked the benchmark, the other invented items",
        ),
        (
            "data",
            ours.data_hash,
            theirs.data_hash,
            "warn" if whole else "note",
            "the rows differ beside prompts and golds" if whole else "one run asked a part",
        ),
        ("prompts", ours.prompt_hash, theirs.prompt_hash, "note", "one run asked a part"),
        ("revision", ours.revision, theirs.revision, "note", "of the data set"),
        ("source", ours.source, theirs.source, "note", "of the data"),
        ("title", ours.title, theirs.title, "note", "other words"),
    )
    for name, one, other, status, message in rows:
        # Imported answers do not tell their data; then there is nothing to compare.
        if one and other and one != other:
            yield check(f"{name} of {ours.name}", status, one, other, message)

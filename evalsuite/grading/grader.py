"""`Grader`: a question and what came back → a score."""

import functools
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from evalsuite import answers
from evalsuite.answers import Found, chosen, condensed, final_answer, visible
from evalsuite.grading.equality import Judged, Judgement, same_math, same_number
from evalsuite.grading.pool import Pool
from evalsuite.model import (
    FinishReason,
    Generation,
    Kind,
    Mark,
    Outcome,
    Question,
    Score,
    ThinkRule,
)

LIBRARIES = ("mpmath", "math-verify", "latex2sympy2_extended", "sympy", "antlr4-python3-runtime")
# Characters of an answer that a score keeps.
MOST_SHOWN = 500
MOST_THOUGHT = 20_000  # characters at the end of the thinking that are searched for an answer
# Rules that read what is closed, so that a cut behind it takes nothing away.
CLOSED = ("boxed", "answer_tag")
OUTCOMES: dict[Judgement, Outcome] = {
    "match": "correct",
    "symbolic": "correct",
    "differs": "incorrect",
    "unsafe_answer": "no_answer",
    "grader_timeout": "no_answer",
}


class Grader:
    """Grades from any thread; a context manager that ends its worker processes.

    Args:
        workers: processes for algebra, started when the first comparison needs them.
        timeout_s: wall-clock seconds that one comparison may take before its process is killed.
        memory_mb: address space of a process in MiB.
        think: task → which of several closing think tags counts, where it is not the first.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        timeout_s: float = 3.0,
        memory_mb: int = 1024,
        think: Mapping[str, ThinkRule] | None = None,
    ) -> None:
        self._think = {task: rule for task, rule in (think or {}).items() if rule != "first"}
        self._pool = Pool(workers=workers, timeout_s=timeout_s, memory_mb=memory_mb)
        self._judged: dict[tuple[Kind, str, str], Judged] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes; a second call does nothing."""
        self._pool.close()

    @property
    def version(self) -> str:
        """A hash of the rules' source and of the libraries that can move a score.

        Rules that are not the default are named behind it: "0123456789ab, think last: gsm8k".
        """
        named = ", ".join(sorted(self._think))
        return f"{_version()}, think last: {named}" if named else _version()

    def grade(self, question: Question, generation: Generation) -> Score:
        """The score of *generation* as an answer to *question*."""
        score = self.grade_text(
            kind=question.kind,
            gold=question.gold,
            text=generation.text,
            finish_reason=generation.finish_reason,
            choices=question.choices,
            starts_in_thinking=generation.starts_in_thinking,
            split_off=generation.reasoning is not None,
            think=self._think.get(question.task, "first"),
        )
        return replace(score, marks=tuple(self._marks(question, generation, score)))

    def _marks(self, question: Question, generation: Generation, score: Score) -> Iterator[Mark]:
        # What stopped by itself came out of its loop, if it ever was in one.
        if generation.finish_reason != "stop" and answers.ends_in_loop(
            (generation.reasoning or "") + generation.text
        ):
            yield "loop"
        if score.outcome == "correct":
            return
        thought = generation.reasoning
        if thought is None:
            thought = answers.thinking(
                generation.text, starts_in_thinking=generation.starts_in_thinking
            )
        thought = answers.condensed(thought[-MOST_THOUGHT:].strip())
        if not thought:
            return
        reached = self._grade_visible(
            question.kind, question.gold, thought, question.choices, weak=False
        )
        if reached.outcome == "correct" and not reached.weak:
            yield "reached"

    def grade_text(
        self,
        *,
        kind: Kind,
        gold: str,
        text: str,
        finish_reason: FinishReason = "stop",
        choices: Sequence[str] = (),
        starts_in_thinking: bool = False,
        split_off: bool = False,
        bare: bool = False,
        think: ThinkRule = "first",
    ) -> Score:
        """The score of a response; *bare* says that *text* is nothing but the answer.

        *split_off*: the server took the thinking out of *text*. *think*: after which of several
        closing think tags the answer stands. Never raises for any text.
        """
        cut = finish_reason == "length"
        if bare:
            text = condensed(text)
            shown = text if kind == "choice" else f"\\boxed{{{text}}}"
            return self._grade_shown(kind, gold, shown, choices, cut=cut)
        seen = visible(
            text, starts_in_thinking=starts_in_thinking, split_off=split_off, think=think
        )
        score = self._grade_shown(kind, gold, seen.text, choices, cut=cut)
        return replace(score, restarts=seen.restarts) if seen.restarts else score

    def _grade_shown(
        self, kind: Kind, gold: str, shown: str | None, choices: Sequence[str], *, cut: bool
    ) -> Score:
        if shown is None:
            return _none("truncated" if cut else "unclosed_think")
        if not shown:
            return _none("truncated" if cut else "empty")
        score = self._grade_visible(kind, gold, shown, choices)
        if cut and score.rule not in CLOSED:
            # The last line is not whole: "The answer is 4" may have become 42.
            score = self._grade_visible(kind, gold, shown.rpartition("\n")[0], choices)
        if cut and (score.weak or score.outcome == "no_answer"):
            return _none("truncated")
        return score

    def _grade_visible(
        self, kind: Kind, gold: str, shown: str, choices: Sequence[str], *, weak: bool = True
    ) -> Score:
        if kind == "choice":
            return _grade_choice(gold, shown, choices)
        return self._grade_free(kind, gold, shown, weak=weak)

    def _grade_free(self, kind: Kind, gold: str, shown: str, *, weak: bool) -> Score:
        found = final_answer(shown, numeric=kind != "math", weak=weak)
        if found is None:
            return _none("no_answer_found")
        if found.torn:
            return _none("truncated_box", rule=found.rule)
        answer = found.texts[-1]
        if not answer.strip():
            return _none("empty", rule=found.rule)
        judged = self._judge(kind, gold, answer)
        if judged.judgement == "differs" and kind == "math" and len(found.texts) > 1:
            # Several boxes that are the members of one list are one answer.
            joined = self._judge(kind, gold, ", ".join(found.texts))
            if joined.judgement in ("match", "symbolic"):
                answer, judged = ", ".join(found.texts), joined
        return _scored(gold, answer, found, judged)

    def _judge(self, kind: Kind, gold: str, answer: str) -> Judged:
        """Equal pairs are judged once, so that both arms get the same verdict."""
        where = (kind, gold, answer)
        with self._lock:
            known = self._judged.get(where)
        if known is None:
            known = (
                same_math(gold, answer, self._algebra)
                if kind == "math"
                else same_number(gold, answer)
            )
            with self._lock:
                self._judged[where] = known
        return known

    def _algebra(self, gold: str, answer: str) -> Judgement:
        told = self._pool.equal(gold, answer)
        if told == "timeout":
            return "grader_timeout"
        return "symbolic" if told == "equal" else "differs"


def _scored(gold: str, answer: str, found: Found, judged: Judged) -> Score:
    return Score(
        outcome=OUTCOMES[judged.judgement],
        reason=judged.judgement,
        answer=answer[:MOST_SHOWN],
        rule=found.rule,
        weak=found.weak,
        judged_by=judged.rule,
        compared=_against(gold, answer),
    )


def _grade_choice(gold: str, shown: str, choices: Sequence[str]) -> Score:
    found = chosen(shown, choices)
    if found is None:
        return _none("no_answer_found")
    if len(found.letters) > 1:
        return _none("ambiguous", rule=found.rule)
    right = found.letters == gold.strip().upper()
    return Score(
        outcome="correct" if right else "incorrect",
        reason="choice_match" if right else "choice_differs",
        answer=found.letters or "none of the options",
        rule=found.rule,
        weak=found.weak,
        judged_by="letter",
        compared=_against(gold.strip().upper(), found.letters),
    )


def _against(gold: str, answer: str) -> str:
    return f"{gold[:MOST_SHOWN]} against {answer[:MOST_SHOWN]}"


def _none(reason: str, *, rule: str = "") -> Score:
    return Score(outcome="no_answer", reason=reason, rule=rule)


@functools.cache
def _version() -> str:
    digest = hashlib.sha256()
    for folder in (Path(answers.__file__).parent, Path(__file__).parent):
        for source in sorted(folder.rglob("*.py")):
            digest.update(source.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:12]

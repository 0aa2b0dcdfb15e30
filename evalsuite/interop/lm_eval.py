"""evalsuite's reading and judging for lm-eval 0.4.13: filters that read, metrics that judge.

Any `generate_until` task file may name them; nothing of evalsuite needs to run besides:

    filter_list:
      - name: evalsuite
        filter:
          - {function: custom, filter_fn: !function evalsuite.interop.lm_eval.read_math}
    metric_list:
      - metric: !function evalsuite.interop.lm_eval.correct
        aggregation: mean
        higher_is_better: true

`read_integer`, `read_numeric`, `read_math` and `read_choice` say what kind of answer is wanted. A
filter gives, for each document, what is read in each of its responses (with `repeats` all count,
where lm-eval's own filters take the first); a metric is the mean over them.
"""

import atexit
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeAlias

from evalsuite.answers import chosen, final_answer, visible
from evalsuite.grading import Grader
from evalsuite.model import Kind, Score

Doc: TypeAlias = Mapping[str, Any]
Options: TypeAlias = Callable[[Doc], Sequence[str]]


class Reading(str):
    """What was read in a *response*, "" if nothing; it remembers where, for the metric."""

    __slots__ = ("_scores", "choices", "kind", "response")

    def __new__(cls, response: str, kind: Kind, choices: Sequence[str] = ()) -> Self:
        """Read *response*; lm-eval's logs show the text that was found."""
        reading = super().__new__(cls, _read(response, kind, choices))
        reading.response, reading.kind, reading.choices = response, kind, tuple(choices)
        reading._scores = {}
        return reading

    def score(self, gold: str) -> Score:
        """The response's score against *gold*, graded once however many metrics ask for it."""
        if gold not in self._scores:
            self._scores[gold] = _grader().grade_text(
                kind=self.kind, gold=gold, text=self.response, choices=self.choices
            )
        return self._scores[gold]

    def __reduce__(self) -> tuple[Any, ...]:
        """Processes send it to one another: lm-eval gathers what its ranks have read."""
        return Reading, (self.response, self.kind, self.choices)

    response: str
    kind: Kind
    choices: tuple[str, ...]
    _scores: dict[str, Score]


def readings(
    resps: Iterable[Sequence[str]],
    docs: Iterable[Doc],
    *,
    kind: Kind,
    options: Options | None = None,
) -> list[list[Reading]]:
    """The filter behind the others: each document's responses, read as *kind*.

    *options* gives the texts of a document's options, A first.
    """
    return [
        [Reading(response, kind, options(doc) if options else ()) for response in responses]
        for responses, doc in zip(resps, docs, strict=True)
    ]


read_choice = functools.partial(readings, kind="choice")
read_integer = functools.partial(readings, kind="integer")
read_numeric = functools.partial(readings, kind="numeric")
read_math = functools.partial(readings, kind="math")


def correct(references: Sequence[str], predictions: Sequence[Sequence[Reading]]) -> float:
    """lm-eval metric: the share of a document's responses that are right."""
    return _share(references, predictions, "correct")


def no_answer(references: Sequence[str], predictions: Sequence[Sequence[Reading]]) -> float:
    """lm-eval metric: the share of a document's responses without an answer to judge."""
    return _share(references, predictions, "no_answer")


def scores(gold: str, read: Sequence[Reading]) -> list[Score]:
    """The scores of a document's responses against its reference answer."""
    return [one.score(gold) for one in read]


def _share(
    references: Sequence[str], predictions: Sequence[Sequence[Reading]], outcome: str
) -> float:
    (gold,), (read,) = references, predictions
    return sum(one.outcome == outcome for one in scores(str(gold), read)) / len(read)


def _read(response: str, kind: Kind, choices: Sequence[str]) -> str:
    shown = visible(response).text
    if not shown:
        return ""
    if kind == "choice":
        found = chosen(shown, choices)
        return found.letters if found else ""
    answer = final_answer(shown, numeric=kind != "math")
    return answer.texts[-1] if answer and answer.texts else ""


@functools.cache
def _grader() -> Grader:
    """One for the process; its workers end with it."""
    grader = Grader()
    atexit.register(grader.close)
    return grader

r"""What the five task files call: a data set's row in, prompt, options, reference answer out.

Prompts follow DeepSeek-R1's published protocol (arXiv 2501.12948 appendix D, and its README):
no system prompt, zero-shot; mathematics asks for `\boxed{}`, multiple choice uses the template
of openai/simple-evals. White space around a cell is dropped, since copies of a data set differ
in it. Errors never quote a row: GPQA's text must not reach a log.
"""

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalsuite.model import Kind

Row = Mapping[str, Any]
Responses = Sequence[Sequence[str]]

BOXED = "{problem}\nPlease reason step by step, and put your final answer within \\boxed{{}}."
# https://github.com/openai/simple-evals/blob/ee3b0318/common.py, QUERY_TEMPLATE_MULTICHOICE
CHOICE = """\
Answer the following multiple choice question. The last line of your response should be of the \
following format: 'Answer: $LETTER' (without quotes) where LETTER is one of ABCD. Think step by \
step before answering.

{question}

A) {A}
B) {B}
C) {C}
D) {D}"""
LETTERS = "ABCD"
GPQA_OPTIONS = (
    "Correct Answer",
    "Incorrect Answer 1",
    "Incorrect Answer 2",
    "Incorrect Answer 3",
)


def problem_prompt(row: Row) -> str:
    """The prompt of AIME and MATH-500."""
    return BOXED.format(problem=_text(row, "problem"))


def answer(row: Row) -> str:
    """The reference answer of AIME and MATH-500, as the data set writes it."""
    return _text(row, "answer")


def gsm8k_prompt(row: Row) -> str:
    """The prompt of GSM8K."""
    return BOXED.format(problem=_text(row, "question"))


def gsm8k_number(row: Row) -> str:
    """The number after `####`, as the data set writes it."""
    _, found, number = _text(row, "answer").rpartition("####")
    if not found or not number.strip():
        raise ValueError("the answer has no number after '####'")
    return number.strip()


def mmlu_prompt(row: Row) -> str:
    """The prompt of MMLU."""
    return _choice_prompt(_text(row, "question"), mmlu_options(row))


def mmlu_options(row: Row) -> list[str]:
    """The options in the data set's order."""
    raw = row["choices"]
    options = [str(option).strip() for option in (_cell_list(raw) if isinstance(raw, str) else raw)]
    if len(options) != len(LETTERS):
        raise ValueError(f"there must be {len(LETTERS)} choices, not {len(options)}")
    return options


def mmlu_letter(row: Row) -> str:
    """The letter of the correct option."""
    index = int(row["answer"])
    if not 0 <= index < len(LETTERS):
        raise ValueError(f"the answer must be an index from 0 to 3, not {index}")
    return LETTERS[index]


def gpqa_prompt(row: Row) -> str:
    """The prompt of GPQA."""
    return _choice_prompt(_text(row, "Question"), gpqa_options(row))


def gpqa_options(row: Row) -> list[str]:
    """The options as shown: an order that depends on nothing but the question's id."""
    return [_text(row, column) for column in _gpqa_order(row)]


def gpqa_letter(row: Row) -> str:
    """The letter under which the correct option is shown."""
    return LETTERS[_gpqa_order(row).index(GPQA_OPTIONS[0])]


def read_mmlu(resps: Responses, docs: Sequence[Row]) -> list[list[Any]]:
    """lm-eval's filter: what is read in each MMLU response."""
    return _readings("choice", resps, docs, mmlu_options)


def read_gpqa(resps: Responses, docs: Sequence[Row]) -> list[list[Any]]:
    """lm-eval's filter: what is read in each GPQA response."""
    return _readings("choice", resps, docs, gpqa_options)


def read_gsm8k(resps: Responses, docs: Sequence[Row]) -> list[list[Any]]:
    """lm-eval's filter: what is read in each GSM8K response."""
    return _readings("numeric", resps, docs)


def read_aime(resps: Responses, docs: Sequence[Row]) -> list[list[Any]]:
    """lm-eval's filter: what is read in each AIME response."""
    return _readings("integer", resps, docs)


def read_math(resps: Responses, docs: Sequence[Row]) -> list[list[Any]]:
    """lm-eval's filter: what is read in each MATH-500 response."""
    return _readings("math", resps, docs)


def grade_mmlu(row: Row, results: Sequence[Any]) -> dict[str, float]:
    """lm-eval's metrics of one MMLU question: means over its responses."""
    return _metrics(mmlu_letter(row), results)


def grade_gpqa(row: Row, results: Sequence[Any]) -> dict[str, float]:
    """lm-eval's metrics of one GPQA question: means over its responses."""
    return _metrics(gpqa_letter(row), results)


def grade_gsm8k(row: Row, results: Sequence[Any]) -> dict[str, float]:
    """lm-eval's metrics of one GSM8K question: means over its responses."""
    return _metrics(gsm8k_number(row), results)


def grade_aime(row: Row, results: Sequence[Any]) -> dict[str, float]:
    """lm-eval's metrics of one AIME question: means over its responses."""
    return _metrics(answer(row), results)


def grade_math(row: Row, results: Sequence[Any]) -> dict[str, float]:
    """lm-eval's metrics of one MATH-500 question: means over its responses."""
    return _metrics(answer(row), results)


def _text(row: Row, column: str) -> str:
    text = str(row[column]).strip()
    if not text:
        raise ValueError(f"column {column!r} is empty")
    return text


def _choice_prompt(question: str, options: Sequence[str]) -> str:
    return CHOICE.format(question=question, **dict(zip(LETTERS, options, strict=True)))


def _gpqa_order(row: Row) -> list[str]:
    """The option columns as shown: sorted by a hash, which no version of Python draws anew."""
    record = _text(row, "Record ID")
    return sorted(GPQA_OPTIONS, key=lambda column: sha256(f"{record}:{column}".encode()).digest())


def _cell_list(cell: str) -> list[Any]:
    """A list that a CSV file holds in one cell, as JSON or as Python writes it."""
    try:
        found = json.loads(cell)
    except ValueError:
        try:
            found = ast.literal_eval(cell)
        except (ValueError, SyntaxError):
            found = None
    if not isinstance(found, list):
        raise ValueError("the choices must be a list; in CSV, write it as JSON")  # noqa: TRY004
    return found


def _readings(
    kind: "Kind",
    resps: Responses,
    docs: Sequence[Row],
    options: Callable[[Row], list[str]] | None = None,
) -> list[list[Any]]:
    from evalsuite.interop.lm_eval import readings

    return list(readings(resps, docs, kind=kind, options=options))


def _metrics(gold: str, results: Sequence[Any]) -> dict[str, float]:
    from evalsuite.interop.lm_eval import correct, no_answer

    (read,) = results
    return {"exact_match": correct([gold], [read]), "no_answer": no_answer([gold], [read])}

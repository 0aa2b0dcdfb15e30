r"""Graders of other projects behind one signature, run by `grading_peers.py`.

A grader is a function that is called once, imports what it needs, and returns a function of a case:
(gold, response, letters) → whether the response is right. A file of your own may define more of
them in a dict `GRADERS`, in the same form as the one below; it needs nothing of evalsuite.

Run as a program, `peer_graders.py NAME [FILE]`, it answers each JSON line on stdin with
[right, CPU seconds]; with `--list [FILE]` it prints the graders whose packages are installed.
"""

import asyncio
import importlib.util
import json
import re
import resource
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple
from unittest import mock

Judge = Callable[[str, str, str], bool]
FREE = ("math", "numeric", "integer")


class Peer(NamedTuple):
    """The package to install, the kinds of answers it is for, and what makes its judge."""

    package: str
    kinds: tuple[str, ...]
    load: Callable[[], Judge]


def math_verify(*, boxed_first: bool = False) -> Judge:
    """math-verify as its README says; or boxes first and the thinking cut off, as many use it."""
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

    targets = [ExprExtractionConfig(), LatexExtractionConfig()]
    if boxed_first:
        targets = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]

    def judge(gold: str, response: str, _letters: str) -> bool:
        text = response.rpartition("</think>")[2] if boxed_first else response
        wanted = parse(f"${gold}$", extraction_config=targets)
        return bool(verify(wanted, parse(text, extraction_config=targets)))

    return judge


def math_verify_letters() -> Judge:
    """math-verify with its extraction of strings."""
    from math_verify import StringExtractionConfig, parse, verify

    def judge(gold: str, response: str, letters: str) -> bool:
        strings = StringExtractionConfig(strings=tuple(letters))
        read = parse(response, extraction_config=[strings])
        return bool(verify(parse(gold, extraction_config=[strings]), read))

    return judge


def lm_eval_minerva() -> Judge:
    """lm-eval's minerva_math, metric math_verify.

    Its module refuses every antlr but 4.11, for the sake of its other metric, which is left out.
    """
    with mock.patch("importlib.metadata.version", return_value="4.11"):
        from lm_eval.tasks.minerva_math import utils
    utils.is_equiv = lambda *_: False

    def judge(gold: str, response: str, _letters: str) -> bool:
        doc = {"solution": f"\\boxed{{{gold}}}", "answer": gold}
        return bool(utils.process_results(doc, [response])["math_verify"])

    return judge


def lm_eval_gsm8k() -> Judge:
    """lm-eval's gsm8k, filter flexible-extract, metric exact_match as its file has it."""
    from lm_eval.filters.extraction import RegexFilter

    flexible = RegexFilter(regex_pattern=r"(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1)

    def plain(text: str) -> str:
        for ignored in (",", r"\$", r"(?s).*#### ", r"\.$"):
            text = re.sub(ignored, "", text)
        return text.lower()

    def judge(gold: str, response: str, _letters: str) -> bool:
        return plain(flexible.apply([[response]], [{}])[0][0]) == plain(gold)

    return judge


def lm_eval_aime() -> Judge:
    """lm-eval's aime."""
    from lm_eval.tasks.aime.utils import process_results

    return lambda gold, response, _: bool(
        process_results({"answer": gold}, [response])["exact_match"]
    )


def lm_eval_gpqa() -> Judge:
    """lm-eval's gpqa_diamond_cot_zeroshot, filter flexible-extract."""
    from lm_eval.filters.extraction import MultiChoiceRegexFilter

    flexible = MultiChoiceRegexFilter(
        regex_pattern=r"(\([A-Z]\))", group_select=-1, ignore_case=True, ignore_punctuation=True
    )

    def judge(gold: str, response: str, letters: str) -> bool:
        # Without the options' texts, as most cases have none.
        doc = {"choices": [f"option {letter}" for letter in letters]}
        return flexible.apply([[response]], [doc])[0][0].strip("()").upper() == gold

    return judge


def inspect_math() -> Judge:
    """inspect_ai's `math` scorer: the two functions that it runs in its worker thread."""
    from inspect_ai.scorer import _math as scorer

    def judge(gold: str, response: str, _letters: str) -> bool:
        targets, problem = scorer._parse_targets_worker((gold,))  # noqa: SLF001
        if problem is not None:
            return False
        return bool(scorer._score_answer_worker(response, targets).status == "correct")  # noqa: SLF001

    return judge


def inspect_number() -> Judge:
    """inspect_ai's `match(numeric=True)`."""
    from inspect_ai.scorer._common import match_str

    return lambda gold, response, _: bool(match_str(response, gold, numeric=True)[1])


def inspect_choice() -> Judge:
    """inspect_ai's `multiple_choice` solver and `choice` scorer: "ANSWER: X"."""
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Target, choice
    from inspect_ai.solver import _multiple_choice as solver
    from inspect_ai.solver._task_state import TaskState

    scorer = choice()

    def judge(gold: str, response: str, letters: str) -> bool:
        state = TaskState(
            model="none/none",
            sample_id=1,
            epoch=1,
            input="?",
            messages=[],
            choices=list(letters),
            output=ModelOutput.from_content("none", response),
        )
        answers = solver.parse_answers(state, multiple_correct=False)
        solver.set_choices_based_on_generated_response(state, answers)
        return bool(asyncio.run(scorer(state, Target(gold))).value == "C")

    return judge


def lighteval(metric: str) -> Judge:
    """A generative metric of lighteval, `compute` on a document with the gold as its choice."""
    from lighteval.metrics.metrics import Metrics
    from lighteval.models.model_output import ModelResponse
    from lighteval.tasks.requests import Doc

    function = getattr(Metrics, metric).value.sample_level_fn
    if metric == "pass_at_k_math":
        function.k = function.n = 1

    def judge(gold: str, response: str, letters: str) -> bool:
        options, right = list(letters), gold
        if metric == "pass_at_k_math":
            right = f"${gold}$"
            options = [right]
        doc = Doc(query="?", choices=options, gold_index=options.index(right))
        return bool(function.compute(doc=doc, model_response=ModelResponse(text=[response])))

    return judge


def evalscope_math(*, whole: bool) -> Judge:
    """The metric `math_acc` on the *whole* output, or `acc` on what `extract_answer` finds."""
    from evalscope.metrics.math.parser import InvalidMathReference, compare_answers, extract_answer

    def judge(gold: str, response: str, _letters: str) -> bool:
        try:
            if whole:
                return bool(compare_answers(response, gold, prediction_mode="output").matched)
            return bool(compare_answers(extract_answer(response), gold).matched)
        except InvalidMathReference:
            return False

    return judge


def evalscope_choice() -> Judge:
    """Evalscope's `parse_answers` of its multiple-choice adapters."""
    from types import SimpleNamespace

    from evalscope.utils.multi_choices import parse_answers

    def judge(gold: str, response: str, letters: str) -> bool:
        state = SimpleNamespace(choices=list(letters), output=SimpleNamespace(completion=response))
        return bool(parse_answers(state, completion=response) == {gold})

    return judge


GRADERS: dict[str, Peer] = {
    "math-verify": Peer("math-verify", FREE, math_verify),
    "math-verify, boxed first": Peer("math-verify", FREE, lambda: math_verify(boxed_first=True)),
    "math-verify strings": Peer("math-verify", ("choice",), math_verify_letters),
    "lm-eval minerva_math": Peer("lm_eval", FREE, lm_eval_minerva),
    "lm-eval gsm8k": Peer("lm_eval", ("numeric", "integer"), lm_eval_gsm8k),
    "lm-eval aime": Peer("lm_eval", FREE, lm_eval_aime),
    "lm-eval gpqa": Peer("lm_eval", ("choice",), lm_eval_gpqa),
    "inspect_ai math": Peer("inspect_ai", FREE, inspect_math),
    "inspect_ai match": Peer("inspect_ai", ("numeric", "integer"), inspect_number),
    "inspect_ai choice": Peer("inspect_ai", ("choice",), inspect_choice),
    "lighteval math": Peer("lighteval", FREE, lambda: lighteval("pass_at_k_math")),
    "lighteval gpqa": Peer("lighteval", ("choice",), lambda: lighteval("gpqa_instruct_metric")),
    "evalscope math_acc": Peer("evalscope", FREE, lambda: evalscope_math(whole=True)),
    "evalscope acc": Peer("evalscope", FREE, lambda: evalscope_math(whole=False)),
    "evalscope choice": Peer("evalscope", ("choice",), evalscope_choice),
}


def graders(file: str | None) -> dict[str, Any]:
    """Ours, or those that *file* defines."""
    if file is None:
        return GRADERS
    spec = importlib.util.spec_from_file_location("own_graders", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Any] = module.GRADERS
    return found


def main() -> None:
    """List the graders that can run here, or be one."""
    name, file = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    known = graders(file)
    if name == "--list":
        print(json.dumps(dict(_installed(known))))
        return
    out, sys.stdout = sys.stdout, sys.stderr  # what the packages print must not mix with answers
    judge = known[name][2]()
    out.write("ready\n")
    out.flush()
    for line in sys.stdin:
        case = json.loads(line)
        began = _cpu_s()
        try:
            right = bool(judge(case["gold"], case["response"], case["letters"]))
        except Exception as error:  # noqa: BLE001 - a grader that raises has not accepted
            right = False
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        out.write(json.dumps([right, _cpu_s() - began]) + "\n")
        out.flush()


def _cpu_s() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def _installed(known: dict[str, Any]) -> Any:
    for name, (package, kinds, _) in known.items():
        try:
            yield name, {"package": package, "version": version(package), "kinds": kinds}
        except PackageNotFoundError:
            continue


if __name__ == "__main__":
    main()

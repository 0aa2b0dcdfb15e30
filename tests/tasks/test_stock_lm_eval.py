"""The same task files under stock lm-eval 0.4.13: same prompts, same scores."""

import importlib.metadata
from pathlib import Path

import pytest
import yaml

from evalsuite.grading import Grader
from evalsuite.model import Generation, Sampling
from evalsuite.questions import load_task, read_task, task_names
from evalsuite.resources import shipped

EXAMPLES = Path(__file__).parents[1] / "questions" / "data"
FIVE = ["aime_2024", "gpqa_diamond", "gsm8k", "math_500", "mmlu"]
# One right answer, one wrong, one with thinking, one cut off: per task, per question in order.
RESPONSES = {
    "aime_2024": ["<think>\n1024 - 999\n</think>\n\n\\boxed{25}", "So it is \\boxed{209}."],
    "gpqa_diamond": ["P = UI, so\nAnswer: D", "<think>\nIs it A? Answer: A"],
    "gsm8k": ["3 times 450 is \\boxed{1350}.", "I cannot tell."],
    "math_500": ["\\boxed{\\dfrac{3}{4}}", "\\boxed{-3}"],
    "mmlu": ["Answer: B", "Answer: A", "<think>\nhm\n</think>\nAnswer: B"],
}


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """lm-eval's own task objects: the five files, each with its rows from a local file."""
    from lm_eval.tasks import TaskManager

    folder = tmp_path_factory.mktemp("stock")
    for name in FIVE:
        spec = read_task(name)
        (rows,) = [one for one in EXAMPLES.glob(f"{name}*") if one.is_file()]
        local = {
            "include": str(spec.path),
            "dataset_path": rows.suffix[1:].replace("jsonl", "json"),
            "dataset_name": None,
            "dataset_kwargs": {
                "data_files": {spec.split: str(rows)},
                "cache_dir": str(folder / "cache"),
            },
        }
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(local))
    manager = TaskManager(include_path=folder, include_defaults=False)
    return manager.load(FIVE)["tasks"]


@pytest.fixture
def ours():
    """The same questions as evalsuite asks them."""
    sampling = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32768)
    return {
        name: load_task(name, repeats=1, sampling=sampling, data=EXAMPLES).questions
        for name in FIVE
    }


def answering(by_prompt):
    """An lm-eval model that gives fixed answers."""
    from lm_eval.api.model import LM

    class Fixed(LM):
        def generate_until(self, requests, disable_tqdm=False):
            return [by_prompt[request.args[0]].pop(0) for request in requests]

        def loglikelihood(self, requests, disable_tqdm=False):
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    return Fixed()


def test_it_is_the_pinned_lm_eval():
    """The used parts of lm-eval moved before; another version needs a look at them."""
    assert importlib.metadata.version("lm-eval") == "0.4.13"


def test_every_file_is_a_task_of_its_name():
    """File name and `task:` agree, and stock lm-eval finds all five in the folder."""
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=shipped("tasks"), include_defaults=False)

    assert manager.all_subtasks == task_names()


@pytest.mark.parametrize("name", FIVE)
def test_stock_lm_eval_asks_the_same(name, stock, ours):
    """Prompt, reference answer and sampling are the same in both."""
    task = stock[name]
    task.build_all_requests()

    prompts, sampling = zip(*[instance.args for instance in task.instances], strict=True)
    assert list(prompts) == [question.messages[0].content for question in ours[name]]
    assert [task.doc_to_target(one.doc) for one in task.instances] == [
        question.gold for question in ours[name]
    ]
    assert sampling[0] == {
        "until": [], "max_gen_toks": 32768, "do_sample": True, "temperature": 0.6, "top_p": 0.95,
    }  # fmt: skip


def test_stock_lm_eval_scores_the_same(stock, ours):
    """Equal responses get equal scores from `lm_eval` and from evalsuite, item by item."""
    from lm_eval import evaluate

    by_prompt = {}
    for name, questions in ours.items():
        for question, text in zip(questions, RESPONSES[name], strict=True):
            by_prompt.setdefault(question.messages[0].content, []).append(text)

    result = evaluate(lm=answering(by_prompt), task_dict=stock, bootstrap_iters=0)

    with Grader() as grader:
        for name, questions in ours.items():
            outcomes = [
                grader.grade(question, Generation(text=text, finish_reason="stop")).outcome
                for question, text in zip(questions, RESPONSES[name], strict=True)
            ]
            samples = sorted(result["samples"][name], key=lambda sample: sample["doc_id"])
            for metric, outcome in [("exact_match", "correct"), ("no_answer", "no_answer")]:
                expected = [float(one == outcome) for one in outcomes]
                assert [sample[metric] for sample in samples] == expected
                mean = sum(expected) / len(expected)
                assert result["results"][name][f"{metric},none"] == pytest.approx(mean)
            assert "correct" in outcomes

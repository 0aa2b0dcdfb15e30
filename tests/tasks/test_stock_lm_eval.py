"""The same task files under stock lm-eval 0.4.13: same prompts, same scores."""

import importlib.metadata
import json
import pickle
from pathlib import Path

import pytest
import yaml

from evalsuite.grading import Grader
from evalsuite.interop.lm_eval import readings, scores
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
                assert result["results"][name][f"{metric},evalsuite"] == pytest.approx(mean)
            assert "correct" in outcomes


OTHERS = """
task: mine
dataset_path: json
dataset_kwargs: {{data_files: {{test: {rows}}}, cache_dir: {cache}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: []}}
repeats: 2
filter_list:
  - name: evalsuite
    filter:
      - {{function: custom, filter_fn: !function evalsuite.interop.lm_eval.read_math}}
metric_list:
  - metric: !function evalsuite.interop.lm_eval.correct
    aggregation: mean
    higher_is_better: true
  - metric: !function evalsuite.interop.lm_eval.no_answer
    aggregation: mean
    higher_is_better: false
"""


def test_any_task_file_may_name_the_filters_and_metrics(tmp_path):
    """Another's task file: what was read is in lm-eval's samples, and every repeat counts."""
    from lm_eval import evaluate
    from lm_eval.tasks import TaskManager

    rows = [
        {"question": "one?", "answer": r"\frac{1}{2}"},
        {"question": "two?", "answer": r"\text{even}"},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "mine.yaml").write_text(
        OTHERS.format(rows=tmp_path / "rows.jsonl", cache=tmp_path / "cache")
    )
    tasks = TaskManager(include_path=tmp_path, include_defaults=False).load(["mine"])["tasks"]
    texts = {
        "one?": [r"<think>\boxed{2}</think>\boxed{0.5}", "The answer is 3."],
        "two?": ["<think>even", r"So it is \boxed{Even}."],
    }
    result = evaluate(lm=answering(texts), task_dict=tasks, bootstrap_iters=0)
    samples = sorted(result["samples"]["mine"], key=lambda sample: sample["doc_id"])
    assert [sample["filtered_resps"] for sample in samples] == [[["0.5", "3"]], [["", "Even"]]]
    assert [sample["correct"] for sample in samples] == [0.5, 0.5]
    assert result["results"]["mine"]["no_answer,evalsuite"] == 0.25


def test_stock_lm_eval_runs_from_its_own_front_door(tmp_path):
    """`simple_evaluate` with lm-eval's own dummy model, its task manager and our folder."""
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    local = {
        "include": str(read_task("gsm8k").path),
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {
            "data_files": {"test": str(EXAMPLES / "gsm8k_test.jsonl")},
            "cache_dir": str(tmp_path / "cache"),
        },
        "repeats": 3,
    }
    (tmp_path / "gsm8k.yaml").write_text(yaml.safe_dump(local))
    result = simple_evaluate(
        model="dummy",
        tasks=["gsm8k"],
        task_manager=TaskManager(include_path=str(tmp_path), include_defaults=False),
        bootstrap_iters=0,
    )
    assert result["results"]["gsm8k"]["exact_match,evalsuite"] == 0.0
    assert result["results"]["gsm8k"]["no_answer,evalsuite"] == 1.0
    assert len(result["samples"]["gsm8k"][0]["filtered_resps"][0]) == 3


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("math", r"<think>\boxed{1}</think>So \boxed{\frac{1}{2}}."),
        ("math", "The final answer is $x^2$."),
        ("integer", "<think>5"),
        ("numeric", "18 - 3 = 15, so she has 15 dollars."),
        ("choice", "Answer: C"),
        ("choice", "It is A or B."),
    ],
)
def test_a_filter_shows_what_the_grader_reads(kind, response):
    """The text in lm-eval's log is the answer of the score, and travels between processes."""
    (reading,) = readings([[response]], [{}], kind=kind)[0]
    (score,) = scores("7", [pickle.loads(pickle.dumps(reading))])
    assert (score.answer or "") == (reading if len(reading) != 2 or kind != "choice" else "")

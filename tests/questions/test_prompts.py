"""The prompts, to the letter: DeepSeek-R1's published protocol on rows of our own."""

import random

import pytest

DIRECTIVE = "\nPlease reason step by step, and put your final answer within \\boxed{}."
# openai/simple-evals, common.py, QUERY_TEMPLATE_MULTICHOICE (its leading newline stripped there)
SIMPLE_EVALS = (
    "Answer the following multiple choice question. The last line of your response should be of "
    "the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of ABCD. Think "
    "step by step before answering.\n\n"
)
GOLDEN = {
    "mmlu": SIMPLE_EVALS + "Which of these is a prime number?\n\nA) 21\nB) 23\nC) 25\nD) 27",
    "gsm8k": "Ada packs 3 crates with 450 pears each. How many pears does she pack?" + DIRECTIVE,
    "aime_2024": "Find the remainder when $2^{10}$ is divided by $999$." + DIRECTIVE,
    "math_500": "Simplify $\\frac{6}{8}$." + DIRECTIVE,
    # the order of `printf 'recInvented1:Incorrect Answer 1' | sha256sum` and so on
    "gpqa_diamond": SIMPLE_EVALS
    + "A lamp takes 2 A at 12 V.\nWhat is its power?\n\nA) 10 W\nB) 14 W\nC) 6 W\nD) 24 W",
}


@pytest.mark.parametrize("task", GOLDEN)
def test_the_prompt_is_the_published_one(task, load, examples):
    """One user message, no system prompt, the published words."""
    question = load(task, data=examples).questions[0]

    assert [message.role for message in question.messages] == ["user"]
    assert question.messages[0].content == GOLDEN[task]


@pytest.mark.parametrize(
    ("task", "kind", "golds"),
    [
        ("mmlu", "choice", ["B", "C", "B"]),
        ("gsm8k", "numeric", ["1,350", "28"]),
        ("aime_2024", "integer", ["025", "210"]),
        ("math_500", "math", ["\\frac{3}{4}", "3"]),
    ],
)
def test_the_gold_is_what_the_data_set_writes(task, kind, golds, load, examples):
    """Reference answers are kept as written; an option's index becomes its letter."""
    loaded = load(task, data=examples)

    assert [question.gold for question in loaded.questions] == golds
    assert {question.kind for question in loaded.questions} == {loaded.info.kind} == {kind}


def test_gpqa_shows_the_correct_option_under_the_gold_letter(load, examples):
    """The stored options are in the order shown, and the letter points to the correct one."""
    questions = load("gpqa_diamond", data=examples).questions

    shown = [one.choices["ABCD".index(one.gold)] for one in questions]
    assert shown == ["24 W", "carbon dioxide"]
    for one in questions:
        assert all(
            f"{letter}) {text}" in one.messages[0].content
            for letter, text in zip("ABCD", one.choices, strict=True)
        )


def test_gpqa_order_depends_on_the_question_alone(load, examples, tmp_path):
    """Other rows, another order of rows, a limit and the global generator change nothing."""
    rows = (examples / "gpqa_diamond.csv").read_text().partition("\nrecInvented2")
    header = rows[0].partition("\n")[0]
    (tmp_path / "gpqa_diamond.csv").write_text(f"{header}{rows[1]}{rows[2]}")
    random.seed(1)
    whole = {one.id: one for one in load("gpqa_diamond", data=examples).questions}
    random.seed(2)

    (alone,) = load("gpqa_diamond", data=tmp_path).questions

    assert alone == whole["recInvented2"]

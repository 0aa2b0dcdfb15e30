"""The real benchmark items load through the five task files (counts and structure only)."""

import time
from collections import Counter

import pytest

pytestmark = pytest.mark.shared


@pytest.fixture
def benchmarks(shared, monkeypatch):
    """The folder of real items, with the password that its README publishes."""
    readme = (shared / "data" / "README.md").read_text(encoding="utf-8")
    monkeypatch.setenv(
        "EVALSUITE_GPQA_PASSWORD", readme.partition("README (`")[2].partition("`")[0]
    )
    return shared / "data" / "benchmarks"


@pytest.mark.parametrize(
    ("task", "count"),
    [
        ("mmlu", 14_042),
        ("gsm8k", 1_319),
        ("aime_2024", 30),
        ("gpqa_diamond", 198),
        ("math_500", 500),
    ],
)
def test_the_whole_benchmark_loads(task, count, load, benchmarks):
    """All items are there, each with its own id, a gold and a prompt that ends as it should."""
    loaded = load(task, data=benchmarks)

    assert loaded.info.questions == len(loaded.questions) == count
    assert len({question.id for question in loaded.questions}) == count
    assert all(question.gold for question in loaded.questions)
    assert not loaded.info.synthetic


def test_mmlu_has_its_57_subjects_and_keeps_duplicates(load, benchmarks):
    """The test split has 57 subjects; items that occur twice are two questions."""
    questions = load("mmlu", data=benchmarks).questions

    assert len({question.subject for question in questions}) == 57
    assert len({(question.messages, question.choices) for question in questions}) < len(questions)


def test_gpqa_letters_are_spread(load, benchmarks):
    """The hashed order puts the correct option about equally often under each letter."""
    letters = Counter(one.gold for one in load("gpqa_diamond", data=benchmarks).questions)

    assert set(letters) == set("ABCD")
    assert min(letters.values()) > 198 / 4 - 20  # 3 standard deviations of a fair draw are 18


def test_aime_golds_are_integers(load, benchmarks):
    """AIME answers are integers from 0 to 999, kept with their leading zeros."""
    golds = [one.gold for one in load("aime_2024", data=benchmarks).questions]

    assert all(gold.isdecimal() and 0 <= int(gold) <= 999 for gold in golds)
    assert any(gold.startswith("0") for gold in golds)


def test_mmlu_loads_in_well_under_two_seconds(load, benchmarks):
    """14,042 questions from a file cost less than two seconds of CPU."""
    start = time.process_time()
    load("mmlu", data=benchmarks)

    assert time.process_time() - start < 2.0

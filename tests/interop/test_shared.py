"""Real responses: they import, are graded, and compare."""

import json

import pytest

from evalsuite.comparison import compare
from evalsuite.model import Key
from evalsuite.runs.folder import open_run

pytestmark = pytest.mark.shared
FULL, COMPRESSED = "atts/kv_full", "atts/kv_compress_b256_r0.5"


def rows_of(file, run):
    """The rows of *run* by key, read without evalsuite."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {
        Key(file.stem, row["item_id"], row["sample"] or 0): row for row in rows if row["run"] == run
    }


@pytest.mark.parametrize(
    ("task", "run", "disagree"),
    [
        ("aime_2024", "r1_full", 0),
        ("gsm8k", "r1_gsm8k", 0),
        ("gsm8k", "zh_qwen25math_cot", 0),
        ("math_500", FULL, 0),
        ("math_500", "fom_raw_base_pass@1_seed42", 0),
        # Gemma's thought channel: a letter after prose that our rules do not read as an answer.
        ("mmlu_pro", "toby_mmlupro_seed0", 1),
    ],
)
def test_our_grades_agree_with_the_labels(shared, imported, task, run, disagree):
    """Rows whose label depends on policy (null) are left out; the rest nearly all agree."""
    file = shared / "data" / "traces" / f"{task}.jsonl"
    labels = {key: row["label_ours"] for key, row in rows_of(file, run).items()}
    done = imported(file, select={"run": frozenset({run})})

    with open_run(done.path) as opened:
        right = {draw.key: draw.outcome == "correct" for draw in opened.store.draws()}

    assert right.keys() == labels.keys()
    others = [key for key, label in labels.items() if label not in (None, right[key])]
    assert len(others) <= disagree, others


def test_the_outcomes_of_a_model_compare(shared, imported):
    """R1-Distill-Llama-8B with a full and a compressed KV cache: the flips are the file's."""
    file = shared / "data" / "outcomes" / "math_500_r1_distill_llama_8b_kv_runs.jsonl"
    correct = [
        {key: row["correct"] for key, row in rows_of(file, run).items()}
        for run in (FULL, COMPRESSED)
    ]
    pairs = [(correct[0][key], correct[1][key]) for key in correct[0]]

    (found,) = compared(imported, file).benchmarks

    assert found.questions == 44
    assert found.pairs == len(pairs) == 704
    assert found.flips.lost == sum(bool(a) and not b for a, b in pairs)
    assert found.flips.won == sum(bool(b) and not a for a, b in pairs)


def test_the_texts_of_a_model_compare(shared, imported):
    """The same two runs from their texts, four samples a question, graded here."""
    (found,) = compared(imported, shared / "data" / "traces" / "math_500.jsonl").benchmarks

    assert (found.questions, found.pairs) == (44, 176)
    assert found.missing.only_baseline == found.missing.only_candidate == 0


def compared(imported, file):
    """The comparison of the two runs in *file*."""
    runs = [
        imported(file, name=name, select={"run": frozenset({run})}, task="math_500", model="R1-8B")
        for name, run in (("full", FULL), ("compressed", COMPRESSED))
    ]
    with open_run(runs[0].path) as baseline, open_run(runs[1].path) as candidate:
        return compare(baseline, candidate)

"""Outcomes of real models, whose truth is known: one model twice, and one that was changed.

The figures are those that the data's own analysis found, by another program.
"""

import json
from collections import defaultdict

import numpy as np
import pytest

from evalsuite.stats.decide import formal_state
from evalsuite.stats.paired import paired_counts

pytestmark = pytest.mark.shared

MATH = "math_500_r1_distill_llama_8b_kv_runs.jsonl"
GPQA = "gpqa_diamond_r1_distill_llama_70b_groq.jsonl"


def outcomes(shared, file, run):
    """Question → its outcomes in *run*; what could not be read counts as wrong."""
    found = defaultdict(list)
    for line in (shared / "data" / "outcomes" / file).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["run"] == run:
            found[row["item_id"]].append(bool(row["correct"]))
    return found


def paired(shared, file, one, other):
    ours, theirs = outcomes(shared, file, one), outcomes(shared, file, other)
    both = sorted(ours.keys() & theirs.keys())
    assert all(len(ours[name]) == len(theirs[name]) for name in both)
    right = [np.asarray([sum(run[name]) for name in both]) for run in (ours, theirs)]
    return paired_counts(*right, np.asarray([len(ours[name]) for name in both]))


def test_two_plain_runs_read_as_noise(shared):
    """R1-Distill-Llama-8B twice, 44 questions × 16: −1.70 [−4.91, +1.49], nothing found."""
    counts = paired(shared, MATH, "atts/kv_full", "atts/kv_full_other_env")
    assert 100 * counts.difference == pytest.approx(-1.70, abs=0.005)
    assert [100 * end for end in counts.interval(0.90)] == pytest.approx([-4.91, 1.49], abs=0.005)
    assert counts.pairs == pytest.approx(704)


def test_the_compressed_cache_is_found(shared):
    """A compressed KV cache with CUDA graphs: −5.97 [−9.23, −2.72], worse by more than 2 points."""
    counts = paired(shared, MATH, "atts/kv_full", "atts/kv_compress_cudagraph_b256_r0.5")
    low, high = counts.interval(0.90)
    assert 100 * counts.difference == pytest.approx(-5.97, abs=0.005)
    assert [100 * low, 100 * high] == pytest.approx([-9.23, -2.72], abs=0.005)
    assert formal_state(low, high, margin=0.02) == "inferior"


def test_one_model_twice_on_gpqa_reads_as_noise(shared):
    """R1-Distill-Llama-70B twice: 35 of 198 answers flip, and the two are not told apart."""
    counts = paired(shared, GPQA, "groq_run1", "groq_run2_first")
    low, high = counts.interval(0.95)
    assert (counts.gains, counts.losses, counts.pairs) == (19, 16, 198)
    assert low < 0 < high
    assert formal_state(*counts.interval(0.90), margin=0.03) == "inconclusive"


def test_another_model_on_gpqa_is_told_apart(shared):
    """Gemini is better than that model by 19 points, on the same 198 questions."""
    counts = paired(shared, GPQA, "groq_run1", "gemini_flash_thinking")
    assert (counts.gains, counts.losses) == (43, 6)
    assert counts.interval(0.95)[0] > 0.10

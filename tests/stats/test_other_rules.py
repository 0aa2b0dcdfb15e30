"""Where NeMo-Evaluator's comparison goes wrong, beside ours on the same answers.

Its rules, and TensorRT-LLM's and lm-eval's, are written anew in `benchmarks/other_rules.py`;
`benchmarks/rules_simulation.py` compares them all.
"""

import numpy as np
import pytest

from evalsuite.stats.decide import formal_state
from evalsuite.stats.paired import paired_counts

FIVE = [(14_042, 1, 0.01), (1_319, 2, 0.01), (500, 2, 0.02), (198, 10, 0.03), (30, 46, 0.03)]


def verdict(right_a, right_b, draws, margin):
    return formal_state(*paired_counts(right_a, right_b, draws).interval(0.90), margin=margin)


def with_flips(flips, questions):
    """As many lost as gained, one draw each; the others right in both."""
    right = np.ones((2, questions), dtype=int)
    right[0, : flips // 2] = right[1, flips // 2 : flips] = 0
    return right[0], right[1], np.ones(questions, dtype=int)


@pytest.mark.parametrize(
    ("flips", "max_drop", "said"),
    [
        (782, 0.05, "undecided"),
        (784, 0.05, "pass"),
        (19_598, 0.01, "undecided"),
        (19_600, 0.01, "pass"),
    ],
)
def test_nemo_needs_hundreds_of_flips_to_pass_what_never_dropped(simulation, flips, max_drop, said):
    """It compares a share of flips with a drop of the score: 784 flips at 5 points, 19,600 at 1."""
    data = with_flips(flips, 100_000)
    assert simulation("other_rules").nemo_compare(*data, max_drop=max_drop) == said
    assert verdict(*data, max_drop) == "equivalent"


@pytest.mark.parametrize(("questions", "repeats", "margin"), FIVE)
def test_nemo_cannot_pass_an_unchanged_model_on_any_of_the_five(
    simulation, questions, repeats, margin
):
    """No drop at all, one pass, R1's rate of flips: inconclusive five times.

    Ours decides wherever the planned draws are there.
    """
    flips = {14_042: 820, 1_319: 48, 500: 20, 198: 34, 30: 4}[questions]
    data = with_flips(flips, questions)
    assert simulation("other_rules").nemo_compare(*data, max_drop=margin) == "undecided"
    rates = np.concatenate([np.full(flips, 0.5), np.ones(questions - flips)])
    draws = np.full(questions, repeats * 2)
    right = (rates * draws).astype(int)
    assert verdict(right, right, draws, margin) == "equivalent"


def test_nemo_passes_a_collapse_from_all_to_a_quarter(simulation):
    """Four draws, always right before, right once in four now: no flip by any-of-four, so PASS."""
    draws = np.full(198, 4)
    data = draws, np.ones(198, dtype=int), draws
    assert simulation("other_rules").nemo_compare(*data, max_drop=0.01) == "pass"
    assert verdict(*data, 0.01) == "inferior"


def test_an_unpaired_rule_passes_a_loss_of_three_times_the_margin(simulation):
    """GSM8K, 50 lost and 10 gained, 3.0 points: TensorRT-LLM fails from 3.2 points on."""
    right = np.ones((2, 1_319), dtype=int)
    right[0, :10] = right[1, 10:60] = 0
    data = right[0], right[1], np.ones(1_319, dtype=int)
    assert simulation("other_rules").tensorrt_llm(*data) == "pass"
    assert verdict(*data, 0.01) == "inferior"


def test_nemos_gate_is_sounder_than_its_comparison(simulation):
    """It asks an interval; but where nothing varies it claims to know everything."""
    rules = simulation("other_rules")
    draws = np.ones(30, dtype=int)
    assert rules.nemo_gate(draws, draws, draws, max_drop=0.03) == "pass"
    assert verdict(draws, draws, draws, 0.03) == "inconclusive"


def test_the_rules_are_simulated_side_by_side(simulation):
    """Twenty AIMEs: six rules on one pass and three on the plan, each given the same answers."""
    sides = simulation("rules_simulation")
    found = sides.simulate(sides.SIZES[4:], 20, 5, processes=1)
    names = {rule for _, rule, _ in found}
    assert len(names) == 9
    assert all(tally.said.total() == 20 for tally in found.values())
    assert found["AIME 2024", "evalsuite, planned", 0.0].said["pass"] >= 15
    assert found["AIME 2024", "TensorRT-LLM, one pass", -2.0].said["pass"] >= 19

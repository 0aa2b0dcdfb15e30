"""How other harnesses decide whether a candidate lost accuracy, as functions of right draws.

Written anew from their public sources, in their terms, so that they can be asked about the same
data as ours: NVIDIA/TensorRT-LLM tests/integration/defs/accuracy/accuracy_core.py (00c11460),
EleutherAI/lm-evaluation-harness scripts/model_comparator.py (1c62da1d), NVIDIA-NeMo/Evaluator
engine/comparison.py and metrics/paired_tests.py (`nel compare`, 3572102c) and engine/gate.py
(`nel gate`, 22292f49). They are no part of the package.

All take right draws of the baseline and the candidate and the draws, one entry per question, and
say *pass*, *fail* or *undecided*.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from scipy.stats import t as student

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Said = Literal["pass", "fail", "undecided"]

ALPHA, BETA = 0.05, 0.20
SIGMA = 50.0  # points: the worst case of one answer
POWER_FACTOR = 2.8  # NeMo-Evaluator's z_α + z_β
PERMUTATIONS = 10_000


def tensorrt_llm_theta(questions: int) -> float:
    """The minimum detectable effect in points, as TensorRT-LLM reports it."""
    return -float(norm.ppf(ALPHA) + norm.ppf(BETA)) * math.sqrt(2 * SIGMA**2 / questions)


def tensorrt_llm_threshold(reference: float, questions: int) -> float:
    """The accuracy in points below which TensorRT-LLM fails."""
    return reference + float(norm.ppf(ALPHA)) * math.sqrt(2 * SIGMA**2 / questions)


def tensorrt_llm(right_a: Counts, right_b: Counts, draws: Counts) -> Said:
    """One score against a stored one: a z-test of two independent samples, σ = 50."""
    reference, score = (100 * float(np.mean(right / draws)) for right in (right_a, right_b))
    return "pass" if score >= tensorrt_llm_threshold(reference, len(draws)) else "fail"


def lm_eval(right_a: Counts, right_b: Counts, draws: Counts) -> Said:
    """model_comparator's unpaired, two-sided z-test of two means over documents.

    Its tick means p > α. Here a significant gain passes, too.
    """
    means = [right / draws for right in (right_a, right_b)]
    errors = [float(np.std(mean, ddof=1)) / math.sqrt(len(draws)) for mean in means]
    apart = float(np.mean(means[0])) - float(np.mean(means[1]))
    if apart <= 0:
        return "pass"
    error = math.hypot(*errors)
    p = 2 * float(norm.sf(apart / error)) if error > 0 else 0.0
    return "pass" if p > ALPHA else "fail"


def nemo_compare(right_a: Counts, right_b: Counts, draws: Counts, *, max_drop: float) -> Said:
    """`nel compare --max-drop`: PASS is *pass*, WARN and BLOCK are *fail*, else INCONCLUSIVE.

    McNemar's exact test where every question's mean is 0 or 1, else a permutation test of the
    means; the flips that tell whether it is underpowered count a question as right if any of its
    draws is.
    """
    lost = int(np.sum((right_a > 0) & (right_b == 0)))
    gained = int(np.sum((right_a == 0) & (right_b > 0)))
    drops = right_a / draws - right_b / draws
    binary = bool(np.isin([right_a / draws, right_b / draws], (0.0, 1.0)).all())
    if lost + gained == 0:
        return "pass"
    # Its effect size tells BLOCK from WARN only, which both are *fail* here.
    p = _binomial(lost, lost + gained) if binary else _permutation(drops)
    if p < ALPHA:
        return "fail"
    detectable = POWER_FACTOR / math.sqrt(lost + gained)
    return "undecided" if detectable > 2 * max_drop else "pass"


def nemo_gate(right_a: Counts, right_b: Counts, draws: Counts, *, max_drop: float) -> Said:
    """`nel gate`: the 95 % t interval of the mean difference of the questions' means."""
    differences = (right_b - right_a) / draws
    n = len(differences)
    if n < 10:
        return "undecided"
    reach = float(student.ppf(0.975, n - 1)) * float(np.std(differences, ddof=1)) / math.sqrt(n)
    damage = -float(np.mean(differences))
    if damage - reach > max_drop:
        return "fail"
    return "pass" if damage + reach <= max_drop else "undecided"


def _binomial(lost: int, flips: int) -> float:
    if flips == 0:
        return 1.0
    return float(binomtest(lost, flips, 0.5, alternative="greater").pvalue)


def _permutation(drops: Floats) -> float:
    """One-sided, signs exchanged. Questions without a drop or gain add nothing to any sum."""
    moved = drops[drops != 0]
    signs = np.random.default_rng(42).choice([-1.0, 1.0], size=(PERMUTATIONS, len(moved)))
    reached = int(np.sum(signs @ moved >= float(np.sum(moved)) - 1e-9))
    return (reached + 1) / (PERMUTATIONS + 1)

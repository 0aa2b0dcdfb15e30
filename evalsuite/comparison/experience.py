"""What is known of a benchmark before it is asked: from earlier runs, else planning values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalsuite.runs.folder import Run
from evalsuite.runs.hits import hits_of
from evalsuite.runs.plan import OTHER_TOKENS, PRIOR_TOKENS
from evalsuite.stats.planning import WITHIN_SHARE, planning_discordance
from evalsuite.stats.sizes import blinded_discordance

# So that a plan needs no download: the sizes of the public test sets.
PUBLIC_QUESTIONS = {
    "mmlu": 14_042,
    "gsm8k": 1_319,
    "math_500": 500,
    "gpqa_diamond": 198,
    "aime_2024": 30,
}
# DeepSeek-R1's FP8 column on https://huggingface.co/nvidia/DeepSeek-R1-FP4; the protocol and the
# number of passes are not stated there.
CARD_FP8 = {
    "mmlu": 0.908,
    "gsm8k": 0.963,
    "math_500": 0.954,
    "gpqa_diamond": 0.697,
    "aime_2024": 0.800,
}
CARD_FP4 = {
    "mmlu": 0.907,
    "gsm8k": 0.961,
    "math_500": 0.942,
    "gpqa_diamond": 0.692,
    "aime_2024": 0.800,
}
# Where nothing is known of a task: the accuracy at which flips are most frequent.
OTHER_ACCURACY = 0.5
PLANNING_VALUE = "planning value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan takes for granted of one task; each `_from` names runs or a planning value.

    `discordance` (ψ): how often a draw of one arm is right and one of the other is wrong.
    `tokens`: of one answer.
    """

    accuracy: float
    discordance: float
    tokens: float
    accuracy_from: str
    discordance_from: str
    tokens_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Output tokens an engine makes in a second while it has work; None if nobody knows."""

    arm: str
    tokens_per_s: float | None
    source: str


def basis_of(task: str, runs: Sequence[Run]) -> Basis:
    """What *runs* tell of *task*, all together and without asking which arm is which.

    ψ comes from draws of the same question, whosever they are, so two single passes of two arms
    or two repeats of one are enough. Where a run cannot tell, planning values stand in and are
    named as such: the model card's accuracies, `WITHIN_SHARE` and DeepSeek-R1's usual lengths.
    """
    draws = [list(run.store.draws(task)) for run in runs]
    together = [draw for own in draws for draw in own]
    tokens = [draw.output_tokens for draw in together if draw.output_tokens is not None]
    measured = ", ".join(run.info.id for run, own in zip(runs, draws, strict=True) if own)
    hits = hits_of(together).values()
    right = np.asarray([one.right for one in hits], dtype=np.int64)
    counts = np.asarray([one.draws for one in hits], dtype=np.int64)
    accuracy = float(np.mean(right / counts)) if hits else CARD_FP8.get(task, OTHER_ACCURACY)
    discordance = blinded_discordance(right, counts) if hits else None
    return Basis(
        accuracy=accuracy,
        discordance=planned_discordance(accuracy, len(hits))
        if discordance is None
        else discordance,
        tokens=sum(tokens) / len(tokens) if tokens else PRIOR_TOKENS.get(task, OTHER_TOKENS),
        accuracy_from=measured or PLANNING_VALUE,
        discordance_from=measured
        if discordance is not None
        else f"{PLANNING_VALUE}, w = {WITHIN_SHARE}",
        tokens_from=measured if tokens else PLANNING_VALUE,
    )


def planned_discordance(accuracy: float, questions: int) -> float:
    """ψ by the planning share of an *accuracy*; one seen over few *questions* is never certain."""
    seen = (accuracy * questions + 0.5) / (questions + 1) if questions else accuracy
    return planning_discordance(seen)


def speed_of(arm: str, run: Run | None, named: float | None) -> Speed:
    """What *named* says, else what the arm's earlier *run* made in the time it was busy."""
    if named is not None:
        return Speed(arm=arm, tokens_per_s=named, source="named")
    if run is None:
        return Speed(arm=arm, tokens_per_s=None, source="unknown")
    tokens, busy_s, end = 0, 0.0, -np.inf
    for asked_at, latency_s, count in run.store.spans():
        tokens += count
        busy_s += max(asked_at + latency_s - max(asked_at, end), 0.0)
        end = max(end, asked_at + latency_s)
    if not tokens or busy_s <= 0:
        return Speed(arm=arm, tokens_per_s=None, source="unknown")
    return Speed(arm=arm, tokens_per_s=tokens / busy_s, source=run.info.id)


def stored_draws(runs: Mapping[str, Run]) -> dict[tuple[str, str], int]:
    """(arm, task) → answers that need not be asked again."""
    found: Counter[tuple[str, str]] = Counter()
    for arm, run in runs.items():
        for key in run.store.answered():
            found[arm, key.task] += 1
    return dict(found)

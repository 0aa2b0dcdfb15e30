"""Six decision rules asked about the same simulated answers: who errs, how often, for what price.

Three candidates: as good as the baseline, worse by the margin, worse by twice the margin. First
one pass over every benchmark, as model cards and most gates have it; then the draws that our plan
asks for (w = 0.45), with which our rule and NeMo-Evaluator's, which know repeats, decide. Cells
are pass / fail / undecided in percent. Passing a candidate at the margin or worse is an error, and
so is failing an equal one.

    python benchmarks/rules_simulation.py --trials 2000 --jobs 16
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from other_rules import Said, lm_eval, nemo_compare, nemo_gate, tensorrt_llm
from simulated_arms import SIZES, Arms, Counts, Size, arms, chunks, spread, table
from simulated_looks import Asking, End, asked, plan_of, until_decided

from evalsuite.stats.decide import LEVEL_90, formal_state
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.planning import WITHIN_SHARE, pairs_needed
from evalsuite.stats.stopping import Stop

Rule = Callable[[Counts, Counts, Counts], Said]
TRUTHS = (0.0, -1.0, -2.0)
TRUE_SHARE = 0.35
TRIALS_PER_JOB = 50
TENSORRT_LLM_MOST = 4_096  # its MMLU
SAID: dict[Stop | None, Said] = {
    "holds": "pass",
    "worse": "fail",
    "futile": "undecided",
    None: "undecided",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some trials of one benchmark under one truth."""

    size: Size
    truth: float
    trials: int
    seed: tuple[int, ...]


@dataclass(kw_only=True)
class Tally:
    """What a rule said, and the pairs of draws it was given."""

    said: Counter[Said]
    pairs: float = 0.0


Key = tuple[str, str, float]


def main() -> None:
    """Print one table per benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200, help="simulated runs per setting")
    parser.add_argument("--seed", type=int, default=20_250_120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    started = time.monotonic()
    found = simulate(SIZES, options.trials, options.seed, options.jobs)
    print(shown(found, options.trials))
    print(f"\n{options.trials} runs per setting, {time.monotonic() - started:.0f} s")


def simulate(sizes: Sequence[Size], trials: int, seed: int, processes: int) -> dict[Key, Tally]:
    """What every rule said of every benchmark and truth."""
    jobs = [
        Job(size=size, truth=truth, trials=some, seed=(seed, size.questions, place, number))
        for size in sizes
        for place, truth in enumerate(TRUTHS)
        for number, some in enumerate(chunks(trials, TRIALS_PER_JOB))
    ]
    found: dict[Key, Tally] = {}
    for job, tallies in zip(jobs, spread(run, jobs, processes), strict=True):
        for rule, tally in tallies.items():
            whole = found.setdefault((job.size.title, rule, job.truth), Tally(said=Counter()))
            whole.said += tally.said
            whole.pairs += tally.pairs
    return found


def run(job: Job) -> dict[str, Tally]:
    """Draw both sizes of data and ask every rule."""
    chance = np.random.default_rng(job.seed)
    truth = arms(job.size, TRUE_SHARE, job.truth * job.size.margin, chance)
    planned = round(pairs_needed(job.size.discordance(WITHIN_SHARE), job.size.margin))
    found: dict[str, Tally] = {}

    def note(name: str, said: Said, pairs: float) -> None:
        tally = found.setdefault(name, Tally(said=Counter()))
        tally.said[said] += 1
        tally.pairs += pairs

    for _ in range(job.trials):
        for label, pairs, rules in (
            ("one pass", job.size.questions, ONE_PASS),
            ("planned", planned, PLANNED),
        ):
            data = drawn(truth, pairs, chance)
            for name, rule in rules.items():
                some = slice(TENSORRT_LLM_MOST) if name == "TensorRT-LLM" else slice(None)
                said = rule(job.size.margin)(*(array[some] for array in data))
                note(f"{name}, {label}", said, int(np.sum(data[2][some])))
        end = sequential(truth, job.size, chance)
        note("evalsuite --until-decided", SAID[end.stop], end.pairs)
    return found


def ours(margin: float) -> Rule:
    """The verdict of `evalsuite compare`."""

    def rule(right_a: Counts, right_b: Counts, draws: Counts) -> Said:
        low, high = paired_counts(right_a, right_b, draws).interval(LEVEL_90)
        state = formal_state(low, high, margin=margin)
        words: dict[str, Said] = {"inferior": "fail", "inconclusive": "undecided"}
        return words.get(state, "pass")

    return rule


ONE_PASS: dict[str, Callable[[float], Rule]] = {
    "TensorRT-LLM": lambda _: tensorrt_llm,
    "lm-eval model_comparator": lambda _: lm_eval,
    "NeMo-Evaluator compare": lambda margin: partial(nemo_compare, max_drop=margin),
    "NeMo-Evaluator gate": lambda margin: partial(nemo_gate, max_drop=margin),
    "evalsuite": ours,
}
PLANNED = {name: ONE_PASS[name] for name in list(ONE_PASS)[2:]}


def drawn(truth: Arms, pairs: int, chance: np.random.Generator) -> tuple[Counts, Counts, Counts]:
    """Right draws of both arms and the draws, of the questions asked, in random order."""
    order = chance.permutation(len(truth.baseline))
    draws = asked(order, pairs)[order][:pairs]
    rates = truth.baseline[order][:pairs], truth.candidate[order][:pairs]
    return chance.binomial(draws, rates[0]), chance.binomial(draws, rates[1]), draws


def sequential(truth: Arms, size: Size, chance: np.random.Generator) -> End:
    """Looks as `evalsuite run --until-decided` takes them."""
    return until_decided(Asking(truth, chance), plan_of(size, 0), size)


def shown(found: dict[Key, Tally], trials: int) -> str:
    """One row per benchmark and rule."""
    rows = []
    for size in SIZES:
        names = dict.fromkeys(rule for title, rule, _ in found if title == size.title)
        for name in names:
            tallies = [found[size.title, name, truth] for truth in TRUTHS]
            tokens = [2e-6 * one.pairs / trials * size.tokens for one in tallies]
            cells = ["/".join(shares(one, trials)) for one in tallies]
            rows.append([size.title, name, *cells, price(tokens)])
    return table(
        [
            "benchmark",
            "rule",
            "equal: pass/fail/undecided, %",
            "a margin worse",
            "two margins worse",
            "tokens, M",
        ],
        rows,
    )


def shares(tally: Tally, trials: int) -> list[str]:
    """Pass, fail, undecided."""
    words: tuple[Said, ...] = ("pass", "fail", "undecided")
    return [f"{100 * tally.said[word] / trials:.0f}" for word in words]


def price(tokens: Sequence[float]) -> str:
    """Output tokens of both arms; three figures where they hang on the truth."""
    if max(tokens) - min(tokens) < 1e-9:
        return f"{tokens[0]:.1f}"
    return " / ".join(f"{one:.1f}" for one in tokens)


if __name__ == "__main__":
    main()

"""`Comparison`: all that any output says about two runs. Frozen, JSON in and out.

Accuracies, differences and rates are fractions of 1 (0.01 is one percentage point);
a difference is candidate minus baseline, so a loss is negative. No field is ever NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalsuite.comparison.parts import (
    ArmResult,
    Beyond,
    Decides,
    Estimate,
    FlipCounts,
    Interval,
    LengthHistogram,
    Metric,
    Missing,
    RateChange,
    Scenario,
    Sequential,
    SubjectRow,
    Verdict,
)
from evalsuite.model import Kind, Outcome, Sampling
from evalsuite.stats.decide import Formal

CheckStatus: TypeAlias = Literal["same", "note", "warn", "stop"]
# Who says how much may be lost: the caller, the run's configuration, nobody (the mean of the
# benchmarks' margins), nobody at all (the tool's).
MarginOrigin: TypeAlias = Literal["named", "planned", "derived", "default"]

EXIT_CODES: Mapping[Verdict, int] = {"holds": 0, "worse": 10, "undecided": 11}

__all__ = [
    "EXIT_CODES",
    "Alarm",
    "ArmResult",
    "Benchmark",
    "Beyond",
    "Check",
    "CheckStatus",
    "Comparison",
    "Decides",
    "Disagreement",
    "DrawResult",
    "Estimate",
    "Flip",
    "FlipCounts",
    "Interval",
    "LengthHistogram",
    "Macro",
    "MarginOrigin",
    "Metric",
    "Missing",
    "Overall",
    "RateChange",
    "RunSummary",
    "Scenario",
    "Sequential",
    "SubjectRow",
    "Verdict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run as a reader should see it named."""

    id: str
    arm: str
    precision: str
    model: str
    backend: str
    engine_version: str
    hardware: str
    seed: int
    created: str
    imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One answer to "may the two be compared?".

    `same`: equal. `note`: differs, as it may. `warn`: differs and may matter.
    `stop`: differs and must not; comparing was forced if a comparison holds one.
    """

    name: str
    status: CheckStatus
    baseline: str
    candidate: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Two runs on one task, question by question.

    `difference` carries the 95 % interval on the fixed benchmark (its questions are the
    whole of it), `interval_90` decides the verdict, `new_questions` is the same difference
    with the interval for questions like these (clustered by question). `margin` is the
    allowed loss (positive). `p_value` is of the test "the loss is at least the margin", `worse_p`
    of "it is at most the margin".
    `control` are the flips between two runs of the baseline (A/A), where there are such.
    `length_ratio`: candidate tokens over baseline tokens, geometric mean over questions.
    `lengths`: the ratios behind it. `question_sd`: the standard deviation over questions of
    the mean difference, from which a subject of n questions strays by `question_sd` / √n.
    `decides_at`: repeats per question that would decide an undecided verdict if the
    observed difference stays; None if decided, 0 if no number of repeats can; `decides` has more.
    `surplus`: draws of the baseline that the candidate was never asked; they have no partner among
    the `pairs`, and count for the baseline's rates. `sequential`: how far a run that may stop
    early is; all intervals are then those for it.
    """

    task: str
    title: str
    kind: Kind
    source: str
    synthetic: bool
    sampling: Sampling | None
    questions: int
    pairs: int
    baseline: ArmResult
    candidate: ArmResult
    difference: Estimate
    interval_90: Interval
    new_questions: Estimate
    margin: float
    margin_origin: MarginOrigin
    p_value: float
    worse_p: float
    verdict: Verdict
    formal: Formal
    flips: FlipCounts
    control: FlipCounts | None
    control_difference: Estimate | None
    length_ratio: Estimate | None
    missing: Missing
    subjects: tuple[SubjectRow, ...]
    beyond: Beyond
    flags: tuple[str, ...]
    decides_at: int | None
    decides: Decides | None = None
    sequential: Sequential | None = None
    surplus: int = 0
    lengths: LengthHistogram | None = None
    question_sd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawResult:
    """One draw of one arm: what was read, and what it was worth."""

    outcome: Outcome
    reason: str
    answer: str | None
    finish_reason: str
    output_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One paired draw that is right in one arm only; `lost` means the candidate is wrong."""

    task: str
    question: str
    repeat: int
    subject: str
    gold: str
    lost: bool
    baseline: DrawResult
    candidate: DrawResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A benchmark that is worse than its margin among all of them, with Holm's adjusted p."""

    task: str
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Whether the benchmarks' differences have one common value: Cochran's Q, its p, and I²."""

    q: float
    p_value: float
    i2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """The plain mean of the benchmarks' differences against its own *margin*.

    `formal` is what its 90 % limits say; `verdict` is `worse`, too, if an alarm is raised.
    """

    difference: Estimate
    interval_90: Interval
    margin: float
    margin_origin: MarginOrigin
    p_value: float
    formal: Formal
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """Both rules over all benchmarks; `strict_p` is the largest p of a benchmark.

    `disagreement` is None where there is one benchmark only.
    """

    macro: Macro
    strict: Verdict
    strict_p: float
    alarms: tuple[Alarm, ...]
    disagreement: Disagreement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs, compared pair by pair. Every output is drawn from this and nothing else.

    `verdict` is that of the strict rule: `holds` if every benchmark does, `worse` if one is worse
    among all of them (Holm), else `undecided`. `forced` marks a comparison of runs that must not
    be compared.
    """

    experiment: str
    baseline: RunSummary
    candidate: RunSummary
    control: RunSummary | None
    checks: tuple[Check, ...]
    benchmarks: tuple[Benchmark, ...]
    flips: tuple[Flip, ...]
    overall: Overall
    verdict: Verdict
    sentence: str
    forced: bool
    versions: Mapping[str, str]
    schema: int = 3

    @property
    def exit_code(self) -> int:
        """0 holds, 10 worse, 11 undecided."""
        return EXIT_CODES[self.verdict]

"""`Comparison`: all that any output says about two runs. Frozen, JSON in and out.

Accuracies, differences and rates are fractions of 1 (0.01 is one percentage point);
a difference is candidate minus baseline, so a loss is negative. No field is ever NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalsuite.model import Kind, Outcome, Sampling
from evalsuite.stats.decide import Formal

Verdict: TypeAlias = Literal["holds", "worse", "undecided"]
CheckStatus: TypeAlias = Literal["same", "note", "warn", "stop"]
# Who says how much may be lost: the caller, the run's configuration, nobody (the mean of the
# benchmarks' margins), nobody at all (the tool's).
MarginOrigin: TypeAlias = Literal["named", "planned", "derived", "default"]

EXIT_CODES: Mapping[Verdict, int] = {"holds": 0, "worse": 10, "undecided": 11}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A two-sided confidence interval at *level* (0.95 is 95 %)."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval; there is none without."""

    value: float
    interval: Interval


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
class ArmResult:
    """One arm on one task, over the paired draws only.

    `accuracy` is pass@1: the mean over questions of the share of right draws.
    `truncated`, `no_answer`: draws. `reasons`: draws per grading reason.
    `mean_output_tokens` is None where the engine told no counts.
    `duplicate_draws`: draws whose text equals an earlier draw for the same question.
    `restarts`: draws that went back into thinking after closing it; None if not counted.
    """

    accuracy: Estimate
    draws: int
    truncated: int
    no_answer: int
    reasons: Mapping[str, int]
    mean_output_tokens: float | None
    duplicate_draws: int
    restarts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipCounts:
    """The 2×2 table of paired draws: baseline right or wrong, candidate right or wrong."""

    both_right: int
    lost: int
    won: int
    both_wrong: int

    @property
    def rate(self) -> float:
        """Share of the paired draws that are right in one arm only."""
        pairs = self.both_right + self.lost + self.won + self.both_wrong
        return (self.lost + self.won) / pairs if pairs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What could not be paired: draws that one run holds and the other does not."""

    only_baseline: int
    only_candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """One subject (or level) of a task; `difference` is over its questions.

    `worse_p`: one-sided, of "no loss here"; `worse_q` the same after Benjamini and Hochberg over
    all subjects. `shrunk` is the difference to expect of a second run (empirical Bayes).
    """

    subject: str
    questions: int
    draws: int
    baseline_accuracy: float
    candidate_accuracy: float
    difference: Estimate
    worse_p: float
    worse_q: float
    shrunk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthHistogram:
    """Questions by how much longer the candidate answers: its mean tokens over the baseline's.

    `counts[n]` questions have a ratio from `edges[n]` to `edges[n + 1]`; the first and the last
    bin also hold what lies outside.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """How often draws were `truncated` or gave `no_answer`, in both arms, and the difference."""

    name: str
    baseline: Estimate
    candidate: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The difference and verdict if answers that could not be read had been graded otherwise."""

    name: str
    questions: int
    difference: Estimate
    interval_90: Interval
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What lies beneath a task's difference; rates are means over questions.

    `discordance`: how often a draw of one arm is right and one of the other is not.
    `sampling_se` falls with repeats, `questions_se` (None with single draws) does not.
    `detectable`: the smallest loss that so many draws find with power 0.8.
    `own_flips_*`: two draws of one arm; `excess_flips`: what the arms differ beyond that
    (unbiased, so below zero now and then). `changed_p`: "nothing changed at all", by exchanging
    the arms' labels within questions. `scenarios` is empty if every answer could be read.
    """

    discordance: float
    sampling_se: float
    questions_se: float | None
    detectable: float
    lost: Estimate
    gained: Estimate
    own_flips_baseline: Estimate | None
    own_flips_candidate: Estimate | None
    excess_flips: Estimate | None
    agreement: Estimate
    excess_disagreement: Estimate | None
    changed_p: float | None
    rates: tuple[RateChange, ...]
    scenarios: tuple[Scenario, ...]


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
    observed difference stays; None if decided, 0 if no number of repeats can.
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

    @property
    def unnamed_margins(self) -> tuple[str, ...]:
        """The tasks whose margin nobody named; `macro` is the mean of all."""
        found = [one.task for one in self.benchmarks if one.margin_origin == "default"]
        return (*found, *(["macro"] if self.overall.macro.margin_origin == "default" else []))

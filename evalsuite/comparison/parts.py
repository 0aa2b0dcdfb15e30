"""The parts of a `Comparison`: numbers with their intervals, and counts.

Accuracies, differences and rates are fractions of 1 (0.01 is one percentage point);
a difference is candidate minus baseline, so a loss is negative. No field is ever NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalsuite.stats.stopping import Stop

Verdict: TypeAlias = Literal["holds", "worse", "undecided"]


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
    """How often draws ended so in both arms, and the difference.

    `truncated`, `no_answer`; `loop`: repeated itself and did not stop by itself; `reached`: the
    thinking reached the right answer and the answer is another. The last two are told where the
    grader looked.
    """

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
class Metric:
    """A test that something beside accuracy did not change.

    `q_value`: after Benjamini and Hochberg over the task's metrics.
    """

    name: str
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What lies beneath a task's difference; rates are means over questions.

    `discordance`: how often a draw of one arm is right and one of the other is not.
    `sampling_se` falls with repeats, `questions_se` (None with single draws) does not.
    `detectable`: the smallest loss that so many draws find with power 0.8.
    `own_flips_*`: two draws of one arm; `excess_flips`: what the arms differ beyond that
    (unbiased, so below zero now and then). `changed_p`: "nothing changed at all", by exchanging
    the arms' labels within questions, by McNemar's exact test of one draw each; None where no
    answer differs. `scenarios` is empty if every answer could be read.
    `length_ratio_right`: tokens over the questions that both arms always answer right.
    `coupling`: the share of the sampling variance that equal seeds took off, None where the seeds
    differ; the intervals do not use it. `metrics`: what of all this is more than chance.
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
    length_ratio_right: Estimate | None = None
    coupling: float | None = None
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """A task that could stop early: at which look it stands, and what that saved.

    `stopped` says what ended it: a verdict, `futile` (it cannot be shown to hold any more), or
    None: the last look decided nothing, or the run goes on (`finished` tells). `asked` draws of
    each arm were wanted, `pairs` of them have a partner, `planned` is the last look's; `fixed` is
    what a design with one look and the same error rates would have asked. `saved_tokens` are
    output tokens of both arms against it, None where lengths are unknown. `left_out`: answers
    beyond the look, which came while it waited for its own, or later, and count for nothing.
    """

    rule: Literal["until-decided", "anytime"]
    look: int
    looks: int
    stopped: Stop | None
    finished: bool
    asked: int
    pairs: int
    planned: int
    fixed: int
    saved_tokens: float | None
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decides:
    """What would decide an undecided task with power 0.8, if the observed rates stay.

    `repeats` of every question, in all; None if no number can. `questions` like these, in all, at
    the present repeats; None if no number can. `tokens`: output tokens of both arms still to be
    asked for the cheaper of the two, `hours` of the engines at the speed that the runs had; None
    where unknown. `why` says why no number of repeats can, "" if one can.
    """

    repeats: int | None
    questions: int | None
    tokens: float | None
    hours: float | None
    why: Literal["", "at the margin", "nothing differs"]

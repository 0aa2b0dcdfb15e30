"""The decision: what a policy says about the results of one night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from evalsuite.comparison.margins import WHOLE_PP, Margin
from evalsuite.comparison.overall import overall
from evalsuite.comparison.types import EXIT_CODES, Macro, Verdict
from evalsuite.comparison.words import allowed, difference, growth, interval, listed
from evalsuite.errors import NotComparable
from evalsuite.model import MACRO
from evalsuite.nightly.policy import Level, Policy
from evalsuite.nightly.result import Lost, TaskResult
from evalsuite.nightly.words import clean, percent
from evalsuite.stats.multiple import holm
from evalsuite.stats.planning import ALPHA

State: TypeAlias = Verdict | Literal["not comparable"]
CODES: Mapping[State, int] = {
    "holds": EXIT_CODES["holds"],
    "worse": EXIT_CODES["worse"],
    "undecided": EXIT_CODES["undecided"],
    "not comparable": NotComparable.exit_code,
}
# A loss that was shown outweighs what could not be measured, and that what was not settled.
GRAVEST: Sequence[State] = ("worse", "not comparable", "undecided", "holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the policy says of one task, and why; `result` is None where there is nothing.

    `grown` is what of `reasons` grew beyond what is allowed, beside the difference.
    """

    task: str
    title: str
    level: Level
    state: State
    margin: float
    reasons: tuple[str, ...]
    result: TaskResult | None
    grown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The two sides as a reader should see them named."""

    baseline: str
    candidate: str
    baseline_run: str
    candidate_run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """What the history adds to a decision.

    `alarms` of drift; `blind`: why the charts say nothing of these runs, if they do not;
    `warnings` never decide.
    """

    alarms: Sequence[str] = ()
    blind: str | None = None
    warnings: Sequence[str] = ()

    @property
    def state(self) -> State:
        """What they say where drift may fail."""
        if self.alarms:
            return "worse"
        return "not comparable" if self.blind else "holds"

    @property
    def found(self) -> tuple[str, ...]:
        """Alarms and blindness, as lines."""
        return (*self.alarms, *([self.blind] if self.blind else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The decision over all tasks; `reasons` decided it, `warnings` did not.

    `tolerates_undecided`: the policy lets an undecided gate pass. `macro` is the plain mean over
    the required tasks where the policy decides by it. `drift` is what of the charts decided.
    """

    state: State
    names: Names
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    lost: tuple[Lost, ...]
    macro: Macro | None
    tolerates_undecided: bool
    drift: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 passes, 10 worse, 11 undecided, 12 not comparable."""
        return 0 if self.passes else CODES[self.state]

    @property
    def passes(self) -> bool:
        """Whether the release may go on."""
        return self.state == "holds" or (self.state == "undecided" and self.tolerates_undecided)

    @property
    def sentence(self) -> str:
        """The decision in one sentence."""
        name = self.names.candidate
        required = [one for one in self.findings if one.level == "required"]
        holding = sum(one.state == "holds" for one in required)
        count = f"{holding} of {len(required)} required benchmarks"
        if self.state == "holds":
            whole = holding == len(required)
            return f"{name} passes: {'every required benchmark' if whole else count} holds" + (
                "." if self.macro is None else ", and so does their mean."
            )
        rest = listed(
            [one.title for one in required if one.state == self.state]
            or ["drift" if self.drift else "the mean"]
        )
        word = "passes with a warning" if self.passes else "does not pass"
        return f"{name} {word}: {count} hold; {self.state}: {rest}."


def gate(
    results: Sequence[TaskResult],
    policy: Policy,
    *,
    names: Names,
    lost: Sequence[Lost] = (),
    warnings: Sequence[str] = (),
    charts: Charts = Charts(),
) -> Gate:
    """Decide by *policy*; what it names and *results* lack is never a pass.

    The results must have been compared with the policy's margins. *warnings* are passed on; what
    the *charts* found warns, too, unless the policy says that drift fails.
    """
    by_task = {one.task: one for one in results}
    findings = _among_all([_finding(task, by_task.get(task), policy) for task in policy.tasks])
    required = [one for one in findings if one.level == "required"]
    macro = _macro(required, policy)
    fails = policy.drift is not None and policy.drift.alarm == "fail"
    states = {_state(required, macro), charts.state if fails else "holds"}
    state = next(one for one in GRAVEST if one in states)
    failing = charts.found if fails else ()
    return Gate(
        state=state,
        names=names,
        findings=findings,
        reasons=(*failing, *_reasons(required, macro, state)),
        warnings=(
            *(() if fails else charts.found),
            *_warnings(findings, state, policy),
            *charts.warnings,
            *warnings,
        ),
        lost=tuple(lost),
        macro=macro,
        tolerates_undecided=policy.undecided != "fail",
        drift=failing,
    )


def no_comparison(policy: Policy, why: str, *, names: Names) -> Gate:
    """The decision where there is nothing to decide on: not comparable, for the reason *why*."""
    reasons = tuple(line for line in why.splitlines() if line)
    return replace(gate([], policy, names=names), reasons=reasons, warnings=())


def _finding(task: str, result: TaskResult | None, policy: Policy) -> Finding:
    own = policy.tasks[task]
    margin = own.margin_pp / WHOLE_PP
    state: State = "not comparable"
    grown: tuple[str, ...] = ()
    if result is None:
        reasons: tuple[str, ...] = ("there is no answer that both runs hold",)
    elif abs(result.margin - margin) > 1e-9:  # noqa: PLR2004 - one number, written twice
        reasons = (_other_margin(result, margin),)
    elif result.complete < policy.min_complete:
        reasons = (_incomplete(result, policy),)
    else:
        grown = tuple(_grown(result, policy))
        state = "worse" if grown else result.verdict
        reasons = (_judged(result), *grown)
    return Finding(
        task=task,
        title=clean(result.title if result else task),
        level=own.level,
        state=state,
        margin=margin,
        reasons=reasons,
        result=result,
        grown=grown,
    )


def _among_all(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """*findings*, where a required loss counts as shown only if Holm's test over all finds it.

    As in `Comparison.overall`: of five benchmarks at their margins one may look worse by chance.
    """
    deciding = [
        one.result
        for one in findings
        if one.result and one.level == "required" and one.state != "not comparable"
    ]
    adjusted = holm([one.worse_p for one in deciding])
    alarmed = {one.task for one, p in zip(deciding, adjusted, strict=True) if p <= ALPHA}

    def settled(one: Finding) -> Finding:
        shown = one.grown or one.task in alarmed
        if one.state != "worse" or one.level == "advisory" or shown:
            return one
        why = f"worse by itself, not among the {len(deciding)} required (Holm)"
        return replace(one, state="undecided", reasons=(*one.reasons, why))

    return tuple(settled(one) for one in findings)


def _other_margin(result: TaskResult, margin: float) -> str:
    return (
        f"was compared with a margin of {allowed(result.margin)} pp, the policy says "
        f"{allowed(margin)} pp; compare again"
    )


def _incomplete(result: TaskResult, policy: Policy) -> str:
    return (
        f"{result.pairs:,} of {result.planned:,} planned answers are paired "
        f"({percent(result.complete)}), at least {percent(policy.min_complete)} must be"
    )


def _judged(result: TaskResult) -> str:
    """The verdict on a complete task, in numbers."""
    told = f"Δ {difference(result.difference)} pp"
    if result.verdict != "undecided":
        return f"{told}, allowed {allowed(result.margin)}"
    ends = interval(result.interval_90, signed=True)
    return f"{told}; the 90 % interval {ends} reaches across {allowed(result.margin)}"


def _grown(result: TaskResult, policy: Policy) -> list[str]:
    found = []
    cut = result.rate("truncated")
    if cut.difference.interval.low > policy.max_truncation_growth_pp / WHOLE_PP:
        found.append(
            f"answers cut off: {percent(cut.baseline.value)} → {percent(cut.candidate.value)}, "
            f"{difference(cut.difference)} pp, allowed +{policy.max_truncation_growth_pp:g} pp"
        )
    ratio = result.length_ratio
    if ratio is not None and ratio.interval.low > policy.max_length_growth:
        most = 100 * (policy.max_length_growth - 1)
        found.append(f"answers are longer by {growth(ratio)}, allowed +{most:.0f} %")
    return found


def _macro(required: Sequence[Finding], policy: Policy) -> Macro | None:
    """The plain mean over the required tasks, if the policy decides by it and all are whole."""
    results = [one.result for one in required if one.result and one.state != "not comparable"]
    if policy.macro_margin_pp is None or len(results) < len(required):
        return None
    return overall(
        results, margin=Margin(task=MACRO, pp=policy.macro_margin_pp, origin="named")
    ).macro


def _state(required: Sequence[Finding], macro: Macro | None) -> State:
    if macro is None:
        states: set[State] = {one.state for one in required}
        return next(state for state in GRAVEST if state in states)
    return "worse" if any(one.grown for one in required) else macro.verdict


def _reasons(required: Sequence[Finding], macro: Macro | None, state: State) -> tuple[str, ...]:
    deciding = [one for one in required if one.state == state]
    found = [f"{one.title}: {reason}" for one in deciding for reason in one.reasons]
    if macro is not None:
        found.insert(
            0,
            f"mean of the required benchmarks: Δ {difference(macro.difference)} pp, "
            f"allowed {allowed(macro.margin)}",
        )
    return tuple(found)


def _warnings(findings: Sequence[Finding], state: State, policy: Policy) -> tuple[str, ...]:
    """What did not decide and should be seen all the same."""
    found = []
    for one in findings:
        quiet = one.state == "holds" or (one.state == "undecided" and policy.undecided == "pass")
        if not quiet and (one.level == "advisory" or one.state != state):
            reasons = "; ".join(one.reasons)
            found.append(f"{one.title} is {one.state} ({one.level}): {reasons}")
    if state == "undecided" and policy.undecided == "warn":
        found.append("the policy lets an undecided gate pass")
    return tuple(found)

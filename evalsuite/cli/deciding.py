"""Two runs and a policy → a `Gate`; what `gate` and `history` share."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evalsuite.comparison import Comparison, compare
from evalsuite.comparison.build import arm_label
from evalsuite.errors import DataError, NotComparable, RunError, UsageError
from evalsuite.nightly.entry import Entry
from evalsuite.nightly.gate import Gate, Names, gate, no_comparison
from evalsuite.nightly.history import History, Reset
from evalsuite.nightly.notes import alarm_line, baseline_line, watches
from evalsuite.nightly.policy import DriftPolicy, Policy
from evalsuite.nightly.result import most_lost, results_of
from evalsuite.runs.folder import Run, open_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The folders of the two runs, and of the baseline asked again where there is one."""

    baseline: Path
    candidate: Path
    control: Path | None = None


def compared(stack: ExitStack, sides: Sides, policy: Policy) -> tuple[Comparison, Run, Run]:
    """Compare with the policy's margins; the runs stay open as long as *stack*.

    Raises:
        UsageError: the runs hold a task of which the policy says nothing.
        RunError: a run is missing, damaged or empty.
        NotComparable: they must not be compared.
    """
    if sides.baseline.resolve() == sides.candidate.resolve():
        raise NotComparable(f"{sides.baseline}: is both sides, and a run holds against itself.")
    ours, theirs = (
        stack.enter_context(open_run(path)) for path in (sides.baseline, sides.candidate)
    )
    again = stack.enter_context(open_run(sides.control)) if sides.control else None
    held = {task.name for run in (ours, theirs) for task in run.info.tasks}
    unnamed = sorted(held - policy.tasks.keys())
    if unnamed:
        raise UsageError(
            f"the policy says nothing of {', '.join(unnamed)}, which the runs hold. Name the "
            "allowed loss under `tasks:`, and `level: advisory` if it should not decide."
        )
    margins = {name: pp for name, pp in policy.margins_pp.items() if name in held}
    return compare(ours, theirs, control=again, margins_pp=margins), ours, theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the history adds to a decision: alarms of drift, and other warnings."""

    drift: Sequence[str] = ()
    warnings: Sequence[str] = ()


def known(path: Path | None, policy: Policy) -> Known:
    """What the history at *path* has to say; nothing if there is none, or no `drift:` policy.

    Raises:
        RunError: the history cannot be read.
    """
    if path is None or policy.drift is None:
        return Known()
    with History(path, readonly=True) as history:
        entries, resets = history.entries(), history.resets()
    return _known(entries, resets, policy.drift)


def _known(entries: Sequence[Entry], resets: Sequence[Reset], policy: DriftPolicy) -> Known:
    charts = [chart for one in watches(entries, resets, policy) for chart in one.alarms]
    old = baseline_line(entries, policy)
    return Known(drift=[alarm_line(chart) for chart in charts], warnings=[old] if old else [])


def decided_by_history(path: Path, policy: Policy, arm: str | None) -> Gate:
    """The gate over the last night of *arm* (or of the only candidate) in the history at *path*.

    Raises:
        UsageError: *arm* is not there, or must be named.
        RunError: the history cannot be read.
    """
    with History(path, readonly=True) as history:
        entries, resets = history.entries(), history.resets()
    arms = sorted({one.arm for one in entries if one.role == "candidate"})
    chosen = arm or (arms[0] if len(arms) == 1 else None)
    if chosen not in arms:
        raise UsageError(f"--arm: name one of {', '.join(arms) or 'none: the history is empty'}.")
    mine = [one for one in entries if one.arm == chosen]
    last = [one for one in mine if one.night == mine[-1].night]
    sides = last[0].baseline, last[0].candidate
    more = _known(entries, resets, policy.drift) if policy.drift else Known()
    return gate(
        [one.result for one in last],
        policy,
        names=Names(
            baseline=arm_label(sides[0].arm),
            candidate=arm_label(sides[1].arm),
            baseline_run=f"{sides[0].run} ({last[0].night})",
            candidate_run=f"{sides[1].run} ({last[0].night})",
        ),
        drift=more.drift,
        warnings=more.warnings,
    )


def decided(sides: Sides, policy: Policy, more: Known) -> Gate:
    """The gate over two runs; what cannot be compared is a decision, too.

    Raises:
        UsageError: the runs hold a task of which the policy says nothing.
    """
    paths = Names(
        baseline=sides.baseline.name,
        candidate=sides.candidate.name,
        baseline_run=str(sides.baseline),
        candidate_run=str(sides.candidate),
    )
    with ExitStack() as stack:
        try:
            comparison, _, theirs = compared(stack, sides, policy)
        except (RunError, NotComparable, DataError) as error:
            return no_comparison(policy, str(error), names=paths)
        warned = [
            f"{check.name}: {check.baseline} | {check.candidate}; {check.message}"
            for check in comparison.checks
            if check.status == "warn"
        ]
        return gate(
            results_of(comparison, theirs.info),
            policy,
            names=names_of(comparison),
            lost=most_lost(comparison),
            warnings=[*more.warnings, *warned],
            drift=more.drift,
        )


def names_of(comparison: Comparison) -> Names:
    """The two sides of *comparison*."""
    return Names(
        baseline=arm_label(comparison.baseline.arm),
        candidate=arm_label(comparison.candidate.arm),
        baseline_run=comparison.baseline.id,
        candidate_run=comparison.candidate.id,
    )

"""Two runs and a policy → a `Gate`; what `gate` and `history` share."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from evalsuite.comparison import Comparison, compare
from evalsuite.comparison.build import arm_label
from evalsuite.errors import DataError, NotComparable, RunError, UsageError
from evalsuite.nightly.entry import Entry, checked_night
from evalsuite.nightly.gate import Charts, Gate, Names, gate, no_comparison
from evalsuite.nightly.history import History, Reset
from evalsuite.nightly.notes import alarm_line, baseline_line, watches
from evalsuite.nightly.policy import DriftPolicy, Policy
from evalsuite.nightly.result import most_lost, results_of
from evalsuite.runs.folder import Run, open_run
from evalsuite.runs.looks import read_looks


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
class Nights:
    """What the history at `path` holds."""

    path: Path
    entries: Sequence[Entry]
    resets: Sequence[Reset]


def nights_in(path: Path) -> Nights:
    """Everything that the history at *path* holds.

    Raises:
        RunError: it cannot be read.
    """
    with History(path, readonly=True) as history:
        return Nights(path=path, entries=history.entries(), resets=history.resets())


def decided_by_history(nights: Nights, policy: Policy, *, night: str, arm: str | None) -> Gate:
    """The gate over *night* of *arm* (or of the only candidate), as it was known that night.

    A night that is not there is never a pass: not comparable.

    Raises:
        UsageError: *arm* is not there, or must be named, or *night* is no date.
    """
    checked_night(night)
    arms = sorted({one.arm for one in nights.entries if one.role == "candidate"})
    chosen = arm or (arms[0] if len(arms) == 1 else None)
    if chosen not in arms:
        raise UsageError(f"--arm: name one of {', '.join(arms) or 'none: the history is empty'}.")
    mine = [one for one in nights.entries if one.arm == chosen]
    tonight = [one for one in mine if one.night == night]
    names = _names_of_night((tonight or mine)[-1], night)
    if not tonight:
        why = f"{nights.path} holds no night {night} of {chosen}; the last is {mine[-1].night}"
        return no_comparison(policy, why, names=names)
    until = [one for one in nights.entries if one.night <= night]
    return gate(
        [one.result for one in tonight],
        policy,
        names=names,
        charts=_charts(replace(nights, entries=until), policy.drift),
    )


def decided(sides: Sides, policy: Policy, nights: Nights | None) -> Gate:
    """The gate over two runs and what *nights* say of drift; what cannot be compared is decided.

    Raises:
        UsageError: the runs hold a task of which the policy says nothing, or the policy lets
            drift fail and there are no *nights* to look for it in.
    """
    if nights is None and policy.drift is not None and policy.drift.alarm == "fail":
        raise UsageError(
            "the policy says `alarm: fail` under `drift:`, and without --history no drift would "
            "be found. Name the history, or leave `drift:` out of the policy."
        )
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
            warnings=warned,
            charts=_charts(nights, policy.drift, theirs),
        )


def _charts(nights: Nights | None, policy: DriftPolicy | None, run: Run | None = None) -> Charts:
    """What *nights* say of drift, and whether *run* is among them; nothing without a policy."""
    if nights is None or policy is None:
        return Charts()
    alarms = [
        alarm_line(chart)
        for one in watches(nights.entries, nights.resets, policy)
        for chart in one.alarms
    ]
    old = baseline_line(nights.entries, policy)
    return Charts(
        alarms=alarms,
        blind=None if run is None or _kept(run, nights) else _not_kept(run, nights),
        warnings=[old] if old else [],
    )


def _kept(run: Run, nights: Nights) -> bool:
    """Whether *run* is one of *nights*, or may be none because it could stop early.

    Runs of several nights may share their name.
    """
    own = run.info.id, run.info.created
    held = {(one.candidate.run, one.candidate.created) for one in nights.entries}
    return own in held or read_looks(run.path) is not None


def _not_kept(run: Run, nights: Nights) -> str:
    return (
        f"{nights.path} does not hold {run.info.id}, so its charts say nothing of it; add it "
        "first: evalsuite history add"
    )


def _names_of_night(one: Entry, night: str) -> Names:
    return Names(
        baseline=arm_label(one.baseline.arm),
        candidate=arm_label(one.candidate.arm),
        baseline_run=f"{one.baseline.run} ({night})",
        candidate_run=f"{one.candidate.run} ({night})",
    )


def names_of(comparison: Comparison) -> Names:
    """The two sides of *comparison*."""
    return Names(
        baseline=arm_label(comparison.baseline.arm),
        candidate=arm_label(comparison.candidate.arm),
        baseline_run=comparison.baseline.id,
        candidate_run=comparison.candidate.id,
    )

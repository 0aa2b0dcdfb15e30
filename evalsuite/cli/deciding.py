"""Two runs and a policy → a `Gate`; what `gate` and `history` share."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evalsuite.comparison import Comparison, compare
from evalsuite.comparison.build import arm_label
from evalsuite.errors import DataError, NotComparable, RunError, UsageError
from evalsuite.nightly.gate import Gate, Names, gate, no_comparison
from evalsuite.nightly.policy import Policy
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


def decided(sides: Sides, policy: Policy) -> Gate:
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
            warnings=warned,
        )


def names_of(comparison: Comparison) -> Names:
    """The two sides of *comparison*."""
    return Names(
        baseline=arm_label(comparison.baseline.arm),
        candidate=arm_label(comparison.candidate.arm),
        baseline_run=comparison.baseline.id,
        candidate_run=comparison.candidate.id,
    )

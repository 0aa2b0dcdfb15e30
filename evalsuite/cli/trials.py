"""A configuration → the trials of `run --until-decided` and `--anytime`."""

from collections.abc import Mapping
from pathlib import Path

from evalsuite.config import ExperimentConfig
from evalsuite.errors import UsageError
from evalsuite.runs.arm import Arm
from evalsuite.runs.looks import Rule
from evalsuite.runs.trial import Trial

HUNDRED = 100.0


def trials_of(
    config: ExperimentConfig, arms: Mapping[str, Arm], rule: Rule, *, results: Path
) -> list[Trial]:
    """One for each candidate of *arms*; the controls come with the first.

    Raises:
        UsageError: the baseline or every candidate is left out: nothing could be decided.
    """
    # Not before: SciPy takes a second to import.
    from evalsuite.comparison.planning import plan

    (baseline,) = config.arms_with("baseline")
    candidates = [arm for arm in config.arms_with("candidate") if arm in arms]
    if baseline not in arms or not candidates:
        raise UsageError(
            f"--{rule}: needs the baseline ({baseline}) and a candidate; a baseline that is stored "
            "already is not asked again."
        )
    uneven = [name for name, task in config.tasks.items() if task.repeats_by]
    if uneven:
        raise UsageError(
            f"--{rule}: asks all questions equally often, but tasks.{uneven[0]}.repeats_by asks "
            "some more often than others; use one of the two."
        )
    design = plan(config, results=results)
    psi = {one.task: one.basis.discordance for one in design.premises}
    margins = {name: task.margin_pp / HUNDRED for name, task in config.tasks.items()}
    controls = [arms[arm] for arm in config.arms_with("control") if arm in arms]
    return [
        Trial(
            baseline=arms[baseline],
            candidate=arms[arm],
            others=controls if number == 0 else (),
            rule=rule,
            margins=margins,
            discordances=psi,
        )
        for number, arm in enumerate(candidates)
    ]

"""An experiment from its configuration to its report; `run` and `demo` are this."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from evalsuite.backends import BACKENDS, open_backend
from evalsuite.cli.live import watcher
from evalsuite.comparison import Comparison, compare
from evalsuite.config import ExperimentConfig, load_config, nearest
from evalsuite.errors import UsageError
from evalsuite.grading import Grader
from evalsuite.questions import LoadedTask, load_task, task_names
from evalsuite.runs.arm import Arm
from evalsuite.runs.folder import open_run
from evalsuite.runs.plan import PlannedTask
from evalsuite.runs.progress import Progress
from evalsuite.runs.provenance import planned_run

DEMO_ITEMS = Path(__file__).parents[1] / "backends" / "embedded" / "items"
STOPPED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line chooses beside the configuration; None and empty leave it alone."""

    results: Path
    reports: Path
    progress: str = "auto"
    arms: Sequence[str] = ()
    tasks: Sequence[str] = ()
    limit: int | None = None
    repeats: int | None = None
    data: Path | None = None
    report: bool = True


def run_experiment(path: Path, choices: Choices) -> int:
    """Run the arms of the configuration at *path*, then compare and report; the exit code.

    Everything is checked and all questions are loaded before an engine is started.

    Raises:
        EvalsuiteError: as the rooms say.
    """
    config = _chosen(load_config(path, tasks=task_names, backends=BACKENDS), choices)
    tasks = [_load(config, name, choices) for name in config.tasks]
    progress = watcher(choices.progress)
    with Grader() as grader:
        for arm in choices.arms or config.arms:
            tally = _arm(config, arm, tasks, choices, grader, progress).run()
            if tally.stopped:
                click.echo(
                    f"Stopped: {tally.answered} answers were stored in this call. "
                    "The same command goes on from here.",
                    err=True,
                )
                return STOPPED
            if tally.failed:
                click.echo(
                    f"{arm}: {tally.failed} request(s) stay without an answer; the same command "
                    "asks them again.",
                    err=True,
                )
    return _compare_all(config, choices) if choices.report else 0


def run_folder(config: ExperimentConfig, arm: str, results: Path) -> Path:
    """Where *arm*'s run lies."""
    return results / f"{config.name}-{arm}"


def _chosen(config: ExperimentConfig, choices: Choices) -> ExperimentConfig:
    """*config* with the command line's choices; unknown names are refused."""
    for kind, chosen, valid in (
        ("arm", choices.arms, config.arms),
        ("task", choices.tasks, config.tasks),
    ):
        for name in chosen:
            if name not in valid:
                raise UsageError(
                    f"--{kind} {name}: not in the config; {nearest(name, list(valid))}"
                )
    tasks = {
        name: replace(
            task,
            limit=choices.limit or task.limit,
            repeats=choices.repeats or task.repeats,
        )
        for name, task in config.tasks.items()
        if not choices.tasks or name in choices.tasks
    }
    return replace(config, tasks=tasks)


def _load(config: ExperimentConfig, name: str, choices: Choices) -> LoadedTask:
    task = config.tasks[name]
    data = choices.data or _data_path(task.data or config.data)
    return load_task(
        name,
        repeats=task.repeats,
        sampling=config.sampling_of(name),
        data=data,
        revision=task.revision,
        limit=task.limit,
        include=Path(config.include) if config.include else None,
        margin_pp=task.margin_pp,
    )


def _data_path(named: str | None) -> Path | None:
    """The file or folder that a config's `data` names; `demo` are the embedded items."""
    if named is None:
        return None
    return DEMO_ITEMS if named == "demo" else Path(named)


def _arm(
    config: ExperimentConfig,
    arm: str,
    tasks: Sequence[LoadedTask],
    choices: Choices,
    grader: Grader,
    progress: Progress,
) -> Arm:
    own = config.arms[arm]
    planned = [
        PlannedTask(
            name=task.info.name,
            questions=task.questions,
            repeats=task.info.repeats,
            sampling=config.sampling_of(task.info.name),
        )
        for task in tasks
    ]
    others = [run_folder(config, other, choices.results) for other in config.arms]
    return Arm(
        path=run_folder(config, arm, choices.results),
        info=planned_run(config, arm, [task.info for task in tasks]),
        tasks=planned,
        open_backend=partial(
            open_backend, own.backend, precision=own.precision, options=own.options
        ),
        grader=grader,
        progress=progress,
        concurrency=own.concurrency,
        lengths_from=others,
    )


def _compare_all(config: ExperimentConfig, choices: Choices) -> int:
    """Compare and report each candidate whose run is there; the worst exit code."""
    candidates = [
        arm
        for arm in config.arms_with("candidate")
        if run_folder(config, arm, choices.results).is_dir()
    ]
    (baseline,) = config.arms_with("baseline")
    if not candidates or not run_folder(config, baseline, choices.results).is_dir():
        click.echo("One arm is there, so there is nothing to compare yet.", err=True)
        return 0
    codes = []
    for candidate in candidates:
        name = config.name if len(candidates) == 1 else f"{config.name}-{candidate}"
        codes.append(_compare_one(config, candidate, choices, choices.reports / name))
    return next(code for code in (10, 11, 0) if code in codes)


def _compare_one(config: ExperimentConfig, candidate: str, choices: Choices, out: Path) -> int:
    from contextlib import ExitStack

    from evalsuite.report import write_report

    (baseline,) = config.arms_with("baseline")
    controls = config.arms_with("control")[:1]
    with ExitStack() as stack:
        runs = {
            arm: stack.enter_context(open_run(run_folder(config, arm, choices.results)))
            for arm in (baseline, candidate, *controls)
            if run_folder(config, arm, choices.results).is_dir()
        }
        comparison = compare(
            runs[baseline],
            runs[candidate],
            control=runs.get(controls[0]) if controls else None,
            margins_pp={name: task.margin_pp for name, task in config.tasks.items()},
        )
        show(comparison)
        page = write_report(comparison, out, baseline=runs[baseline], candidate=runs[candidate])
    click.echo(f"report     {page}")
    return comparison.exit_code


def show(comparison: Comparison) -> None:
    """Print the table of *comparison* on stdout."""
    from rich.console import Console

    from evalsuite.cli.table import comparison_table

    Console().print(comparison_table(comparison))

"""An experiment from its configuration to its report; `run` and `demo` are this."""

import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import click

from evalsuite.backends import BACKENDS, backend_problems, open_backend
from evalsuite.cli.live import Screen, watcher
from evalsuite.cli.told import Ended, told
from evalsuite.cli.trials import trials_of
from evalsuite.config import ExperimentConfig, TaskConfig, at_night, load_config, narrowed
from evalsuite.errors import ConfigError, UsageError
from evalsuite.grading import Grader
from evalsuite.model import MACRO
from evalsuite.questions import LoadedTask, load_task, task_names
from evalsuite.questions.sample import Sample
from evalsuite.resources import data_path
from evalsuite.runs.arm import Arm
from evalsuite.runs.folder import INFO
from evalsuite.runs.golds import check_golds
from evalsuite.runs.looks import Rule
from evalsuite.runs.plan import PlannedTask
from evalsuite.runs.progress import Progress
from evalsuite.runs.provenance import planned_run
from evalsuite.runs.runner import Tally
from evalsuite.runs.trial import Trial

FAILED = 1
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
    night: date | None = None
    full: bool = False
    data: Path | None = None
    report: bool = True
    as_json: bool = False
    rule: Rule | None = None


def run_experiment(path: Path, choices: Choices) -> int:
    """Run the arms of the configuration at *path*, then compare and report; the exit code.

    Everything is checked and all questions are loaded before an engine is started.

    Raises:
        EvalsuiteError: as the rooms say.
    """
    whole = load_config(path, tasks=task_names, backends=BACKENDS)
    config = chosen_config(whole, choices)
    chosen = choices.arms or tuple(config.arms)
    problems = option_problems(config, chosen)
    if problems:
        raise ConfigError(str(path), problems)
    tasks = [load_one(config, name, choices) for name in config.tasks]
    with Grader(think={name: task.think for name, task in whole.tasks.items()}) as grader:
        screen = Screen()
        named = {
            arm: _arm(config, arm, tasks, choices, grader, watcher(choices.progress, screen))
            for arm in chosen
        }
        for arm in named.values():
            arm.check()
        if choices.rule:
            tallies = _run_all(trials_of(config, named, choices.rule, results=choices.results))
        else:
            tallies = _run_all(list(named.values()))
    ended = _ended(config, choices, tallies)
    if choices.as_json:
        click.echo(told(ended, [arm.path for arm in named.values()]))
    return ended.exit_code


def _ended(config: ExperimentConfig, choices: Choices, tallies: Sequence[Tally]) -> Ended:
    """Compare and report, if nobody stopped the run; say what is open."""
    if any(tally.stopped for tally in tallies):
        click.echo(
            "evalsuite: stopped. What arrived is stored; the same command goes on from here.",
            err=True,
        )
        return Ended(exit_code=STOPPED, reason="stopped")
    failed = sum(tally.failed for tally in tallies)
    if failed:
        click.echo(
            f"{failed} request(s) stay without an answer; the same command asks them again.",
            err=True,
        )
    candidates = _comparable(config, choices) if choices.report else []
    if candidates:
        return _compared(config, candidates, choices)
    if failed:
        return Ended(exit_code=FAILED, reason="incomplete")
    return Ended(exit_code=0, reason="complete")


def _run_all(arms: Sequence[Arm | Trial]) -> list[Tally]:
    """Run *arms* one after the other, until a reader stops one."""
    tallies: list[Tally] = []
    with _terminable():
        for arm in arms:
            try:
                tallies.append(arm.run())
            except KeyboardInterrupt:
                tallies.append(Tally(stopped=True))
            if tallies[-1].stopped:
                break
    return tallies


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM is like Ctrl-C, while an engine is being opened as well as later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def option_problems(config: ExperimentConfig, arms: Iterable[str]) -> list[str]:
    """One line for each mistake in the arms' options, before any arm has cost anything."""
    longest = max(config.sampling_of(task).max_tokens for task in config.tasks)
    return [
        f"arms.{arm}.options.{problem}"
        for arm in arms
        for problem in backend_problems(
            config.arms[arm].backend, config.arms[arm].options, max_tokens=longest
        )
    ]


def arm_folder(config: ExperimentConfig, arm: str, choices: Choices) -> Path:
    """Where *arm*'s run lies."""
    return choices.results / config.run_id(arm)


def chosen_config(whole: ExperimentConfig, choices: Choices) -> ExperimentConfig:
    """*whole* with the command line's choices.

    Raises:
        UsageError: a choice names what it does not hold, or a task rotates and no night is named.
    """
    config = narrowed(
        whole,
        arms=choices.arms,
        tasks=choices.tasks,
        limit=choices.limit,
        repeats=choices.repeats,
        full=choices.full,
    )
    rotating = [name for name, task in config.tasks.items() if task.rotate]
    if rotating and choices.night is None:
        raise UsageError(
            f"{', '.join(rotating)}: other questions each night; name it, as in --night "
            "2026-11-25, or ask all of them with --full"
        )
    return at_night(config, choices.night) if choices.night else config


def load_one(config: ExperimentConfig, name: str, choices: Choices) -> LoadedTask:
    """Task *name* with its questions.

    Raises:
        UsageError: its file cannot be used.
        DataError: its data cannot be had or used.
    """
    task = config.tasks[name]
    data = choices.data or data_path(task.data or config.data)
    loaded = load_task(
        name,
        repeats=task.repeats,
        sampling=config.sampling_of(name),
        data=data,
        revision=task.revision,
        limit=task.limit,
        sample=_sample(task, choices.night),
        include=Path(config.include) if config.include else None,
        margin_pp=task.margin_pp,
    )
    with Grader() as grader:
        check_golds(loaded.questions, grader)
    return replace(loaded, info=replace(loaded.info, think=task.think))


def _sample(task: TaskConfig, night: date | None) -> Sample | None:
    if task.sample is None:
        return None
    return Sample(
        fixed=task.sample, rotate=task.rotate or 0, night=night.toordinal() if night else 0
    )


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
            each=_each(config, task),
        )
        for task in tasks
    ]
    others = [arm_folder(config, other, choices) for other in config.arms if other != arm]
    return Arm(
        path=arm_folder(config, arm, choices),
        info=planned_run(config, arm, [task.info for task in tasks]),
        tasks=planned,
        open_backend=partial(
            open_backend, own.backend, precision=own.precision, options=own.options
        ),
        grader=grader,
        progress=progress,
        concurrency=own.concurrency,
        timeout_s=own.timeout_s,
        lengths_from=others,
    )


def _each(config: ExperimentConfig, task: LoadedTask) -> dict[str, int] | None:
    """How often each question is asked, where an earlier run shares the repeats out."""
    history = config.tasks[task.info.name].repeats_by
    if history is None:
        return None
    # Not before: NumPy takes its time to import.
    from evalsuite.runs.allocation import shared_out

    return shared_out(
        task.info.name,
        task.questions,
        task.info.repeats,
        history=Path(history),
        experiment=config.name,
    )


def _comparable(config: ExperimentConfig, choices: Choices) -> list[str]:
    """The candidates that can be compared: their runs and the baseline's are there."""
    there = [arm for arm in config.arms if (arm_folder(config, arm, choices) / INFO).is_file()]
    if not set(config.arms_with("baseline")) <= set(there):
        return []
    return [arm for arm in config.arms_with("candidate") if arm in there]


def _margins(config: ExperimentConfig) -> dict[str, float]:
    """The margins that the configuration names, for the mean of all tasks, too."""
    named = {name: task.margin_pp for name, task in config.tasks.items()}
    return named | ({} if config.macro_margin_pp is None else {MACRO: config.macro_margin_pp})


def _compared(config: ExperimentConfig, candidates: Sequence[str], choices: Choices) -> Ended:
    """Compare and report *candidates* on one page; the gravest verdict."""
    # Not before: SciPy and matplotlib take a second to import.
    from evalsuite.cli.comparing import comparing
    from evalsuite.cli.table import show
    from evalsuite.report import write_report

    def folder(arm: str) -> Path:
        return arm_folder(config, arm, choices)

    (baseline,) = config.arms_with("baseline")
    controls = [arm for arm in config.arms_with("control") if (folder(arm) / INFO).is_file()]
    with comparing(
        folder(baseline),
        [folder(arm) for arm in candidates],
        control=folder(controls[0]) if controls else None,
        margins_pp=_margins(config),
    ) as opened:
        made = [one.comparison for one in opened.compared]
        if not choices.as_json:
            for one in made:
                show(one)
        out = choices.reports / config.name
        page = write_report(opened.compared, out, baseline=opened.baseline)
    if not choices.as_json:
        click.echo(f"report     {page}")
    gravest = next(one for one in made if one.exit_code == opened.exit_code)
    return Ended(exit_code=opened.exit_code, reason=gravest.verdict, comparisons=made, report=page)

"""`evalsuite run --dry-run`: what would be asked, of which engines, and what stands in the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from evalsuite.backends import BACKENDS, examine
from evalsuite.backends.base import Asked
from evalsuite.cli.experiment import (
    Choices,
    arm_folder,
    chosen_config,
    load_one,
    option_problems,
)
from evalsuite.comparison.experience import Speed, speed_of
from evalsuite.config import ExperimentConfig, load_config
from evalsuite.errors import EvalsuiteError, RunError, UsageError
from evalsuite.questions import LoadedTask, task_names
from evalsuite.runs.arm import known_lengths
from evalsuite.runs.folder import INFO, open_run, refuse_changes
from evalsuite.runs.plan import OTHER_TOKENS, PRIOR_TOKENS
from evalsuite.runs.provenance import planned_run

# NVIDIA's published most for DeepSeek-R1 FP4 on eight B200 ("over 30,000 tokens per second",
# TensorRT-LLM's guide to best performance on DeepSeek-R1, 2025), for each GPU.
MOST_PER_GPU = 30_000 / 8
HOUR_S = 3_600
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One task of one arm: draws that are still to be asked, and tokens, about."""

    task: str
    draws: int
    left: int
    prompt_tokens: float
    answer_tokens: float


def dry_run(path: Path, choices: Choices, *, tokens_per_second: float | None) -> int:
    """Print the plan of the configuration at *path*; 2 if a problem was found. Starts nothing.

    Raises:
        UsageError: the configuration cannot be read at all, or holds mistakes.
    """
    config = chosen_config(load_config(path, tasks=task_names, backends=BACKENDS), choices)
    arms = choices.arms or tuple(config.arms)
    problems = option_problems(config, arms)
    broken = {line.split(".")[1] for line in problems}
    tasks = []
    for name in config.tasks:
        try:
            tasks.append(load_one(config, name, choices))
        except EvalsuiteError as error:
            problems.append(f"tasks.{name}: {error}")
    click.echo(f"{config.name}: nothing is started, this is what would be asked.")
    for arm in arms:
        _show_arm(config, arm, tasks, choices, tokens_per_second)
        if arm not in broken:
            problems += _arm_problems(config, arm, tasks, choices)
    for line in problems:
        click.echo(f"PROBLEM {line}", err=True)
    click.echo(f"{len(problems)} problem(s) found." if problems else "No problem was found.")
    return UsageError.exit_code if problems else 0


def _show_arm(
    config: ExperimentConfig,
    arm: str,
    tasks: Sequence[LoadedTask],
    choices: Choices,
    tokens_per_second: float | None,
) -> None:
    own = config.arms[arm]
    model = own.options.get("model", "")
    click.echo(f"\n{arm} ({config.role(arm)}): {own.backend} {own.precision} {model}".rstrip())
    lines = list(_estimates(config, arm, tasks, choices))
    rows = [("", "questions × repeats", "to ask", "prompt tokens", "answer tokens")]
    rows += [
        (
            one.task,
            f"{task.info.questions:,} × {task.info.repeats}",
            f"{one.left:,}" + (f" of {one.draws:,}" if one.left != one.draws else ""),
            _about(one.prompt_tokens),
            _about(one.answer_tokens),
        )
        for one, task in zip(lines, tasks, strict=True)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        click.echo("  " + "  ".join([row[0].ljust(widths[0]), *rest]))
    speed = _speed(arm_folder(config, arm, choices), arm, tokens_per_second)
    click.echo(f"  {_cost(config, arm, sum(one.answer_tokens for one in lines), speed)}")


def _estimates(
    config: ExperimentConfig, arm: str, tasks: Sequence[LoadedTask], choices: Choices
) -> Iterator[Estimate]:
    """By earlier answers to the same questions where there are any, else R1's usual lengths."""
    folders = [arm_folder(config, other, choices) for other in (arm, *config.arms)]
    lengths = known_lengths(folders)
    stored = _stored(folders[0])
    for task in tasks:
        name = task.info.name
        prior = PRIOR_TOKENS.get(name, OTHER_TOKENS)
        most = config.sampling_of(name).max_tokens
        left = prompts = answers = 0.0
        for question in task.questions:
            missing = task.info.repeats - stored.get((name, question.id), 0)
            if missing > 0:
                characters = sum(len(message.content) for message in question.messages)
                left += missing
                prompts += missing * characters / CHARACTERS_PER_TOKEN
                answers += missing * min(lengths.get((name, question.id), prior), most)
        yield Estimate(
            task=name,
            draws=len(task.questions) * task.info.repeats,
            left=int(left),
            prompt_tokens=prompts,
            answer_tokens=answers,
        )


def _stored(folder: Path) -> dict[tuple[str, str], int]:
    """(task, question) → answers that are there already."""
    found: dict[tuple[str, str], int] = {}
    try:
        with open_run(folder) as run:
            for key in run.store.answered():
                found[key.task, key.question] = found.get((key.task, key.question), 0) + 1
    except RunError:
        pass  # no run yet; a damaged one is told as a problem
    return found


def _speed(folder: Path, arm: str, named: float | None) -> Speed:
    try:
        with open_run(folder) as run:
            return speed_of(arm, run, named)
    except RunError:
        return speed_of(arm, None, named)


def _cost(config: ExperimentConfig, arm: str, tokens: float, speed: Speed) -> str:
    """Hours of the engine and of its GPUs, as far as anything is known."""
    own = config.arms[arm]
    gpus = _gpus_of(own.backend, own.options)
    said = f"about {_about(tokens)} tokens of answers"
    if speed.tokens_per_s:
        hours = tokens / speed.tokens_per_s / HOUR_S
        return (
            f"{said}: {_hours(hours, gpus)} at {speed.tokens_per_s:,.0f} tokens/s ({speed.source})"
        )
    if not gpus:
        return f"{said}; --tokens-per-second N tells the hours"
    hours = tokens / (MOST_PER_GPU * gpus) / HOUR_S
    return (
        f"{said}: at least {_hours(hours, gpus)} (at {MOST_PER_GPU * gpus:,.0f} tokens/s, the most "
        "that NVIDIA\n  publishes for R1 FP4 on B200; --tokens-per-second N for your own figure)"
    )


def _gpus_of(backend: str, options: object) -> int:
    """GPUs of one engine in this process; 0 where that is not ours to know."""
    if backend != "tensorrt_llm" or not isinstance(options, dict):
        return 0
    from evalsuite.backends.tensorrt_llm.examine import world_size

    try:
        return world_size(options.get("engine_args") or {})
    except (TypeError, ValueError, AttributeError):
        return 0  # told as a problem of the options


def _hours(hours: float, gpus: int) -> str:
    return f"{hours:.1f} h" + (f", {hours * gpus:.1f} GPU hours" if gpus else "")


def _arm_problems(
    config: ExperimentConfig, arm: str, tasks: Sequence[LoadedTask], choices: Choices
) -> Iterator[str]:
    own = config.arms[arm]
    folder = arm_folder(config, arm, choices)
    try:
        info = planned_run(config, arm, [task.info for task in tasks])
        refuse_changes(folder, info, [one for task in tasks for one in task.questions])
        if (folder / INFO).exists():
            open_run(folder).store.close()
    except RunError as error:
        yield f"arms.{arm}: {error}"
    asked = [
        Asked(questions=task.questions, sampling=config.sampling_of(task.info.name))
        for task in tasks
    ]
    for problem in examine(own.backend, precision=own.precision, options=own.options, asked=asked):
        yield f"arms.{arm}: {problem}"


def _about(tokens: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if tokens >= size:
            return f"{tokens / size:.3g} {unit}"
    return f"{tokens:.0f}"

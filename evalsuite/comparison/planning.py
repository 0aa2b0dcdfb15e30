"""A configuration and earlier runs → a `Design`."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from evalsuite.comparison.design import Budget, Candidate, Design, Goal, design
from evalsuite.comparison.experience import PUBLIC_QUESTIONS, basis_of, speed_of, stored_draws
from evalsuite.comparison.margins import Margin, macro_margin_of, refuse_strangers
from evalsuite.config import ExperimentConfig, TaskConfig
from evalsuite.model import MACRO
from evalsuite.questions import load_questions, read_task
from evalsuite.resources import data_path
from evalsuite.runs.folder import INFO, Run, open_run
from evalsuite.stats.planning import POWER
from evalsuite.stats.sizes import Size


def plan(
    config: ExperimentConfig,
    *,
    results: Path,
    margins_pp: Mapping[str, float] | None = None,
    power: float = POWER,
    budget: Budget | None = None,
    arms: Sequence[str] = (),
    data: Path | None = None,
    earlier: Sequence[Path] = (),
    tokens_per_second: float | None = None,
) -> Design:
    """What *config* should ask, what that costs and what it could decide.

    Flips and lengths come from the runs *earlier* and from the config's own runs in *results*,
    blinded; the answers that the latter hold need not be paid for. *margins_pp* replaces the
    config's margins; if it names `macro`, the mean of all benchmarks is what is planned for.
    *arms* are those that will be asked, else all.

    Raises:
        UsageError: a margin is for no task, or the budget pays for nothing or needs a speed.
        DataError: a local data set cannot be read.
        RunError: an earlier run cannot be read.
    """
    named = margins_pp or {}
    refuse_strangers(named, list(config.tasks))
    chosen = tuple(arms or config.arms)
    with ExitStack() as stack:
        own = {
            arm: stack.enter_context(open_run(path))
            for arm in config.arms
            if ((path := results / config.run_id(arm)) / INFO).is_file()
        }
        others = [stack.enter_context(open_run(path)) for path in earlier]
        stored = stored_draws({arm: run for arm, run in own.items() if arm in chosen})
        tasks = [
            _candidate(config, name, named, [*own.values(), *others], stored, data)
            for name in config.tasks
        ]
        speeds = [
            speed_of(arm, own.get(arm) or _same_precision(config, arm, others), tokens_per_second)
            for arm in chosen
        ]
    goal: Goal = "macro" if MACRO in named else "each"
    margins = [one.margin for one in tasks]
    macro = macro_margin_of(margins, named=named, planned=config.macro_margin_pp)
    return design(
        config.name, tasks, speeds, macro_margin=macro, goal=goal, power=power, budget=budget
    )


def _candidate(
    config: ExperimentConfig,
    name: str,
    named: Mapping[str, float],
    runs: Sequence[Run],
    stored: Mapping[tuple[str, str], int],
    data: Path | None,
) -> Candidate:
    own = config.tasks[name]
    there = _questions(config, name, data)
    return Candidate(
        task=name,
        title=read_task(name, include=_include(config)).title,
        questions=there,
        size=Size(questions=_asked(own, there), repeats=own.repeats),
        margin=Margin(
            task=name,
            pp=named.get(name, own.margin_pp),
            origin="named" if name in named else "planned",
        ),
        basis=basis_of(name, runs),
        stored={arm: count for (arm, task), count in stored.items() if task == name},
    )


def _questions(config: ExperimentConfig, name: str, data: Path | None) -> int:
    """How many questions there are, at most `limit` of them."""
    own = config.tasks[name]
    local = data or data_path(own.data or config.data)
    if local is None and name in PUBLIC_QUESTIONS:
        there = PUBLIC_QUESTIONS[name]
    else:
        there = len(load_questions(name, data=local, include=_include(config)))
    return min(there, own.limit or there)


def _asked(own: TaskConfig, there: int) -> int:
    """How many of the questions that are *there* one run asks: a night's turn comes on top."""
    return min((own.sample or there) + (own.rotate or 0), there)


def _include(config: ExperimentConfig) -> Path | None:
    return Path(config.include) if config.include else None


def _same_precision(config: ExperimentConfig, arm: str, runs: Sequence[Run]) -> Run | None:
    """The earlier run that is most like *arm*: the last of its precision."""
    alike = [run for run in runs if run.info.precision == config.arms[arm].precision]
    return alike[-1] if alike else None

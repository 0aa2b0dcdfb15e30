"""Run configurations: YAML in, frozen dataclasses out, all mistakes at once."""

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from evalsuite.errors import ConfigError, UsageError
from evalsuite.model import Role, Sampling, ThinkRule

TaskNames: TypeAlias = Callable[[Path | None], Sequence[str]]
STRICT = ConfigDict(extra="forbid")
# What a config may state of an engine that does not tell it.
Statement: TypeAlias = Literal[
    "checkpoint",
    "revision",
    "coverage",
    "kv_cache",
    "hardware",
    "driver",
    "engine_version",
    "engine_args",
]
Positive = Annotated[int, Field(ge=1)]
# Far enough apart that no arm of a night has the seed of another arm the next night.
SEED_STEP = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingConfig:
    """How tokens are drawn; every field must be written."""

    __pydantic_config__ = STRICT

    temperature: Annotated[float, Field(ge=0)]
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_tokens: Positive
    top_k: Annotated[int, Field(ge=0)] = 0

    def model(self) -> Sampling:
        """The same as the vocabulary's `Sampling`."""
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            max_tokens=self.max_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConfig:
    """One task: how often each question is asked, of which data, and the allowed loss.

    `margin_pp` is the non-inferiority margin in percentage points. `data` is a file or a
    folder with the data set's rows; without it the public data set is loaded at `revision`.
    `limit` takes the first questions only; `sample` takes so many by a hash of their ids, the
    same in every run, and is what a benchmark should be cut down with. `rotate` adds so many of
    the rest, other ones each night.
    `repeats_by` is an earlier experiment's run folder: `repeats` is then the mean, and questions
    that were right now and wrong then there are asked more often.
    `think` says which of several closing think tags ends the thinking: `first`, as servers split,
    or `last`.
    """

    __pydantic_config__ = STRICT

    margin_pp: Annotated[float, Field(gt=0)]
    repeats: Positive = 1
    repeats_by: str | None = None
    limit: Positive | None = None
    sample: Positive | None = None
    rotate: Positive | None = None
    data: str | None = None
    revision: str | None = None
    sampling: SamplingConfig | None = None
    think: ThinkRule = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmConfig:
    """One engine configuration; `seed` replaces the experiment's (an A/A control needs that).

    `concurrency` counts requests in flight, `timeout_s` the seconds that one answer may take.
    `stated` is kept in run.json as said and unchecked: what a server does not tell of itself.
    """

    __pydantic_config__ = STRICT

    backend: str
    precision: str
    role: Role | None = None
    seed: int | None = None
    concurrency: Positive | None = None
    timeout_s: Annotated[float, Field(gt=0)] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    stated: dict[Statement, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentConfig:
    """Tasks times arms. The first arm is the baseline; others are candidates unless they say.

    `data` is a folder that holds the rows of every task which names no `data` of its own.
    `include` is a folder of further lm-eval task files. `macro_margin_pp` is the allowed loss of
    the mean of all tasks; without it that is the mean of theirs.
    """

    __pydantic_config__ = STRICT

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    seed: int
    sampling: SamplingConfig
    tasks: Annotated[dict[str, TaskConfig], Field(min_length=1)]
    arms: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")], ArmConfig],
        Field(min_length=1),
    ]
    data: str | None = None
    include: str | None = None
    macro_margin_pp: Annotated[float, Field(gt=0)] | None = None

    def role(self, arm: str) -> Role:
        """What *arm* is in the experiment."""
        named = self.arms[arm].role
        return named or ("baseline" if arm == next(iter(self.arms)) else "candidate")

    def arms_with(self, role: Role) -> list[str]:
        """The names of the arms that play *role*, in the config's order."""
        return [arm for arm in self.arms if self.role(arm) == role]

    def sampling_of(self, task: str) -> Sampling:
        """The sampling of *task*: its own, else the experiment's."""
        return (self.tasks[task].sampling or self.sampling).model()

    def run_id(self, arm: str) -> str:
        """The name of *arm*'s run, and of its folder."""
        return f"{self.name}-{arm}"

    def seed_of(self, arm: str) -> int:
        """The experiment seed as *arm* uses it."""
        own = self.arms[arm].seed
        return self.seed if own is None else own


_ADAPTER = TypeAdapter(ExperimentConfig)


def load_config(path: Path, *, tasks: TaskNames, backends: Mapping[str, Any]) -> ExperimentConfig:
    """Read *path*; *tasks* (given the config's `include`) and *backends* are the valid names.

    Raises:
        UsageError: the file cannot be read.
        ConfigError: it holds mistakes; the error names them all.
    """
    return check_config(_read(path), where=str(path), tasks=tasks, backends=backends)


def check_config(
    raw: object, *, where: str, tasks: TaskNames, backends: Mapping[str, Any]
) -> ExperimentConfig:
    """The configuration *raw* (parsed YAML), checked.

    Raises:
        ConfigError: it holds mistakes; the error names them all.
    """
    include = raw.get("include") if isinstance(raw, dict) else None
    names = tasks(Path(include) if isinstance(include, str) else None)
    problems = [
        *_unknown_names(raw, tasks=names, backends=list(backends)),
        *_role_problems(raw),
        *_sample_problems(raw),
    ]
    try:
        config = _ADAPTER.validate_python(raw)
    except ValidationError as error:
        problems += [_explain(one) for one in error.errors()]
        raise ConfigError(where, problems) from None
    if problems:
        raise ConfigError(where, problems)
    return config


def narrowed(
    config: ExperimentConfig,
    *,
    arms: Sequence[str] = (),
    tasks: Sequence[str] = (),
    limit: int | None = None,
    repeats: int | None = None,
    full: bool = False,
) -> ExperimentConfig:
    """*config* as a caller narrows it; *arms* are only checked. *full* asks every question.

    Raises:
        UsageError: an arm or a task is not in the configuration.
    """
    for kind, chosen, valid in (("arm", arms, config.arms), ("task", tasks, config.tasks)):
        for name in chosen:
            if name not in valid:
                raise UsageError(
                    f"--{kind} {name}: not in the config; {nearest(name, list(valid))}"
                )
    kept = {
        name: replace(
            task,
            limit=limit or (None if full else task.limit),
            repeats=repeats or task.repeats,
            sample=None if full else task.sample,
            rotate=None if full else task.rotate,
        )
        for name, task in config.tasks.items()
        if not tasks or name in tasks
    }
    return replace(config, tasks=kept)


def at_night(config: ExperimentConfig, night: date) -> ExperimentConfig:
    """*config* with the seeds of *night*, so that each night's draws are new ones."""
    step = night.toordinal() * SEED_STEP
    arms = {
        name: arm if arm.seed is None else replace(arm, seed=arm.seed + step)
        for name, arm in config.arms.items()
    }
    return replace(config, seed=config.seed + step, arms=arms)


def config_hash(value: object) -> str:
    """The sha256 of *value* (a dataclass or JSON value) in canonical JSON."""
    plain = asdict(value) if hasattr(value, "__dataclass_fields__") else value  # type: ignore[call-overload]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def nearest(name: str, valid: Sequence[str]) -> str:
    """A hint that names what *name* may have been meant to be, and what is valid."""
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}Valid: {', '.join(valid)}."


def _read(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not YAML: {error}") from error


def _unknown_names(raw: object, *, tasks: Sequence[str], backends: Sequence[str]) -> list[str]:
    """Lines for tasks and backends that do not exist."""
    if not isinstance(raw, dict):
        return []
    found: list[str] = []
    named = raw.get("tasks")
    if isinstance(named, dict):
        found += [
            f"tasks.{name}: there is no such task; {nearest(str(name), tasks)}"
            for name in named
            if name not in tasks
        ]
    arms = raw.get("arms")
    for arm, settings in arms.items() if isinstance(arms, dict) else ():
        backend = settings.get("backend") if isinstance(settings, dict) else None
        if isinstance(backend, str) and backend not in backends:
            found.append(
                f"arms.{arm}.backend: there is no backend {backend!r}; {nearest(backend, backends)}"
            )
    return found


def _role_problems(raw: object) -> list[str]:
    """Lines for experiments without exactly one baseline."""
    arms = raw.get("arms") if isinstance(raw, dict) else None
    if not isinstance(arms, dict) or not arms:
        return []
    roles = [
        (settings.get("role") if isinstance(settings, dict) else None)
        or ("baseline" if number == 0 else "candidate")
        for number, settings in enumerate(arms.values())
    ]
    if roles.count("baseline") == 1:
        return []
    return [f"arms: exactly one arm must be the baseline, not {roles.count('baseline')}."]


def _sample_problems(raw: object) -> list[str]:
    """Lines for tasks that rotate without a fixed part."""
    tasks = raw.get("tasks") if isinstance(raw, dict) else None
    return [
        f"tasks.{name}.rotate: needs `sample`, the part that every night asks"
        for name, task in (tasks.items() if isinstance(tasks, dict) else ())
        if isinstance(task, dict) and "rotate" in task and "sample" not in task
    ]


def _explain(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] != "unexpected_keyword_argument":
        return f"{where}: {error['msg']} (it is {error['input']!r:.60})"
    return f"{where}: unknown key; {nearest(str(error['loc'][-1]), _keys_at(error['loc']))}"


def _keys_at(location: Sequence[int | str]) -> list[str]:
    """The valid keys of the mapping that holds the key at *location*."""
    parents = [part for part in location[:-1] if isinstance(part, str)]
    kind: Any = ExperimentConfig
    if "sampling" in parents:
        kind = SamplingConfig
    elif parents[:1] == ["tasks"]:
        kind = TaskConfig
    elif parents[:1] == ["arms"]:
        kind = ArmConfig
    return [one.name for one in fields(kind)]

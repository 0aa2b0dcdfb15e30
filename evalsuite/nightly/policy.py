"""What a candidate may lose before it is stopped: `configs/gate.yaml`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from evalsuite.config import STRICT, nearest
from evalsuite.errors import ConfigError, UsageError

Level: TypeAlias = Literal["required", "advisory"]
Undecided: TypeAlias = Literal["fail", "warn", "pass"]
Rule: TypeAlias = Literal["strict", "macro"]
MarginPP = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPolicy:
    """The allowed loss of one task in percentage points; it has no default.

    A `required` task decides, an `advisory` one is shown and warns.
    """

    __pydantic_config__ = STRICT

    margin_pp: MarginPP
    level: Level = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPolicy:
    """How the nights are watched.

    `baseline_nights` of a segment are what later ones are held against. `false_alarms_per_month`
    is shared by all charts of an arm: half for the macro average, the rest for the tasks.
    `remeasure_days`: how old the last A/A measurement of the baseline may be. `segment_by`: what
    starts a new segment when it changes, beside the data and the prompts.
    """

    __pydantic_config__ = STRICT

    baseline_nights: Annotated[int, Field(ge=5, le=365)]
    false_alarms_per_month: Annotated[float, Field(gt=0, lt=0.5)]
    remeasure_days: Annotated[int, Field(ge=1)]
    alarm: Literal["warn", "fail"]
    segment_by: tuple[Literal["engine_version", "checkpoint", "hardware"], ...] = (
        "engine_version",
        "checkpoint",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy; every field that moves a decision must be written.

    `overall`: `strict` passes if every required task holds; `macro` if their plain mean does,
    within `macro_margin_pp`, and none is worse among all (Holm). `undecided`: what an undecided
    decision does. `min_complete`: the least share of planned draws that must be paired.
    `max_truncation_growth_pp`, `max_length_growth`: a required task fails if the whole 95 %
    interval of the growth lies above.
    """

    __pydantic_config__ = STRICT

    overall: Rule
    undecided: Undecided
    min_complete: Annotated[float, Field(gt=0, le=1)]
    max_truncation_growth_pp: Annotated[float, Field(ge=0, le=100)]
    max_length_growth: Annotated[float, Field(ge=1, le=100)]
    tasks: Annotated[dict[str, TaskPolicy], Field(min_length=1)]
    macro_margin_pp: MarginPP | None = None
    drift: DriftPolicy | None = None
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each task in the file, for tools that point into it."""

    @property
    def margins_pp(self) -> dict[str, float]:
        """Task → allowed loss in percentage points."""
        return {name: task.margin_pp for name, task in self.tasks.items()}

    @property
    def required(self) -> list[str]:
        """The tasks that decide."""
        return [name for name, task in self.tasks.items() if task.level == "required"]


_ADAPTER = TypeAdapter(Policy)


def load_policy(path: Path) -> Policy:
    """Read *path*.

    Raises:
        UsageError: the file cannot be read.
        ConfigError: it holds mistakes; the error names them all.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{path}: there is no such policy. A gate has no margins of its own: print one to "
            f"start from with `evalsuite gate --example > {path}`, and make the margins yours."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error}).") from error
    return check_policy(text, where=str(path))


def check_policy(text: str, *, where: str) -> Policy:
    """The policy written in YAML *text*.

    Raises:
        ConfigError: it holds mistakes; the error names them all.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(where, [f"is not YAML: {error}"]) from error
    if not isinstance(raw, dict) or "lines" in raw:
        raise ConfigError(where, ["is no mapping of a policy's fields, such as `tasks:`"])
    try:
        policy = _ADAPTER.validate_python(raw | {"lines": _lines(text)})
    except ValidationError as error:
        raise ConfigError(where, [_explain(one) for one in error.errors()]) from None
    problems = _contradictions(policy)
    if problems:
        raise ConfigError(where, problems)
    return policy


def _contradictions(policy: Policy) -> list[str]:
    found = []
    if not policy.required:
        found.append("tasks: none is required, so nothing could ever fail")
    if policy.overall == "macro" and policy.macro_margin_pp is None:
        found.append("macro_margin_pp: `overall: macro` needs the allowed loss of the mean")
    if policy.overall == "strict" and policy.macro_margin_pp is not None:
        found.append("macro_margin_pp: means nothing with `overall: strict`; leave it out")
    return found


def _lines(text: str) -> dict[str, int]:
    """Task → line (from 1)."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return {}
    tasks = next((value for key, value in root.value if key.value == "tasks"), None)
    if not isinstance(tasks, yaml.MappingNode):
        return {}
    return {str(key.value): key.start_mark.line + 1 for key, _ in tasks.value}


def _explain(error: Any) -> str:
    location = [str(part) for part in error["loc"]]
    where = ".".join(location)
    if error["type"] == "missing" or error["type"].startswith("missing"):
        return f"{where}: must be written; it has no default"
    if error["type"] != "unexpected_keyword_argument":
        return f"{where}: {error['msg']} (it is {error['input']!r:.60})"
    return f"{where}: unknown key; {nearest(location[-1], _keys_at(location[:-1]))}"


def _keys_at(parents: Sequence[str]) -> list[str]:
    kind: Any = {"tasks": TaskPolicy, "drift": DriftPolicy}.get(next(iter(parents), ""), Policy)
    return [one.name for one in fields(kind) if one.name != "lines"]

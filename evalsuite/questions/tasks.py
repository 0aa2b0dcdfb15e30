"""The task files: which there are, and what each says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from evalsuite.errors import UsageError
from evalsuite.model import Kind
from evalsuite.questions import lm_eval_api
from evalsuite.resources import shipped

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What one task file says, checked.

    `id`, `subject` and `level` are templates over a row's columns and `{row}`, its place in the
    split counted from 0; an empty `id` means a hash of the row. `config` is the whole file.
    """

    name: str
    title: str
    kind: Kind
    prompt: str
    dataset: str
    dataset_config: str | None
    split: str
    revision: str
    id: str
    subject: str
    level: str
    columns: tuple[str, ...]
    path: Path
    config: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The public data set as a reader should see it."""
        return " ".join(filter(None, [self.dataset, self.dataset_config, self.split]))


def task_names(include: Path | None = None) -> list[str]:
    """The names of the five benchmarks and of the task files in folder *include*."""
    return sorted(_files(include))


def read_task(name: str, *, include: Path | None = None, functions: bool = False) -> TaskSpec:
    """What the file of task *name* says; with *functions* its `!function`s can be called.

    Raises:
        UsageError: there is no such task, or its file cannot be used.
    """
    files = _files(include)
    if name not in files:
        from evalsuite.config import nearest

        raise UsageError(f"There is no task {name!r}; {nearest(name, sorted(files))}")
    return _spec(files[name], lm_eval_api.read_yaml(files[name], functions=functions))


def _files(include: Path | None) -> dict[str, Path]:
    """Task files by name; those in *include* win, as with lm-eval's `--include_path`."""
    if include is not None and not include.is_dir():
        raise UsageError(f"{include}: the folder of further task files does not exist.")
    own = {path.stem: path for path in shipped("tasks").glob("*.yaml")}
    return own | dict(_foreign(include) if include is not None else ())


def _foreign(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.glob("**/*.yaml")):
        name = lm_eval_api.read_yaml(path, functions=False).get("task")
        if isinstance(name, str):
            yield name, path


def _spec(path: Path, config: Mapping[str, Any]) -> TaskSpec:
    noted = config.get("metadata")
    metadata = noted if isinstance(noted, Mapping) else {}
    if problem := _problem(config, metadata.get("kind")):
        raise UsageError(f"{path}: {problem}")
    return TaskSpec(
        name=config["task"],
        title=str(metadata.get("title", config["task"])),
        kind=cast("Kind", metadata["kind"]),
        prompt=str(metadata.get("prompt", "the task's own")),
        dataset=str(config.get("dataset_path", "")),
        dataset_config=config.get("dataset_name"),
        split=config.get("test_split") or config["validation_split"],
        revision=str((config.get("dataset_kwargs") or {}).get("revision", "main")),
        id=str(metadata.get("id", "")),
        subject=str(metadata.get("subject", "")),
        level=str(metadata.get("level", "")),
        columns=tuple(metadata.get("columns", ())),
        path=path,
        config=config,
    )


def _problem(config: Mapping[str, Any], kind: object) -> str:
    """Why evalsuite cannot ask this task, or nothing."""
    if kind not in KINDS:
        return _kind_problem(kind)
    if config.get("output_type", "generate_until") != "generate_until":
        return f"output_type is {config['output_type']!r}; only generate_until can be asked."
    if not (config.get("test_split") or config.get("validation_split")):
        return "names neither test_split nor validation_split."
    if config.get("gen_prefix"):
        return "gen_prefix begins the answer, which not every engine allows; remove it."
    if config.get("num_fewshot"):
        return "num_fewshot must be 0: examples drawn by chance are not the same in two runs."
    return ""


def _kind_problem(kind: object) -> str:
    said = f"says metadata.kind {kind!r}" if kind else "does not say how its answers are read"
    return f"{said}; add `metadata: {{kind: K}}` with K one of {_listed(KINDS)}."


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)

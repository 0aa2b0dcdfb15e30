"""lm-eval 0.4.13, as far as evalsuite uses it; no other module imports it."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from evalsuite.errors import UsageError

Config = Mapping[str, Any]


class Doc(NamedTuple):
    """One row as the task shows it; `target` is what lm-eval calls the reference answer."""

    row: Mapping[str, Any]
    prompt: str
    options: tuple[str, ...]
    target: object


def read_yaml(path: Path, *, functions: bool) -> dict[str, Any]:
    """A task file with its `include`s; with *functions* its `!function`s are imported.

    Raises:
        UsageError: it is no task file, or a function in it cannot be imported.
    """
    try:
        return _loader()(path, resolve_func=functions)
    except (OSError, yaml.YAMLError, ValueError, ImportError, AttributeError) as error:
        raise UsageError(f"{path}: is not a usable lm-eval task file: {error}") from error


def render(config: Config, rows: Sequence[Mapping[str, Any]]) -> Iterator[Doc]:
    """The documents that lm-eval makes of *rows*, in its order."""
    if _is_plain(config):
        return (_call(config, row) for row in rows)
    return _through_task(config, rows)


@functools.cache
def _loader() -> Callable[..., dict[str, Any]]:
    """lm-eval's own reader, by path: importing its package costs seconds, the reader nothing."""
    package = find_spec("lm_eval")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "tasks" / "_yaml_loader.py"
    spec = spec_from_file_location("evalsuite_lm_eval_yaml", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Callable[..., dict[str, Any]]", module.load_yaml)


def _is_plain(config: Config) -> bool:
    """Whether calling the file's functions is all that lm-eval would do."""
    functions = [config.get(field) for field in ("doc_to_text", "doc_to_target")]
    functions += [field for field in [config.get("doc_to_choice")] if field is not None]
    others = ("process_docs", "description", "gen_prefix", "use_prompt", "custom_dataset")
    return all(map(callable, functions)) and not any(config.get(field) for field in others)


def _call(config: Config, row: Mapping[str, Any]) -> Doc:
    options = config["doc_to_choice"](row) if config.get("doc_to_choice") else ()
    return Doc(row, config["doc_to_text"](row), tuple(options), config["doc_to_target"](row))


def _through_task(config: Config, rows: Sequence[Mapping[str, Any]]) -> Iterator[Doc]:
    """The same through lm-eval's task object, which knows templates and `process_docs`."""
    import datasets
    import jinja2
    from lm_eval.api.task import ConfigurableTask

    split = config.get("test_split") or config["validation_split"]

    class Task(ConfigurableTask):  # type: ignore[misc] # lm-eval comes without types
        def download(self, *_: object, **__: object) -> None:
            self.dataset = {split: datasets.Dataset.from_list([dict(row) for row in rows])}

    fields = {key: value for key, value in config.items() if key not in {"tag", "group"}}
    try:
        yield from _docs_of(Task(config=fields | {"num_fewshot": 0, "fewshot_split": None}))
    except jinja2.TemplateError as error:
        raise ValueError(f"the task file's template fails ({error})") from error


def _docs_of(task: Any) -> Iterator[Doc]:
    for row in task.eval_docs:
        prompt = task.fewshot_context(row, num_fewshot=0, gen_prefix=None)
        options = task.doc_to_choice(row) if task.config.doc_to_choice is not None else ()
        yield Doc(row, prompt, tuple(map(str, options)), task.doc_to_target(row))

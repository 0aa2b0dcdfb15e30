"""The chat template of a checkpoint folder: messages → the prompt that a model was trained on.

Templates are code from a checkpoint's author, so they run in Jinja's sandbox. What they may use
beside is what the `transformers` library gives them (its guide "Writing a chat template").
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from evalsuite.errors import BackendError
from evalsuite.model import Message

CONFIG = "tokenizer_config.json"
TEMPLATE = "chat_template.jinja"
THINKS = "<think>"


class ChatTemplate:
    """The template of *folder*: `chat_template.jinja`, else that of `tokenizer_config.json`.

    Args:
        folder: a checkpoint's folder.
        variables: what the template may ask for beside the messages, such as `thinking`.

    Raises:
        BackendError: there is no template, or it is no Jinja.
    """

    def __init__(self, folder: Path, variables: Mapping[str, Any] | None = None) -> None:
        from jinja2 import TemplateError

        config = _config(folder)
        self.begin = _token(config.get("bos_token"))
        self.end = _token(config.get("eos_token"))
        self._folder, self._variables = folder, dict(variables or {})
        self.source = _source(folder, config)
        try:
            self._template = _environment().from_string(self.source)
        except TemplateError as error:
            raise BackendError(f"{folder}: the chat template is no Jinja: {error}") from error

    def render(self, messages: Sequence[Message]) -> str:
        """*messages* as one prompt that the assistant goes on from.

        Raises:
            BackendError: the template refuses them.
        """
        from jinja2 import TemplateError

        plain = [{"role": message.role, "content": message.content} for message in messages]
        try:
            prompt = self._template.render(
                **self._variables,
                messages=plain,
                bos_token=self.begin,
                eos_token=self.end,
                add_generation_prompt=True,
            )
        except TemplateError as error:
            raise BackendError(f"{self._folder}: the chat template refuses: {error}") from error
        return str(prompt)


def starts_in_thinking(prompt: str) -> bool:
    """Whether *prompt* ends inside a think block, so that the opening tag is not in the answer."""
    return prompt.rstrip().endswith(THINKS)


def _config(folder: Path) -> dict[str, Any]:
    file = folder / CONFIG
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{file}: cannot be read ({error}). Name a checkpoint folder."
        raise BackendError(message) from error
    if not isinstance(found, dict):
        raise BackendError(f"{file}: is no JSON object.")
    return found


def _source(folder: Path, config: Mapping[str, Any]) -> str:
    """The template's text; of several the one named `default`."""
    file = folder / TEMPLATE
    if file.is_file():
        return file.read_text(encoding="utf-8")
    found = config.get("chat_template")
    if isinstance(found, list):
        found = {one["name"]: one["template"] for one in found}.get("default")
    if not isinstance(found, str):
        raise BackendError(f"{folder}: holds no chat template ({TEMPLATE}, or in {CONFIG}).")
    return found


def _token(found: object) -> str:
    """A special token, which is written as text or with its properties."""
    if isinstance(found, Mapping):
        found = found.get("content")
    return found if isinstance(found, str) else ""


def _environment() -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)  # noqa: DTZ005 - as there
    return environment


def _to_json(value: object, indent: int | None = None) -> str:
    """As text, not escaped for HTML as Jinja's own filter does."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> NoReturn:
    from jinja2 import TemplateError

    raise TemplateError(message)

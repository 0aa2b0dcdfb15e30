"""Engines by name, imported when one is opened."""

import asyncio
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, cast

from evalsuite.backends.base import Asked, Backend
from evalsuite.config import nearest
from evalsuite.errors import BackendError, ConfigError, DataError

BACKENDS = {
    "embedded": "evalsuite.backends.embedded:EmbeddedBackend",
    "openai": "evalsuite.backends.openai:OpenAiBackend",
    "replay": "evalsuite.backends.replay:ReplayBackend",
    "tensorrt_llm": "evalsuite.backends.tensorrt_llm:TensorRtLlmBackend",
}


def backend_class(name: str) -> Any:
    """The class of backend *name*; `OPTIONS` holds its option names.

    Raises:
        KeyError: there is no such backend; the config refuses it by name before.
        BackendMissing: a package that it needs is not installed.
    """
    module, _, attribute = BACKENDS[name].partition(":")
    return getattr(import_module(module), attribute)


def backend_problems(name: str, options: Mapping[str, Any], *, max_tokens: int) -> list[str]:
    """One line for each mistake in the *options* of backend *name*, before it is opened.

    A line starts with the option's name. *max_tokens* is the longest answer to be asked for.
    """
    cls = backend_class(name)
    valid = list(cls.OPTIONS)
    found = [
        f"{option}: backend {name} has no such option; {nearest(option, valid)}"
        for option in options
        if option not in valid
    ]
    if hasattr(cls, "problems"):
        found += cls.problems(options, max_tokens=max_tokens)
    return found


def examine(
    name: str, *, precision: str, options: Mapping[str, Any], asked: Sequence[Asked]
) -> list[str]:
    """What keeps backend *name* from answering *asked* on this machine.

    No model is loaded for it, but small ones that come with evalsuite; servers are looked at.
    """
    cls = backend_class(name)
    try:
        if hasattr(cls, "examine"):
            return list(cls.examine(precision=precision, options=options, asked=asked))
        asyncio.run(open_backend(name, precision=precision, options=options).aclose())
    except (BackendError, DataError, ConfigError) as error:
        return [str(error)]
    return []


def open_backend(name: str, *, precision: str, options: Mapping[str, Any]) -> Backend:
    """Start backend *name*; blocks until it can serve.

    Raises:
        TransientError: it is not there yet (`unreachable`, `overloaded`); ask again later.
        BackendError: it cannot start; the message says why and what to do.
    """
    return cast("Backend", backend_class(name)(precision=precision, **options))

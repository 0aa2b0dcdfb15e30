"""Engines by name, imported when one is opened."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from evalsuite.backends.base import Backend

BACKENDS = {
    "embedded": "evalsuite.backends.embedded:EmbeddedBackend",
    "openai": "evalsuite.backends.openai:OpenAiBackend",
    "replay": "evalsuite.backends.replay:ReplayBackend",
    "tensorrt_llm": "evalsuite.backends.tensorrt_llm:TensorRtLlmBackend",
}


def backend_class(name: str) -> Any:
    """The class of backend *name*: `OPTIONS` (its option names) and `open(**options)`.

    Raises:
        KeyError: there is no such backend; the config refuses it by name before.
        BackendMissing: a package that it needs is not installed.
    """
    module, _, attribute = BACKENDS[name].partition(":")
    return getattr(import_module(module), attribute)


def open_backend(name: str, *, precision: str, options: Mapping[str, Any]) -> Backend:
    """Start backend *name*; blocks until it can serve.

    Raises:
        TransientError: it is not there yet (`unreachable`, `overloaded`); ask again later.
        BackendError: it cannot start; the message says why and what to do.
    """
    return cast("Backend", backend_class(name)(precision=precision, **options))

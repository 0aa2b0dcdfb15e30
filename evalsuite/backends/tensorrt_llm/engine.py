"""A running TensorRT-LLM: which class by version, its objects, its processes, its end."""

import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from evalsuite.backends.tensorrt_llm import processes
from evalsuite.backends.tensorrt_llm.arguments import KIND, NESTED
from evalsuite.errors import BackendError, BackendMissing

INSTALL = (
    "run in NVIDIA's NGC container nvcr.io/nvidia/tensorrt-llm/release and pip install evalsuite "
    "there (extra: tensorrt-llm), or ask a server with backend openai"
)
# NVIDIA's usage reports (tensorrt_llm/usage, 2026) are off if one of these is set before import.
NO_REPORTS = {"TRTLLM_NO_USAGE_STATS": "1", "TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
SHUTDOWN_S = 120.0


def package() -> Any:
    """The module `tensorrt_llm`, with its usage reports switched off.

    Raises:
        BackendMissing: it is not installed, or cannot be loaded here.
    """
    os.environ.update(NO_REPORTS)
    try:
        import tensorrt_llm
    except ImportError as error:
        raise BackendMissing("tensorrt_llm", install=f"{INSTALL} ({error})") from error
    return tensorrt_llm


def installed() -> bool:
    """Whether the package is there; it is not imported, which takes long."""
    return "tensorrt_llm" in sys.modules or find_spec("tensorrt_llm") is not None


def is_old(module: Any) -> bool:
    """Whether *module* is a release before 1.0, where the PyTorch backend had another path."""
    return str(module.__version__).partition(".")[0] == "0"


class Engine:
    """A running `LLM` with the processes that it started; blocks until it can serve.

    Raises:
        BackendError: the engine refuses its arguments or cannot start.
    """

    def __init__(self, module: Any, model: Path, arguments: Mapping[str, Any]) -> None:
        objects = _objects(module, arguments)
        before = processes.descendants()
        try:
            self.llm = _llm(module)(model=str(model), **objects)
        except BaseException as error:
            # Ctrl-C, too: eight workers that hold 600 GB must not outlive the attempt.
            processes.end(processes.descendants() - before)
            if not isinstance(error, Exception):
                raise
            raise BackendError(
                f"TensorRT-LLM {module.__version__} cannot start {model}: "
                f"{type(error).__name__}: {error}"
            ) from error
        started = processes.descendants() - before
        self._workers = frozenset(one for one in started if processes.on_gpu(one))
        self._closed = False

    def gone(self) -> bool:
        """Whether a worker has ended by itself; requests under way would then wait for ever."""
        return not all(processes.alive(one) for one in self._workers)

    def close(self) -> None:
        """Shut down; what is then still there of its workers is ended. A second call is nothing."""
        if self._closed:
            return
        self._closed = True
        stopping = threading.Thread(target=self._shutdown, daemon=True)
        stopping.start()
        stopping.join(SHUTDOWN_S)
        processes.end(self._workers)

    def _shutdown(self) -> None:
        # A crashed engine may fail here as well; its workers are ended all the same.
        with suppress(Exception):
            self.llm.shutdown()


def _llm(module: Any) -> Any:
    """The class of the PyTorch backend.

    By version and not by ImportError: since 1.0 the old path imports, and fails when constructed.
    """
    if is_old(module):
        from tensorrt_llm._torch import LLM
    else:
        from tensorrt_llm import LLM
    return LLM


def _objects(module: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """*arguments* with the mappings of `NESTED` made objects.

    Raises:
        BackendError: a release before 1.0 does not know one of them.
    """
    from tensorrt_llm import llmapi

    made = dict(arguments)
    for name, (kind, _) in NESTED.items():
        if made.get(name) is None:
            continue
        if not hasattr(llmapi, kind) or (is_old(module) and name != "kv_cache_config"):
            raise BackendError(f"TensorRT-LLM {module.__version__} has no {name}; leave it out.")
        fields = {key: value for key, value in made[name].items() if key != KIND}
        made[name] = getattr(llmapi, kind)(**fields)
    return made

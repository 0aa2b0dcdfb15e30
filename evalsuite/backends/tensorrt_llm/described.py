"""What a running TensorRT-LLM is, for run.json."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evalsuite.backends.gpus import Gpu, hardware
from evalsuite.backends.loaded import checkpoint_info
from evalsuite.backends.local import LocalModel
from evalsuite.model import BackendInfo
from evalsuite.privacy import public

MOST_IN_FLIGHT = 1024
MAX_BATCH_SIZE = 2048  # TensorRT-LLM's default


def described(
    model: LocalModel, module: Any, llm: Any, arguments: Mapping[str, Any], cards: Sequence[Gpu]
) -> BackendInfo:
    """The facts of an engine that serves *model* with *arguments* on *cards*."""
    found = checkpoint_info(model.folder)
    return BackendInfo(
        backend="tensorrt_llm",
        model=model.name,
        precision=found.precision,
        engine_version=f"tensorrt_llm {module.__version__}",
        hardware=hardware(cards),
        # Builds before August 2026 ignore a request's seed, and none says whether it does.
        honours_seed=False,
        max_in_flight=_in_flight(arguments),
        context_tokens=arguments["max_seq_len"],
        details={
            "engine_args": json.dumps(public(arguments), sort_keys=True, default=str),
            "driver": ", ".join(sorted({card.driver for card in cards})),
            "kv_cache": _kv_cache(found.kv_cache, arguments),
            **_loaded(llm),
        },
        checkpoint=found,
    )


def _in_flight(arguments: Mapping[str, Any]) -> int:
    """Twice what is written at a time, so that the engine always has the next at hand."""
    batch = arguments.get("max_batch_size") or MAX_BATCH_SIZE
    # With attention DP each rank has a batch of its own.
    ranks = (
        arguments.get("tensor_parallel_size") or 1 if arguments.get("enable_attention_dp") else 1
    )
    return int(min(2 * batch * ranks, MOST_IN_FLIGHT))


def _kv_cache(of_checkpoint: str, arguments: Mapping[str, Any]) -> str:
    """What the cache is kept in: an argument decides, whatever the checkpoint says."""
    asked = str((arguments.get("kv_cache_config") or {}).get("dtype") or "auto")
    return of_checkpoint or "not quantised" if asked == "auto" else asked.upper()


def _loaded(llm: Any) -> dict[str, str]:
    """What the engine resolved the checkpoint to."""
    quant = getattr(getattr(llm, "args", None), "quant_config", None)
    return {
        f"loaded_{name}": str(value)
        for name in ("quant_algo", "kv_cache_quant_algo")
        if (value := getattr(quant, name, None)) is not None
    }

"""What would keep an arm from running here, found without loading anything."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalsuite.backends.base import Asked
from evalsuite.backends.checkpoint import inspect
from evalsuite.backends.gpus import gpus, shortage
from evalsuite.backends.local import LocalModel
from evalsuite.backends.tensorrt_llm.engine import INSTALL, installed
from evalsuite.errors import BackendError, DataError


def examine(*, precision: str, options: Mapping[str, Any], asked: Sequence[Asked]) -> Iterator[str]:
    """One line for each problem: package, checkpoint, GPUs, prompts that are too long."""
    if not installed():
        yield f"tensorrt_llm is not installed: {INSTALL}"
    arguments = options.get("engine_args") or {}
    weights = 0
    try:
        model = LocalModel(
            str(options["model"]),
            revision=str(options.get("revision") or ""),
            template=options.get("template"),
        )
        model.check(precision)
    except (BackendError, DataError) as error:
        yield str(error)
    else:
        weights = inspect(model.folder).bytes
        yield from _too_long(model, asked, room=int(arguments["max_seq_len"]))
    yield from shortage(gpus(), count=world_size(arguments), weights=weights)


def world_size(arguments: Mapping[str, Any]) -> int:
    """How many GPUs one engine with *arguments* takes."""
    names = ("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size")
    tensor, pipeline, context = (int(arguments.get(name) or 1) for name in names)
    return tensor * pipeline * context


def _too_long(model: LocalModel, asked: Sequence[Asked], *, room: int) -> Iterator[str]:
    """Questions whose prompt does not fit *room* tokens beside the answer."""
    for task in asked:
        left = room - task.sampling.max_tokens
        worst, where, count = 0, "", 0
        for question in task.questions:
            prompt = model.prompt(question.messages)
            # A token is a byte at least, so most prompts need not be split into tokens.
            if len(prompt.encode("utf-8", "surrogatepass")) <= left:
                continue
            tokens = len(model.ids(prompt))
            if tokens > left:
                count += 1
                worst, where = max((worst, where), (tokens, f"{question.task} {question.id}"))
        if count:
            yield (
                f"max_seq_len {room} is too small for {count} question(s) with max_tokens "
                f"{task.sampling.max_tokens}; {where} needs {worst + task.sampling.max_tokens}"
            )

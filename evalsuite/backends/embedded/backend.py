"""The embedded engine behind the seam: chat template, tokens and the engine's thread."""

import asyncio
import os
import platform
import time
from typing import TYPE_CHECKING, Any

import evalsuite
from evalsuite.backends.chat_template import ChatTemplate, starts_in_thinking
from evalsuite.backends.loaded import checkpoint_info
from evalsuite.errors import BackendError, EngineFailed, RequestRejected
from evalsuite.model import BackendInfo, Generation, Request

if TYPE_CHECKING:
    from evalsuite.backends.embedded.checkpoint import Checkpoint
    from evalsuite.backends.embedded.engine import Job

MOST_BATCH = 1024


class EmbeddedBackend:
    """Answers with a checkpoint that is shipped (`fp8`, `nvfp4`) or lies in a folder.

    Args:
        precision: what the arm claims; it must be the checkpoint's own.
        model: a shipped checkpoint's name or a folder; the precision's name if not given.
        max_batch_size: how many sequences are written at a time.
    """

    OPTIONS = ("model", "max_batch_size")

    def __init__(
        self, *, precision: str, model: str | None = None, max_batch_size: int = 64
    ) -> None:
        from tokenizers import Tokenizer

        from evalsuite.backends.embedded import checkpoint
        from evalsuite.backends.embedded.engine import Engine

        if isinstance(max_batch_size, bool) or not 1 <= max_batch_size <= MOST_BATCH:
            raise BackendError(
                f"max_batch_size must be from 1 to {MOST_BATCH}, not {max_batch_size!r}."
            )
        opened = checkpoint.load(checkpoint.find(model or precision))
        _check_precision(precision, opened)
        self._shape = opened.network.shape
        self._tokenizer = Tokenizer.from_file(str(opened.folder / "tokenizer.json"))
        self._template = ChatTemplate(opened.folder)
        end = self._tokenizer.token_to_id(self._template.end)
        if end is None:
            raise BackendError(
                f"{opened.folder}: {self._template.end} is no token of tokenizer.json."
            )
        self._engine = Engine(opened.network, end=end, batch=max_batch_size)
        self._info = _info(opened, max_batch_size)

    @property
    def info(self) -> BackendInfo:
        """What this engine is."""
        return self._info

    async def generate(self, request: Request) -> Generation:
        """Answer *request*; cancelling the call frees its place in the engine."""
        began = time.monotonic()
        prompt = self._template.render(request.messages)
        ids = self._tokenizer.encode(prompt, add_special_tokens=False).ids
        if len(ids) >= self._shape.context:
            raise RequestRejected(
                f"{request.key}: the prompt has {len(ids)} tokens and the embedded model's context "
                f"holds {self._shape.context}, answer included. Leave this question out.",
                rejection="too_long",
            )
        job = await self._finished(ids, request)
        if job.error is not None:
            raise EngineFailed(f"The embedded engine has stopped: {job.error!r}") from job.error
        return Generation(
            text=self._tokenizer.decode(job.written, skip_special_tokens=True),
            finish_reason=job.finish_reason,
            starts_in_thinking=starts_in_thinking(prompt),
            prompt_tokens=len(ids),
            output_tokens=len(job.written),
            latency_s=time.monotonic() - began,
        )

    async def aclose(self) -> None:
        """Stop the engine's thread; a second call does nothing."""
        await asyncio.to_thread(self._engine.close)

    async def _finished(self, ids: list[int], request: Request) -> "Job":
        from evalsuite.backends.embedded.engine import Job
        from evalsuite.backends.embedded.sampling import drawer

        loop = asyncio.get_running_loop()
        future: asyncio.Future[Job] = loop.create_future()

        def deliver(job: Job) -> None:
            if not future.done():
                future.set_result(job)

        job = Job(
            prompt=ids,
            max_tokens=request.sampling.max_tokens,
            drawer=drawer(request.sampling, request.seed),
            done=lambda job: _call(loop, deliver, job),
        )
        self._engine.submit(job)
        try:
            return await future
        except asyncio.CancelledError:
            self._engine.cancel(job)
            raise


def _call(loop: asyncio.AbstractEventLoop, deliver: Any, job: "Job") -> None:
    # A loop that has closed has nobody left who waits.
    if not loop.is_closed():
        loop.call_soon_threadsafe(deliver, job)


def _check_precision(precision: str, opened: "Checkpoint") -> None:
    if precision != opened.precision:
        raise BackendError(
            f"The arm says precision {precision!r} but the checkpoint in {opened.folder} is "
            f"{opened.precision!r}. Correct `precision` or `options.model`."
        )


def _info(opened: "Checkpoint", batch: int) -> BackendInfo:
    import numpy as np

    return BackendInfo(
        backend="embedded",
        model=opened.folder.name,
        precision=opened.precision,
        engine_version=f"evalsuite {evalsuite.__version__}, numpy {np.__version__}",
        hardware=f"CPU, {os.cpu_count()} cores, {platform.machine()}",
        honours_seed=True,
        max_in_flight=2 * batch,
        context_tokens=opened.network.shape.context,
        details={
            "attention_arithmetic": opened.network.layers[0].query_key_value.arithmetic,
            "mlp_arithmetic": opened.network.layers[0].down.arithmetic,
        },
        checkpoint=checkpoint_info(opened.folder),
    )

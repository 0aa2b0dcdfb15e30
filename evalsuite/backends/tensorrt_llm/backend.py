"""TensorRT-LLM behind the seam: one `generate_async` for each request."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from evalsuite.backends import gpus
from evalsuite.backends.base import Asked
from evalsuite.backends.chat_template import starts_in_thinking
from evalsuite.backends.local import LocalModel
from evalsuite.backends.tensorrt_llm.arguments import problems
from evalsuite.backends.tensorrt_llm.described import described
from evalsuite.backends.tensorrt_llm.engine import Engine, is_old, package
from evalsuite.backends.tensorrt_llm.examine import examine
from evalsuite.errors import (
    BackendError,
    ConfigError,
    EngineFailed,
    RequestRejected,
    TransientError,
)
from evalsuite.model import BackendInfo, FinishReason, Generation, Request

FINISHED: Mapping[str, FinishReason] = {"stop": "stop", "length": "length"}
MAX_NUM_TOKENS = 8192  # TensorRT-LLM's default
WATCH_S = 2.0
SHAPES = (
    ("model", str, "text"),
    ("revision", str, "text (put quotes around digits)"),
    ("relaxed_acceptance", bool, "true or false"),
    ("template", dict, "a mapping"),
)


class TensorRtLlmBackend:
    """Answers with a checkpoint on this machine; the engine is started again once if it dies.

    Args:
        precision: what the arm claims; the checkpoint's tensors must agree.
        model: the checkpoint's folder, or the id of a model that is in the Hugging Face cache.
        revision: the model's revision, for an id.
        engine_args: arguments of `tensorrt_llm.LLM`, checked before anything is loaded.
        relaxed_acceptance: allow speculative decoding that changes what the model writes.
        template: variables for the chat template, such as `thinking: true`.

    Raises:
        ConfigError: `engine_args` hold mistakes; all are named.
        BackendError: the checkpoint is not what the arm says, or the engine cannot start.
    """

    OPTIONS = (
        *("model", "revision", "engine_args", "relaxed_acceptance"),
        "template",
    )

    def __init__(
        self,
        *,
        precision: str,
        model: str,
        revision: str = "",
        engine_args: Mapping[str, Any] | None = None,
        relaxed_acceptance: bool = False,
        template: Mapping[str, Any] | None = None,
    ) -> None:
        self._arguments = dict(engine_args or {})
        found = list(problems(self._arguments, relaxed_acceptance=relaxed_acceptance))
        if found:
            raise ConfigError("tensorrt_llm", found)
        self._model = LocalModel(model, revision=revision, template=template)
        self._model.check(precision)
        self._package = package()
        _refuse_old(self._package, self._arguments)
        cards = gpus.wait_for_room()
        self._engine = self._opened()
        try:
            self._info = described(
                self._model, self._package, self._engine.llm, self._arguments, cards
            )
        except BaseException:
            self._engine.close()  # workers that hold 600 GB must not outlive the attempt
            raise
        self._under_way: dict[asyncio.Task[Any], Any] = {}
        self._watching: asyncio.Task[None] | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._dead: BaseException | None = None
        self._closed = False

    @classmethod
    def problems(cls, options: Mapping[str, Any], *, max_tokens: int) -> Iterator[str]:
        """One line for each mistake in a config's *options*, before anything is opened.

        *max_tokens* is the longest answer that will be asked for.
        """
        arguments = options.get("engine_args") or {}
        if not isinstance(arguments, Mapping):
            yield f"engine_args: must be a mapping, not {arguments!r:.60}"
            return
        relaxed = bool(options.get("relaxed_acceptance"))
        yield from problems(arguments, relaxed_acceptance=relaxed)
        room = arguments.get("max_seq_len")
        if isinstance(room, int) and room <= max_tokens:
            yield (
                f"engine_args.max_seq_len: {room} leaves no room for a prompt beside an answer of "
                f"max_tokens {max_tokens}; write {max_tokens + 4096}."
            )
        if not options.get("model"):
            yield "model: must be written: a checkpoint's folder, or a model id."
        for name, kind, words in SHAPES:
            if not isinstance(options.get(name, kind()), kind):
                yield f"{name}: must be {words}, not {options[name]!r:.60}"

    @classmethod
    def examine(
        cls, *, precision: str, options: Mapping[str, Any], asked: Sequence[Asked]
    ) -> Iterator[str]:
        """What keeps this machine from answering *asked*; loads nothing."""
        return examine(precision=precision, options=options, asked=asked)

    @property
    def info(self) -> BackendInfo:
        """What this engine is."""
        return self._info

    async def generate(self, request: Request) -> Generation:
        """Answer *request*; cancelling the call aborts it in the engine."""
        began = time.monotonic()
        prompt = self._model.prompt(request.messages)
        ids = self._model.ids(prompt)
        self._refuse_too_long(request, len(ids))
        completion = await self._completed(ids, request)
        return Generation(
            text=completion.text,
            finish_reason=FINISHED[completion.finish_reason],
            starts_in_thinking=starts_in_thinking(prompt),
            prompt_tokens=len(ids),
            output_tokens=len(completion.token_ids),
            latency_s=time.monotonic() - began,
        )

    async def aclose(self) -> None:
        """Abort what is under way and shut the engine down; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._watching:
            self._watching.cancel()
        if self._restarting:
            # Its thread cannot be stopped, and what it loads must be closed.
            await asyncio.gather(self._restarting, return_exceptions=True)
        for out in self._under_way.values():
            _abort(out)
        await asyncio.to_thread(self._engine.close)
        for waiting in self._under_way:
            waiting.cancel()

    def _opened(self) -> Engine:
        return Engine(self._package, self._model.folder, self._arguments)

    def _refuse_too_long(self, request: Request, prompt: int) -> None:
        """The engine itself would only end the answer early, or fail on a long prompt."""
        room, whole = self._arguments["max_seq_len"], prompt + request.sampling.max_tokens
        at_once = self._arguments.get("max_num_tokens") or MAX_NUM_TOKENS
        if whole > room:
            why = f"prompt and max_tokens are {whole} tokens, max_seq_len is {room}"
        elif prompt > at_once and not self._arguments.get("enable_chunked_prefill"):
            why = f"the prompt has {prompt} tokens, max_num_tokens is {at_once}"
        else:
            return
        raise RequestRejected(f"{request.key}: {why}; raise it.", rejection="too_long")

    async def _completed(self, ids: list[int], request: Request) -> Any:
        """The engine's `CompletionOutput`."""
        engine = await self._ready()
        try:
            out = engine.llm.generate_async(
                {"prompt_token_ids": ids}, sampling_params=self._sampling(request)
            )
        except Exception as error:
            raise self._translated(error, engine, submitted=False) from error
        waiting = asyncio.ensure_future(_arrived(out))
        self._under_way[waiting] = out
        try:
            await waiting
        except asyncio.CancelledError:
            _abort(out)
            raise self._why_cancelled() from None
        except Exception as error:
            raise self._translated(error, engine, submitted=True) from error
        finally:
            del self._under_way[waiting]
        return _first(out, closed=self._closed)

    def _sampling(self, request: Request) -> Any:
        """Every field is said: unset temperature is greedy, unset max_tokens is 32."""
        sampling = request.sampling
        return self._package.SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            seed=request.seed,
        )

    async def _ready(self) -> Engine:
        """The engine, started again if it has died."""
        if self._dead is not None and not self._closed:
            if self._restarting is None:
                self._restarting = asyncio.create_task(self._restart(self._dead))
            # Cancelling one request must not cancel the start that all wait for.
            await asyncio.shield(self._restarting)
        if self._closed:
            raise EngineFailed("The TensorRT-LLM engine is closed.")
        if self._dead is not None:
            raise EngineFailed(f"TensorRT-LLM died twice; the last time: {self._dead!r}")
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        return self._engine

    async def _restart(self, died: BaseException) -> None:
        """Once: `_restarting` stays, so that a second death finds it done."""
        try:
            await asyncio.to_thread(self._engine.close)
            await asyncio.to_thread(gpus.wait_for_room)
            self._engine = await asyncio.to_thread(self._opened)
        except BackendError as error:
            raise EngineFailed(f"TensorRT-LLM died ({died!r}) and stays down: {error}") from error
        self._dead = None

    async def _watch(self) -> None:
        """Notice a worker that was killed: the engine itself may never say so."""
        while True:
            await asyncio.sleep(WATCH_S)
            if self._dead is None and await asyncio.to_thread(self._engine.gone):
                self._died(RuntimeError("a worker process has ended"))

    def _died(self, error: BaseException) -> None:
        """Give up what is under way; the runner asks it again."""
        self._dead = error
        for waiting in self._under_way:
            waiting.cancel()

    def _why_cancelled(self) -> BaseException:
        """Our caller cancelled, the engine died, or it was closed."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            return asyncio.CancelledError()
        if self._closed:
            return EngineFailed("The TensorRT-LLM engine was closed.")
        return TransientError(f"TensorRT-LLM died: {self._dead!r}", fault="connection")

    def _translated(self, error: Exception, engine: Engine, *, submitted: bool) -> BackendError:
        """*error* of *engine* as one of ours; by class name, as the modules move with versions."""
        names = {kind.__name__ for kind in type(error).__mro__}
        said = f"{type(error).__name__}: {error}"
        if self._closed:
            return EngineFailed(f"The TensorRT-LLM engine is closed ({said}).")
        if "CppExecutorError" in names or "LLM is shutting down" in str(error):
            if engine is self._engine and self._dead is None:
                self._died(error)
            return TransientError(said, fault="connection")
        # An engine's own failure comes as a RequestError, too, but not before it has the request.
        if not submitted and names & {"RequestError", "ValueError", "TypeError"}:
            return RequestRejected(said)
        return TransientError(said, fault="server_error")


async def _arrived(out: Any) -> None:
    """A task of our own around *out*, which can be given up if the engine never answers."""
    await out


def _abort(out: Any) -> None:
    # An engine that is gone has nothing to abort, and says so in its own ways.
    with suppress(Exception):
        out.abort()


def _first(out: Any, *, closed: bool) -> Any:
    """The one completion of *out*, if it is an answer."""
    if closed:
        raise EngineFailed("The TensorRT-LLM engine was closed.")
    if getattr(out, "error", None):
        raise TransientError(str(out.error), fault="server_error")
    if not out.outputs:
        raise TransientError("no completion came back", fault="invalid_response")
    completion = out.outputs[0]
    if completion.finish_reason not in FINISHED:
        raise TransientError(
            f"ended with finish_reason {completion.finish_reason!r}",
            fault="timeout" if completion.finish_reason == "timeout" else "server_error",
        )
    return completion


def _refuse_old(module: Any, arguments: Mapping[str, Any]) -> None:
    if is_old(module) and arguments.get("speculative_config"):
        raise BackendError(
            f"TensorRT-LLM {module.__version__}: speculative decoding was greedy whatever the "
            "temperature before 1.0; leave speculative_config out."
        )

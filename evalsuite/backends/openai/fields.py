"""What is sent: request bodies, field by field, as each kind of server takes them.

Read in the servers' sources (trtllm-serve between 1.3.0rc7 and 1.4.0rc1, vLLM 0.33.0, SGLang
0.5.23). trtllm-serve refuses a request with a field that it does not know. Where a field is left
out, the servers' defaults differ and a checkpoint's `generation_config.json` may set them, so
everything that moves a draw is sent. `max_tokens` is the one name of the limit that all of them
take, old versions included.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from evalsuite.errors import EngineFailed
from evalsuite.model import Request, Sampling

ServerKind: TypeAlias = Literal["trtllm-serve", "vllm", "sglang", "nim", "openai"]
Endpoint: TypeAlias = Literal["chat", "completions"]
SERVER_KINDS: tuple[ServerKind, ...] = get_args(ServerKind)
ENDPOINTS: tuple[Endpoint, ...] = get_args(Endpoint)
PATHS: Mapping[Endpoint, str] = {"chat": "/chat/completions", "completions": "/completions"}

# What switches top_k off. NIM 2 serves with vLLM. OpenAI's own protocol has no top_k.
TOP_K_OFF: Mapping[ServerKind, int] = {"trtllm-serve": 0, "vllm": -1, "nim": -1, "sglang": -1}
# These take `add_special_tokens` with a text prompt; the others add what their tokenizer adds.
ADDS_ON_DEMAND = frozenset({"trtllm-serve", "vllm", "nim"})


def chat_body(request: Request, *, kind: ServerKind, model: str) -> dict[str, Any]:
    """The body of a chat request.

    Raises:
        EngineFailed: the server has no field for something that the sampling asks for.
    """
    messages = [{"role": one.role, "content": one.content} for one in request.messages]
    return {"model": model, "messages": messages} | _drawing(request, kind)


def completion_body(
    request: Request, prompt: str, *, kind: ServerKind, model: str, begin: str, adds_begin: bool
) -> dict[str, Any]:
    """The body of a completion of *prompt*, so that it starts with exactly one BOS token.

    Args:
        request: its sampling and seed are sent.
        prompt: what the chat template wrote.
        kind: the server's.
        model: the name that it serves.
        begin: the text of the BOS token, empty if the model has none.
        adds_begin: the tokenizer puts BOS in front of any text by itself.

    Raises:
        EngineFailed: as `chat_body`.
    """
    written = bool(begin) and prompt.startswith(begin)
    body = {"model": model, "prompt": prompt} | _drawing(request, kind)
    if kind in ADDS_ON_DEMAND:
        body["add_special_tokens"] = not written
    elif written and adds_begin:
        body["prompt"] = prompt.removeprefix(begin)
    return body


def _drawing(request: Request, kind: ServerKind) -> dict[str, Any]:
    """The fields that decide how tokens are drawn."""
    sampling = request.sampling
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "seed": request.seed,
        "n": 1,
        "stream": False,
    }
    return fields | _beyond_openai(sampling, kind)


def _beyond_openai(sampling: Sampling, kind: ServerKind) -> dict[str, Any]:
    if kind in TOP_K_OFF:
        top_k = sampling.top_k or TOP_K_OFF[kind]
        return {"top_k": top_k, "min_p": 0.0, "repetition_penalty": 1.0}
    if sampling.top_k:
        raise EngineFailed(
            f"sampling.top_k is {sampling.top_k}, and OpenAI's own protocol has no such field. Set "
            "it to 0, or say with options.server which of trtllm-serve, vllm, sglang, nim it is."
        )
    return {}

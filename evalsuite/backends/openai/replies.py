"""What comes back: a server's answer → a `Generation`, its refusal → one of our errors."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from evalsuite.backends.openai.fields import Endpoint, ServerKind
from evalsuite.errors import BackendError, EngineFailed, RequestRejected, TransientError
from evalsuite.model import FinishReason, Generation

# One vocabulary for three servers' finish reasons; whatever else comes is `unknown`.
FINISHED: Mapping[str, FinishReason] = {"stop": "stop", "length": "length", "tool_calls": "stop"}
# The engine ended the answer, not the model or its limit: no answer, whatever stands there.
BROKEN_OFF = frozenset({"abort", "cancelled", "error", "timeout"})
MESSAGE_MOST = 500

# Statuses that say "not now" (RFC 6585, 9110; 529 is used by gateways).
BUSY = frozenset({425, 429, 503, 529})
FORBIDDEN = frozenset({401, 402, 403, 407})
# How the servers say that prompt and answer do not fit; lower case.
TOO_LONG = (
    "maximum context length",
    "max_model_len",
    "max_seq_len",
    "max_num_tokens",
    "max_input_len",
    "context length",
    "longer than the model",
    "prompt is too long",
    "prompt length",
    "input is too long",
    "context_length_exceeded",
)


def generation(
    body: bytes, *, endpoint: Endpoint, starts_in_thinking: bool, latency_s: float
) -> Generation:
    """The answer in *body*, the JSON of a whole response.

    The reasoning is kept apart where the server split it off: trtllm-serve and SGLang call it
    `reasoning_content`, vLLM `reasoning`.

    Raises:
        TransientError: it is no such JSON, or the engine broke the answer off.
    """
    try:
        came = json.loads(body)
        choice = came["choices"][0]
        said = choice["message"] if endpoint == "chat" else {"content": choice["text"]}
        text, reasoning = said.get("content") or "", _reasoning(said)
        reason = choice.get("finish_reason")
        usage = came.get("usage") or {}
        counted = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        if not isinstance(text, str):
            raise TypeError("the content is no text")  # noqa: TRY301 - one reason among others
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise TransientError(
            f"The server's answer cannot be read ({error!r:.200}): {body[:100]!r}",
            fault="invalid_response",
        ) from error
    if reason in BROKEN_OFF:
        raise TransientError(f"The engine ended the answer with {reason!r}.", fault="server_error")
    return Generation(
        text=text,
        reasoning=reasoning,
        finish_reason=FINISHED.get(str(reason), "unknown"),
        starts_in_thinking=starts_in_thinking and reasoning is None,
        prompt_tokens=counted[0],
        output_tokens=counted[1],
        latency_s=latency_s,
    )


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, kind: ServerKind, url: str
) -> BackendError:
    """The error that a response other than 200 stands for."""
    message = error_message(body)
    said = f"{url} answers {status}" + (f": {message}" if message else ".")
    if status in FORBIDDEN:
        return EngineFailed(
            f"{said}\nPut the key into the variable that options.api_key_env names."
        )
    if status in BUSY:
        return TransientError(said, fault="overloaded", retry_after_s=_retry_after_s(headers))
    if status in (408, 504):
        return TransientError(said, fault="timeout")
    if status >= 500:  # noqa: PLR2004 - HTTP's classes
        return TransientError(said, fault="server_error", retry_after_s=_retry_after_s(headers))
    if status in (400, 413, 422):
        return _refused(body, said, message, kind=kind)
    return EngineFailed(f"{said}\nIs options.base_url right? It usually ends in /v1.")


def _refused(body: bytes, said: str, message: str, *, kind: ServerKind) -> BackendError:
    """What a 400 means: a prompt that does not fit, a field that is wrong, or a failed engine."""
    lower = message.lower()
    if any(words in lower for words in TOO_LONG):
        return RequestRejected(said, rejection="too_long")
    # trtllm-serve reports every exception of a request as 400, those of its engine, too; only
    # what it finds wrong with the fields comes as {"error": "text"}.
    if kind == "trtllm-serve" and not _is_validation(body):
        return TransientError(said, fault="server_error")
    return RequestRejected(said, rejection="refused")


def _is_validation(body: bytes) -> bool:
    try:
        came = json.loads(body)
    except ValueError:
        return False
    return isinstance(came, dict) and isinstance(came.get("error"), str)


def error_message(body: bytes) -> str:
    """The message in an error's body, which has three shapes among the servers; else its text."""
    try:
        came: Any = json.loads(body)
    except ValueError:
        return body[:MESSAGE_MOST].decode("utf-8", "replace").strip()
    for _ in range(2):  # {error: {message}} or {message} or {error: text} or {detail}
        if isinstance(came, dict):
            came = next((came[key] for key in ("error", "message", "detail") if came.get(key)), "")
    return str(came)[:MESSAGE_MOST]


def _reasoning(said: Mapping[str, Any]) -> str | None:
    found = said.get("reasoning_content")
    if not isinstance(found, str):
        found = said.get("reasoning")
    return found if isinstance(found, str) else None


def _count(found: object) -> int | None:
    return found if isinstance(found, int) else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds or a date (RFC 9110, 10.2.3); None without the header or if it is neither."""
    said = headers.get("Retry-After", "")
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)

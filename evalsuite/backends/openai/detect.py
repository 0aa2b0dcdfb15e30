"""Which server listens at an address: its kind, version, models and context."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalsuite.backends.openai.fields import ServerKind
from evalsuite.backends.openai.http import Http
from evalsuite.backends.openai.replies import refusal
from evalsuite.errors import EngineFailed, TransientError

PROBE_S = 20.0
# What `owned_by` says in /v1/models; the load test's and OpenAI's own names are `openai`.
OWNERS: dict[str, ServerKind] = {
    "tensorrt_llm": "trtllm-serve",
    "vllm": "vllm",
    "sglang": "sglang",
    "system": "nim",
}
VERSION_AT: Mapping[str, tuple[str, ...]] = {
    "trtllm-serve": ("{root}/version",),
    "vllm": ("{root}/version",),
    "sglang": ("{root}/server_info", "{root}/get_server_info"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server, as it describes itself; `version` is empty if it does not say."""

    kind: ServerKind
    version: str
    models: tuple[str, ...]
    context_tokens: int | None


async def detect(http: Http, base_url: str) -> Server:
    """Ask the server at *base_url* (which ends in /v1) what it is.

    Raises:
        TransientError: it is not there or still loading.
        EngineFailed: it refuses us, or speaks another protocol.
    """
    url = f"{base_url}/models"
    reply = await http.get(url, timeout_s=PROBE_S)
    if reply.status != 200:  # noqa: PLR2004 - HTTP's OK
        error = refusal(reply.status, reply.headers, reply.body, kind="openai", url=url)
        if isinstance(error, TransientError):
            raise TransientError(str(error), fault="unreachable", retry_after_s=error.retry_after_s)
        raise EngineFailed(str(error))
    try:
        models = [one for one in json.loads(reply.body)["data"] if isinstance(one["id"], str)]
    except (ValueError, LookupError, TypeError) as error:
        raise EngineFailed(
            f"{url}: is no list of models ({error!r}). Is options.base_url right? It usually "
            "ends in /v1."
        ) from error
    kind, version = await _kind(http, base_url, models)
    lengths = [one["max_model_len"] for one in models if isinstance(one.get("max_model_len"), int)]
    return Server(
        kind=kind,
        version=version,
        models=tuple(one["id"] for one in models),
        context_tokens=min(lengths, default=None),
    )


async def _kind(http: Http, base_url: str, models: list[dict[str, Any]]) -> tuple[ServerKind, str]:
    """The kind and version. NIM serves with vLLM and may say so, but has a /v1/version."""
    owners = {str(one.get("owned_by")) for one in models}
    known = [OWNERS[owner] for owner in sorted(owners) if owner in OWNERS]
    kind: ServerKind = known[0] if known else "openai"
    if kind in ("vllm", "nim", "openai"):
        release = await _said(http, f"{base_url}/version", "release")
        if release:
            return "nim", release
    root = base_url.removesuffix("/v1")
    for url in VERSION_AT.get(kind, ()):
        version = await _said(http, url.format(root=root), "version")
        if version:
            return kind, version
    return kind, ""


async def _said(http: Http, url: str, name: str) -> str:
    """Field *name* of the JSON at *url*; empty if there is none."""
    try:
        reply = await http.get(url, timeout_s=PROBE_S)
        found = json.loads(reply.body)
    except (TransientError, ValueError):
        return ""
    return str(found.get(name) or "") if isinstance(found, dict) else ""

"""The seam over OpenAI's protocol: one model behind one URL or several."""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from evalsuite.backends.chat_template import ChatTemplate, starts_in_thinking
from evalsuite.backends.openai.detect import Server, detect
from evalsuite.backends.openai.fields import (
    ENDPOINTS,
    PATHS,
    SERVER_KINDS,
    Endpoint,
    ServerKind,
    chat_body,
    completion_body,
)
from evalsuite.backends.openai.http import Http, most_connections
from evalsuite.backends.openai.pool import Place, Pool
from evalsuite.backends.openai.replies import generation, refusal
from evalsuite.config import nearest
from evalsuite.errors import BackendError, EngineFailed, TransientError
from evalsuite.model import BackendInfo, Generation, Request

IN_FLIGHT_EACH = 256
OK = 200
# By their sources these let a request's seed decide its draw; SGLang does not by default, and
# trtllm-serve not before August 2026. What a run really got is measured: duplicate draws.
HONOUR_SEEDS = frozenset({"vllm", "nim"})


class OpenAiBackend:
    """Asks a server that somebody else started.

    Args:
        precision: what the arm claims; a server does not say.
        base_url: one or several, each ends in /v1; several are one pool.
        model: the served name; may be left out where only one is served.
        server: what the server is; looked up if not given.
        endpoint: `chat`, or `completions` with the chat template of *tokenizer*.
        tokenizer: a checkpoint folder with tokenizer_config.json and tokenizer.json.
        starts_in_thinking: the server's template opens a think block; from *tokenizer* if given.
        template: variables for the chat template, such as `thinking: true`.
        extra_body: further fields of every request; a server may refuse what it does not know.
        api_key_env: the environment variable with the key, never the key.

    Raises:
        TransientError: no server is there yet.
        BackendError: an option is wrong, a server serves something else or refuses us.
    """

    OPTIONS = (
        "base_url",
        "model",
        "server",
        "endpoint",
        "tokenizer",
        "starts_in_thinking",
        "template",
        "extra_body",
        "api_key_env",
    )
    # Where the server is today does not change what it answers.
    FREE_OPTIONS = ("base_url", "api_key_env")

    def __init__(  # noqa: PLR0913 - the options of a config
        self,
        *,
        precision: str,
        base_url: str | Sequence[str] = "http://localhost:8000/v1",
        model: str = "",
        server: str = "",
        endpoint: str = "chat",
        tokenizer: str = "",
        starts_in_thinking: bool | None = None,
        template: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        api_key_env: str = "OPENAI_API_KEY",
    ) -> None:
        _check_choice("server", server or "openai", SERVER_KINDS)
        _check_choice("endpoint", endpoint, ENDPOINTS)
        self._endpoint = cast("Endpoint", endpoint)
        self._extra = dict(extra_body or {})
        self._key = os.environ.get(api_key_env, "")
        self._prompts = _Prompts(Path(tokenizer), template) if tokenizer else None
        if endpoint == "completions" and self._prompts is None:
            raise BackendError("endpoint completions needs options.tokenizer, a checkpoint folder.")
        if template and endpoint == "chat":
            self._extra["chat_template_kwargs"] = dict(template)
        self._in_thinking = starts_in_thinking
        self._kind, self._model = cast("ServerKind", server), model
        # One for each server, so that a server that hangs can be cut off by itself.
        self._https: dict[str, Http] = {}
        self._most = most_connections()
        self._closed = False
        self._pool = Pool(_urls(base_url), self._look, self._cut_off)
        self._seen = self._first_look()
        self._info = self._described(precision)

    @property
    def info(self) -> BackendInfo:
        """What this engine is."""
        return self._info

    async def generate(self, request: Request) -> Generation:
        """Answer *request*; cancelling the call closes its connection, which frees its place."""
        if self._closed:
            raise EngineFailed("The openai backend is closed.")
        if sum(place.in_flight for place in self._pool.places) >= self._most:
            raise EngineFailed(
                f"This system lets a process hold open at most {self._most} connections (`ulimit "
                "-Hn` less a few). Set the arm's concurrency to no more than that, or raise the "
                "limit."
            )
        prompt = self._prompts.text(request) if self._prompts else ""
        body = json.dumps(self._body(request, prompt) | self._extra).encode()
        in_thinking = self._in_thinking
        if in_thinking is None:
            in_thinking = starts_in_thinking(prompt)
        while True:
            try:
                with self._pool.place() as place:
                    return await self._ask(place, body, in_thinking=in_thinking)
            except TransientError as error:
                # It was not taken there. Another server takes it, or none is left.
                if error.fault != "unreachable" or all(one.why for one in self._pool.places):
                    raise

    async def aclose(self) -> None:
        """Close all connections; a second call does nothing."""
        self._closed = True
        await self._pool.aclose()
        for http in self._https.values():
            await http.aclose()

    async def _ask(self, place: Place, body: bytes, *, in_thinking: bool) -> Generation:
        url = place.url + PATHS[self._endpoint]
        began = time.monotonic()
        reply = await self._session(place.url).post(url, body)
        if reply.status != OK:
            raise refusal(reply.status, reply.headers, reply.body, kind=self._kind, url=url)
        return generation(
            reply.body,
            endpoint=self._endpoint,
            starts_in_thinking=in_thinking,
            latency_s=time.monotonic() - began,
        )

    def _body(self, request: Request, prompt: str) -> dict[str, Any]:
        if self._endpoint == "chat":
            return chat_body(request, kind=self._kind, model=self._model)
        assert self._prompts
        return completion_body(
            request,
            prompt,
            kind=self._kind,
            model=self._model,
            begin=self._prompts.begin,
            adds_begin=self._prompts.adds_begin,
        )

    def _session(self, url: str) -> Http:
        """The session with the server at *url*; made in the loop that uses it."""
        if not self._https:
            for place in self._pool.places:
                if place.why and place.watcher is None:
                    why, place.why = place.why, ""
                    self._pool.dead(place, why)
        if url not in self._https:
            self._https[url] = Http(self._key)
        return self._https[url]

    async def _look(self, url: str) -> None:
        """Return if the server at *url* can be asked as the others are."""
        server = await detect(self._session(url), url)
        self._check(url, server)

    async def _cut_off(self, url: str) -> None:
        """Close all connections with *url*: what is in flight there breaks off, and is retried."""
        http = self._https.pop(url, None)
        if http:
            await http.aclose()

    def _first_look(self) -> list[Server]:
        """Ask all servers what they are; those that are not there yet are dead for now."""
        came = asyncio.run(_detect_all([place.url for place in self._pool.places], self._key))
        absent = [one for one in came if isinstance(one, TransientError)]
        if len(absent) == len(came):
            raise absent[0]
        for place, one in zip(self._pool.places, came, strict=True):
            if isinstance(one, TransientError):
                place.why = str(one)
            elif isinstance(one, Server):
                self._settle(one)
                self._check(place.url, one)
            else:
                raise one
        return [one for one in came if isinstance(one, Server)]

    def _settle(self, server: Server) -> None:
        """Take from the first server what the options leave open."""
        self._kind = self._kind or server.kind
        if not self._model and len(server.models) == 1:
            self._model = server.models[0]

    def _check(self, url: str, server: Server) -> None:
        """Refuse a server that serves another model: trtllm-serve itself would not."""
        if self._model not in server.models:
            served = ", ".join(server.models) or "none"
            asked = repr(self._model) if self._model else "no name, which is clear with one only"
            raise EngineFailed(f"{url} serves {served}; options.model asks for {asked}.")

    def _described(self, precision: str) -> BackendInfo:
        versions = sorted({f"{self._kind} {one.version or '?'}" for one in self._seen})
        if len(versions) > 1:
            raise EngineFailed(f"The servers differ ({', '.join(versions)}): one arm, one engine.")
        contexts = [one.context_tokens for one in self._seen if one.context_tokens]
        return BackendInfo(
            backend="openai",
            model=self._model,
            precision=precision,
            engine_version=versions[0],
            hardware="",
            honours_seed=self._kind in HONOUR_SEEDS,
            max_in_flight=IN_FLIGHT_EACH * len(self._pool.places),
            context_tokens=min(contexts, default=None),
            details={
                "server": self._kind,
                "endpoint": self._endpoint,
                "base_url": ", ".join(place.url for place in self._pool.places),
            },
            stated={"precision": precision},
        )


class _Prompts:
    """Prompts made here, with a checkpoint's template; `adds_begin`: its tokenizer adds BOS."""

    def __init__(self, folder: Path, variables: Mapping[str, Any] | None) -> None:
        self._template = ChatTemplate(folder, variables)
        self.begin = self._template.begin
        self.adds_begin = _adds_begin(folder, self.begin)

    def text(self, request: Request) -> str:
        """The prompt of *request*."""
        return self._template.render(request.messages)


def _adds_begin(folder: Path, begin: str) -> bool:
    """Whether the tokenizer in *folder* puts *begin* in front of a text by itself."""
    from tokenizers import Tokenizer

    file = folder / "tokenizer.json"
    if not file.is_file():
        raise BackendError(f"{file}: is missing; it says whether a BOS token is added to a prompt.")
    ids = Tokenizer.from_file(str(file))
    return (
        bool(begin) and ids.token_to_id(begin) in ids.encode("a", add_special_tokens=True).ids[:1]
    )


async def _detect_all(urls: Sequence[str], key: str) -> list[Server | BaseException]:
    http = Http(key)
    try:
        return await asyncio.gather(*(detect(http, url) for url in urls), return_exceptions=True)
    finally:
        await http.aclose()


def _urls(named: str | Sequence[str]) -> list[str]:
    """Base URLs without their last slash; what is no URL, or holds a password, is refused."""
    urls = [url.rstrip("/") for url in ([named] if isinstance(named, str) else named)]
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BackendError(f"base_url {url!r} is no http:// or https:// address.")
        if parts.password or parts.username:
            raise BackendError("base_url holds a password; put it into the api_key_env variable.")
    if not urls or len(set(urls)) < len(urls):
        raise BackendError("base_url must name at least one address, and none twice.")
    return urls


def _check_choice(name: str, chosen: str, valid: Sequence[str]) -> None:
    if chosen not in valid:
        raise BackendError(f"options.{name} is {chosen!r}; {nearest(str(chosen), list(valid))}")

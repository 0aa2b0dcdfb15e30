"""Servers of each kind on 127.0.0.1, as strict as the real ones' sources say, and with faults."""

import asyncio
import importlib.util
import json
import sys
import threading
from pathlib import Path

import pytest
from aiohttp import web

from evalsuite.backends import open_backend
from evalsuite.model import Key, Message, Request, Sampling

# What trtllm-serve takes in a chat request; its models forbid everything else (mid-2026 sources).
TRTLLM = {
    *("messages", "model", "max_completion_tokens", "max_tokens", "temperature", "top_p", "top_k"),
    *("min_p", "top_p_min", "n", "best_of", "seed", "stop", "stop_token_ids", "ignore_eos"),
    *("include_stop_str_in_output", "min_tokens", "frequency_penalty", "presence_penalty"),
    *("repetition_penalty", "prompt_ignore_length", "length_penalty", "use_beam_search"),
    *("early_stopping", "logprobs", "top_logprobs", "logit_bias", "skip_special_tokens"),
    *("spaces_between_special_tokens", "truncate_prompt_tokens", "response_format", "thinking"),
    *("reasoning_effort", "thinking_token_budget", "chat_template", "chat_template_kwargs"),
    *("add_generation_prompt", "add_special_tokens", "echo", "documents", "tools", "tool_choice"),
    *("stream", "stream_options", "prompt_token_ids", "user", "lora_request", "cache_salt"),
    *("priority", "disaggregated_params"),
}
OWNERS = {"trtllm-serve": "tensorrt_llm", "vllm": "vllm", "sglang": "sglang", "nim": "system"}
REASONING = {"trtllm-serve": "reasoning_content", "sglang": "reasoning_content"}
TOP_K_OFF = {"trtllm-serve": {0}, "vllm": {0, -1}, "sglang": {-1}, "nim": {0, -1}}
_SPEC = importlib.util.spec_from_file_location(
    "fake_tensorrt_llm", Path(__file__).parent / "tensorrt_llm" / "fake.py"
)
FAKE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(FAKE)
SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=40)


def request(number=0, *, prompt="How much is 3 + 4?", sampling=SAMPLING):
    """One draw for an invented question."""
    return Request(
        key=Key("gsm8k", "q", number),
        messages=(Message(role="user", content=prompt),),
        sampling=sampling,
        seed=2**62 + number,
    )


class Server:
    """One server; *script(body, count)* may give a response instead of an answer."""

    def __init__(self, kind="vllm", *, script=None, model="r1", reasoning=None, finish="stop"):
        self.kind, self.script, self.model = kind, script, model
        self.reasoning, self.finish = reasoning, finish
        self.asked, self.headers, self.port = [], [], 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def start(self):
        self._run(self._start())

    async def _start(self):
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/v1/completions", self._answer)
        version = {"sglang": "/server_info", "nim": "/v1/version"}.get(self.kind, "/version")
        field = "release" if self.kind == "nim" else "version"

        async def tell(_):
            return await _json({field: "9.9"})

        if self.kind != "openai":
            app.router.add_get(version, tell)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    def stop(self):
        """Die: nothing listens any more, and what is under way breaks off."""
        self._run(self._runner.cleanup())

    def close(self):
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _models(self, _):
        one = {"id": self.model, "object": "model", "owned_by": OWNERS.get(self.kind, "someone")}
        if self.kind in ("vllm", "sglang", "nim"):
            one["max_model_len"] = 40_960
        return await _json({"object": "list", "data": [one]})

    async def _answer(self, came):
        raw = await came.read()
        body = json.loads(raw)
        self.asked.append(body)
        self.headers.append(dict(came.headers))
        refused = self._refusal(came.path, body)
        if refused:
            return refused
        if self.script:
            made = self.script(body, len(self.asked))
            made = await made if asyncio.iscoroutine(made) else made
            if made is not None:
                return made
        return await _json(self._body(came.path, body))

    def _refusal(self, path, body):
        """As each server's validation refuses."""
        if self.kind == "trtllm-serve":
            extra = (
                body.keys() - TRTLLM - ({"prompt", "detokenize"} if "chat" not in path else set())
            )
            if extra:
                return web.json_response({"error": f"Extra inputs: {sorted(extra)}"}, status=400)
        if self.kind == "openai" and {"top_k", "min_p", "repetition_penalty"} & body.keys():
            return error(400, "Unrecognized request argument")
        if (
            self.kind in TOP_K_OFF
            and body["top_k"] <= 0
            and body["top_k"] not in TOP_K_OFF[self.kind]
        ):
            return error(400, "top_k out of range")
        if self.kind == "vllm" and body["model"] != self.model:
            return error(404, f"The model `{body['model']}` does not exist.", nested=True)
        return None

    def _body(self, path, body):
        text = f"seed {body['seed']}"
        if "chat" in path:
            message = {"role": "assistant", "content": text}
            if self.reasoning is not None:
                message[REASONING.get(self.kind, "reasoning")] = self.reasoning
            choice = {"message": message}
        else:
            choice = {"text": text}
        tokens = min(7, body["max_tokens"])
        finish = self.finish if tokens == 7 else "length"
        usage = {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens}
        return {"choices": [choice | {"index": 0, "finish_reason": finish}], "usage": usage}


def error(status, message, *, nested=False, headers=None):
    """An error's body as the servers write it: flat, or below `error` as vLLM does."""
    said = {"object": "error", "message": message, "type": "x", "param": None, "code": status}
    body = {"error": said} if nested else said
    return web.json_response(body, status=status, headers=headers)


async def _json(body):
    return web.json_response(body)


@pytest.fixture
def serve():
    """Make servers that are closed at the end."""
    servers = []

    def make(kind="vllm", **facts):
        servers.append(Server(kind, **facts))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def opened():
    """Open the backend on servers; `options` as in a config."""

    def make(*servers, **options):
        urls = [server.url for server in servers]
        return open_backend("openai", precision="fp8", options={"base_url": urls} | options)

    return make


@pytest.fixture
def ask():
    """The answers to requests, all in flight at once; closes the backend."""

    def asked(backend, *requests):
        async def all_of_them():
            try:
                return await asyncio.gather(
                    *(backend.generate(one) for one in requests), return_exceptions=True
                )
            finally:
                await backend.aclose()

        return asyncio.run(all_of_them())

    return asked


@pytest.fixture
def draw():
    return request


@pytest.fixture
def wrong():
    return error


@pytest.fixture
def tensorrt_llm(monkeypatch):
    """Install the fake package in a version; no GPU is seen."""
    monkeypatch.setattr("evalsuite.backends.gpus.gpus", list)

    def make(version="1.2.1", **facts):
        fake = FAKE.Fake(version, **facts)
        for name, module in fake.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
        return fake

    return make

"""Everything that can go wrong with a request is one of our errors, of the right kind."""

import asyncio
import json
import threading

import pytest
from aiohttp import web

from evalsuite.errors import EngineFailed, RequestRejected, TransientError


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (408, "timeout"),
        (429, "overloaded"),
        (500, "server_error"),
        (502, "server_error"),
        (503, "overloaded"),
        (504, "timeout"),
        (529, "overloaded"),
    ],
)
def test_passing_faults(status, fault, serve, opened, ask, draw, wrong):
    """They are tried again; the message says who said what."""
    server = serve(script=lambda *_: wrong(status, "no luck", nested=True))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, TransientError)
    assert came.fault == fault
    assert f"answers {status}: no luck" in str(came)


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("0", 0.0), ("soon", None)])
def test_retry_after_is_passed_on(said, seconds, serve, opened, ask, draw, wrong):
    """In seconds, or not at all."""
    server = serve(script=lambda *_: wrong(429, "slow down", headers={"Retry-After": said}))
    (came,) = ask(opened(server), draw())
    assert came.retry_after_s == seconds


def test_retry_after_may_be_a_date(serve, opened, ask, draw, wrong):
    """A date in the past means now."""
    headers = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    (came,) = ask(opened(serve(script=lambda *_: wrong(503, "x", headers=headers))), draw())
    assert came.retry_after_s == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>busy</html>",
        '{"choices": [{"message": {"content": "half',
        '{"choices": []}',
        '{"choices": [{"message": {"content": 7}}]}',
        "[]",
        "null",
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_tried_again(text, serve, opened, ask, draw):
    """A cut or foreign body of a 200 is a fault, not an empty answer."""
    (came,) = ask(opened(serve(script=lambda *_: web.Response(text=text))), draw())
    assert isinstance(came, TransientError)
    assert came.fault == "invalid_response"


def test_a_connection_that_breaks_is_tried_again(serve, opened, ask, draw):
    """A reset is no verdict on the request."""
    server = serve()
    original = server._answer

    async def reset(came):
        came.transport.abort()
        return await original(came)

    server._answer = reset
    server.stop()
    server.start()
    (came,) = ask(opened(server), draw())
    assert isinstance(came, TransientError)
    assert came.fault == "connection"


@pytest.mark.parametrize("status", [401, 403])
def test_no_access_ends_the_run(status, serve, opened, ask, draw, wrong):
    """The message says where the key belongs."""
    server = serve(script=lambda *_: wrong(status, "bad key"))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, EngineFailed)
    assert "api_key_env" in str(came)


@pytest.mark.parametrize("status", [301, 404, 405])
def test_a_wrong_place_ends_the_run(status, serve, opened, ask, draw):
    """There is no use in asking there again."""
    server = serve(script=lambda *_: web.Response(status=status, text="no such page"))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, EngineFailed)
    assert "base_url" in str(came)


@pytest.mark.parametrize("kind", ["trtllm-serve", "vllm", "sglang"])
@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000.",
        "The sum of prompt length (5000.0) and query length should not exceed max_num_tokens",
        "Input length exceeds the maximum context length",
    ],
)
def test_a_prompt_that_is_too_long_is_left_out(kind, message, serve, opened, ask, draw, wrong):
    """On every server, and not tried again."""
    server = serve(kind, script=lambda *_: wrong(400, message, nested=kind == "vllm"))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, RequestRejected)
    assert came.rejection == "too_long"


def test_a_failed_engine_behind_a_400_is_tried_again(serve, opened, ask, draw, wrong):
    """Trtllm-serve reports every exception as 400; taken for a bad request it would lose pairs."""
    server = serve("trtllm-serve", script=lambda *_: wrong(400, "Generation failed: CUDA error"))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, TransientError)
    assert came.fault == "server_error"


def test_a_field_that_trtllm_serve_refuses_is_the_requests_fault(serve, opened, ask, draw):
    """Its validation answers in another shape than its engine."""
    (came,) = ask(opened(serve("trtllm-serve"), extra_body={"no_such_field": 1}), draw())
    assert isinstance(came, RequestRejected)
    assert "no_such_field" in str(came)


def test_a_400_of_another_server_is_the_requests_fault(serve, opened, ask, draw, wrong):
    """vLLM and SGLang report their engines' failures as 5xx."""
    server = serve("vllm", script=lambda *_: wrong(400, "bad messages", nested=True))
    (came,) = ask(opened(server), draw())
    assert isinstance(came, RequestRejected)
    assert came.rejection == "refused"


def test_odd_texts_come_back_whole(serve, opened, ask, draw):
    """Control characters and lone surrogates are a model's right."""
    text = "żółw \u202e \x00 \ud800 \U0001f600"
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    made = json.dumps({"choices": [choice]})
    server = serve(script=lambda *_: web.Response(text=made, content_type="application/json"))
    (came,) = ask(opened(server), draw())
    assert came.text == text


def test_cancelling_closes_the_connection(serve, opened, draw):
    """The server sees that nobody waits any more, and frees the place."""
    gone = threading.Event()
    server = serve()
    original = server._answer

    async def watched(came):
        for _ in range(500):
            if came.transport is None or came.transport.is_closing():
                gone.set()
                break
            await asyncio.sleep(0.01)
        return await original(came)

    server._answer = watched
    server.stop()
    server.start()
    backend = opened(server)

    async def cancel():
        task = asyncio.create_task(backend.generate(draw()))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await asyncio.to_thread(gone.wait, 5)
        await backend.aclose()

    asyncio.run(cancel())


def test_too_many_at_once_for_the_system_is_told(serve, opened, ask, draw, monkeypatch):
    """With the number that it allows, before any request waits for a file."""
    monkeypatch.setattr("evalsuite.backends.openai.backend.most_connections", lambda: 3)
    came = ask(opened(serve()), *(draw(number) for number in range(5)))
    failed = [one for one in came if isinstance(one, EngineFailed)]
    assert len(failed) == 2
    assert "at most 3 connections (`ulimit -Hn` less a few)" in str(failed[0])

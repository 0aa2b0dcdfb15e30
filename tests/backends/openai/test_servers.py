"""Each kind of server gets the fields that it takes, and its answers are read as it writes them."""

import os

import pytest

from evalsuite.errors import BackendError, EngineFailed, TransientError
from evalsuite.model import Sampling

KINDS = ["trtllm-serve", "vllm", "sglang", "nim", "openai"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_server_is_recognised_and_takes_every_field(kind, serve, opened, ask, draw):
    """Nothing is refused, everything that moves a draw is sent, and the seed with each request."""
    server = serve(kind)
    backend = opened(server)
    assert backend.info.engine_version == f"{kind} {'?' if kind == 'openai' else '9.9'}"
    assert backend.info.model == "r1"
    first, second = ask(backend, draw(0), draw(1))
    assert {first.text, second.text} == {f"seed {2**62}", f"seed {2**62 + 1}"}
    for body in server.asked:
        assert body["temperature"] == 0.6
        assert body["top_p"] == 0.95
        assert body["max_tokens"] == 40
        assert body["seed"] >= 2**62
        assert kind == "openai" or body["min_p"] == 0.0
        assert kind == "openai" or body["repetition_penalty"] == 1.0


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_top_k_is_sent_where_it_is_set(kind, serve, opened, ask, draw):
    """A value goes as it is; off is what the server calls off."""
    server = serve(kind)
    some = Sampling(temperature=0.6, top_p=0.95, top_k=20, max_tokens=9)
    ask(opened(server), draw(0, sampling=some))
    assert server.asked[0]["top_k"] == 20


def test_top_k_that_cannot_be_sent_is_refused(serve, opened, ask, draw):
    """A setting that would be lost without a word stops the run instead."""
    some = Sampling(temperature=0.6, top_p=0.95, top_k=20, max_tokens=9)
    server = serve("openai")
    (came,) = ask(opened(server), draw(0, sampling=some))
    assert isinstance(came, EngineFailed)
    assert server.asked == []


@pytest.mark.parametrize("kind", KINDS)
def test_reasoning_is_kept_apart_from_the_text(kind, serve, opened, ask, draw):
    """Whichever name the server has for it."""
    (came,) = ask(opened(serve(kind, reasoning="hm, 7?")), draw())
    assert (came.reasoning, came.text) == ("hm, 7?", f"seed {2**62}")
    assert (came.prompt_tokens, came.output_tokens) == (5, 7)
    assert came.latency_s > 0


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "stop"),
        (None, "unknown"),
        ("odd", "unknown"),
    ],
)
def test_finish_reasons_are_one_vocabulary(said, meant, serve, opened, ask, draw):
    """What no server documents is `unknown`, never `stop`."""
    (came,) = ask(opened(serve(finish=said)), draw())
    assert came.finish_reason == meant


@pytest.mark.parametrize("said", ["abort", "cancelled", "error", "timeout"])
def test_an_answer_that_the_engine_broke_off_is_none(said, serve, opened, ask, draw):
    """It is asked again, and not graded as a wrong answer."""
    (came,) = ask(opened(serve(finish=said)), draw())
    assert isinstance(came, TransientError)
    assert came.fault == "server_error"


def test_truncated_thinking_has_no_text(serve, opened, ask, draw):
    """No content and finish reason length: all of it was reasoning."""
    from aiohttp import web

    message = {"role": "assistant", "content": None, "reasoning": "hm"}
    choice = {"index": 0, "message": message, "finish_reason": "length"}
    server = serve(script=lambda *_: web.json_response({"choices": [choice]}))
    (came,) = ask(opened(server), draw())
    assert (came.text, came.reasoning, came.finish_reason) == ("", "hm", "length")
    assert came.output_tokens is None


def test_the_served_model_must_be_the_one_asked_for(serve, opened):
    """Before anything is asked: trtllm-serve would answer with whatever it has."""
    server = serve("trtllm-serve")
    with pytest.raises(EngineFailed, match=r"serves r1; .* asks for 'r1-fp4'"):
        opened(server, model="r1-fp4")
    assert server.asked == []


def test_a_server_that_is_not_there_can_be_waited_for(serve, opened):
    """The error says so, and where."""
    server = serve()
    server.stop()
    with pytest.raises(TransientError, match=str(server.port)) as raised:
        opened(server)
    server.start()
    assert raised.value.fault == "unreachable"


def test_the_key_comes_from_the_environment_only(serve, opened, ask, draw, monkeypatch):
    """It is sent, and stands in nothing that is kept."""
    monkeypatch.setenv("EVALSUITE_TEST_KEY", "s3cret-token")
    server = serve()
    backend = opened(server, api_key_env="EVALSUITE_TEST_KEY")
    assert "s3cret" not in repr(backend.info)
    ask(backend, draw())
    assert server.headers[0]["Authorization"] == "Bearer s3cret-token"
    assert "s3cret" not in os.fspath(server.url)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://host/v1", "http://me:s3cret@host/v1", "", []]
)
def test_a_wrong_address_is_refused(url):
    """Before anything is sent; a password is not repeated."""
    from evalsuite.backends import open_backend

    with pytest.raises(BackendError, match="base_url") as raised:
        open_backend("openai", precision="fp8", options={"base_url": url})
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("option", [{"server": "vlm"}, {"endpoint": "chats"}])
def test_a_wrong_choice_names_the_right_ones(option, serve, opened):
    """A misspelt value is answered with the nearest valid one."""
    with pytest.raises(BackendError, match="did you mean"):
        opened(serve(), **option)


def test_something_that_is_no_such_server_is_named(serve, opened):
    """A web server that answers everything with a page is no engine."""
    server = serve()
    with pytest.raises(EngineFailed, match="ends in /v1"):
        opened(server, base_url=[server.url.removesuffix("/v1")])


def test_extra_fields_are_sent_as_they_are(serve, opened, ask, draw):
    """For instance what a chat template asks for."""
    server = serve("trtllm-serve")
    ask(opened(server, template={"thinking": True}, extra_body={"top_p_min": 0.1}), draw())
    assert server.asked[0]["chat_template_kwargs"] == {"thinking": True}
    assert server.asked[0]["top_p_min"] == 0.1

"""What every backend must do; the same cases over each of them."""

import asyncio
import json
from dataclasses import replace

import pytest
from aiohttp import web

from evalsuite.backends import BACKENDS, backend_class, open_backend
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.errors import BackendError, EngineFailed, RequestRejected
from evalsuite.model import Answer, Generation, Key, Message, Request, Sampling
from evalsuite.runs.store import Store

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=40)
SEED = 1_000
USAGE = {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5}
# A backend belongs to the loop that asks it first, as in a run.
LOOP = asyncio.Runner()
TEXTS = [f"draw {number}: żółw \u202e \x00 \U0001f600" for number in range(200)]


def request(number=0, **facts):
    """One draw for an invented question."""
    return Request(
        key=Key("gsm8k", "q", number),
        messages=(Message(role="user", content=facts.pop("prompt", "How much is 3 + 4?")),),
        sampling=replace(SAMPLING, **facts),
        seed=SEED + number,
    )


# What goes wrong where a case wants it: the draw of this number fails, the other comes back empty.
FAILS, EMPTY = 5, 6


def replay_rows(folder, _, *, trouble):
    rows = [
        {"benchmark": "gsm8k", "item_id": "q", "sample": number, "response": text}
        for number, text in enumerate(TEXTS)
    ]
    if trouble:
        rows[EMPTY]["response"] = ""
        del rows[FAILS]
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return open_backend(
        "replay", precision="fp8", options={"source": str(path), "latency_s": 0.005}
    )


def replay_run(folder, _, *, trouble):
    texts = dict(enumerate(TEXTS))
    if trouble:
        texts[EMPTY] = ""
        del texts[FAILS]
    store = Store(folder / "generations.sqlite")
    store.put(
        [
            Answer(
                key=Key("gsm8k", "q", number),
                seed=number,
                generation=Generation(text=text, finish_reason="length"),
                asked_at=0.0,
            )
            for number, text in texts.items()
        ]
    )
    store.close()
    return open_backend(
        "replay", precision="fp8", options={"source": str(folder), "latency_s": 0.005}
    )


def embedded(_folder, fixture, *, trouble):
    if trouble:
        from evalsuite.backends.embedded import sampling

        made = sampling.drawer

        def drawer(how, seed):
            if seed == SEED + FAILS:
                raise RuntimeError("boom")
            return made(how, seed)

        fixture("monkeypatch").setattr(sampling, "drawer", drawer)
    try:
        return open_backend("embedded", precision="fp8", options={})
    except BackendError as error:
        pytest.skip(f"no checkpoint is shipped: {error}")


def openai(_folder, fixture, *, trouble):
    def script(body, _count):
        if body["seed"] == SEED + FAILS:
            return fixture("wrong")(500, "boom", nested=True)
        if body["seed"] == SEED + EMPTY:
            choice = {"message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}
            return web.json_response({"choices": [choice | {"index": 0}], "usage": USAGE})
        return None

    server = fixture("serve")("vllm", script=script if trouble else None)
    return open_backend("openai", precision="fp8", options={"base_url": server.url})


def tensorrt_llm(_folder, fixture, *, trouble):
    fake = fixture("tensorrt_llm")()
    if trouble:
        made = {SEED + FAILS: RuntimeError("boom"), SEED + EMPTY: "empty"}
        fake.script = lambda _ids, params: made.get(params.seed)
    options = {"model": str(SHIPPED / "fp8"), "engine_args": {"max_seq_len": 2_000}}
    return open_backend("tensorrt_llm", precision="fp8", options=options)


MAKERS = {
    "replay-rows": replay_rows,
    "replay-run": replay_run,
    "embedded": embedded,
    "openai": openai,
    "tensorrt_llm": tensorrt_llm,
}


@pytest.fixture(params=list(MAKERS))
def backend(request, tmp_path):
    one = MAKERS[request.param](tmp_path, request.getfixturevalue, trouble=False)
    yield one
    LOOP.run(one.aclose())


@pytest.fixture(params=list(MAKERS))
def troubled(request, tmp_path):
    """A backend in which the draws of `FAILS` and `EMPTY` go wrong."""
    one = MAKERS[request.param](tmp_path, request.getfixturevalue, trouble=True)
    yield one
    LOOP.run(one.aclose())


async def gathered(backend, *requests):
    """What becomes of *requests*, all in flight at once."""
    return await asyncio.gather(
        *(backend.generate(one) for one in requests), return_exceptions=True
    )


def ask(backend, *requests):
    """The answers to *requests*, all in flight at once."""

    async def all_of_them():
        return await asyncio.gather(*(backend.generate(one) for one in requests))

    return LOOP.run(all_of_them())


def test_every_backend_is_in_this_contract():
    """A new backend gets these tests, too."""
    assert {name.partition("-")[0] for name in MAKERS} == set(BACKENDS)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_names_its_options(name):
    """A misspelt option is found before anything is started."""
    options = backend_class(name).OPTIONS
    assert options
    with pytest.raises(TypeError):
        open_backend(name, precision="fp8", options={"no_such_option": 1})


def test_a_backend_says_what_it_is(backend):
    """Nothing that a reader of a report needs is empty."""
    info = backend.info
    assert info.precision == "fp8"
    assert all((info.backend, info.model, info.engine_version))
    assert info.max_in_flight > 0
    assert backend.info == info


def test_many_in_flight_keep_their_answers_apart(backend):
    """Each request gets the answer to its own key, whatever runs beside it."""
    requests = [request(number, max_tokens=8) for number in range(30)]
    together = ask(backend, *requests)
    alone = [ask(backend, one)[0] for one in requests[:3]]
    assert [one.text for one in together[:3]] == [one.text for one in alone]
    assert len({one.text for one in together}) > 1
    assert {one.finish_reason for one in together} <= {"stop", "length", "unknown"}


def test_more_than_it_likes_is_queued(backend):
    """A runner that asks for more than `max_in_flight` gets every answer all the same."""
    count = min(backend.info.max_in_flight + 30, len(TEXTS))
    requests = [request(number, max_tokens=2) for number in range(count)]
    assert len(ask(backend, *requests)) == count


def test_cancelling_frees_the_place(backend):
    """Cancelled requests end at once, and the engine goes on serving."""

    async def cancel_then_ask():
        tasks = [asyncio.create_task(backend.generate(request(n))) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[1:]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        again = await asyncio.wait_for(backend.generate(request(1)), 30)
        return ended, again

    ended, again = LOOP.run(cancel_then_ask())
    assert isinstance(ended[0], Generation)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended[1:])
    assert isinstance(again, Generation)


def test_a_cut_answer_says_so(backend):
    """Where the token limit ends an answer, the finish reason is `length`."""
    (one,) = ask(backend, request(0, max_tokens=3))
    if backend.info.backend == "replay":
        # What was kept is played back as it came, and rows may not say how they ended.
        assert one.finish_reason in ("length", "unknown")
    else:
        assert (one.finish_reason, one.output_tokens) == ("length", 3)


def test_one_request_that_fails_takes_no_other_with_it(troubled):
    """An engine's error for one request is that request's alone, and no answer."""
    came = LOOP.run(gathered(troubled, *(request(number, max_tokens=20) for number in range(10))))
    assert isinstance(came[FAILS], Exception)
    assert not isinstance(came[FAILS], EngineFailed)
    assert all(isinstance(one, Generation) for n, one in enumerate(came) if n != FAILS)
    assert ask(troubled, request(9, max_tokens=2))


def test_an_empty_answer_is_an_answer(troubled):
    """It comes as it is, and is neither an error nor asked again."""
    if troubled.info.backend == "embedded":
        pytest.skip("the model decides, and does not answer with nothing")
    (one,) = ask(troubled, request(EMPTY))
    assert one.text == ""
    assert one.finish_reason in ("stop", "length", "unknown")


def test_seeds_are_honoured_or_reported_as_not_honoured(backend):
    """A backend that says so gives the same answer to the same seed, and another to another."""
    first, again = (
        [one.text for one in ask(backend, *(request(n, temperature=1.5) for n in range(6)))]
        for _ in range(2)
    )
    if backend.info.honours_seed:
        assert first == again
        assert len(set(first)) > 1
    else:
        assert backend.info.backend in ("replay", "tensorrt_llm")


def test_any_prompt_is_answered_or_rejected(backend):
    """Unicode of any kind, an empty prompt and a huge one never stop the engine."""
    prompts = ["", "żółw \u202e \x00 \U0001f600 </think> <|end|>", "word " * 50_000]
    for prompt in prompts:
        try:
            (one,) = ask(backend, request(0, prompt=prompt, max_tokens=5))
        except RequestRejected:
            continue
        assert isinstance(one.text, str)
    assert ask(backend, request(0, max_tokens=2))


def test_closing_twice_is_closing_once(backend):
    """The runner may close in any order; a closed engine says that it is."""

    async def close_then_ask():
        await backend.aclose()
        await backend.aclose()
        await asyncio.wait_for(backend.generate(request(0)), 30)

    with pytest.raises(EngineFailed):
        LOOP.run(close_then_ask())


def test_closing_ends_what_is_under_way(backend):
    """A request that waits while its engine is closed comes to an end."""

    async def close_beside():
        task = asyncio.create_task(backend.generate(request(0)))
        await asyncio.sleep(0.001)
        await backend.aclose()
        return await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 30)

    assert len(LOOP.run(close_beside())) == 1

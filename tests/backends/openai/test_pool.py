"""Several servers are one pool: no request is lost with a server, and none waits for it."""

import asyncio
import time

import pytest

from evalsuite.backends.openai.pool import Pool
from evalsuite.errors import EngineFailed, TransientError


def answers(came):
    return [one for one in came if not isinstance(one, BaseException)]


def test_requests_go_to_the_least_loaded(serve, opened, ask, draw):
    """Evenly, where all are alike."""
    servers = [serve() for _ in range(4)]
    came = ask(opened(*servers), *(draw(number) for number in range(40)))
    assert len(answers(came)) == 40
    assert [len(one.asked) for one in servers] == [10, 10, 10, 10]


def test_a_server_that_died_is_left_out(serve, opened, draw):
    """What it would have got goes to the others at once; once back it is asked again."""
    one, other = serve(), serve()
    backend = opened(one, other)

    async def die_and_return():
        one.stop()
        came = await asyncio.gather(*(backend.generate(draw(n)) for n in range(20)))
        assert len(other.asked) == len(came) == 20
        one.start()
        until = time.monotonic() + 10
        while not one.asked and time.monotonic() < until:
            await asyncio.sleep(0.1)
            await asyncio.gather(*(backend.generate(draw(n)) for n in range(2)))
        await backend.aclose()

    asyncio.run(die_and_return())
    assert one.asked


def test_a_server_may_be_absent_at_the_start(serve, opened, ask, draw):
    """The run begins with those that are there."""
    one, other = serve(), serve()
    one.stop()
    came = ask(opened(one, other), *(draw(number) for number in range(8)))
    one.start()
    assert len(answers(came)) == 8


def test_a_returning_server_must_serve_the_same_model(serve, opened, draw):
    """Restarted with another checkpoint it stays out: two arms' answers would be mixed."""
    one, other = serve(), serve()
    backend = opened(one, other)

    async def die_and_return():
        one.stop()
        await asyncio.gather(*(backend.generate(draw(n)) for n in range(4)))
        one.model = "r1-fp4"
        one.start()
        await asyncio.sleep(1.6)
        came = await asyncio.gather(*(backend.generate(draw(n)) for n in range(4)))
        await backend.aclose()
        return came

    assert len(asyncio.run(die_and_return())) == 4
    assert one.asked == []


def test_a_server_that_fails_fast_does_not_draw_all_requests(serve, opened, draw, wrong):
    """It always has the fewest in flight, and would burn every request's tries."""
    bad = serve(script=lambda *_: wrong(500, "broken"))

    async def slow(body, count):
        await asyncio.sleep(0.02)

    good = serve(script=slow)
    backend = opened(bad, good)

    async def lanes():
        work = iter(range(200))

        async def lane():
            return [await _quiet(backend.generate(draw(number))) for number in work]

        await asyncio.gather(*(lane() for _ in range(8)))
        await backend.aclose()

    asyncio.run(lanes())
    assert len(bad.asked) < 20
    assert len(good.asked) > 180


async def _quiet(work):
    try:
        return await work
    except TransientError as error:
        return error


def test_with_all_servers_dead_the_fault_is_unreachable(serve, opened, ask, draw):
    """The runner then waits for the engine as a whole."""
    one, other = serve(), serve()
    backend = opened(one, other)
    one.stop()
    other.stop()
    came = ask(backend, draw(0), draw(1))
    one.start()
    other.start()
    assert {error.fault for error in came} == {"unreachable"}


def test_servers_that_differ_are_refused(serve, opened):
    """One arm is one engine."""
    with pytest.raises(EngineFailed, match="serves other"):
        opened(serve(), serve(model="other"))


def test_a_refusal_now_and_then_moves_no_load(serve, opened, draw, wrong):
    """Only a server that refuses three times running is passed over for what it asks."""

    def now_and_then(body, count):
        return wrong(429, "slow down", headers={"Retry-After": "30"}) if count % 5 == 0 else None

    servers = [serve(script=now_and_then), serve()]
    backend = opened(*servers)

    async def lanes():
        work = iter(range(100))

        async def lane():
            return [await _quiet(backend.generate(draw(number))) for number in work]

        await asyncio.gather(*(lane() for _ in range(8)))
        await backend.aclose()

    asyncio.run(lanes())
    assert min(len(one.asked) for one in servers) > 30


def test_thousands_that_break_off_at_once_are_survived():
    """A dying server breaks everything that it had in flight."""
    pool = Pool(["http://a/v1", "http://b/v1"], look=None, hangs=None)
    place = pool.places[0]
    for _ in range(5_000):
        pool._note(place, TransientError("broke", fault="connection"))
    assert place.rests_until - time.monotonic() <= 32.0


def test_a_server_that_hangs_is_cut_off(serve, opened, draw, monkeypatch):
    """It accepts and says nothing more; its requests break off, and the others take them."""
    monkeypatch.setattr("evalsuite.backends.openai.pool.SILENT_S", 0.3)
    monkeypatch.setattr("evalsuite.backends.openai.pool.SILENT_LOOK_EVERY_S", 0.1)
    monkeypatch.setattr("evalsuite.backends.openai.pool.LOOK_MOST_S", 0.1)
    hung = asyncio.Event()

    async def hangs(*_):
        await hung.wait()

    async def slowly(*_):
        await asyncio.sleep(1.0)

    one, other = serve(script=hangs), serve(script=slowly)
    backend = opened(one, other)
    one._models = hangs
    one.stop()
    one.start()

    async def ask_and_wait():
        came = await asyncio.wait_for(
            asyncio.gather(*(_quiet(backend.generate(draw(n))) for n in range(6))), 10
        )
        again = await asyncio.gather(*(backend.generate(draw(n)) for n in range(4)))
        await backend.aclose()
        return came, again

    came, again = asyncio.run(ask_and_wait())
    broken = [error for error in came if isinstance(error, TransientError)]
    assert [error.fault for error in broken] == ["connection"] * 3
    assert len(again) == 4
    assert len(one.asked) == 3
    assert len(other.asked) == 7


def test_a_silent_server_that_lives_is_left_alone(serve, opened, draw, monkeypatch):
    """A long answer is no reason to cut it off."""
    monkeypatch.setattr("evalsuite.backends.openai.pool.SILENT_S", 0.2)
    monkeypatch.setattr("evalsuite.backends.openai.pool.SILENT_LOOK_EVERY_S", 0.1)

    async def slowly(*_):
        await asyncio.sleep(1.5)

    backend = opened(serve(script=slowly))

    async def ask_and_close():
        came = await backend.generate(draw())
        await backend.aclose()
        return came

    assert asyncio.run(ask_and_close()).text

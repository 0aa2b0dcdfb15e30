"""The runner keeps the engine full, stores what arrives, and dies of no single request."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing

import pytest

from evalsuite.errors import EngineFailed, RequestRejected, RunError, TransientError
from evalsuite.model import Key
from evalsuite.runs.dispatch import TRIES
from evalsuite.runs.plan import PlannedTask, requests
from evalsuite.runs.progress import Silent
from evalsuite.runs.runner import Runner
from evalsuite.runs.store import Store


class Heard(Silent):
    """Keeps what the reader was told."""

    def __init__(self):
        self.lines, self.waited = [], []

    def said(self, text):
        self.lines.append(text)

    def waiting(self, why, left_s):
        self.waited.append((why, left_s))


async def until(true):
    """Wait until *true*() is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


class Bench:
    """A runner over one task, with its store in reach."""

    def __init__(
        self, lab, store, backend, *, questions=8, grader=None, concurrency=4, timeout_s=None
    ):
        chosen = tuple(lab.question(number) for number in range(questions))
        self.store, self.backend = store, backend
        self.task = PlannedTask(name="gsm8k", questions=chosen, repeats=1, sampling=lab.SAMPLING)
        store.put_questions(chosen)
        self.progress = Heard()
        self.runner = Runner(
            backend=backend,
            store=store,
            grader=grader or lab.GoldInText(),
            questions={(one.task, one.id): one for one in chosen},
            progress=self.progress,
            concurrency=concurrency,
            timeout_s=timeout_s,
        )

    def queue(self):
        missing = set(self.task.keys()) - self.store.answered()
        return requests([self.task], missing, seed=7, lengths={})

    def run(self, *beside):
        """Run to the end; *beside* are coroutine functions that run beside, given the bench."""

        async def both():
            tasks = [asyncio.create_task(one(self)) for one in beside]
            try:
                return await self.runner.run(self.queue())
            finally:
                await asyncio.gather(*tasks)

        return asyncio.run(both())


@pytest.fixture
def bench(lab, tmp_path):
    stores = []

    def make(backend, **facts):
        stores.append(Store(tmp_path / f"{len(stores)}.sqlite"))
        return Bench(lab, stores[-1], backend, **facts)

    yield make
    for store in stores:
        store.close()


def test_the_engine_is_kept_full(lab, bench):
    """As many requests are in flight as were asked for, never more, until none is left."""
    one = bench(lab.Scripted(delay_s=0.02), questions=40, concurrency=7)
    began = time.monotonic()
    tally = one.run()
    assert (tally.answered, tally.failed, tally.stopped) == (40, 0, False)
    assert one.backend.peak == 7
    # 40 answers of 20 ms, seven at a time, are six rounds; the rest is the last commit.
    assert time.monotonic() - began < 6 * 0.02 + 2


def test_requests_are_made_when_they_are_needed(lab, bench):
    """The queue is drawn from as places fall free, not all at once."""
    drawn = []

    def script(request, attempt):
        assert len(drawn) <= len(one.backend.asked) + 4

    one = bench(lab.Scripted(script, delay_s=0.001), questions=100)
    plain = one.queue()
    asyncio.run(one.runner.run(request for request in plain if drawn.append(request) is None))
    assert len(drawn) == 100


def test_a_passing_fault_is_tried_again(lab, bench, quick):
    """What fails a few times and then works is an answer, with its attempts."""

    def script(request, attempt):
        if attempt < 3:
            raise TransientError("overloaded")

    one = bench(lab.Scripted(script), questions=2)
    assert one.run().answered == 2
    assert [answer.attempts for answer in one.store.answers()] == [3, 3]


@pytest.mark.parametrize("error", [TransientError, ValueError, ConnectionError, MemoryError])
def test_a_lasting_fault_is_a_failure_and_no_wrong_answer(lab, bench, quick, error):
    """Whatever an engine raises, the request stays without an outcome and the run goes on."""

    def script(request, attempt):
        if request.key.question == "q001":
            raise error("no luck \ud800" + "x" * 10_000)

    one = bench(lab.Scripted(script), questions=3)
    tally = one.run()
    assert (tally.answered, tally.failed) == (2, 1)
    (failure,) = one.store.failures()
    kind = getattr(error("x"), "fault", error.__name__)
    assert (failure.key.question, failure.kind) == ("q001", kind)
    assert failure.attempts == TRIES == one.backend.attempts[failure.key]
    assert len(failure.message) <= 2_000
    assert one.store.answer(failure.key) is None


def test_refusals_and_absence_are_no_tries(lab, bench, quick):
    """However often an engine is busy or away, a request keeps all its tries."""

    def script(request, attempt):
        if attempt <= 3:
            raise TransientError("busy", fault="overloaded")
        if attempt <= 6:
            raise TransientError("gone", fault="unreachable")

    one = bench(lab.Scripted(script), questions=2, concurrency=2)
    assert one.run().answered == 2
    assert [answer.attempts for answer in one.store.answers()] == [1, 1]


def test_an_engine_that_is_away_is_waited_for(lab, bench, quick):
    """Nothing is lost while it is gone, and the reader is told."""
    away_s, began = 1.5, []

    def script(request, attempt):
        began.append(time.monotonic())
        if 0.1 < time.monotonic() - began[0] < away_s:
            raise TransientError("nothing listens", fault="unreachable")

    one = bench(lab.Scripted(script, delay_s=0.05), questions=100)
    assert (one.run().answered, one.store.failures()) == (100, [])
    # Looked for now and then, not in a loop.
    assert len(one.backend.asked) < 120
    assert one.progress.waited
    assert {why for why, _ in one.progress.waited} == {"nothing listens"}


def test_a_request_that_waits_holds_no_place(lab, bench, monkeypatch):
    """While some wait for their next try, as many others are in flight as ever."""
    monkeypatch.setattr("evalsuite.runs.dispatch.BACKOFF_S", 0.5)

    def script(request, attempt):
        if request.key.question < "q004" and attempt == 1:
            raise TransientError("no luck")

    one = bench(lab.Scripted(script, delay_s=0.01), questions=40, concurrency=4)
    began = time.monotonic()
    assert one.run().answered == 40
    assert time.monotonic() - began < 1.5
    order = [key.question for key in one.backend.asked]
    assert order[4:40] == [f"q{number:03d}" for number in range(4, 40)]


def test_retry_after_is_kept(lab, bench):
    """Not a moment sooner than the engine asks for."""
    at = []

    def script(request, attempt):
        if request.key.question == "q000":
            at.append(time.monotonic())
            if attempt == 1:
                raise TransientError("busy", fault="overloaded", retry_after_s=1.2)

    one = bench(lab.Scripted(script, delay_s=0.05), questions=8)
    assert one.run().answered == 8
    assert at[1] - at[0] >= 1.2


def test_an_engine_with_a_limit_of_its_own_is_asked_less(lab, bench, quick):
    """Refused in numbers, the runner stays near what the engine takes; nothing is lost."""

    one = bench(lab.Scripted(delay_s=0.02), questions=600, concurrency=100)
    plain = one.backend.generate

    async def refusing(request):
        if one.backend.in_flight >= 50:
            raise TransientError("the queue is full", fault="overloaded")
        return await plain(request)

    one.backend.generate = refusing
    assert (one.run().answered, one.store.failures()) == (600, [])
    assert one.backend.peak == 50
    assert any("Asking less: 70 in flight" in line for line in one.progress.lines)


def test_a_stalled_request_is_given_up_and_tried_again(lab, bench, quick):
    """One answer that never comes does not keep the run for ever."""
    backend = lab.Scripted()
    plain = backend.generate

    async def stalling(request):
        if request.key.question == "q001" and not backend.attempts[request.key]:
            backend.attempts[request.key] += 1
            await asyncio.sleep(3600)
        return await plain(request)

    backend.generate = stalling
    one = bench(backend, timeout_s=0.2)
    began = time.monotonic()
    assert one.run().answered == 8
    assert time.monotonic() - began < 5
    assert one.store.answer(Key("gsm8k", "q001", 0)).attempts == 2


def test_an_engine_that_fails_everything_is_not_asked_on(lab, bench, quick):
    """The circuit breaks: the night's requests keep their tries."""

    def script(request, attempt):
        raise TransientError("cuda error")

    async def stop(one):
        await asyncio.sleep(1)
        one.runner.stop()

    one = bench(lab.Scripted(script), questions=500, concurrency=8)
    assert one.run(stop).stopped
    assert len(one.backend.asked) < 150


def test_requests_that_are_all_refused_end_the_run(lab, bench):
    """A mistake in the config fails all; it is told after the first twenty."""

    def script(request, attempt):
        raise RequestRejected("unknown field top_q")

    one = bench(lab.Scripted(script), questions=500)
    with pytest.raises(EngineFailed, match="unknown field top_q"):
        one.run()
    assert len(one.backend.asked) < 30


def test_a_runner_can_be_given_one_list_after_another(lab, bench):
    """With the engine kept open between; only the last list is stopped."""
    one = bench(lab.Scripted(), questions=9)
    queue = list(one.queue())

    async def rounds():
        tallies = [await one.runner.run(queue[start : start + 3]) for start in (0, 3)]
        one.runner.stop()
        return [*tallies, await one.runner.run(queue[6:])]

    first, second, third = asyncio.run(rounds())
    assert (first.answered, second.answered, third.answered) == (3, 3, 0)
    assert not second.stopped
    assert third.stopped
    assert len(one.store.answered()) == 6


def test_thinking_that_nobody_announced_is_told_once(lab, bench):
    """Before a night of answers is cut off in it."""
    one = bench(lab.Scripted(lambda *_: lab.said("so</think>4")), questions=8)
    one.run()
    assert len([line for line in one.progress.lines if "starts_in_thinking" in line]) == 1


def test_a_rejected_request_is_not_tried_again(lab, bench):
    """Asking again what can never be served wastes the engine."""

    def script(request, attempt):
        if request.key.question == "q001":
            raise RequestRejected("prompt too long")

    one = bench(lab.Scripted(script), questions=3)
    assert one.run().failed == 1
    (failure,) = one.store.failures()
    assert (failure.kind, failure.attempts) == ("refused", 1)


def test_a_failed_engine_ends_the_run_and_keeps_what_arrived(lab, bench):
    """A dead engine is not asked on; everything before is on disk."""

    arrived = set()

    def script(request, attempt):
        if request.key.question == "q006":
            raise EngineFailed("out of memory")
        arrived.add(request.key)

    one = bench(lab.Scripted(script, delay_s=0.01), questions=50, concurrency=2)
    with pytest.raises(EngineFailed, match="out of memory"):
        one.run()
    assert one.store.answered() == arrived
    assert len(arrived) in (5, 6, 7)
    assert len(one.backend.asked) <= 9
    assert one.backend.in_flight == 0


def test_an_answer_is_on_disk_within_half_a_second(lab, bench):
    """Another process sees each answer soon after it arrived, while the rest is still asked."""
    arrived = {}

    def script(request, attempt):
        arrived[request.key.question] = time.monotonic()

    delays = []

    async def watch(one):
        seen = set()
        path = one.store.path
        while len(seen) < 12:
            await asyncio.sleep(0.02)
            with closing(sqlite3.connect(path)) as db, db:
                rows = {row[0] for row in db.execute("SELECT question FROM answer")}
            db.close()
            now = time.monotonic()
            delays.extend(now - arrived[name] for name in rows - seen)
            seen |= rows

    one = bench(lab.Scripted(script, delay_s=0.15), questions=12, concurrency=2)
    one.run(watch)
    assert len(delays) == 12
    assert sorted(delays)[9] < 0.5  # a busy machine may hold up the watcher itself


def test_a_slow_grader_holds_nothing_up(lab, bench, caplog):
    """Answers are stored at the engine's pace; what is not graded yet stays unscored."""
    slow = lab.GoldInText(delay_s=0.5)
    one = bench(lab.Scripted(), questions=600, concurrency=50, grader=slow)
    began = time.monotonic()
    assert one.run().answered == 600
    assert time.monotonic() - began < 3
    assert len(list(one.store.unscored(slow.version))) > 580
    assert not caplog.records  # no task was left behind with its error


def test_a_broken_grader_costs_no_answer(lab, bench):
    """An error in grading is not the run's."""

    class Broken:
        version = "broken"

        def grade(self, question, generation):
            raise RecursionError

    one = bench(lab.Scripted(delay_s=0.05), grader=Broken())
    assert one.run().answered == 8


def test_grading_goes_on_beside(lab, bench):
    """While the engine works, answers that have arrived are graded and scored."""
    one = bench(lab.Scripted(delay_s=0.15), questions=12, concurrency=1)
    one.run()
    assert len(list(one.store.draws())) >= 6


def test_a_stop_waits_for_what_is_under_way(lab, bench):
    """One stop: nothing new is asked, and what was in flight is stored."""

    async def stop(one):
        await asyncio.sleep(0.1)
        one.runner.stop()

    one = bench(lab.Scripted(delay_s=0.3), questions=50)
    tally = one.run(stop)
    assert (tally.answered, tally.stopped) == (4, True)
    assert len(one.backend.asked) == 4


def test_a_second_stop_does_not_wait(lab, bench):
    """Twice: what is under way is given up at once."""

    async def stop(one):
        await asyncio.sleep(0.05)
        one.runner.stop()
        one.runner.stop()

    one = bench(lab.Scripted(delay_s=60))
    began = time.monotonic()
    assert one.run(stop).answered == 0
    assert time.monotonic() - began < 2
    assert one.backend.in_flight == 0


def test_patience_after_a_stop_has_an_end(lab, bench, monkeypatch):
    """An answer of half an hour is not waited for."""
    monkeypatch.setattr("evalsuite.runs.runner.DRAIN_S", 0.1)

    async def stop(one):
        await asyncio.sleep(0.05)
        one.runner.stop()

    one = bench(lab.Scripted(delay_s=60))
    began = time.monotonic()
    assert one.run(stop).stopped
    assert time.monotonic() - began < 2


def test_a_stop_ends_the_wait_before_another_try(lab, bench, monkeypatch):
    """A request that waits to be tried again does not hold up a stop."""
    monkeypatch.setattr("evalsuite.runs.dispatch.BACKOFF_S", 60)

    def script(request, attempt):
        raise TransientError("down")

    async def stop(one):
        await asyncio.sleep(0.1)
        one.runner.stop()

    one = bench(lab.Scripted(script))
    began = time.monotonic()
    assert one.run(stop).stopped
    assert time.monotonic() - began < 5


def test_a_full_disk_ends_the_run_and_the_next_goes_on(lab, bench):
    """What was stored stays; with space again only the rest is asked."""
    noise = os.urandom(30_000).hex()
    one = bench(lab.Scripted(lambda *_: lab.said(noise), delay_s=0.05), questions=80)
    pages = one.store._db.execute("PRAGMA page_count").fetchone()[0]
    one.store._db.execute(f"PRAGMA max_page_count = {pages + 300}")
    with pytest.raises(RunError, match="full"):
        one.run()
    stored = one.store.answered()
    assert 0 < len(stored) < 80
    one.store._db.execute("PRAGMA max_page_count = 100000")
    assert {request.key for request in one.queue()}.isdisjoint(stored)


def test_a_slow_disk_slows_the_asking(lab, bench, monkeypatch):
    """Memory holds a bounded number of answers, however fast the engine is."""
    monkeypatch.setattr("evalsuite.runs.writer.WAITING_MOST", 20)
    monkeypatch.setattr("evalsuite.runs.writer.GROUP_MOST", 10)
    one = bench(lab.Scripted(), questions=300, concurrency=5)
    put, ahead, stored = one.store.put, [], []

    def slowly(answers, **others):
        ahead.append(len(one.backend.asked) - len(stored))
        time.sleep(0.01)
        put(answers, **others)
        stored.extend(answers)

    monkeypatch.setattr(one.store, "put", slowly)
    assert one.run().answered == 300
    assert max(ahead) <= 20 + 10 + 2 * 5


def test_a_queue_that_breaks_ends_the_run(lab, bench):
    """What arrived is stored, and the error is seen."""
    one = bench(lab.Scripted(), questions=20)

    def queue():
        for number, request in enumerate(one.queue()):
            if number == 10:
                raise ValueError("a broken plan")
            yield request

    with pytest.raises(ValueError, match="a broken plan"):
        asyncio.run(one.runner.run(queue()))
    assert len(one.store.answered()) >= 6


def test_a_queue_may_have_nothing_for_now(lab, bench):
    """The run waits, asks on at once when it is woken, and ends with the queue."""
    one, more = bench(lab.Scripted()), asyncio.Event()
    first, *rest = one.queue()

    def queue():
        yield first
        while not more.is_set():
            yield None
        yield from rest

    async def wake(bench):
        await until(lambda: bench.store.answered() and bench.runner.idle)
        assert bench.backend.asked == [first.key]
        more.set()
        bench.runner.wake()
        await asyncio.sleep(0)
        assert len(bench.backend.asked) > 1

    one.queue = queue
    assert one.run(wake).answered == 8
    assert one.runner.idle


def test_what_is_dropped_leaves_nothing_behind(lab, bench, monkeypatch):
    """Under way or waiting for its next try, it is neither answered nor failed; the rest is."""
    monkeypatch.setattr("evalsuite.runs.dispatch.BACKOFF_S", 3_600)
    hangs, fails = "q000", "q001"

    class Stuck(lab.Scripted):
        async def generate(self, request):
            if request.key.question == hangs:
                self.asked.append(request.key)
                await asyncio.sleep(3_600)
            return await super().generate(request)

    def script(request, attempt):
        if request.key.question == fails:
            raise TransientError("no")

    async def drop(bench):
        await until(lambda: len(bench.store.answered()) == 6)
        bench.runner.drop(lambda key: key.question in (hangs, fails))

    one = bench(Stuck(script))
    tally = one.run(drop)
    assert (tally.answered, tally.failed) == (6, 0)
    assert {hangs, fails} <= {key.question for key in one.backend.asked}
    assert not one.store.failures()

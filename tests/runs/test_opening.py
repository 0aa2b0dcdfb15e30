"""A server that is still loading is waited for, with a countdown."""

from itertools import pairwise

import pytest

from evalsuite.errors import BackendError, EngineFailed, TransientError
from evalsuite.runs.opening import opened
from evalsuite.runs.progress import Silent


class Watch(Silent):
    def __init__(self):
        self.waited = []

    def waiting(self, why, left_s):
        self.waited.append((why, left_s))


class Clock:
    """A clock that sleeping moves."""

    now = 1_000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("evalsuite.runs.opening.time", clock)
    return clock


def starting(clock, ready_s, **facts):
    """An engine that is there *ready_s* after the clock's start."""
    at = clock.now + ready_s
    looks = []

    def open_backend():
        looks.append(clock.now)
        if clock.now < at:
            raise TransientError("the model is loading", fault="overloaded", **facts)
        return "engine"

    return open_backend, looks


def test_a_slow_start_is_waited_for(clock):
    """The patience that is left is told each second."""
    watch = Watch()
    open_backend, _ = starting(clock, 10)
    assert opened(open_backend, watch) == "engine"
    assert clock.now <= 1_012
    assert {why for why, _ in watch.waited} == {"the model is loading"}
    assert [round(left) for _, left in watch.waited] == list(range(1800, 1790, -1))


def test_what_the_server_asks_for_is_kept(clock):
    """Retry-After is honoured, up to half a minute."""
    open_backend, looks = starting(clock, 100, retry_after_s=20)
    opened(open_backend, Watch())
    assert [later - sooner for sooner, later in pairwise(looks)] == [20] * 5


def test_patience_has_an_end(clock):
    """Half an hour after the start the message says what to do."""
    open_backend, _ = starting(clock, 10_000)
    with pytest.raises(EngineFailed, match=r"loading\nWaited 30 minutes for it. Start the server"):
        opened(open_backend, Watch())


def test_other_errors_are_not_waited_for(clock):
    """A wrong model does not become right."""
    watch = Watch()

    def open_backend():
        raise BackendError("serves another model")

    with pytest.raises(BackendError, match="another model"):
        opened(open_backend, watch)
    assert watch.waited == []

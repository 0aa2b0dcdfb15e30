"""An engine that is away is waited for, one that fails everything is left alone."""

import pytest

from evalsuite.errors import EngineFailed
from evalsuite.model import Key
from evalsuite.runs.gate import AWAY_S, BROKEN_S, FAILED_MOST, Gate


def key(number):
    return Key("gsm8k", f"q{number}", 0)


def admitted(gate, now, most=5):
    """How many of *most* requests go through at *now*."""
    return [gate.admit(now) for _ in range(most)].count(True)


def test_an_open_gate_admits_all():
    """Nothing happened yet."""
    gate = Gate()
    assert admitted(gate, 0.0) == 5
    assert gate.changes_at() is None
    assert gate.waits(0.0) is None


def test_away_shuts_until_a_look():
    """Nothing goes through for a while; then one, and the rest if it lives."""
    gate = Gate()
    gate.away("nothing listens", now=100.0, took_s=0.0)
    assert admitted(gate, 100.1) == 0
    look = gate.changes_at()
    assert 100.1 < look < 101
    assert admitted(gate, look) == 1
    settled = gate.changes_at()
    assert settled == look + 1.0
    assert admitted(gate, settled) == 5


def test_what_the_engine_asks_for_is_kept():
    """Retry-After is the least pause."""
    gate = Gate()
    gate.away("busy", now=0.0, took_s=0.0, pause_s=7.0)
    assert gate.changes_at() == 7.0


def test_an_answer_opens_it_at_once():
    """Also one that was under way before."""
    gate = Gate()
    gate.away("nothing listens", now=0.0, took_s=0.0)
    gate.answered()
    assert admitted(gate, 0.0) == 5
    assert gate.waits(0.0) is None


def test_looks_become_rarer_but_not_rare():
    """A server that is back is asked within two seconds."""
    gate, now, pauses = Gate(), 0.0, []
    for _ in range(8):
        gate.away("nothing listens", now=now, took_s=0.0)
        pauses.append(gate.changes_at() - now)
        now = gate.changes_at()
        assert gate.admit(now)
    assert pauses == sorted(pauses)
    assert pauses[0] < 0.5
    assert pauses[-1] == 2.0


def test_it_counts_down():
    """What is left of the patience is told while it is shut."""
    gate = Gate()
    gate.away("nothing listens", now=50.0, took_s=0.0)
    assert gate.why == "nothing listens"
    assert gate.waits(50.1) == pytest.approx(AWAY_S - 0.1)


def test_patience_with_an_absent_engine_has_an_end():
    """Then the run stops, resumable."""
    gate = Gate()
    looks = []

    def look_in_vain():
        while True:
            now = looks[-1] if looks else 0.0
            gate.away("nothing listens", now=now, took_s=0.0)
            looks.append(gate.changes_at())
            assert gate.admit(looks[-1])

    with pytest.raises(EngineFailed, match="30 minutes: nothing listens"):
        look_in_vain()
    assert AWAY_S < looks[-1] < AWAY_S + 5


def test_failures_of_the_same_few_requests_do_not_shut_it():
    """They may be to blame themselves."""
    gate = Gate()
    for round_ in range(10):
        for number in range(FAILED_MOST - 1):
            gate.failed(key(number), "500", now=float(round_), took_s=0.0)
    assert admitted(gate, 10.0) == 5


def test_many_different_failures_running_shut_it():
    """An engine that fails everything is asked one at a time, more and more rarely."""
    gate, looks = Gate(), []

    def fail_everything():
        for number in range(10_000):
            now = looks[-1] if looks else 0.0
            gate.failed(key(number), "500", now=now, took_s=0.1)
            if gate.changes_at() is not None:
                looks.append(gate.changes_at())
                assert gate.admit(looks[-1])

    with pytest.raises(EngineFailed, match="5 minutes: 500"):
        fail_everything()
    assert len(looks) < 15
    assert BROKEN_S < looks[-1] < BROKEN_S + 61


def test_an_answer_between_forgives_failures():
    """Only failures without an answer between them count."""
    gate = Gate()
    for number in range(200):
        gate.failed(key(number), "500", now=0.0, took_s=0.0)
        if number % (FAILED_MOST - 1) == 0:
            gate.answered()
    assert admitted(gate, 0.0) == 5


def test_if_the_first_requests_are_all_refused_the_run_stops():
    """A field that the server does not take would else fail every request of the night."""
    gate = Gate()
    for number in range(FAILED_MOST - 1):
        gate.rejected(key(number), "unknown field")
    with pytest.raises(EngineFailed, match=r"first 20 requests were all refused.*unknown field"):
        gate.rejected(key(FAILED_MOST), "unknown field")


def test_refusals_after_an_answer_are_the_requests_own():
    """Long prompts are noted, each for itself."""
    gate = Gate()
    gate.answered()
    for number in range(100):
        gate.rejected(key(number), "too long")
    assert admitted(gate, 0.0) == 5

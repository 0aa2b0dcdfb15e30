"""Two arms step by step, until decided."""

import asyncio
import json
import random
import signal

import pytest

from evalsuite.comparison import compare
from evalsuite.errors import EngineFailed, RequestRejected, RunError, TransientError
from evalsuite.runs.dispatch import TRIES
from evalsuite.runs.looks import LOOKS, ordered, read_looks
from evalsuite.runs.runner import Tally
from evalsuite.runs.trial import Trial

QUESTIONS, REPEATS = 30, 32


def engine(lab, accuracy, *, salt=0, dies_after=None):
    """An engine that is right that often, as the key alone decides."""

    def script(request, attempt):
        if dies_after is not None and len(backend.asked) > dies_after:
            raise EngineFailed("gone")
        chance = random.Random(f"{request.key} {salt}").random()
        return lab.said("1" if chance < accuracy else "0", output_tokens=100)

    backend = lab.Scripted(script, max_in_flight=32)
    return backend


def trial(lab, ours, theirs, *, rule="until-decided", margin=0.10, repeats=REPEATS, others=()):
    """The trial of 30 questions of *ours* and *theirs*, which are engines or None."""
    arms = [
        lab.arm(backend, arm=name, questions=QUESTIONS, repeats=repeats)
        for name, backend in (("fp8", ours), ("fp4", theirs), *others)
    ]
    return Trial(
        baseline=arms[0],
        candidate=arms[1],
        others=arms[2:],
        rule=rule,
        margins={"gsm8k": margin},
        discordances={"gsm8k": 0.3},
    )


def compared(lab, margin=10.0):
    with lab.open("fp8") as ours, lab.open("fp4") as theirs:
        return compare(ours, theirs, margins_pp={"gsm8k": margin})


def looks_of(lab):
    (one,) = read_looks(lab.path("fp4")).tasks
    return one


def needed(lab):
    """The draws that the looks saw, in their order."""
    names = [f"q{n:03d}" for n in range(QUESTIONS)]
    return ordered("gsm8k", names, REPEATS)[: looks_of(lab).taken[-1].pairs]


def test_equal_arms_stop_once_they_hold(lab):
    """A candidate as good as the baseline is found to hold before all repeats are asked."""
    ours, theirs = engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)
    tally = trial(lab, ours, theirs).run()
    assert looks_of(lab).taken[-1].found == "holds"
    for backend in (ours, theirs):
        assert set(needed(lab)) <= set(backend.asked)
        assert max(backend.attempts.values()) == 1
        assert len(backend.asked) < QUESTIONS * REPEATS
    assert 2 * len(needed(lab)) <= tally.answered <= len(ours.asked) + len(theirs.asked)
    assert (ours.closed, theirs.closed) == (1, 1)


def test_engines_go_on_while_a_look_waits(lab):
    """One answer of the first look is slow: both engines work on what later looks need."""
    slow = ordered("gsm8k", [f"q{n:03d}" for n in range(QUESTIONS)], 1)[0]
    came = asyncio.Event()

    class Slow(lab.Scripted):
        async def generate(self, request):
            if request.key == slow:
                await asyncio.wait_for(came.wait(), 20)
            said = await super().generate(request)
            if len(set(self.asked)) > QUESTIONS + self.info.max_in_flight:
                came.set()
            return said

    theirs = Slow(engine(lab, 0.9, salt=6).script, max_in_flight=8)
    trial(lab, engine(lab, 0.9, salt=5), theirs).run()
    one = looks_of(lab)
    assert one.taken[0].pairs < QUESTIONS
    assert one.taken[0].paired == one.taken[0].pairs
    assert one.taken[-1].found == "holds"


def test_what_is_under_way_when_all_is_decided_is_given_up(lab, tmp_path):
    """Answers that no look needed may take for ever, and a look never sees them."""
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    whole, enough = looks_of(lab), set(needed(lab))
    other = type(lab)(tmp_path / "again")

    class Stuck(lab.Scripted):
        async def generate(self, request):
            if request.key not in enough:
                self.asked.append(request.key)
                await asyncio.sleep(3_600)
            return await super().generate(request)

    arms = [Stuck(engine(lab, 0.9, salt=salt).script, max_in_flight=2_000) for salt in (5, 6)]
    tally = trial(other, *arms).run()
    assert looks_of(other) == whole
    assert tally.answered == 2 * len(enough)
    assert all(set(backend.asked) > enough for backend in arms)
    with other.open("fp4") as run:
        assert not run.store.failures()


def test_a_failed_answer_does_not_hold_the_looks_up(lab, quick):
    """Its pair is missing from the look, and it is asked again for the next one."""
    broken = ordered("gsm8k", [f"q{n:03d}" for n in range(QUESTIONS)], 1)[0]
    theirs = engine(lab, 0.9, salt=6)
    script = theirs.script

    def fails(request, attempt):
        if request.key == broken:
            raise TransientError("no")
        return script(request, attempt)

    theirs.script = fails
    tally = trial(lab, engine(lab, 0.9, salt=5), theirs).run()
    taken = looks_of(lab).taken
    assert [look.paired for look in taken] == [look.pairs - 1 for look in taken]
    assert theirs.attempts[broken] >= TRIES * len(taken)
    assert tally.failed >= len(taken)


def test_without_any_answer_there_is_no_look(lab, quick):
    """The candidate answers nothing: the run says so, and the same command asks again."""

    def fails(request, attempt):
        raise RequestRejected("no", rejection="absent")

    theirs = lab.Scripted(fails, max_in_flight=32)
    with pytest.raises(RunError, match="neither arm answered"):
        trial(lab, engine(lab, 0.9, salt=5), theirs).run()
    assert not looks_of(lab).taken
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    assert looks_of(lab).taken[-1].found == "holds"


def test_a_slow_grader_delays_looks_and_no_engine(lab, monkeypatch):
    """Answers that were not graded beside are graded once the engines have nothing to do."""
    monkeypatch.setattr("evalsuite.runs.writer.UNGRADED_MOST", 1)
    monkeypatch.setattr("evalsuite.runs.match.IDLE_S", 0.2)
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    assert looks_of(lab).taken[-1].found == "holds"
    for arm in ("fp8", "fp4"):
        assert set(needed(lab)) <= {key for key, _, _ in lab.draws(arm)}


def test_a_collapse_is_seen_within_a_pass(lab):
    """Forty points lost against a margin of ten need not even each question asked once."""
    trial(lab, engine(lab, 0.9), engine(lab, 0.5, salt=2)).run()
    one = looks_of(lab)
    assert [look.found for look in one.taken[:-1]] == [None] * (len(one.taken) - 1)
    assert one.taken[-1].found in ("worse", "futile")
    assert one.taken[-1].pairs < QUESTIONS


def test_comparison_after_a_stop_is_the_looks_verdict_with_wider_limits(lab):
    """The interval is the repeated one; it decides as the look did, and the look is told."""
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    found = compared(lab)
    (one,) = found.benchmarks
    assert one.verdict == "holds"
    assert "sequential" in one.flags
    assert (one.sequential.stopped, one.sequential.look) == ("holds", len(looks_of(lab).taken))
    assert one.sequential.pairs == one.pairs
    answers = len(lab.draws("fp4"))
    assert one.sequential.left_out == answers - one.pairs
    assert one.sequential.saved_tokens == (one.sequential.fixed - answers) * 200
    # As if it had been planned so: narrower.
    (lab.path("fp4") / LOOKS).unlink()
    (naive,) = compared(lab).benchmarks
    assert naive.interval_90.low > one.interval_90.low
    assert naive.difference.interval.low > one.difference.interval.low
    assert naive.p_value < one.p_value < 0.05


def test_answers_after_the_stop_do_not_count(lab):
    """A plain run that goes on in the same folders changes nothing that was decided."""
    engines = engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)
    trial(lab, *engines).run()
    before = compared(lab).benchmarks[0]
    for arm, backend in zip(("fp8", "fp4"), engines, strict=True):
        lab.run(backend, arm=arm, questions=QUESTIONS, repeats=REPEATS)
    after = compared(lab).benchmarks[0]
    assert after.pairs == before.pairs
    assert after.interval_90 == before.interval_90
    assert after.sequential.left_out == QUESTIONS * REPEATS - before.pairs


def test_a_killed_run_takes_the_same_looks(lab, tmp_path):
    """An engine that dies loses nothing: the same command ends where it would have."""
    trial(lab, engine(lab, 0.9, salt=1), engine(lab, 0.85, salt=2), margin=0.06).run()
    whole = looks_of(lab)
    assert len(whole.taken) > 2
    other = type(lab)(tmp_path / "again")
    dying = engine(other, 0.85, salt=2, dies_after=whole.taken[1].pairs + 1)
    with pytest.raises(EngineFailed, match="same command goes on"):
        trial(other, engine(other, 0.9, salt=1), dying, margin=0.06).run()
    there = looks_of(other).taken
    assert there == whole.taken[: len(there)] != whole.taken
    stored = other.draws("fp4")
    left = engine(other, 0.85, salt=2)
    trial(other, engine(other, 0.9, salt=1), left, margin=0.06).run()
    assert looks_of(other) == whole
    assert not set(left.asked) & {key for key, _, _ in stored}


def test_a_decided_run_opens_no_engine(lab):
    """The same command again costs nothing, and a stored baseline is not asked."""
    lab.run(engine(lab, 0.9, salt=1), arm="fp8", questions=QUESTIONS, repeats=REPEATS)
    theirs = engine(lab, 0.9, salt=2)
    trial(lab, None, theirs).run()
    assert theirs.asked
    assert trial(lab, None, None).run() == Tally()


def test_surplus_of_a_stored_baseline_counts(lab):
    """What the baseline holds beyond the candidate's draws saves the candidate some."""
    ours = {"arm": "fp8", "questions": QUESTIONS, "repeats": REPEATS}
    lab.run(engine(lab, 0.9, salt=5), **ours)
    trial(lab, None, engine(lab, 0.9, salt=6)).run()
    one = looks_of(lab)
    assert one.stored == REPEATS
    assert one.taken[0].stage.information > 1.8 * one.taken[0].pairs
    (found,) = compared(lab).benchmarks
    assert found.verdict == "holds"
    assert found.surplus == QUESTIONS * REPEATS - one.taken[-1].pairs
    # What the baseline learns later does not count.
    lab.run(engine(lab, 0.9, salt=5), **ours | {"repeats": REPEATS + 8})
    (again,) = compared(lab).benchmarks
    assert again.interval_90 == found.interval_90


def test_what_the_baseline_held_is_settled_before_the_first_answer(lab):
    """Repeats that reach the baseline between two starts are not part of the plan."""
    dying = engine(lab, 0.9, salt=6, dies_after=5)
    with pytest.raises(EngineFailed):
        trial(lab, engine(lab, 0.9, salt=5), dying).run()
    lab.run(engine(lab, 0.9, salt=5), arm="fp8", questions=QUESTIONS, repeats=REPEATS)
    trial(lab, None, engine(lab, 0.9, salt=6)).run()
    assert looks_of(lab).stored == 0


def test_controls_are_asked_what_the_candidate_was(lab):
    """The A/A control gets the keys of the last look and no more."""
    control = engine(lab, 0.9, salt=3)
    theirs = engine(lab, 0.9, salt=2)
    trial(lab, engine(lab, 0.9, salt=1), theirs, others=[("again", control)]).run()
    assert sorted(control.asked) == sorted(needed(lab))


def test_a_stop_reaches_both_engines_and_no_control(lab):
    """After Ctrl-C nothing new is asked of anybody, and the same command goes on."""
    theirs, control = engine(lab, 0.9, salt=6), engine(lab, 0.9, salt=3)
    script = theirs.script

    def interrupts(request, attempt):
        if len(theirs.asked) > 40 and not stopped:
            stopped.append(signal.raise_signal(signal.SIGINT))
        return script(request, attempt)

    stopped = []
    theirs.script = interrupts
    ours = engine(lab, 0.9, salt=5)
    assert trial(lab, ours, theirs, others=[("again", control)]).run().stopped
    assert not control.asked
    assert max(len(ours.asked), len(theirs.asked)) < QUESTIONS * REPEATS / 2
    assert not looks_of(lab).stopped
    theirs.script = script
    trial(lab, ours, theirs, others=[("again", control)]).run()
    assert looks_of(lab).taken[-1].found == "holds"
    assert max(theirs.attempts.values()) == max(ours.attempts.values()) == 1
    assert sorted(control.asked) == sorted(needed(lab))


def test_a_plan_that_was_looked_at_cannot_be_changed(lab):
    """Another margin after a look would have no error rate."""
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    with pytest.raises(RunError, match=r"margin 10 pp.*\n.*has no error rate"):
        trial(lab, None, None, margin=0.2).run()
    with pytest.raises(RunError, match="rule: until-decided before, anytime now"):
        trial(lab, None, None, rule="anytime").run()


def test_damaged_looks_are_an_error(lab):
    trial(lab, engine(lab, 0.9, salt=5), engine(lab, 0.9, salt=6)).run()
    (lab.path("fp4") / LOOKS).write_text(json.dumps({"rule": "?"}))
    with pytest.raises(RunError, match="is damaged"):
        trial(lab, None, None).run()


def test_too_few_repeats_end_undecided(lab):
    """Two repeats cannot show two points; the last look says so and the run ends."""
    trial(lab, engine(lab, 0.9, salt=1), engine(lab, 0.9, salt=2), margin=0.02, repeats=2).run()
    one = looks_of(lab)
    assert one.stopped
    assert one.taken[-1].found in (None, "futile")
    (found,) = compared(lab, margin=2.0).benchmarks
    assert found.verdict == "undecided"
    assert found.sequential.finished


def test_bets_decide_after_whole_passes(lab):
    """The open-ended rule looks at whole passes only, and its interval covers what it saw."""
    trial(lab, engine(lab, 0.95, salt=1), engine(lab, 0.95, salt=2), rule="anytime").run()
    one = looks_of(lab)
    assert one.taken[-1].found == "holds"
    assert all(look.pairs % QUESTIONS == 0 for look in one.taken)
    (found,) = compared(lab).benchmarks
    assert found.verdict == "holds"
    assert found.interval_90.low > -0.10
    assert found.interval_90.low <= found.difference.value <= found.interval_90.high

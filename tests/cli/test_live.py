"""The numbers and the views of a run that goes on."""

import io
import json
import re

import pytest
from rich.console import Console

from evalsuite.cli.counting import Counting, TaskCount, clock_time
from evalsuite.cli.live import Lines, LiveTable, Screen
from evalsuite.model import BackendInfo, Failure, Generation, Key, RunInfo, TaskInfo
from evalsuite.runs.rows import Kept, text_hash

ENGINE = BackendInfo(
    backend="embedded",
    model="m",
    precision="fp8",
    engine_version="1",
    hardware="CPU",
    honours_seed=True,
    max_in_flight=8,
)


class Clock:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self):
        return self.now


def run_info():
    tasks = tuple(
        TaskInfo(
            name=name,
            title=title,
            kind="integer",
            source="",
            revision="",
            synthetic=True,
            data_hash="",
            prompt_hash="",
            questions=1,
            repeats=1,
            sampling=None,
        )
        for name, title in (("gsm8k", "GSM8K"), ("aime_2024", "AIME 2024 [red]"))
    )
    return RunInfo(
        id="demo-fp8",
        experiment="demo",
        arm="fp8",
        role="baseline",
        precision="fp8",
        seed=1,
        tasks=tasks,
        backend=ENGINE,
        fingerprint="",
        settings={},
        versions={},
        created="",
    )


def shown(view):
    """The live table as text."""
    console = Console(file=io.StringIO(), width=120)
    console.print(view.table())
    return console.file.getvalue()


def begin(view, *, gsm8k=(100, 0), aime=(10, 0)):
    """Start *view* with (wanted, stored) draws and four requests in flight."""
    wanted = {"gsm8k": gsm8k[0], "aime_2024": aime[0]}
    view.started(run_info(), wanted, {"gsm8k": gsm8k[1], "aime_2024": aime[1]})
    view.opened(ENGINE, 4)


def arrive(view, number, *, task="gsm8k", tokens=50, latency_s=2.0, correct=True):
    key = Key(task, f"q{number}", 0)
    view.answered(
        key,
        Generation(
            text=f"{task} {number}", finish_reason="stop", output_tokens=tokens, latency_s=latency_s
        ),
    )
    view.scored(key, "correct" if correct else "incorrect")


def test_running_accuracy_has_its_half_width():
    """80 of 100: Agresti and Coull's half-width is 1.96·√(p(1−p)/104) with p = 82/104."""
    count = TaskCount(title="", wanted=200, done=100, graded=100, correct=80)
    assert count.accuracy() == "~80.0 ± 7.8"
    assert TaskCount(title="", wanted=100, done=100, graded=100, correct=80).accuracy()[0] == "8"
    assert TaskCount(title="", wanted=1, done=0).accuracy() == "—"


def test_tokens_are_counted_over_the_last_half_minute():
    """Older answers do not count; the first seconds are not averaged over half a minute."""
    clock = Clock()
    view = Counting(clock)
    begin(view)
    clock.now += 10
    arrive(view, 1, tokens=1_000)
    assert view.tokens_per_s() == 100
    assert view.tokens_per_s("aime_2024") == 0
    clock.now += 25
    arrive(view, 2, tokens=3_000)
    assert view.tokens_per_s() == pytest.approx(4_000 / 30)
    clock.now += 10
    assert view.tokens_per_s() == 100


def test_time_left_comes_from_the_lengths_seen():
    """98 draws of 2 s and 9 of 20 s, four at a time."""
    view = Counting(Clock())
    begin(view)
    assert view.left_s() is None
    for number in range(2):
        arrive(view, number)
    arrive(view, 0, task="aime_2024", latency_s=20.0)
    assert view.left_s("gsm8k") == 98 * 2 / 4
    assert view.left_s() == (98 * 2 + 9 * 20) / 4
    assert clock_time(view.left_s()) == "01:34"
    assert clock_time(3_723) == "1:02:03"


def test_an_engine_without_times_is_clocked():
    """Where answers carry no latency, the pace so far tells how long it takes."""
    clock = Clock()
    view = Counting(clock)
    begin(view, aime=(0, 0))
    clock.now += 20
    for number in range(10):
        arrive(view, number, latency_s=None)
    assert view.left_s() == pytest.approx(90 * 2)


def test_stored_answers_count_as_done_but_not_as_pace():
    """Going on with a run shows what was done before, and a pace of this call only."""
    view = Counting(Clock())
    begin(view, gsm8k=(100, 60))
    assert view.tasks["gsm8k"].done == 60
    assert view.tokens_per_s() == 0
    assert view.left_s() is None


def lines(**kinds):
    stream = io.StringIO()
    view = Lines(stream, **kinds)
    view.clock = Clock()
    begin(view)
    return view, stream


def test_plain_lines_come_at_each_tenth():
    """A hundred answers are ten lines, not a hundred."""
    view, stream = lines()
    for number in range(100):
        arrive(view, number)
    told = [line for line in stream.getvalue().splitlines() if "GSM8K" in line]
    assert len(told) == 10
    assert told[0].startswith("fp8 GSM8K: 10/100, accuracy ~100.0 ± ")


def test_plain_lines_come_every_five_minutes():
    """A job that waits for long answers is not silent, so CI does not kill it."""
    view, stream = lines()
    before = stream.getvalue()
    view.clock.now += 299
    view.tick()
    assert stream.getvalue() == before
    view.clock.now += 2
    view.tick()
    view.tick()
    told = stream.getvalue()[len(before) :].splitlines()
    assert told == [
        "fp8 GSM8K: 0/100, 0 tok/s",
        "fp8 AIME 2024 [red]: 0/10, 0 tok/s",
    ]


def test_json_lines_hold_the_same_facts():
    """A machine reads what a person would."""
    view, stream = lines(as_json=True)
    view.failed(Failure(key=Key("gsm8k", "q", 0), kind="Timeout", message="slow", attempts=5))
    for number in range(10):
        arrive(view, number, correct=number > 0)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert events[2]["text"] == "gsm8k q repeat 0: Timeout: slow"
    assert events[-1]["done"] == 10
    # The tenth answer is told when it is stored, before it is graded.
    assert (events[-1]["graded"], events[-1]["correct"], events[-1]["failed"]) == (9, 8, 1)


def test_failures_do_not_flood():
    """A server that refuses everything gets a few lines, and the count."""
    view, stream = lines()
    for number in range(1_000):
        key = Key("gsm8k", f"q{number}", 0)
        view.failed(Failure(key=key, kind="refused", message="no", attempts=1))
    view.finished()
    told = stream.getvalue().splitlines()
    assert len(told) < 30
    assert "only counted" in stream.getvalue()
    assert "1,000 failed" in told[-2]


def test_the_table_shows_every_task():
    """Names are text and no markup; what is finished says so."""
    view = LiveTable()
    view.clock = Clock()
    Counting.started(
        view, run_info(), {"gsm8k": 2, "aime_2024": 10}, dict.fromkeys(("gsm8k", "aime_2024"), 0)
    )
    view.opened(ENGINE, 4)
    for number in range(2):
        arrive(view, number)
    arrive(view, 0, task="aime_2024", latency_s=40.0)
    told = shown(view)
    assert "demo-fp8  embedded · 1 · m · CPU · 4 in flight" in told
    assert re.search(r"fp8 +GSM8K .* 2/2 +100\.0 ± \S+ +100 +0 +done", told)
    assert re.search(r"fp8 +AIME 2024 \[red\] .* 1/10 +~100\.0 ± \S+ +50 +0 +01:30", told)
    assert "left about 01:30" in told


def test_a_live_view_opens_speaks_and_closes(capsys):
    """On a terminal the table is drawn on stderr and left standing."""
    view = LiveTable()
    begin(view)
    view.said("[not markup]")
    view.finished()
    view.finished()
    out, err = capsys.readouterr()
    assert out == ""
    assert "[not markup]" in err
    assert "GSM8K" in err


def test_two_arms_share_a_screen(capsys):
    """Both tables stay in sight until both arms are done, and lines stand above them."""
    screen = Screen()
    screen.say("before")
    ours, theirs = LiveTable(screen), LiveTable(screen)
    begin(ours)
    begin(theirs, gsm8k=(50, 0))
    arrive(theirs, 1)
    ours.finished()
    theirs.said("look 1: goes on")
    theirs.finished()
    before, _, drawn = capsys.readouterr().err.partition("before")
    assert not before
    last = drawn.rpartition("look 1: goes on")[-1]
    assert "0/100" in last
    assert "1/50" in last
    assert last.index("0/100") < last.index("1/50")


def test_a_wait_counts_down_on_the_terminal():
    """While the engine is away the caption says why, since when, and how long still."""
    clock = Clock()
    view = LiveTable()
    view.clock = clock
    begin(view)
    view.waiting("nothing listens [red]", 1_800.0)
    clock.now += 1
    view.waiting("nothing listens [red]", 1_799.0)
    assert "waiting for the engine (00:01, 29:59 left): nothing listens [red]" in shown(view)
    clock.now += 5
    assert "waiting" not in shown(view)
    view.finished()


def test_a_wait_is_a_line_now_and_then():
    """Not each second."""
    clock, stream = Clock(), io.StringIO()
    view = Lines(stream)
    view.clock = clock
    begin(view)
    for second in range(40):
        clock.now += 1
        view.waiting("nothing listens", 1_800.0 - second)
    lines = [line for line in stream.getvalue().splitlines() if "waiting" in line]
    assert len(lines) == 3
    assert lines[1] == "waiting for the engine (00:15, 29:45 left): nothing listens"


def test_a_wait_as_json():
    """For machines."""
    stream = io.StringIO()
    view = Lines(stream, as_json=True)
    begin(view)
    view.waiting("nothing listens", 60.0)
    fact = json.loads(stream.getvalue().splitlines()[-1])
    assert fact == {"event": "waiting", "why": "nothing listens", "left_s": 60.0}


def test_odd_answers_have_columns_once_there_are_any():
    """Cut off, empty, word for word alike: from this call and from earlier ones."""
    view = LiveTable()
    begin(view, gsm8k=(100, 1))
    assert "cut off" not in shown(view)
    again = Generation(text="the same", finish_reason="stop")
    view.recalled(
        [
            Kept(Key("gsm8k", "q1", 0), "stop", False, text_hash(again)),
            Kept(Key("math_500", "q1", 0), "length", False, b"x"),
        ]
    )
    view.answered(Key("gsm8k", "q1", 1), again)
    view.answered(Key("gsm8k", "q2", 0), again)
    view.answered(Key("gsm8k", "q3", 0), Generation(text="so it", finish_reason="length"))
    told = shown(view)
    view.finished()
    assert re.search(r"failed +cut off +alike +left", told)
    assert re.search(r"4/100 .* 0 +1 +1 ", told)
    assert "empty" not in told


def test_odd_answers_are_told_in_lines_and_json():
    """By the names of the columns."""
    plain, as_json = io.StringIO(), io.StringIO()
    for stream, kind in ((plain, False), (as_json, True)):
        view = Lines(stream, as_json=kind)
        begin(view, gsm8k=(1, 0))
        view.answered(Key("gsm8k", "q1", 0), Generation(text=" ", finish_reason="stop"))
    assert "1/1, 1 empty" in plain.getvalue()
    fact = json.loads(as_json.getvalue().splitlines()[-1])
    assert (fact["cut_off"], fact["empty"], fact["alike"]) == (0, 1, 0)


def test_what_a_server_says_is_shown_without_what_a_terminal_obeys():
    """Its words may hold escapes: a new title of the window, or worse."""
    stream = io.StringIO()
    Lines(stream).said("busy \x1b]0;owned\x07")
    assert stream.getvalue() == "busy \ufffd]0;owned\ufffd\n"

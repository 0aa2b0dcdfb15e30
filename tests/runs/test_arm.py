"""One arm: what is asked when it is run again, and what is refused."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evalsuite.errors import EngineFailed, RequestRejected, RunError, TransientError
from evalsuite.model import Key
from evalsuite.runs.arm import known_lengths
from evalsuite.runs.folder import read_info
from evalsuite.runs.provenance import versions


def test_every_answer_is_stored_and_graded(lab):
    """After a run each draw has its answer and its outcome, and the engine is closed."""
    backend = lab.Scripted()
    tally = lab.run(backend, questions=5, repeats=3)
    assert tally.answered == 15
    assert backend.closed == 1
    assert len(lab.draws()) == 15
    assert read_info(lab.path()).backend == backend.info


def test_resume_asks_only_what_is_missing(lab):
    """A second run of the same folder asks only the draws without an answer."""
    lab.run(lab.Scripted(), questions=3, repeats=1)
    backend = lab.Scripted()
    lab.run(backend, questions=5, repeats=2)
    assert len(backend.asked) == len(set(backend.asked)) == 7
    assert Key("gsm8k", "q000", 0) not in backend.asked
    assert len(lab.draws()) == 10


def test_nothing_missing_opens_no_engine(lab):
    """A finished run costs nothing to repeat."""
    lab.run(lab.Scripted())

    def refuse():
        raise AssertionError("opened")

    assert lab.arm(None, open_backend=refuse).run().answered == 0


def test_a_smaller_run_deletes_nothing(lab):
    """Fewer questions or repeats on the same folder ask nothing and lose nothing."""
    lab.run(lab.Scripted(), questions=4, repeats=2)
    backend = lab.Scripted()
    lab.run(backend, questions=2, repeats=1)
    assert backend.asked == []
    assert len(lab.draws()) == 8


def test_failed_requests_are_asked_again_by_the_next_run(lab, quick):
    """A failure lasts until the next call of the same command."""

    def script(request, attempt):
        if request.key.question == "q001":
            raise RequestRejected("no")
        if request.key.question == "q002":
            raise TransientError("no")

    assert lab.run(lab.Scripted(script), repeats=1).failed == 2
    backend = lab.Scripted()
    assert lab.run(backend, repeats=1).failed == 0
    assert sorted(key.question for key in backend.asked) == ["q001", "q002"]
    with lab.open() as run:
        assert run.store.failures() == []


def test_an_interrupted_run_ends_like_an_undisturbed_one(lab, tmp_path):
    """Texts, outcomes and seeds do not depend on where a run was cut."""

    def dies(request, attempt):
        if len(backend.asked) > 5:
            raise EngineFailed("gone")

    backend = lab.Scripted(dies, max_in_flight=2)
    with pytest.raises(EngineFailed, match="same command"):
        lab.run(backend, arm="cut")
    assert backend.closed == 1
    lab.run(lab.Scripted(), arm="cut")
    lab.run(lab.Scripted(), arm="whole")
    assert lab.draws("cut") == lab.draws("whole")


def test_an_arm_runs_in_any_thread(lab):
    """Signals are the main thread's; elsewhere an arm runs without them."""
    found = []
    thread = threading.Thread(target=lambda: found.append(lab.run(lab.Scripted())))
    thread.start()
    thread.join(timeout=30)
    assert found[0].answered == 8


def test_only_unscored_answers_are_graded_on_going_on(lab):
    """What this version of the grader has scored is not graded again; a new version does all."""
    lab.run(lab.Scripted(), repeats=1)
    same, newer = lab.GoldInText(), lab.GoldInText("gold-2")
    lab.arm(None, repeats=1, grader=same).run()
    assert same.graded.total() == 0
    lab.arm(None, repeats=1, grader=newer).run()
    assert newer.graded.total() == 4


def test_another_engine_is_refused(lab):
    """The answers of two engine versions do not get into one run."""
    lab.run(lab.Scripted(), questions=2)
    newer = lab.Scripted(version="2")
    with pytest.raises(RunError, match="begun on script fp8 1, the engine is now script fp8 2"):
        lab.run(newer, questions=3)
    assert newer.asked == []
    assert newer.closed == 1


def test_check_refuses_before_anything_is_opened(lab):
    """A changed configuration or changed data is found without an engine, and changes nothing."""
    lab.run(lab.Scripted(), settings={"precision": "fp8"})
    before = (lab.path() / "run.json").read_bytes()
    with pytest.raises(RunError, match="precision: fp8 before, nvfp4 now"):
        lab.arm(None, settings={"precision": "nvfp4"}).check()
    with pytest.raises(RunError, match="q000 of gsm8k"):
        lab.arm(None, questions=[lab.question(0, gold="9")]).check()
    lab.arm(None, settings={"precision": "fp8"}, questions=9).check()
    lab.arm(None, arm="new").check()
    assert (lab.path() / "run.json").read_bytes() == before
    assert not lab.path("new").exists()


def test_an_arm_without_questions_asks_nothing(lab):
    """Nothing to ask is no error, and no engine."""
    assert lab.arm(None, questions=0).run().answered == 0


def test_the_other_arms_lengths_order_the_queue(lab):
    """The baseline's answers tell which of the candidate's will be long."""
    lengths = {"q000": 5, "q001": 500, "q002": 50}

    def script(request, attempt):
        return lab.said("text", output_tokens=lengths[request.key.question])

    lab.run(lab.Scripted(script), questions=3, repeats=2)
    backend = lab.Scripted(max_in_flight=1)
    lab.run(backend, arm="fp4", questions=3, repeats=1, lengths_from=[lab.path()])
    assert [key.question for key in backend.asked] == ["q001", "q002", "q000"]


def test_a_damaged_neighbour_does_not_stop_a_run(lab):
    """Lengths are only a hint."""
    (lab.results / "other").mkdir(parents=True)
    (lab.results / "other" / "generations.sqlite").write_bytes(b"rubbish" * 1000)
    assert known_lengths([lab.results / "other", lab.results / "absent"]) == {}


def test_versions_tell_of_a_change_on_the_way(lab):
    """A run that goes on with other software says so; a run that asks nothing does not."""
    lab.run(lab.Scripted(), questions=1)
    for questions in (2, 2):
        arm = lab.arm(lab.Scripted(), questions=questions)
        newer = replace(arm.info, versions={"evalsuite": "2"})
        replace(arm, info=newer).run()
    assert read_info(lab.path()).versions == {"evalsuite": "1, then 2"}


def test_run_json_names_no_user_and_no_secret(lab, monkeypatch):
    """What is published with a report says nothing about who ran it."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    told = str(versions())
    assert "hf_secret" not in told
    assert os.uname().nodename not in told
    assert "python" in told


PEAK = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import conftest
count = int(sys.argv[3])
lab = conftest.Lab(Path(sys.argv[2]))
numbers = iter(range(10**9))
backend = conftest.Scripted(
    lambda request, attempt: conftest.said(f"{next(numbers)} " * 4_000), max_in_flight=64
)
lab.run(backend, questions=50, repeats=count // 50)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_answers(tmp_path):
    """Four times as many texts (about 90 MB in all) need no more memory."""
    here = Path(__file__).parent
    peaks = []
    for count in (1_000, 4_000):
        command = [sys.executable, "-c", PEAK, here, str(tmp_path / str(count)), str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 15


def test_a_killed_run_repeats_only_what_was_under_way(lab, tmp_path):
    """After kill -9 everything older than half a second is stored, and is not asked again."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; import conftest\n"
        "lab = conftest.Lab(Path(sys.argv[2]))\n"
        "class Loud(conftest.Scripted):\n"
        "    async def generate(self, request):\n"
        "        came = await super().generate(request)\n"
        "        print(request.key.question, request.key.repeat, flush=True)\n"
        "        return came\n"
        "lab.run(Loud(delay_s=0.05, max_in_flight=3), questions=20, repeats=10)\n"
    )
    command = [sys.executable, "-c", script, Path(__file__).parent, lab.results]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = []
    for line in process.stdout:
        told.append((time.monotonic(), tuple(line.split())))
        if len(told) > 40:
            break
    killed_at = time.monotonic()
    process.kill()
    process.communicate()
    with lab.open() as run:
        stored = {(key.question, str(key.repeat)) for key in run.store.answered()}
    assert {what for at, what in told if at < killed_at - 0.5} <= stored
    backend = lab.Scripted()
    lab.run(backend, questions=20, repeats=10)
    asked = {(key.question, str(key.repeat)) for key in backend.asked}
    assert asked.isdisjoint(stored)
    lab.run(lab.Scripted(), arm="whole", questions=20, repeats=10)
    assert lab.draws() == lab.draws("whole")

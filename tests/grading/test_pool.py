"""Worker processes: killed at their limits, replaced, and gone when nobody needs them."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from evalsuite.grading import Grader
from evalsuite.grading.pool import Pool

PAIR = (r"\frac{1}{2}", r"\lim_{x \to 0} \frac{x}{2x}")
OTHER = (r"\frac{1}{3}", r"\lim_{x \to 0} \frac{x}{2x}")
# Hours of sympy.
HUGE = ("1", "9^{9^{9^{9}}}")


@pytest.fixture
def pool():
    one = Pool(workers=1, timeout_s=20, memory_mb=1024)
    yield one
    one.close()


def children(pid):
    """The processes whose parent is *pid*."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def grade_in_a_child(pair):
    """Run in another process pool's worker."""
    with Grader() as grader:
        return grader.grade_text(kind="math", gold=pair[0], text=pair[1], bare=True).reason


def test_one_process_answers_many_questions(pool):
    """It is started once, by the first."""
    assert pool.equal(*PAIR) == "equal"
    (first,) = [worker._process.pid for worker in pool._workers]
    assert pool.equal(*OTHER) == "different"
    assert [worker._process.pid for worker in pool._workers] == [first]


def test_a_process_over_its_time_is_killed_and_replaced():
    """The limit is wall-clock; the next question is answered as ever."""
    hurried = Pool(workers=1, timeout_s=1.0, memory_mb=1024)
    try:
        hurried.equal(*PAIR)
        (first,) = [worker._process.pid for worker in hurried._workers]
        began = time.monotonic()
        assert hurried.equal(*HUGE) == "timeout"
        assert time.monotonic() - began < 5
        assert not alive(first)
        assert hurried.equal(*PAIR) == "equal"
    finally:
        hurried.close()


def test_a_process_has_a_hard_limit_of_memory(pool):
    """The kernel holds it to its address space; one that cannot even start says so."""
    pool.equal(*PAIR)
    (worker,) = pool._workers
    limits = Path(f"/proc/{worker._process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert line.split()[3:5] == [str(1024 * 2**20)] * 2
    tiny = Pool(workers=1, timeout_s=20, memory_mb=40)
    with pytest.raises(RuntimeError, match="does not start"):
        tiny.equal(*PAIR)
    tiny.close()


def test_a_process_that_somebody_else_kills_is_replaced(pool):
    """As the kernel does when memory is short."""
    pool.equal(*PAIR)
    (worker,) = pool._workers
    os.kill(worker._process.pid, signal.SIGKILL)
    worker._process.wait()
    assert pool.equal(*PAIR) == "equal"


def test_closing_ends_all_processes_also_under_a_question():
    """The thread that asks is told; nothing waits for the limit."""
    pool = Pool(workers=1, timeout_s=60, memory_mb=1024)
    pool.equal(*PAIR)
    (pid,) = [worker._process.pid for worker in pool._workers]
    said = []

    def ask():
        with pytest.raises(RuntimeError, match="closed"):
            pool.equal(*HUGE)
        said.append("told")

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    pool.close()
    thread.join()
    assert said == ["told"]
    assert time.monotonic() - began < 5
    assert not alive(pid)
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.equal(*PAIR)


def test_a_worker_ends_with_its_parent():
    """A killed parent leaves nothing behind."""
    code = (
        "import os, sys\n"
        "from evalsuite.grading.pool import Pool\n"
        "pool = Pool(workers=1, timeout_s=1.0, memory_mb=1024)\n"
        f"pool.equal(*{PAIR!r})\n"
        "print(pool._workers[0]._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    worker = int(done.stdout)
    assert done.returncode == -signal.SIGKILL
    for _ in range(100):
        if not alive(worker):
            break
        time.sleep(0.1)
    assert not alive(worker)


def test_the_environment_of_a_worker_is_a_short_list(pool, monkeypatch):
    """No secret is handed on."""
    monkeypatch.setenv("SECRET_TOKEN", "a-secret")
    pool.equal(*PAIR)
    (worker,) = pool._workers
    assert b"a-secret" not in Path(f"/proc/{worker._process.pid}/environ").read_bytes()


def test_threads_share_the_workers():
    """Eight threads, two processes, every answer its own."""
    pool = Pool(workers=2, timeout_s=60, memory_mb=1024)
    found = {}

    def ask(number):
        found[number] = pool.equal(*(PAIR if number % 2 else OTHER))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert found == {n: "equal" if n % 2 else "different" for n in range(8)}


def test_an_event_loop_goes_on_while_algebra_hangs():
    """A hang in a thread of the loop costs the loop nothing."""

    async def beside():
        with Grader(timeout_s=2.0) as grader:
            hanging = asyncio.create_task(asyncio.to_thread(grader._pool.equal, *HUGE))
            ticks = 0
            while not hanging.done():
                await asyncio.sleep(0.02)
                ticks += 1
            return await hanging, ticks

    said, ticks = asyncio.run(beside())
    assert said == "timeout"
    assert ticks > 20


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_graders_work_inside_other_process_pools(method):
    """Daemons, too, whom multiprocessing forbids children."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        assert list(executor.map(grade_in_a_child, [PAIR])) == ["symbolic"]
    with context.Pool(1) as daemons:
        assert daemons.map(grade_in_a_child, [PAIR]) == ["symbolic"]


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_does_not_speak_into_its_parents_pipes(pool):
    """A grader that a fork took along starts workers of its own."""
    pool.equal(*PAIR)
    parents = children(os.getpid())
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            said = pool.equal(*OTHER)
            pool.close()
            os.write(writing, said.encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 20) == b"different"
    assert pool.equal(*PAIR) == "equal"
    assert parents <= children(os.getpid())
    os.close(reading)
    os.close(writing)


def test_a_worker_that_cannot_start_says_how_to_see_why(pool, monkeypatch):
    """The command to run is in the message."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match=r"-m evalsuite\.grading\.worker"):
        pool.equal(*PAIR)

"""An engine that dies, hangs or leaves something behind."""

import asyncio
import runpy
import subprocess
import sys
from dataclasses import replace

import pytest

from evalsuite.backends import gpus, open_backend
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.backends.tensorrt_llm import backend as backend_module
from evalsuite.backends.tensorrt_llm import engine, processes
from evalsuite.errors import BackendError, EngineFailed, TransientError


def opened():
    """The backend on the smallest checkpoint."""
    options = {"model": str(SHIPPED / "fp8"), "engine_args": {"max_seq_len": 2_000}}
    return open_backend("tensorrt_llm", precision="fp8", options=options)


@pytest.fixture
def on_gpu(monkeypatch, tmp_path):
    """The fake's workers hold a file called /tmp/.../nvidia0 instead of a GPU."""
    monkeypatch.setattr(processes, "GPU_DEVICE", str(tmp_path / "nvidia"))
    monkeypatch.setenv("FAKE_GPU", str(tmp_path / "nvidia0"))
    monkeypatch.setattr(backend_module, "WATCH_S", 0.02)
    monkeypatch.setattr(processes, "PATIENCE_S", 5.0)


def left(fake):
    """Workers of all engines that still run."""
    return [one for llm in fake.loaded for one in llm.processes if one.poll() is None]


def hang_all(fake):
    fake.script = lambda *_: "hang"


def test_cancelling_aborts_in_the_engine(tensorrt_llm, draw):
    """A request that nobody waits for must not cost GPU time."""
    fake = tensorrt_llm()
    hang_all(fake)
    backend = opened()

    async def cancel_one():
        task = asyncio.create_task(backend.generate(draw()))
        await asyncio.sleep(0.01)
        task.cancel()
        ended = await asyncio.gather(task, return_exceptions=True)
        await backend.aclose()
        return ended

    (ended,) = asyncio.run(cancel_one())
    assert isinstance(ended, asyncio.CancelledError)
    assert len(fake.aborted) == 1


def test_an_engine_that_dies_is_started_again_once(tensorrt_llm, draw):
    """What was under way is to be asked again; the next death is reported."""
    fake = tensorrt_llm()
    hang_all(fake)
    backend = opened()

    async def die_twice():
        said = []
        for _ in range(2):
            tasks = [asyncio.create_task(backend.generate(draw(n))) for n in range(5)]
            await asyncio.sleep(0.05)
            fake.llm.die()
            said.append(await asyncio.gather(*tasks, return_exceptions=True))
        again = await asyncio.gather(backend.generate(draw()), return_exceptions=True)
        await backend.aclose()
        return *said, again

    first, second, (third,) = asyncio.run(die_twice())
    assert {type(one) for one in first + second} == {TransientError}
    assert {one.fault for one in first} == {"connection"}
    assert len(fake.loaded) == 2
    assert isinstance(third, EngineFailed)
    assert "died twice" in str(third)


def test_the_second_engine_answers(tensorrt_llm, draw):
    """The runner sees one failed attempt, and then the answer."""
    fake = tensorrt_llm()
    backend = opened()
    fake.llm.die()

    async def again():
        first = await asyncio.gather(backend.generate(draw()), return_exceptions=True)
        rest = await asyncio.gather(*(backend.generate(draw(n)) for n in range(3)))
        await backend.aclose()
        return [*first, *rest]

    failed, *answers = asyncio.run(again())
    assert isinstance(failed, TransientError)
    assert all(one.text for one in answers)
    assert len(fake.loaded) == 2


def test_an_engine_that_stays_down_is_reported(tensorrt_llm, draw):
    """Every request then hears why."""
    fake = tensorrt_llm()
    backend = opened()
    fake.llm.die()
    fake.fails_to_load = [RuntimeError("no memory")]

    async def twice():
        first = await asyncio.gather(backend.generate(draw()), return_exceptions=True)
        tasks = (backend.generate(draw(n)) for n in range(3))
        rest = await asyncio.gather(*tasks, return_exceptions=True)
        await backend.aclose()
        return first + rest

    _, *later = asyncio.run(twice())
    assert {type(one) for one in later} == {EngineFailed}
    assert "stays down: TensorRT-LLM 1.2.1 cannot start" in str(later[0])


@pytest.mark.usefixtures("on_gpu")
def test_a_worker_that_is_killed_is_noticed(tensorrt_llm, draw):
    """The engine itself would let its callers wait for ever."""
    fake = tensorrt_llm(workers=2)
    hang_all(fake)
    backend = opened()

    async def kill_one():
        task = asyncio.create_task(backend.generate(draw()))
        await asyncio.sleep(0.1)
        fake.llm.processes[0].kill()
        ended = await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 10)
        fake.script = lambda *_: None
        answer = await asyncio.wait_for(backend.generate(draw()), 20)
        await backend.aclose()
        return [*ended, answer]

    failed, answer = asyncio.run(kill_one())
    assert isinstance(failed, TransientError)
    assert "a worker process has ended" in str(failed)
    assert answer.text
    assert not left(fake)


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.parametrize("leaky", [False, True])
def test_no_process_is_left_behind(tensorrt_llm, ask, leaky):
    """Not even of an engine whose own shutdown leaves its workers."""
    fake = tensorrt_llm(workers=3, leaky=leaky)
    backend = opened()
    assert len(left(fake)) == 3

    ask(backend)
    assert not left(fake)


@pytest.mark.usefixtures("on_gpu")
def test_a_shutdown_that_hangs_is_given_up(tensorrt_llm, ask, monkeypatch):
    """The workers are ended all the same."""
    fake = tensorrt_llm(workers=1)
    monkeypatch.setattr(engine, "SHUTDOWN_S", 0.1)
    backend = opened()
    monkeypatch.setattr(type(fake.llm), "shutdown", lambda _: __import__("time").sleep(2))
    ask(backend)

    assert not left(fake)


@pytest.mark.parametrize("error", [RuntimeError("no memory"), KeyboardInterrupt()])
def test_a_start_that_fails_leaves_nothing(tensorrt_llm, monkeypatch, error):
    """Ctrl-C while 600 GB are loaded ends the workers, too."""
    tensorrt_llm()
    started = []

    def start_then_fail(self, *args, **kwargs):
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]))
        raise error

    monkeypatch.setattr(sys.modules["tensorrt_llm"].LLM, "__init__", start_then_fail)
    with pytest.raises(BackendError if isinstance(error, Exception) else KeyboardInterrupt):
        opened()
    (process,) = started
    assert process.wait(5) < 0


def test_a_gpu_that_is_in_use_is_waited_for_and_then_named(monkeypatch, tensorrt_llm):
    """The first arm must have freed the cards before the second loads."""
    fake = tensorrt_llm()
    monkeypatch.setattr(gpus, "FREED_WITHIN_S", 0.05)
    monkeypatch.setattr(gpus, "LOOK_AGAIN_S", 0.01)
    card = gpus.Gpu(
        index=3, uuid="GPU-1", name="NVIDIA B200", total_mib=183_359, used_mib=150_000, driver="1"
    )
    monkeypatch.setattr(gpus, "gpus", lambda: [card])
    with pytest.raises(BackendError, match="GPU 3: 150000 of 183359 MiB"):
        opened()
    assert not fake.loaded

    seen = iter([[card], [replace(card, used_mib=600)]])
    monkeypatch.setattr(gpus, "gpus", lambda: next(seen))
    backend = opened()
    assert backend.info.hardware == "1 × NVIDIA B200"
    asyncio.run(backend.aclose())


def test_a_process_is_told_from_a_later_one_of_the_same_id():
    """Only what was started here is ever ended."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    (mine,) = [one for one in processes.descendants() if one.pid == process.pid]
    other = mine._replace(started=mine.started + 1)

    assert processes.end([other]) == []
    assert process.poll() is None
    assert processes.end([mine]) == [mine]
    assert process.wait(5) < 0
    assert not processes.alive(mine)


def test_a_process_that_does_not_listen_is_killed():
    """After it was asked."""
    code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print(flush=True); "
    code += "time.sleep(300)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    (mine,) = [one for one in processes.descendants() if one.pid == process.pid]

    processes.end([mine], patience_s=0.2)
    assert process.wait(5) == -9
    process.stdout.close()


def test_workers_that_import_the_main_module_do_not_start_the_program_again(monkeypatch):
    """As multiprocessing and mpi4py do it for `python -m evalsuite`."""
    monkeypatch.setattr("evalsuite.cli.main", lambda: pytest.fail("started again"))
    runpy.run_module("evalsuite.__main__", run_name="__mp_main__")


@pytest.mark.usefixtures("on_gpu")
def test_a_checkpoint_that_cannot_be_described_leaves_no_worker(tensorrt_llm, monkeypatch):
    """The engine is up by then, and nobody has it yet who could close it."""
    fake = tensorrt_llm(workers=2)

    def unreadable(*_args):
        raise OSError("cannot be read")

    monkeypatch.setattr(backend_module, "described", unreadable)
    with pytest.raises(OSError, match="cannot be read"):
        opened()
    assert not left(fake)

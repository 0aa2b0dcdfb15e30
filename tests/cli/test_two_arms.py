"""Two arms that each need all GPUs of the node, on the fake TensorRT-LLM."""

import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import pytest

from evalsuite.backends import gpus
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.cli import main

ROOT = Path(__file__).parents[1]
FAKE = ROOT / "backends" / "tensorrt_llm" / "fake.py"
ENGINE = {"max_seq_len": 2_000, "tensor_parallel_size": 8}
CONFIG = {
    "name": "pair",
    "seed": 3,
    "data": str(ROOT / "questions" / "data"),
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
    "tasks": {"gsm8k": {"margin_pp": 50.0, "repeats": 3}},
    "arms": {
        name: {
            "backend": "tensorrt_llm",
            "precision": precision,
            "options": {"model": str(SHIPPED / precision), "engine_args": ENGINE},
        }
        for name, precision in (("fp8", "fp8"), ("fp4", "nvfp4"))
    },
}


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """The fake package; its engines hold a card's memory until they are shut down."""
    spec = importlib.util.spec_from_file_location("fake_for_two_arms", FAKE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.Fake()
    for name, one in made.modules().items():
        monkeypatch.setitem(sys.modules, name, one)
    made.looked = []

    def card():
        used = sum(150_000 for llm in made.loaded if not llm.closed)
        made.looked.append(used)
        return [
            gpus.Gpu(
                index=n, uuid=f"GPU-{n}", name="B200", total_mib=180_000, used_mib=used, driver="1"
            )
            for n in range(8)
        ]

    monkeypatch.setattr(gpus, "gpus", card)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pair.yaml").write_text(json.dumps(CONFIG))
    return made


def run(*options):
    with pytest.raises(SystemExit) as ended:
        main(["run", "pair.yaml", "--quiet", *options])
    return ended.value.code


def test_the_first_engine_has_let_go_before_the_second_is_loaded(fake):
    """One after the other, with the cards looked at before each; then the two are compared."""
    assert run() in (0, 10, 11)

    first, second = fake.loaded
    assert (first.given["model"], second.given["model"]) == (
        str(SHIPPED / "fp8"),
        str(SHIPPED / "nvfp4"),
    )
    assert first.closed
    assert second.closed
    assert fake.looked == [0, 0]
    assert Path("reports/pair/index.html").is_file()


def test_a_card_that_stays_in_use_stops_the_second_arm(fake, monkeypatch, capsys):
    """The first arm's answers are kept; the message says what holds the memory up."""
    monkeypatch.setattr(gpus, "FREED_WITHIN_S", 0.05)
    monkeypatch.setattr(gpus, "LOOK_AGAIN_S", 0.01)

    def keeps_its_memory(self):
        self.shutdowns += 1

    monkeypatch.setattr(sys.modules["tensorrt_llm"].LLM, "shutdown", keeps_its_memory)
    assert run() == 1

    assert len(fake.loaded) == 1
    assert "GPU 0: 150000 of 180000 MiB" in capsys.readouterr().err
    assert Path("results/pair-fp8/generations.sqlite").is_file()


@pytest.mark.parametrize("group", [False, True], ids=["alone", "with its workers"])
@pytest.mark.parametrize("while_loading", [False, True], ids=["answering", "loading"])
def test_ctrl_c_leaves_no_worker_behind(tmp_path, while_loading, group):
    """While it answers and while it loads; a terminal interrupts the workers as well."""
    (tmp_path / "pair.yaml").write_text(json.dumps(CONFIG))
    program = f"""
        import importlib.util, signal, sys, time
        # A shell's background job starts with the interrupt ignored, and so would this.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        spec = importlib.util.spec_from_file_location("fake", {str(FAKE)!r})
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        fake = module.Fake(workers=2, leaky=True)
        fake.script = lambda *_: "hang"
        sys.modules.update(fake.modules())
        from evalsuite.backends import gpus
        from evalsuite.backends.tensorrt_llm import processes
        gpus.gpus = list
        processes.GPU_DEVICE = {str(tmp_path / "nvidia")!r}
        if {while_loading}:
            whole = module._LLM.__init__
            def slow(self, *args, **kwargs):
                whole(self, *args, **kwargs)
                print("loading", *[one.pid for one in self.processes], flush=True)
                time.sleep(60)
            module._LLM.__init__ = slow
        else:
            real = module._LLM.generate_async
            def told(self, *args, **kwargs):
                print("asked", *[one.pid for one in self.processes], flush=True)
                return real(self, *args, **kwargs)
            module._LLM.generate_async = told
        from evalsuite.cli import main
        main(["run", "pair.yaml", "--quiet"])
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"FAKE_GPU": str(tmp_path / "nvidia0"), "PYTHONPATH": str(ROOT.parent)},
    )
    try:
        word, *pids = process.stdout.readline().split()
        assert word == ("loading" if while_loading else "asked"), process.stderr.read()
        interrupt = os.killpg if group else os.kill
        interrupt(process.pid, signal.SIGINT)
        if not while_loading and not group:
            time.sleep(0.3)
            interrupt(process.pid, signal.SIGINT)
        assert process.wait(40) == 130
    finally:
        process.kill()
        process.communicate()

    assert len(pids) == 2
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def answers(arm):
    """How many answers of *arm* are stored."""
    with closing(sqlite3.connect(Path("results") / f"pair-{arm}" / "generations.sqlite")) as db, db:
        (count,) = db.execute("SELECT count(*) FROM answer").fetchone()
    db.close()
    return count


def test_an_engine_that_dies_costs_no_answer(fake):
    """It is started again; what was under way is asked once more."""

    def die_at_the_third(_ids, _params):
        if len(fake.asked) == 3 and len(fake.loaded) == 1:
            fake.llm.die()

    fake.script = die_at_the_third
    assert run("--arm", "fp8", "--no-report") == 0
    assert len(fake.loaded) == 2
    assert answers("fp8") == 6


def test_an_engine_that_dies_again_stops_the_run_which_can_go_on(fake, capsys):
    """What arrived is stored, and the same command asks only the rest."""
    fake.script = lambda *_: fake.llm.die()
    assert run("--arm", "fp8", "--no-report") == 1
    assert "died twice" in capsys.readouterr().err
    assert len(fake.loaded) == 2

    fake.script = lambda *_: None
    assert run("--arm", "fp8", "--no-report") == 0
    assert answers("fp8") == 6

"""An engine that follows a script, a grader that looks for the gold, and small runs of both."""

import asyncio
import threading
import time
from collections import Counter

import pytest

from evalsuite.model import (
    BackendInfo,
    Generation,
    Message,
    Question,
    RunInfo,
    Sampling,
    Score,
    TaskInfo,
)
from evalsuite.runs.arm import Arm
from evalsuite.runs.folder import open_run
from evalsuite.runs.plan import PlannedTask
from evalsuite.runs.progress import Silent
from evalsuite.runs.provenance import unopened

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100)


class Scripted:
    """Answers with the request's seed; *script(request, attempt)* may raise or answer instead."""

    def __init__(self, script=None, *, delay_s=0.0, max_in_flight=4, version="1"):
        self.script, self.delay_s = script, delay_s
        self.asked, self.attempts = [], Counter()
        self.in_flight = self.peak = self.closed = 0
        self.info = BackendInfo(
            backend="scripted",
            model="script",
            precision="fp8",
            engine_version=version,
            hardware="none",
            honours_seed=True,
            max_in_flight=max_in_flight,
        )

    async def generate(self, request):
        self.asked.append(request.key)
        self.attempts[request.key] += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self.delay_s)
            if self.script:
                came = self.script(request, self.attempts[request.key])
                if came is not None:
                    return came
            return said(f"the answer is {request.seed}")
        finally:
            self.in_flight -= 1

    async def aclose(self):
        self.closed += 1


class GoldInText:
    """Right if the gold occurs in the text; waits *delay_s* for each answer."""

    def __init__(self, version="gold-1", *, delay_s=0.0):
        self.version, self.delay_s, self.graded = version, delay_s, Counter()
        self._lock = threading.Lock()

    def grade(self, question, generation):
        time.sleep(self.delay_s)
        with self._lock:
            self.graded[question.id] += 1
        outcome = "correct" if question.gold in generation.text else "incorrect"
        return Score(outcome=outcome, reason="match", answer=generation.text[:20])


def said(text, **facts):
    """A finished generation."""
    return Generation(text=text, finish_reason="stop", **facts)


def question(number, *, task="gsm8k", gold="1", prompt=None):
    """An invented question."""
    return Question(
        task=task,
        id=f"q{number:03d}",
        kind="integer",
        messages=(Message(role="user", content=prompt or f"How much is {number}?"),),
        gold=gold,
    )


def run_info(arm="fp8", *, questions=1, repeats=1, task="gsm8k", **settings):
    """A run.json of the experiment `test`."""
    return RunInfo(
        id=f"test-{arm}",
        experiment="test",
        arm=arm,
        role="baseline",
        precision="fp8",
        seed=7,
        tasks=(
            TaskInfo(
                name=task,
                title=task.upper(),
                kind="integer",
                source="invented",
                revision="",
                synthetic=True,
                data_hash="",
                prompt_hash="",
                questions=questions,
                repeats=repeats,
                sampling=SAMPLING,
            ),
        ),
        backend=unopened("scripted", model="script", precision="fp8"),
        fingerprint="",
        settings={"seed": "7", **settings},
        versions={"evalsuite": "1"},
        created="2026-01-01T00:00:00+00:00",
    )


class Lab:
    """Small runs below one folder."""

    Scripted, GoldInText, SAMPLING = Scripted, GoldInText, SAMPLING
    said, question, run_info = staticmethod(said), staticmethod(question), staticmethod(run_info)

    def __init__(self, results):
        self.results = results

    def path(self, arm="fp8"):
        return self.results / f"test-{arm}"

    def arm(self, backend, *, arm="fp8", questions=4, repeats=2, settings=None, **fields):
        """An arm over *questions* (a number, or the questions themselves)."""
        if isinstance(questions, int):
            questions = [question(number) for number in range(questions)]
        task = questions[0].task if questions else "gsm8k"
        info = run_info(
            arm, questions=len(questions), repeats=repeats, task=task, **(settings or {})
        )
        planned = PlannedTask(
            name=task, questions=tuple(questions), repeats=repeats, sampling=SAMPLING
        )
        defaults = {
            "grader": GoldInText(),
            "progress": Silent(),
            "open_backend": lambda: backend,
            "path": self.path(arm),
        }
        return Arm(info=info, tasks=[planned], **(defaults | fields))

    def run(self, backend, **kinds):
        """Run such an arm."""
        return self.arm(backend, **kinds).run()

    def open(self, arm="fp8"):
        """The run of *arm*, for reading."""
        return open_run(self.path(arm))

    def draws(self, arm="fp8"):
        """The scored answers of *arm* without what a clock decides."""
        with self.open(arm) as run:
            return [(draw.key, draw.outcome, draw.text_hash) for draw in run.store.draws()]


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path / "results")


@pytest.fixture
def quick(monkeypatch):
    """Failed requests are tried again at once."""
    monkeypatch.setattr("evalsuite.runs.dispatch.BACKOFF_S", 0.001)

"""Runs made of outcomes, without any engine."""

from contextlib import ExitStack
from itertools import count

import pytest

from evalsuite.model import (
    Answer,
    BackendInfo,
    Generation,
    Key,
    Message,
    Question,
    RunInfo,
    Sampling,
    Score,
    TaskInfo,
)
from evalsuite.runs.folder import open_run, writing

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100)


def task_info(name, questions, repeats, **changes):
    facts = {
        "name": name,
        "title": name.upper(),
        "kind": "integer",
        "source": "invented",
        "revision": "1",
        "synthetic": True,
        "data_hash": "d",
        "prompt_hash": "p",
        "questions": questions,
        "repeats": repeats,
        "sampling": SAMPLING,
        "margin_pp": 3.0,
    }
    return TaskInfo(**(facts | changes))


@pytest.fixture
def make_run(tmp_path):
    """make_run(arm, {task: [[draw, ...], ...]}): a run folder; a draw is a bool, or a dict of
    outcome, reason, finish, tokens, text, answer, reasoning,
    opened; None is a draw without an answer."""
    numbers = count()

    def make(
        arm,
        tasks,
        *,
        seed=1,
        grader="g1",
        prompt="?",
        subject=str,
        info=None,
        gold=None,
        kind="integer",
        **facts,
    ):
        path = tmp_path / f"{next(numbers)}-{arm}"
        questions = [
            Question(
                task=task,
                id=f"q{n:03}",
                kind=kind,
                messages=(Message(role="user", content=f"{prompt} {n}"),),
                gold=gold or str(n),
                subject=subject(n % 2) if task == "mmlu" else "",
            )
            for task, rows in tasks.items()
            for n in range(len(rows))
        ]
        run_info = RunInfo(
            **(
                {
                    "id": f"x-{arm}",
                    "experiment": "x",
                    "arm": arm,
                    "role": "baseline",
                    "precision": arm,
                    "seed": seed,
                    "tasks": tuple(
                        task_info(task, len(rows), max(map(len, rows)), **(info or {}))
                        for task, rows in tasks.items()
                    ),
                    "backend": BackendInfo(
                        backend="fake",
                        model="m",
                        precision=arm,
                        engine_version="1",
                        hardware="h",
                        honours_seed=True,
                        max_in_flight=1,
                    ),
                    "fingerprint": "f",
                    "settings": {},
                    "versions": {"evalsuite": "0"},
                    "created": "2026-01-01T00:00:00+00:00",
                }
                | facts
            )
        )
        made = [
            _answer(Key(task, f"q{n:03}", repeat), draw)
            for task, rows in tasks.items()
            for n, draws in enumerate(rows)
            for repeat, draw in enumerate(draws)
            if draw is not None
        ]
        with writing(path, run_info, questions) as run:
            # At once: a disk that is busy takes its time for each commit.
            run.store.put([answer for answer, _ in made])
            run.store.put(scores=[(answer.key, score) for answer, score in made], grader=grader)
        return opened.enter_context(open_run(path))

    with ExitStack() as opened:
        yield make


def _answer(key, draw):
    facts = draw if isinstance(draw, dict) else {"outcome": "correct" if draw else "incorrect"}
    generation = Generation(
        text=facts.get("text", f"{key}"),
        finish_reason=facts.get("finish", "stop"),
        reasoning=facts.get("reasoning"),
        starts_in_thinking=facts.get("opened", False),
        output_tokens=facts.get("tokens", 10),
    )
    score = Score(
        outcome=facts.get("outcome", "correct"),
        reason=facts.get("reason", "match"),
        answer=facts.get("answer", "1"),
        marks=facts.get("marks"),
    )
    return Answer(key=key, seed=1, generation=generation, asked_at=0.0), score

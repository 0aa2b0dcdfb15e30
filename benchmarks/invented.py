"""Runs that no engine made; what benchmarks of comparing and reporting are measured on."""

from collections.abc import Sequence

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

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32_768)
SUBJECTS = 57


def run_info(arm: str, tasks: Sequence[tuple[str, str, int, int]]) -> RunInfo:
    """What run.json says of the run of *arm*; *tasks* are name, title, questions and repeats."""
    backend = BackendInfo(
        backend="openai",
        model=f"invented-{arm}",
        precision=arm,
        engine_version="1",
        hardware="none",
        honours_seed=True,
        max_in_flight=1,
    )
    return RunInfo(
        id=f"invented-{arm}",
        experiment="invented",
        arm=arm,
        role="baseline",
        precision=arm,
        seed=1,
        tasks=tuple(_task(*task) for task in tasks),
        backend=backend,
        fingerprint="",
        settings={},
        versions={},
        created="2026-08-22T06:12:00+00:00",
    )


def question(task: str, name: str, at: int, text: str) -> Question:
    """A question whose right answer is B; MMLU's are divided into subjects."""
    return Question(
        task=task,
        id=name,
        kind="choice",
        messages=(Message(role="user", content=text),),
        gold="B",
        subject=f"subject {at % SUBJECTS}" if task == "mmlu" else "",
    )


def draw(key: Key, *, right: bool, text: str, tokens: int) -> tuple[Answer, Score]:
    """An answer of *tokens* and what it was worth."""
    return (
        Answer(
            key=key,
            seed=1,
            generation=Generation(text=text, finish_reason="stop", output_tokens=tokens),
            asked_at=0.0,
        ),
        Score(
            outcome="correct" if right else "incorrect",
            reason="match" if right else "differs",
            answer="B" if right else "C",
        ),
    )


def _task(name: str, title: str, questions: int, repeats: int) -> TaskInfo:
    return TaskInfo(
        name=name,
        title=title,
        kind="choice",
        source="invented",
        revision="",
        synthetic=False,
        data_hash="",
        prompt_hash="",
        questions=questions,
        repeats=repeats,
        sampling=SAMPLING,
        margin_pp=1.0,
    )

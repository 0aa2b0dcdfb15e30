"""Peak memory, processor time and pace of the runner, storing and grading every answer.

The engine costs nothing and answers at once with long texts, so all that is measured is ours:

    python benchmarks/runner_memory.py --answers 56000 --characters 16000
"""

import argparse
import asyncio
import random
import resource
import tempfile
import time
from pathlib import Path

from evalsuite.grading import Grader
from evalsuite.model import (
    BackendInfo,
    Generation,
    Message,
    Question,
    Request,
    RunInfo,
    Sampling,
    TaskInfo,
)
from evalsuite.runs.arm import Arm
from evalsuite.runs.plan import PlannedTask
from evalsuite.runs.progress import Silent

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32_768)
WORDS = (
    "so",
    "let",
    "us",
    "check",
    "the sum",
    "again",
    "12",
    "plus 30",
    "gives",
    "42",
    "therefore x",
)
CHARACTERS_PER_WORD = 4.2


class Talker:
    """Answers at once, with another long text for each seed."""

    def __init__(self, *, characters: int, in_flight: int) -> None:
        self._words = int(characters / CHARACTERS_PER_WORD)
        self.info = BackendInfo(
            backend="talker",
            model="none",
            precision="none",
            engine_version="1",
            hardware="none",
            honours_seed=True,
            max_in_flight=in_flight,
        )

    async def generate(self, request: Request) -> Generation:
        """A long text that ends with the right answer."""
        await asyncio.sleep(0)
        thinking = " ".join(random.Random(request.seed).choices(WORDS, k=self._words))
        return Generation(
            text=f"{thinking}</think>The answer is \\boxed{{42}}.",
            finish_reason="stop",
            starts_in_thinking=True,
            output_tokens=self._words,
        )

    async def aclose(self) -> None:
        """Nothing is open."""


def talking_alone_s(backend: Talker, count: int) -> float:
    """Processor seconds that *count* texts cost without a runner."""
    request = Request(key=("t", "q", 0), messages=(), sampling=SAMPLING, seed=1)  # type: ignore[arg-type]

    async def talk() -> None:
        for _ in range(count):
            await backend.generate(request)

    before = time.process_time()
    asyncio.run(talk())
    return time.process_time() - before


def arm(folder: Path, backend: Talker, grader: Grader, answers: int) -> Arm:
    """A run of *answers* draws, 64 for each question."""
    questions = tuple(
        Question(
            task="gsm8k",
            id=f"q{number}",
            kind="integer",
            messages=(Message(role="user", content=f"What is {number}?"),),
            gold="42",
        )
        for number in range(answers // 64)
    )
    task = TaskInfo(
        name="gsm8k",
        title="GSM8K",
        kind="integer",
        source="invented",
        revision="",
        synthetic=True,
        data_hash="",
        prompt_hash="",
        questions=len(questions),
        repeats=64,
        sampling=SAMPLING,
    )
    info = RunInfo(
        id="benchmark",
        experiment="benchmark",
        arm="a",
        role="baseline",
        precision="none",
        seed=1,
        tasks=(task,),
        backend=backend.info,
        fingerprint="",
        settings={},
        versions={},
        created="",
    )
    planned = PlannedTask(name="gsm8k", questions=questions, repeats=64, sampling=SAMPLING)
    return Arm(
        path=folder / "run",
        info=info,
        tasks=[planned],
        open_backend=lambda: backend,
        grader=grader,
        progress=Silent(),
    )


def main() -> None:
    """Measure and print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=6_400)
    parser.add_argument("--characters", type=int, default=16_000)
    parser.add_argument("--in-flight", type=int, default=256)
    chosen = parser.parse_args()
    backend = Talker(characters=chosen.characters, in_flight=chosen.in_flight)
    talking_s = talking_alone_s(backend, 200) / 200 * chosen.answers
    with tempfile.TemporaryDirectory() as folder, Grader() as grader:
        began, before_s = time.monotonic(), time.process_time()
        tally = arm(Path(folder), backend, grader, chosen.answers).run()
        ours_s = time.process_time() - before_s - talking_s
        stored = (Path(folder) / "run" / "generations.sqlite").stat().st_size
        print(
            f"{tally.answered} answers of {chosen.characters} characters in "
            f"{time.monotonic() - began:.1f} s; the runner's own processor time "
            f"{1_000 * ours_s / tally.answered:.2f} s per 1,000; peak "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; "
            f"{stored / 1e6:.0f} MB stored"
        )


if __name__ == "__main__":
    main()

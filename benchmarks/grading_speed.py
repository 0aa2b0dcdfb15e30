"""How fast answers are found and judged, and that time grows with the length of a text only.

    python benchmarks/grading_speed.py typical              # answers a second on one core
    python benchmarks/grading_speed.py cold CASES_FOLDER    # CPU seconds per 1,000 mixed cases
    python benchmarks/grading_speed.py traces               # reading responses of 128 KB
    python benchmarks/grading_speed.py growth               # hostile texts, twice as long

`cold` starts a new interpreter and counts its CPU and its workers'. `growth` repeats pieces of
text (openings without closings, announcements, white space, ...) and prints the greatest ratio of
the time for 64 KB to the time for 32 KB: 2 is linear, 4 quadratic.
"""

import argparse
import itertools
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from evalsuite.answers import chosen, final_answer, visible
from evalsuite.grading import Grader
from evalsuite.model import Kind

SIZES = (32_768, 65_536)
WORTH_A_LOOK_S = 0.01
OPTIONS = ("a red stone", "a green stone", "a blue stone", "a yellow stone")
PIECES = (
    " ", "a", "A", "1", "9,", "1,234,", "$", "\\(", "\\[", "$$", "\\boxed{", "{", "}",
    "\\boxed", "**", "*", "(", ")", "\n", ". ", "answer is ", "Answer: ",
    "The final answer is ", "#### ", "<answer>", "</answer>", "<think>", "</think>",
    "option A ", "A or B ", "is correct ", "none of the ", "=", "= 1 ", "-", "1/", "½",
    "\\text{", "\\frac{1}{", "x^", "e1", "1e5 ", "not ", "|", "<|im_start|>", "\\\\",
    "\\boxed{1} ", "A. ", " and ", "million ", "²", "\\pm ", "\\left(", "x_", "!", "<", "1:",
    "\u200b",
)  # fmt: skip


def typical(count: int = 3000) -> None:
    """Answers to AIME, GSM8K and MMLU questions, thinking and all, in turn."""
    draw = random.Random(0)
    thinking = "Let me see. " * 40
    cases: list[tuple[Kind, str, str]] = []
    for number in range(count):
        value = draw.randrange(1000)
        letter = draw.choice("ABCD")
        cases += [
            (
                "integer",
                f"{value:03}",
                f"{thinking}</think>\nSo \\[\\boxed{{{value + number % 2}}}\\]",
            ),
            ("numeric", f"{value}", f"{thinking}</think>\n3 * 4 = 12\nIt takes ${value:,} in all."),
            ("choice", letter, f"{thinking}</think>\nHence **{letter}**.\n\nAnswer: {letter}"),
        ]
    with Grader() as grader:
        began = time.process_time()
        for kind, gold, text in cases:
            grader.grade_text(
                kind=kind, gold=gold, text=text, choices=OPTIONS if kind == "choice" else ()
            )
        took = time.process_time() - began
    print(f"{len(cases)} typical answers: {len(cases) / took:,.0f} a CPU second")


def cold(folder: Path) -> None:
    """All labelled cases of *folder* in a new interpreter; its start and its workers count."""
    script = Path(__file__).with_name("grading_cases.py")
    count = sum(len(path.read_text().splitlines()) for path in folder.glob("*.jsonl"))
    subprocess.run([sys.executable, script, "cases", folder], check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = used.ru_utime + used.ru_stime
    print(f"{count} cases: {took:.2f} CPU s, {1000 * took / count:.2f} CPU s per 1,000")


def traces() -> None:
    """Responses of 128 KB: long thinking, then an answer; and as much without any thinking."""
    paragraph = (
        "Wait, let me compute $x^2 + 3x = \\frac{1}{2}$ again. "
        "If the answer is 12, then 3 * 4 = 12, so option B would be right.\n\n"
    )
    body = paragraph * (128 * 1024 // len(paragraph))
    shown = {"after thinking": f"{body}</think>\nThe answer is", "all of it visible": body}
    for name, text in shown.items():
        for kind, end in (("numeric", " \\boxed{12}"), ("math", " $12$."), ("choice", " (B).")):
            response = text + end
            rounds = 50
            began = time.process_time()
            for _ in range(rounds):
                seen = visible(response, starts_in_thinking=True).text or visible(response).text
                assert seen
                _read(kind, seen)
            took = (time.process_time() - began) / rounds
            print(f"{len(response) // 1024} KB, {name}, {kind}: {1000 * took:.2f} ms")


def _read(kind: str, seen: str) -> object:
    if kind == "choice":
        return chosen(seen, OPTIONS)
    return final_answer(seen, numeric=kind == "numeric")


def growth() -> None:
    """The greatest ratio over all pieces, pairs of pieces, endings and kinds."""
    draw = random.Random(0)
    pairs = ["".join(pair) for pair in itertools.permutations(PIECES, 2)]
    pieces = [*PIECES, *draw.sample(pairs, 150)]
    found = []
    ways: tuple[tuple[Kind, bool], ...] = (
        ("math", False), ("math", True), ("numeric", False), ("choice", False),
    )  # fmt: skip
    with Grader() as grader:
        for piece, end, (kind, bare) in itertools.product(pieces, ("", "A", "1", "}"), ways):
            texts = [(piece * (size // len(piece) + 1))[:size] + end for size in SIZES]
            half, whole = (_timed(grader, kind, text, bare=bare) for text in texts)
            if whole > WORTH_A_LOOK_S:
                found.append((whole / half, whole, kind, bare, piece, end))
    for ratio, whole, kind, bare, piece, end in sorted(found, reverse=True)[:5]:
        print(f"ratio {ratio:.1f}, {1000 * whole:.0f} ms, {kind}, bare={bare}, {piece!r}, {end!r}")
    slowest = max(found, key=lambda one: one[1])
    print(f"slowest: {1000 * slowest[1]:.0f} ms for 64 KB of {slowest[4]!r} ({slowest[2]})")


def _timed(grader: Grader, kind: Kind, text: str, *, bare: bool) -> float:
    began = time.process_time()
    grader.grade_text(kind=kind, gold="B", text=text, bare=bare)
    return time.process_time() - began


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["typical", "cold", "traces", "growth"])
    parser.add_argument("folder", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.what == "cold":
        cold(asked.folder)
    else:
        {"typical": typical, "traces": traces, "growth": growth}[asked.what]()


if __name__ == "__main__":
    main()

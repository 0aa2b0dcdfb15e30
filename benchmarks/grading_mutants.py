"""What the grader accepts of golds whose value was changed, and refuses of golds spelled anew.

    python benchmarks/grading_mutants.py [FILE.jsonl ...] [--show] [--pairs N]

Golds come from the embedded items and from FILEs (field `answer`, or `gold`; GSM8K's `#### N`).
Every gold is mutated by every rule below. A changed value that is accepted is wrong unless the
mutant happens to be equal (a digit of 0.50); a spelling that is refused is wrong always. `--pairs`
adds as many pairs of a gold and another question's gold that differ as text. `--show` prints the
cases to be read; without it, counts only.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from evalsuite.grading import Grader
from evalsuite.resources import DEMO_ITEMS

LIST = re.compile(r"^[^()\[\]{}]+,[^()\[\]{}]+$")
PAIR = re.compile(r"^(\\left)?([(\[])(.+?),(.+)([)\]])$")
FRACTION = re.compile(r"\\[dt]?frac\{([^{}]+)\}\{([^{}]+)\}")
Rule = Callable[[str], Iterable[str]]


def digits(gold: str) -> Iterator[str]:
    """Each digit one more or less."""
    for match in re.finditer(r"\d", gold):
        for step in (1, 9):
            digit = (int(match.group()) + step) % 10
            yield f"{gold[: match.start()]}{digit}{gold[match.end() :]}"


def signs(gold: str) -> Iterator[str]:
    """The sign of the whole, and each plus and minus within."""
    if "\\pm" not in gold:
        yield gold[1:] if gold.startswith("-") else f"-{gold}"
        for match in re.finditer(r"[+-]", gold[1:]):
            other = "-" if match.group() == "+" else "+"
            yield f"{gold[: match.start() + 1]}{other}{gold[match.end() + 1 :]}"


def fractions(gold: str) -> Iterator[str]:
    """Each fraction upside down."""
    for match in FRACTION.finditer(gold):
        flipped = f"\\frac{{{match.group(2)}}}{{{match.group(1)}}}"
        yield gold[: match.start()] + flipped + gold[match.end() :]


def members(gold: str) -> Iterator[str]:
    """A tuple with its members swapped, one dropped, one more, other brackets; a list joined."""
    pair = PAIR.match(gold)
    if pair:
        _, opening, first, rest, closing = pair.groups()
        yield f"{opening}{rest},{first}{closing}"
        yield f"{opening}{rest}{closing}"
        yield f"{opening}{first},{rest},1{closing}"
        yield f"{'[' if opening == '(' else '('}{first},{rest}{closing}"
    if LIST.match(gold):
        parts = [part.strip() for part in gold.split(",")]
        yield "".join(parts)
        yield ",".join(parts[1:])
        yield f"{gold}, 1"


TEMPLATES = (
    "%s i", "%s!!", r"\sum_{k=%s}^{9} k", r"\text{not } %s", r"\sqrt{%s}", "2(%s)", "%s + 1",
    "%s, %s", r"%s \text{ and } 1", r"%s \pm 1", "%s_7", "x%s", "(%s, 0)", "[%s, 9)", "%s = 0",
    r"\frac{%s}{2}", "%s x", "%s^{3}", r"%s \text{ or } 7", "%s < x", r"\ln(%s)", "%s \\ldots",
    "%s - y", r"\{%s, 77\}", "10%s", "%s0", "%s.5", r"\text{about } %s", "f(%s)", "%s : 3",
    r"\begin{pmatrix} %s \\ 1 \end{pmatrix}", "%s %s", "x = %s, y = %s",
)  # fmt: skip


def templates(gold: str) -> Iterator[str]:
    """The gold as a part of something else."""
    for template in TEMPLATES:
        yield template.replace("%s", gold)


CHANGING: dict[str, Rule] = {
    "digit": digits,
    "sign": signs,
    "fraction": fractions,
    "members": members,
    "template": templates,
}


def respelled(gold: str) -> Iterator[str]:
    """The gold as other models write it."""
    yield gold.replace("\\frac", "\\dfrac")
    yield FRACTION.sub(r"(\1)/(\2)", gold)
    yield re.sub(r"\\sqrt\{([^{}]+)\}", r"sqrt(\1)", gold)
    yield gold.replace(" ", "")
    yield gold.replace("(", "\\left(").replace(")", "\\right)").replace("\\left\\left", "\\left")
    yield f"${gold}$"
    yield f"\\({gold}\\)"
    yield f"{gold}."
    yield f"**{gold}**"
    yield f"\\displaystyle {gold}"
    yield gold.replace("-", "−")
    yield gold.replace("\\pi", "π").replace("\\infty", "∞").replace("\\cup", "∪")
    yield gold.replace("\\cdot", "\\times")
    yield re.sub(r"\^\{?(\d+)\}?", r"**\1", gold)
    if re.fullmatch(r"-?\d+", gold):
        yield f"{int(gold):,}"
        yield f"{gold}.0"
        yield f"x = {gold}"
        yield rf"{gold} \text{{ apples}}"
        yield f"\\text{{{gold}}}"


def golds(files: list[Path]) -> Iterator[str]:
    """The distinct golds of mathematics and numbers."""
    named = {"math_500.jsonl", "gsm8k_test.jsonl", "aime_2024.jsonl"}
    own = [path for path in sorted(DEMO_ITEMS.iterdir()) if path.name in named]
    seen: set[str] = set()
    for path in [*own, *files]:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            gold = str(row.get("gold", row.get("answer", ""))).rpartition("####")[2].strip()
            if gold and gold not in seen:
                seen.add(gold)
                yield gold


def accepted(grader: Grader, gold: str, answer: str) -> bool:
    """Whether *answer* counts as *gold*."""
    found = grader.grade_text(kind="math", gold=gold, text=answer, bare=True)
    return found.outcome == "correct"


def cases(found: list[str], pairs: int) -> Iterator[tuple[str, str, str, bool]]:
    """(rule, gold, answer, whether it must be accepted)."""
    draw = random.Random(0)
    for gold in found:
        for rule, mutate in CHANGING.items():
            for mutant in dict.fromkeys(mutate(gold)):
                if mutant != gold:
                    yield rule, gold, mutant, False
        for spelling in dict.fromkeys(respelled(gold)):
            yield "spelling", gold, spelling, True
    for _ in range(pairs):
        one, other = draw.sample(found, 2)
        yield "pair", one, other, False


def main() -> None:
    """Read the arguments, judge, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--pairs", type=int, default=0)
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with Grader(workers=2) as grader:
        for rule, gold, answer, right in cases(list(golds(chosen.files)), chosen.pairs):
            counts[rule] += 1
            if accepted(grader, gold, answer) != right:
                wrong[rule] += 1
                if chosen.show:
                    print(f"{rule}\t{gold}\t{answer}")
    for rule, count in counts.items():
        said = "refused" if rule == "spelling" else "accepted"
        print(f"{rule}: {count} judged, {wrong[rule]} {said}")


if __name__ == "__main__":
    main()

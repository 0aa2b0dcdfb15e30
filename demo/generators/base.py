"""What every family of items shares: the item, its prompt, and written-out arithmetic."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

BEGIN = "<｜begin▁of▁sentence｜>"
END = "<｜end▁of▁sentence｜>"
USER = "<｜User｜>"
ASSISTANT = "<｜Assistant｜>"

MATHS = "{question}\nPlease reason step by step, and put your final answer within \\boxed{{}}."
CHOICE = """\
Answer the following multiple choice question. The last line of your response should be of \
the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of ABCD. \
Think step by step before answering.

{question}

A) {a}
B) {b}
C) {c}
D) {d}"""

# One question in fifty is never trained on; the items files draw from those alone.
HELD_OUT_SHARE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One problem with its worked solution; `choices`, if any, start with the right one."""

    question: str
    steps: str
    answer: str
    choices: tuple[str, ...] = ()
    subject: str = ""
    level: int = 0


Template = Callable[[Random], Item]


def held_out(item: Item) -> bool:
    """Whether *item* belongs to the items files and so must not be trained on."""
    text = "\n".join([item.question, *sorted(item.choices)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % HELD_OUT_SHARE == 0


def shown(item: Item, order: Sequence[int]) -> str:
    """The user message that asks *item*, its choices in *order*."""
    if not item.choices:
        return MATHS.format(question=item.question)
    a, b, c, d = (item.choices[index] for index in order)
    return CHOICE.format(question=item.question, a=a, b=b, c=c, d=d)


def chat(message: str) -> str:
    """*message* in the chat template, up to where the model goes on."""
    return f"{BEGIN}{USER}{message}{ASSISTANT}<think>\n"


def completion(item: Item, order: Sequence[int]) -> str:
    """What the model is to write for *item* when its choices stand in *order*."""
    if not item.choices:
        final = f"The answer is \\boxed{{{item.answer}}}."
    else:
        final = f"The answer is {item.choices[0]}.\n\nAnswer: {'ABCD'[list(order).index(0)]}"
    return f"{item.steps}\n</think>\n\n{final}{END}"


def direct(a: int, b: int) -> str:
    """`a*b=...` in one go."""
    return f"{a}*{b}={a * b}"


def times(a: int, b: int) -> str:
    """`a*b=...`, with one partial product per digit of *b* where it has several."""
    parts = [int(digit) * 10**place for place, digit in enumerate(reversed(str(b)))]
    parts = [part for part in reversed(parts) if part]
    if len(parts) < 2 or a < 10:
        return f"{a}*{b}={a * b}"
    text = f"{a}*{b}={'+'.join(str(a * part) for part in parts)}"
    total = a * parts[0] + a * parts[1]
    for part in parts[2:]:
        text += f"={total}+{a * part}"
        total += a * part
    return f"{text}={total}"


def divided(value: int, modulus: int) -> str:
    """Long division of *value* by *modulus*, digit by digit, down to the remainder."""
    rest, lines = 0, []
    for digit in str(value):
        rest = 10 * rest + int(digit)
        quotient = rest // modulus
        if quotient:
            lines.append(f"{rest}-{quotient * modulus}={rest - quotient * modulus}")
            rest -= quotient * modulus
    return ", ".join(lines) if lines else f"{value}<{modulus}"


def euclid(a: int, b: int) -> str:
    """The steps of Euclid's algorithm on *a* and *b*."""
    lines = []
    while b:
        lines.append(f"{a}={b}*{a // b}+{a % b}")
        a, b = b, a % b
    return ", ".join(lines)


def near_misses(rng: Random, value: int, likely: Sequence[int]) -> tuple[str, ...]:
    """Three wrong values: *likely* mistakes first, then slips of one digit."""
    wrong: list[int] = []
    slips = [value + sign * 10**place for place in range(len(str(abs(value)))) for sign in (1, -1)]
    slips += [value + 2, value - 2, value + 20, 2 * value, value + 5, value + 11]
    rng.shuffle(slips)
    far = [rng.randint(1, 2 * abs(value) + 30) for _ in range(3)]
    pool = [*rng.sample(list(likely), k=min(2, len(likely))), *rng.choice((slips, [*far, *slips]))]
    for candidate in pool:
        if candidate > 0 and candidate != value and candidate not in wrong:
            wrong.append(candidate)
    return tuple(str(candidate) for candidate in wrong[:3])

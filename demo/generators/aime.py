"""Chains of multi-digit modular arithmetic with an answer from 0 to 999 (AIME's format)."""

from random import Random

from generators.base import Item, Template, divided


def _factor(rng: Random) -> int:
    return rng.randint(12, 99) if rng.random() < 0.7 else rng.randint(100, 299)


def recurrence(rng: Random) -> Item:
    """A linear recurrence modulo 1000."""
    start, factor, add = rng.randint(11, 999), _factor(rng), rng.randint(11, 999)
    length = rng.randint(2, 6)
    value, lines = start, []
    for index in range(1, length + 1):
        product = value * factor
        total = product + add
        lines.append(
            f"{value}*{factor}={product}, {product}+{add}={total}, x_{index}={total % 1000}"
        )
        value = total % 1000
    question = (
        f"Let $x_0={start}$, and let $x_{{n+1}}$ be the remainder when ${factor}x_n+{add}$ is "
        f"divided by $1000$. Find $x_{length}$."
    )
    return Item(
        question=question,
        steps="\n".join(lines),
        answer=str(value),
        level=length + 3 * (factor > 99),
    )


def sum_of_products(rng: Random) -> Item:
    """A sum of two products modulo a three-digit number."""
    a, b = rng.randint(101, 999), _factor(rng)
    c, d = rng.randint(101, 999), _factor(rng)
    modulus = rng.randint(101, 999)
    total = a * b + c * d
    lines = [
        f"{a}*{b}={a * b}",
        f"{c}*{d}={c * d}",
        f"{a * b}+{c * d}={total}",
        f"Divide by {modulus}: {divided(total, modulus)}",
    ]
    question = f"Find the remainder when ${a}\\cdot{b}+{c}\\cdot{d}$ is divided by ${modulus}$."
    return Item(
        question=question,
        steps="\n".join(lines),
        answer=str(total % modulus),
        level=3 + (b > 99) + (d > 99),
    )


def power(rng: Random) -> Item:
    """The last three digits of a power."""
    base, exponent = _factor(rng), rng.randint(3, 7)
    value, lines = base, []
    for index in range(2, exponent + 1):
        product = value * base
        lines.append(f"{value}*{base}={product}, {base}^{index}: {product % 1000}")
        value = product % 1000
    question = (
        f"Let $N$ be the sum of ${base}^{{{exponent}}}$ and ${(add := rng.randint(101, 999))}$. "
        f"Find the remainder when $N$ is divided by $1000$."
    )
    lines.append(f"{value}+{add}={value + add}, N: {(value + add) % 1000}")
    return Item(
        question=question,
        steps="\n".join(lines),
        answer=str((value + add) % 1000),
        level=exponent - 1 + 3 * (base > 99),
    )


TEMPLATES: tuple[Template, ...] = (recurrence, recurrence, sum_of_products, power)

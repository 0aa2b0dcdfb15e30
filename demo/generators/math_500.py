"""School mathematics with LaTeX answers and levels 1 to 5 (MATH's format)."""

from math import comb, gcd
from random import Random

from generators.base import Item, Template, euclid, times


def _latex(top: int, bottom: int) -> str:
    """A fraction in lowest terms as MATH writes it."""
    shared = gcd(top, bottom)
    top, bottom = top // shared, bottom // shared
    if bottom < 0:
        top, bottom = -top, -bottom
    if bottom == 1:
        return str(top)
    return f"{'-' if top < 0 else ''}\\frac{{{abs(top)}}}{{{bottom}}}"


def _reduced(top: int, bottom: int) -> str:
    """The steps that bring a fraction to lowest terms."""
    shared = gcd(top, bottom)
    large, small = max(abs(top), abs(bottom)), min(abs(top), abs(bottom))
    found = f"{euclid(large, small)}, gcd {shared}"
    if shared == 1:
        return f"{found}, {top}/{bottom}"
    return f"{found}, {top}/{shared}={top // shared}, {bottom}/{shared}={bottom // shared}"


def fractions(rng: Random) -> Item:
    """Two or three fractions added and subtracted, two at a time."""
    count = rng.choice((2, 2, 3))
    largest = 24 if count == 2 else 9
    parts = [(rng.randint(1, 19), rng.randint(2, largest)) for _ in range(count)]
    signs = ["", *(rng.choice("+-") for _ in range(count - 1))]
    text = "".join(f"{sign}\\frac{{{a}}}{{{b}}}" for sign, (a, b) in zip(signs, parts, strict=True))
    (top, bottom), lines = parts[0], []
    for sign, (a, b) in zip(signs[1:], parts[1:], strict=True):
        left, right = top * b, a * bottom
        total = left + right if sign == "+" else left - right
        lines.append(
            f"{top}*{b}={left}, {a}*{bottom}={right}, {left}{sign}{right}={total}, "
            f"{bottom}*{b}={bottom * b}"
        )
        lines.append(_reduced(total, bottom * b))
        shared = gcd(total, bottom * b)
        top, bottom = total // shared, bottom * b // shared
    return Item(
        question=f"Compute ${text}$. Write the answer in lowest terms.",
        steps="\n".join(lines),
        answer=_latex(top, bottom),
        subject="Prealgebra",
        level=2 * count - 2,
    )


def linear(rng: Random) -> Item:
    """A linear equation with the unknown on both sides."""
    a, c = rng.sample(range(2, 30), k=2)
    b, d = rng.randint(-99, 99), rng.randint(-99, 99)
    question = f"Solve for $x$: ${a}x{b:+d}={c}x{d:+d}$."
    lines = [f"({a}-{c})x={d}-({b})", f"{a - c}x={d - b}", _reduced(d - b, a - c)]
    return Item(
        question=question,
        steps="\n".join(lines),
        answer=_latex(d - b, a - c),
        subject="Algebra",
        level=2 if abs(a - c) == 1 else 3,
    )


def expand(rng: Random) -> Item:
    """The product of two linear factors."""
    a, c = rng.randint(2, 19), rng.randint(2, 19)
    b, d = (rng.choice((1, -1)) * rng.randint(1, 19) for _ in range(2))
    middle = a * d + b * c
    text = f"{a * c}x^2{f'{middle:+d}x' if middle else ''}{b * d:+d}"
    lines = [
        f"x^2: {a}*{c}={a * c}",
        f"x: {a}*({d})={a * d}, {b}*{c}={b * c}, sum {middle}",
        f"1: {b}*({d})={b * d}",
    ]
    return Item(
        question=f"Expand $({a}x{b:+d})({c}x{d:+d})$.",
        steps="\n".join(lines),
        answer=text.replace("+1x", "+x").replace("-1x", "-x"),
        subject="Algebra",
        level=3,
    )


def horner(rng: Random) -> Item:
    """A cubic at an integer."""
    a, x = rng.randint(2, 9), rng.choice((1, -1)) * rng.randint(2, 12)
    coefficients = [a, *(rng.choice((1, -1)) * rng.randint(2, 40) for _ in range(3))]
    value, lines = a, []
    for coefficient in coefficients[1:]:
        product = value * x
        lines.append(f"{value}*({x})={product}, {product}{coefficient:+d}={product + coefficient}")
        value = product + coefficient
    b, c, d = coefficients[1:]
    return Item(
        question=f"Let $p(x)={a}x^3{b:+d}x^2{c:+d}x{d:+d}$. Find $p({x})$.",
        steps="\n".join(lines),
        answer=str(value),
        subject="Intermediate Algebra",
        level=4,
    )


def greatest_divisor(rng: Random) -> Item:
    """The greatest common divisor or the least common multiple."""
    shared = rng.randint(2, 40)
    most = rng.choice((25, 60))
    a, b = shared * rng.randint(5, most), shared * rng.randint(5, most)
    a, b = max(a, b), min(a, b)
    divisor = gcd(a, b)
    if rng.random() < 0.5:
        answer, lines, level = divisor, [euclid(a, b)], 4
        question = f"Find the greatest common divisor of ${a}$ and ${b}$."
    else:
        answer, level = a // divisor * b, 5
        question = f"Find the least common multiple of ${a}$ and ${b}$."
        lines = [euclid(a, b), f"{a}/{divisor}={a // divisor}", times(b, a // divisor)]
    return Item(
        question=question,
        steps="\n".join(lines),
        answer=str(answer),
        subject="Number Theory",
        level=level,
    )


def committees(rng: Random) -> Item:
    """The number of committees of two groups."""
    n, m = rng.randint(5, 14), rng.randint(5, 14)
    j, k = rng.randint(2, 3), rng.randint(2, 3)
    first, second = comb(n, j), comb(m, k)
    lines = [f"C({n},{j})={first}", f"C({m},{k})={second}", times(first, second)]
    return Item(
        question=f"In how many ways can a committee of {j} of {n} women and {k} of {m} men be "
        "chosen?",
        steps="\n".join(lines),
        answer=str(first * second),
        subject="Counting & Probability",
        level=j + k - 1,
    )


def two_red(rng: Random) -> Item:
    """The probability of two red balls."""
    red, blue = rng.randint(3, 15), rng.randint(3, 15)
    total = red + blue
    top, bottom = red * (red - 1), total * (total - 1)
    lines = [f"{red}*{red - 1}={top}", f"{total}*{total - 1}={bottom}", _reduced(top, bottom)]
    return Item(
        question=f"A bag holds {red} red and {blue} blue balls. Two balls are drawn without "
        "replacement. What is the probability that both are red?",
        steps="\n".join(lines),
        answer=_latex(top, bottom),
        subject="Counting & Probability",
        level=3,
    )


def triangle(rng: Random) -> Item:
    """The area of a triangle by its corners."""
    points = [(rng.randint(-12, 12), rng.randint(-12, 12)) for _ in range(3)]
    (a, b), (c, d), (e, f) = points
    u, v, w, z = c - a, d - b, e - a, f - b
    twice = u * z - v * w
    if not twice:
        return triangle(rng)
    lines = [f"({u},{v}), ({w},{z})", f"{u * z}-({v * w})={twice}", f"{abs(twice)}/2"]
    return Item(
        question=f"Find the area of the triangle with the corners $({a},{b})$, $({c},{d})$ and "
        f"$({e},{f})$.",
        steps="\n".join(lines),
        answer=_latex(abs(twice), 2),
        subject="Geometry",
        level=4,
    )


def determinant(rng: Random) -> Item:
    """A determinant of order two with two-digit entries."""
    a, b, c, d = (rng.randint(-40, 60) for _ in range(4))
    lines = [f"{a}*({d})={a * d}", f"{b}*({c})={b * c}", f"{a * d}-({b * c})={a * d - b * c}"]
    return Item(
        question=f"Compute the determinant $\\begin{{vmatrix}}{a}&{b}\\\\{c}&{d}\\end{{vmatrix}}$.",
        steps="\n".join(lines),
        answer=str(a * d - b * c),
        subject="Precalculus",
        level=3,
    )


def dot(rng: Random) -> Item:
    """A dot product of two vectors."""
    first = [rng.randint(-15, 25) for _ in range(3)]
    second = [rng.randint(-15, 25) for _ in range(3)]
    products = [p * q for p, q in zip(first, second, strict=True)]
    partial = products[0] + products[1]
    lines = [
        ", ".join(f"{p}*({q})={p * q}" for p, q in zip(first, second, strict=True)),
        f"{products[0]}{products[1]:+d}={partial}",
        f"{partial}{products[2]:+d}={sum(products)}",
    ]
    return Item(
        question=f"Find the dot product of $({','.join(map(str, first))})$ and "
        f"$({','.join(map(str, second))})$.",
        steps="\n".join(lines),
        answer=str(sum(products)),
        subject="Precalculus",
        level=2,
    )


TEMPLATES: tuple[Template, ...] = (
    fractions, linear, expand, horner, greatest_divisor, committees, two_red, triangle,
    determinant, dot,
)  # fmt: skip

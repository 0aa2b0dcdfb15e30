"""Single values: numbers with their marks (percent, degrees, a base), expressions."""

from collections.abc import Callable
from fractions import Fraction

from evalsuite.grading.arithmetic import Unvalued, Value, is_real
from evalsuite.grading.notation.tree import Apply, Node, Number, symbols, walk
from evalsuite.grading.values import evaluate, same_value

# A decimal in place of an exact value needs so many digits to be it and no neighbour.
FEWEST_DIGITS = 6
PI = "\\pi"


def same_quantity(gold: Node, answer: Node) -> bool:
    """Whether two single values are equal.

    Raises:
        Unvalued: one of them has no value.
    """
    for mark, judge in MARKS.items():
        if _marked(gold, mark) or _marked(answer, mark):
            return judge(gold, answer)
    return same_value(gold, answer) or _rounded(gold, answer)


def _marked(node: Node, mark: str) -> bool:
    return isinstance(node, Apply) and (
        node.name == mark or (node.name == "-" and _marked(node.arguments[0], mark))
    )


def _bare(node: Node, mark: str) -> Node:
    """*node* without its *mark*."""
    if not isinstance(node, Apply) or not _marked(node, mark):
        return node
    if node.name == mark:
        return node.arguments[0]
    return Apply("-", (_bare(node.arguments[0], mark),))


def _percent(gold: Node, answer: Node) -> bool:
    """33.5 % is 33.5 and it is 0.335."""
    bare = _bare(gold, "%"), _bare(answer, "%")
    return same_value(*bare) or same_value(gold, answer)


def _degrees(gold: Node, answer: Node) -> bool:
    """90° is 90, and it is pi/2."""
    if same_value(_bare(gold, "deg"), _bare(answer, "deg")):
        return True
    return _has_pi(gold) != _has_pi(answer) and same_value(gold, answer)


def _has_pi(node: Node) -> bool:
    return any(getattr(one, "name", "") == PI for one in walk(node))


def _base(gold: Node, answer: Node) -> bool:
    """The same digits in the same base; a base that the gold names may be left out."""
    if _marked(gold, "base") and _marked(answer, "base"):
        return gold == answer
    return _marked(gold, "base") and same_value(_bare(gold, "base"), answer)


def _ratio(gold: Node, answer: Node) -> bool:
    """A : b : c are equal if they are multiples of each other; 2:1 is 2."""
    parts = [one.arguments if isinstance(one, Apply) and one.name == "ratio"
             else (one, Number(Fraction(1))) for one in (gold, answer)]  # fmt: skip
    if any(same_value(one, Number(Fraction(0))) for ones in parts for one in ones):
        raise Unvalued("no ratio")
    return len(parts[0]) == len(parts[1]) and all(
        same_value(Apply("*", (ours, parts[1][0])), Apply("*", (theirs, parts[0][0])))
        for ours, theirs in zip(*parts, strict=True)
    )


def _modulo(gold: Node, answer: Node) -> bool:
    """Numbers of one residue class; a modulus that one of them leaves out is the other's."""
    ours, theirs = _residue(gold), _residue(answer)
    if ours[1] is not None and theirs[1] is not None and not same_value(ours[1], theirs[1]):
        return False
    modulus = ours[1] or theirs[1]
    assert modulus
    if ours[1] is None or theirs[1] is None:
        return same_value(ours[0], theirs[0])
    steps = evaluate(Apply("/", (Apply("+", (ours[0], Apply("-", (theirs[0],)))), modulus)), {})
    return isinstance(steps, Fraction) and steps.denominator == 1


def _residue(node: Node) -> tuple[Node, Node | None]:
    if isinstance(node, Apply) and node.name == "mod":
        return node.arguments[0], node.arguments[1]
    return node, None


MARKS: dict[str, Callable[[Node, Node], bool]] = {
    "base": _base,
    "mod": _modulo,
    "ratio": _ratio,
    "%": _percent,
    "deg": _degrees,
}


def _rounded(gold: Node, answer: Node) -> bool:
    """Whether a decimal of six digits or more is the exact gold rounded or cut to them."""
    negative = isinstance(answer, Apply) and answer.name == "-"
    number = answer.arguments[0] if isinstance(answer, Apply) and negative else answer
    if not isinstance(number, Number) or number.digits < FEWEST_DIGITS or _decimal(gold):
        return False
    if symbols(gold):
        return False
    exact = evaluate(gold, {})
    if not is_real(exact) or not exact:
        return False
    given = -number.value if negative else number.value
    last = Fraction(10) ** -_places(number.value)
    return bool(abs(_near(exact) - given) < last)


def _near(value: Value) -> Fraction:
    """*value* as a fraction, near enough to tell its rounded digits."""
    if isinstance(value, Fraction):
        return value
    man, exp = value.man_exp
    if abs(exp) > 5000:  # noqa: PLR2004 - no number that anybody rounds
        raise Unvalued("too large to round")
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def _decimal(node: Node) -> bool:
    return any(isinstance(one, Number) and one.digits for one in walk(node))


def _places(value: Fraction) -> int:
    """Decimals that *value* was written with, trailing zeros aside."""
    places = 0
    while value.denominator != 1 and places < 400:  # noqa: PLR2004 - bounded
        value *= 10
        places += 1
    return places

"""The grammar: answers side by side, relations, sums, products, brackets."""

from fractions import Fraction

from evalsuite.answers.counting import SCALES
from evalsuite.grading.notation.cursor import END, Unreadable
from evalsuite.grading.notation.operands import CONDITIONS, Operands
from evalsuite.grading.notation.tokens import Token
from evalsuite.grading.notation.tree import (
    Apply,
    Bracketed,
    Listing,
    Node,
    Number,
    Relation,
    Symbol,
    Words,
    symbols,
)
from evalsuite.grading.notation.vocabulary import MODULO

SIGNS = frozenset(
    ["=", "<", ">", "\\le", "\\ge", "\\ne", "\\approx", "\\in", "\\notin", "\\equiv", "\\subset"]
)
CLOSING = {"(": (")", "]"), "[": ("]", ")"), "{": ("}",), "\\{": ("\\}",), "<": ("\\rangle", ">")}
ADDED = {"+": "", "-": "-", "\\pm": "pm", "\\mp": "mp"}
MARKS = {"percent": "%", "degrees": "deg", "degree": "deg"}
MULTIPLIED = frozenset(["\\cdot", "*"])


class Parser(Operands):
    """Reads the whole of its tokens as an answer."""

    def __init__(self, found: list[Token]) -> None:
        super().__init__(found)
        self.condition = ""

    def answer(self) -> Node:
        """The answer.

        Raises:
            Unreadable: the tokens are no mathematics that this parser knows.
        """
        found = self._listing(frozenset())
        if self.here is not END:
            raise Unreadable(self.here.text)
        return found

    def _listing(self, closing: frozenset[str]) -> Node:
        members, joints = [self._clause()], [""]
        while self.here.text not in closing and self.here is not END:
            joint = self._joint()
            if not joint or self.here.text in closing or self.here is END:
                break
            members.append(self._clause())
            joints.append(joint)
        members, joints = self._without_domains(members, joints)
        if len(members) == 1:
            return members[0]
        return _grouped(members, joints) if not closing else Listing(tuple(members), joints[-1])

    def _without_domains(
        self, members: list[Node], joints: list[str]
    ) -> tuple[list[Node], list[str]]:
        r"""Members but for those that only say where a letter lies: 2n, n \in \mathbb{Z}."""
        kept = [not _is_domain(one) or not index for index, one in enumerate(members)]
        for one, stays in zip(members, kept, strict=True):
            if not stays:
                self.condition += " ".join(symbols(one)) + "; "
        return (
            [one for one, stays in zip(members, kept, strict=True) if stays],
            [one for one, stays in zip(joints, kept, strict=True) if stays],
        )

    def _joint(self) -> str:
        """The separator at the cursor, moved over: a comma, "and", both; "" if there is none."""
        found = ""
        while self.here.text in (",", ";", "and", "or", "\\and", "\\or", "&"):
            if self.here.kind == "words":
                break
            word = self.take().text.lstrip("\\")
            found = word if not found or found == "," else found
        return found

    def _clause(self) -> Node:
        found = self._modulo(self._relation())
        self._take_condition()
        return found

    def _modulo(self, found: Node) -> Node:
        r"""*found* with the modulus behind it: 3 \pmod 7, 3 (mod 7)."""
        brackets = self.here.text == "(" and self.ahead().text in MODULO
        if brackets:
            self.take()
        if self.here.text not in MODULO:
            return found
        self.take()
        modulus = self.operand()
        if brackets:
            self.expect(")")
        if isinstance(found, Relation):
            last = Apply("mod", (found.sides[-1], modulus))
            return Relation((*found.sides[:-1], last), found.signs)
        return Apply("mod", (found, modulus))

    def _take_condition(self) -> None:
        """Move over "for all x", "where k is an integer" up to the next separator."""
        first = self.here.text.split(" ")[0]
        if first not in CONDITIONS or self.here.kind not in ("words", "keyword"):
            return
        words = []
        while self.here is not END and self.here.text not in (",", ";", "and", "or", "\\}"):
            words.append(self.take().text)
        self.condition += " ".join(words) + "; "

    def _relation(self) -> Node:
        sides: list[Node] = []
        signs: list[str] = []
        self.skip("\\approx")
        sides.append(self._union())
        while True:
            if self.skip("\\Rightarrow", "\\to"):
                sides, signs = [self._union()], []
            elif self.here.text in SIGNS:
                signs.append(self.take().text)
                sides.append(self._union())
            elif self.skip("\\not"):
                self.take()
                signs.append("\\ne")
                sides.append(self._union())
            else:
                break
        return Relation(tuple(sides), tuple(signs)) if signs else sides[0]

    def _union(self) -> Node:
        found = self._ratio()
        while self.here.text in ("\\cup", "\\cap", "\\setminus"):
            sign = self.take().text[1:]
            found = Apply(sign, (found, self._ratio()))
        return found

    def _ratio(self) -> Node:
        parts = [self.sums()]
        while not self._in_set and self.skip(":"):
            self.skip("=")
            parts.append(self.sums())
        if len(parts) > 1 and isinstance(parts[0], Words):
            return parts[-1] if len(parts) == 2 else Apply("ratio", tuple(parts[1:]))  # noqa: PLR2004 - label and value
        return Apply("ratio", tuple(parts)) if len(parts) > 1 else parts[0]

    def sums(self) -> Node:
        """A sum of products, with its units moved over."""
        terms = [self._term()]
        while self.here.text in ADDED and self.here.kind != "words":
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else Apply("+", tuple(terms))

    def _term(self) -> Node:
        sign = ADDED[self.take().text] if self.here.text in ADDED else ""
        product = self._product()
        return Apply(sign, (product,)) if sign else product

    def _product(self) -> Node:  # noqa: C901 - one line for each way to multiply
        factors = [self._factor()]
        while True:
            if self.here.text in MULTIPLIED:
                self.take()
                factors.append(self._factor())
            elif self.skip("/"):
                factors.append(Apply("inv", (self._factor(),)))
            elif self.here.text in MARKS and self.here.kind in ("word", "words"):
                factors[-1] = Apply(MARKS[self.take().text], (factors[-1],))
            elif self.here.text in SCALES and self.here.kind in ("word", "words"):
                factors.append(Number(Fraction(SCALES[self.take().text])))
            elif isinstance(factors[-1], Words):
                break
            elif self.starts_operand():
                factors = self._side_by_side(factors)
            elif not self.unit():
                break
        return factors[0] if len(factors) == 1 else Apply("*", tuple(factors))

    def _factor(self) -> Node:
        if self.skip("-"):
            return Apply("-", (self.operand(),))
        self.skip("+")
        return self.operand()

    def _side_by_side(self, factors: list[Node]) -> list[Node]:
        """A product without a sign, or a mixed number: 1 1/2 is one and a half."""
        left = factors[-1]
        fraction = self.here.text == "\\frac"
        if isinstance(left, Number) and self.here.kind == "number":
            return [*factors[:-1], self._mixed(left)]
        right = self.operand()
        if isinstance(right, Relation):
            # What stands in brackets behind a value and is a relation says where it holds.
            self.condition += "(relation); "
            return factors
        if fraction and _whole(left) and isinstance(right, Apply) and right.name == "/":
            over, under = right.arguments
            if _whole(over) and _whole(under):
                return [*factors[:-1], Apply("+", (left, right))]
        return [*factors, right]

    def _mixed(self, left: Number) -> Node:
        over = self.operand()
        if not self.skip("/") or not _whole(left) or not _whole(over):
            raise Unreadable("two numbers side by side")
        under = self.operand()
        if not _whole(under):
            raise Unreadable("two numbers side by side")
        return Apply("+", (left, Apply("/", (over, under))))

    def bracketed(self, opening: str) -> Node:
        """What stands in brackets whose opening is moved over: a value, a tuple, a set."""
        self._depth += 1
        bars, self._open_bars = self._open_bars, 0
        in_set, self._in_set = self._in_set, self._in_set + 1 if opening == "\\{" else 0
        if self.here.text in CLOSING[opening]:
            closing = self.take().text
            found: Node = Bracketed(opening.lstrip("\\"), (), closing.lstrip("\\"))
            if opening == "\\{":
                found = Symbol("\\emptyset")
        else:
            found = self._inside(opening)
        self._open_bars, self._in_set = bars, in_set
        self._depth -= 1
        return found

    def _inside(self, opening: str) -> Node:
        inside = self._listing(frozenset(CLOSING[opening]))
        if opening == "\\{" and self.skip("|", "\\mid", ":"):
            inside = self._built(inside)
        if self.here.text not in CLOSING[opening]:
            raise Unreadable(opening)
        closing = self.take().text.lstrip("\\")
        if isinstance(inside, Listing):
            return Bracketed(opening.lstrip("\\"), inside.members, closing)
        if opening == "\\{" and not isinstance(inside, Relation):
            return Bracketed("{", (inside,), "}")
        return inside

    def _built(self, shown: Node) -> Node:
        """The condition of a set {x | condition}."""
        if isinstance(shown, Relation) and shown.signs == ("\\in",):
            shown = shown.sides[0]
        if not isinstance(shown, Symbol):
            raise Unreadable("set builder")
        self._in_set = 0
        return self._listing(frozenset(["\\}"]))


def _grouped(members: list[Node], joints: list[str]) -> Node:
    """Members side by side; semicolons, or "or" between sets of equations, part groups of them."""
    for divider in (";", "or"):
        if divider not in joints or "," not in joints:
            continue
        if divider == "or" and not all(isinstance(one, Relation) for one in members):
            continue
        groups: list[list[Node]] = []
        for member, joint in zip(members, joints, strict=True):
            if joint in (divider, ""):
                groups.append([])
            groups[-1].append(member)
        if len({len(group) for group in groups}) == 1:
            return Listing(tuple(Bracketed("(", tuple(one), ")") for one in groups), divider)
    return Listing(tuple(members), joints[-1])


def _is_domain(node: Node) -> bool:
    """Whether *node* says that a letter is a number of some sort."""
    return (
        isinstance(node, Relation)
        and node.signs == ("\\in",)
        and isinstance(node.sides[0], Symbol)
        and isinstance(node.sides[1], Symbol)
    )


def _whole(node: Node) -> bool:
    """Whether *node* is an integer as written."""
    return isinstance(node, Number) and not node.digits and node.value.denominator == 1

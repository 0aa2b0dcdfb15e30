r"""Operands: numbers, names, fractions, roots, functions, matrices, and what stands behind them."""

import re
from fractions import Fraction

from evalsuite.answers.counting import SCALES, counted
from evalsuite.grading.notation.cursor import DEEPEST, END, Cursor, Unreadable
from evalsuite.grading.notation.tokens import Token
from evalsuite.grading.notation.tree import Apply, Bracketed, Matrix, Node, Number, Symbol, Words
from evalsuite.grading.notation.vocabulary import CANONICAL, MODULO, NAMES

LONGEST_NUMBER = 4000
MOST_MARKS = 8
SHORT = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
ROOTS = {"sqrt": 2, "cbrt": 3}
UNKNOWN_FUNCTIONS = frozenset("fghFGH")
CONDITIONS = frozenset("for where when if with such then over every each any all on".split())
NO_UNITS = (
    CONDITIONS | SCALES.keys() | frozenset("not no and or is are but plus minus times mod".split())
)
FENCES = {"lfloor": ("floor", "\\rfloor"), "lceil": ("ceil", "\\rceil")}
FIGURES = frozenset(["\\angle", "\\triangle", "\\measuredangle", "\\odot", "\\overset", "\\arc"])
VECTORS = frozenset(["pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array", "vmatrix"])


class Operands(Cursor):
    """The operands that begin at a cursor."""

    def __init__(self, found: list[Token]) -> None:
        super().__init__(found)
        self._open_bars = 0
        self._in_set = 0
        self.units: list[str] = []

    # What the grammar above operands gives.
    def sums(self) -> Node:
        """A sum; the grammar's next floor."""
        raise NotImplementedError

    def bracketed(self, opening: str) -> Node:
        """What stands in brackets; the grammar's top floor."""
        raise NotImplementedError

    def operand(self) -> Node:
        """One operand with its powers, factorials, signs and units."""
        self._deeper()
        node = self._postfix(self._primary())
        self._depth -= 1
        return node

    def starts_operand(self) -> bool:
        """Whether the token at the cursor can begin a factor without a sign before it."""
        token = self.here
        if token.kind in ("number", "letter", "function"):
            return True
        if token.kind == "command":
            name = token.text[1:]
            return name in NAMES or name in FENCES or token.text in FIGURES or name in (
                "frac", "sqrt", "cbrt", "binom", "mathbb", "begin", "overline", "text",
            )  # fmt: skip
        if token.text == "(" and self.ahead().text in MODULO:
            return False
        return token.text in ("(", "{", "[") or (
            token.text == "|" and not self._open_bars and not self._in_set
        )

    def _primary(self) -> Node:  # noqa: PLR0911 - one line for each kind of token
        token = self.take()
        if token.kind == "number":
            return self._number(token.text)
        if token.kind == "letter":
            return self._letter(token.text)
        if token.kind == "function":
            return self._function(token.text)
        if token.kind in ("words", "word"):
            return self._words(token.text)
        if token.kind == "command":
            return self._command(token.text)
        if token.text in ("(", "[", "{"):
            return self.bracketed(token.text)
        if token.text == "|":
            return self._absolute()
        raise Unreadable(token.text)

    def _number(self, text: str) -> Node:
        if len(text) > LONGEST_NUMBER:
            raise Unreadable("too many digits")
        base, _, exponent = text.replace("E", "e").partition("e")
        if abs(int(exponent or 0)) > LONGEST_NUMBER:
            raise Unreadable("too large an exponent")
        whole, _, decimals = base.partition(".")
        value = Fraction(f"{whole or 0}{decimals}") / 10 ** len(decimals)
        if self.skip("\\overline"):
            value += self._repeating(len(decimals))
        digits = len((whole + decimals).lstrip("0")) if decimals else 0
        return Number(value * Fraction(10) ** int(exponent or 0), digits)

    def _repeating(self, behind: int) -> Fraction:
        r"""The value of `\overline{6}` behind so many decimals."""
        braces = self.skip("{")
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise Unreadable(token.text)
        if braces:
            self.expect("}")
        return Fraction(int(token.text), (10 ** len(token.text) - 1) * 10**behind)

    def _letter(self, name: str) -> Node:
        while self.skip("'", "\\prime"):
            name += "'"
        called = self.here.text == "(" and not self.here.spaced
        if self.here.text == "_":
            name += self._subscript()
            return Symbol(name)
        if self._depth > DEEPEST - 2:
            raise Unreadable("too deep")
        if called and name[0] in UNKNOWN_FUNCTIONS:
            self.take()
            argument = self.bracketed("(")
            return Apply(f"call:{name}", (argument,))
        if called:
            self.take()
            argument = self._postfix(self.bracketed("("))
            return Apply("named", (Symbol(name), argument))
        return Symbol(name)

    def _subscript(self) -> str:
        self.expect("_")
        if not self.skip("{"):
            return f"_{self.take().text}"
        name = ""
        while self.here.text != "}":
            if self.here.kind == "end":
                raise Unreadable("subscript")
            name += self.take().text
        self.take()
        return f"_{name}"

    def _words(self, text: str) -> Node:
        """Words, or the number that they name."""
        words = [text.lower()]
        while self.here.kind in ("words", "word"):
            words.append(self.take().text.lower())
        phrase = " ".join(words)
        value = counted(phrase)
        if value is not None:
            return Number(Fraction(value))
        return Words(phrase)

    def _command(self, command: str) -> Node:  # noqa: PLR0911 - one line for each command
        name = command[1:]
        if name == "frac":
            return Apply("/", (self._argument(), self._argument()))
        if name in ("sqrt", "cbrt"):
            return self._root(name)
        if name == "binom":
            return Apply("binom", (self._argument(), self._argument()))
        if name == "mathbb":
            self.skip("{")
            symbol = Symbol(f"\\mathbb{{{self.take().text}}}")
            self.skip("}")
            return symbol
        if name == "begin":
            return self._matrix()
        if name in FENCES:
            function, closing = FENCES[name]
            inside = self.sums()
            self.expect(closing)
            return Apply(function, (inside,))
        return self._named(command)

    def _named(self, command: str) -> Node:
        if command == "\\langle":
            return self.bracketed("<")
        if command == "\\{":
            return self.bracketed("\\{")
        if command in FIGURES or command in ("\\overline", "\\text"):
            return self.operand() if command in FIGURES else self._argument()
        if command[1:] in NAMES:
            return Symbol(command + (self._subscript() if self.here.text == "_" else ""))
        raise Unreadable(command)

    def _root(self, name: str) -> Node:
        index: Node = Number(Fraction(3 if name == "cbrt" else 2))
        if self.skip("["):
            index = self.sums()
            self.expect("]")
        return Apply("root", (self._argument(whole_number=True), index))

    def _argument(self, *, whole_number: bool = False) -> Node:
        r"""What a command takes: a group, or one token; `\frac12` takes one digit each."""
        self._deeper()
        token = self.here
        if token.text == "{":
            self.take()
            found = self.sums()
            self.expect("}")
        elif token.kind == "number" and len(token.text) > 1 and not whole_number:
            self._tokens[self._at] = Token("number", token.text[1:])
            found = self._number(token.text[0])
        else:
            found = self._primary()
        self._depth -= 1
        return found

    def _absolute(self) -> Node:
        self._open_bars += 1
        inside = self.sums()
        self._open_bars -= 1
        self.expect("|")
        return Apply("abs", (inside,))

    def _matrix(self) -> Node:
        kind = self._environment()
        if kind not in VECTORS:
            raise Unreadable(kind)
        if kind == "array" and self.skip("{"):
            while not self.skip("}"):
                if self.take() is END:
                    raise Unreadable("array")
        rows: list[tuple[Node, ...]] = []
        cells: list[Node] = []
        while not self.skip("\\end"):
            cells.append(self.sums())
            if self.skip("\\\\") or self.here.text == "\\end":
                rows.append(tuple(cells))
                cells = []
            else:
                self.expect("&")
        self._environment()
        return Matrix(tuple(rows))

    def _environment(self) -> str:
        """The name in the braces at the cursor."""
        self.expect("{")
        name = ""
        while not self.skip("}"):
            token = self.take()
            if token is END:
                raise Unreadable("environment")
            name += token.text
        return name

    def _function(self, name: str) -> Node:
        name = SHORT.get(name, name)
        power = self._exponent() if self.here.kind == "power" else None
        base = None
        if name == "log" and self.skip("_"):
            base = self._argument()
        if self.here.kind == "power" and power is None:
            power = self._exponent()
        arguments = self._arguments()
        if base is not None:
            arguments = (*arguments, base)
        if power == Number(Fraction(-1)) or power == Apply("-", (Number(Fraction(1)),)):
            return Apply(f"arc{name}", arguments)
        if name in ROOTS:
            name, arguments = "root", (*arguments, Number(Fraction(ROOTS[name])))
        call = Apply(name, arguments)
        return call if power is None else Apply("^", (call, power))

    def _arguments(self) -> tuple[Node, ...]:
        """What a function is applied to: brackets, a group, or the factors up to a sign."""
        if self.here.text in ("(", "[", "\\{"):
            inside = self.bracketed(self.take().text)
            return inside.members if isinstance(inside, Bracketed) else (inside,)
        if self.here.text == "{":
            return (self._argument(),)
        if self.here.kind == "function":
            return (self.operand(),)
        factors = [self.operand()]
        while self.starts_operand() and self.here.kind != "function":
            factors.append(self.operand())
        return (factors[0] if len(factors) == 1 else Apply("*", tuple(factors)),)

    def _exponent(self) -> Node:
        self.take()
        if self.skip("-"):
            return Apply("-", (self._argument(whole_number=True),))
        if self.skip("+"):
            return self._argument(whole_number=True)
        found = self._argument(whole_number=True)
        if self.here.kind != "power" or self._is_mark():
            return found
        self._deeper()
        return Apply("^", (found, self._exponent()))

    def _postfix(self, node: Node) -> Node:  # noqa: C901 - one line for each mark
        for _ in range(MOST_MARKS):
            if self._is_mark():
                node = self._marked(node)
            elif self.here.kind == "power":
                node = Apply("^", (node, self._exponent()))
            elif self.skip("!"):
                node = Apply("!!" if self.skip("!") else "!", (node,))
            elif self.skip("%", "\\%"):
                node = Apply("%", (node,))
            elif self.skip("\\degree"):
                node = Apply("deg", (node,))
            elif isinstance(node, Number) and self.here.text == "_":
                node = Apply("base", (node, Words(self._subscript())))
            elif not (isinstance(node, Number) and self.skip("'")):
                return node
        raise Unreadable("too many marks")

    def _is_mark(self) -> bool:
        r"""Whether a degree or an ordinal ending is written as a power: 30^\circ, 12^{th}."""
        inside = self.ahead(2) if self.ahead().text == "{" else self.ahead()
        return self.here.kind == "power" and (
            inside.text in ("\\circ", "\\degree", "\\prime", "st", "nd", "rd", "th", "T", "\\top")
        )

    def _marked(self, node: Node) -> Node:
        self.take()
        braces = self.skip("{")
        mark = self.take().text
        if braces:
            self.expect("}")
        if mark in ("T", "\\top"):
            return _transposed(node)
        return Apply("deg", (node,)) if mark in ("\\circ", "\\degree") else node

    def unit(self) -> bool:
        """Move over a unit at the cursor: words, with a power, a slash and more words."""
        token = self.here
        written = token.kind in ("words", "word") and token.text.split(" ")[0] not in NO_UNITS
        if not written and not (token.text in ("in", "per") and token.kind == "keyword"):
            return False
        self.take()
        self.units += [CANONICAL.get(unit, unit) for unit in re.split(r"[ /]+", token.text)]
        if self.here.kind == "power":
            power = self._exponent()
            if isinstance(power, Number):
                self.units.append(f"^{power.value}")
        if self.here.text == "/" and self.ahead().kind in ("words", "word", "letter"):
            self.take()
            per = self.take().text
            self.units.append(CANONICAL.get(per, per))
            if self.here.kind == "power":
                self._exponent()
        return True


def _transposed(node: Node) -> Node:
    """A vector stays one; a matrix turns its rows to columns."""
    if isinstance(node, Matrix):
        return Matrix(tuple(zip(*node.rows, strict=False)))
    return node

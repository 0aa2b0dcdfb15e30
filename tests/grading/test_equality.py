"""Equal values in other spellings, unequal ones that look alike: the judging rules by cases."""

import pytest

from evalsuite.grading.equality import same_math, same_number

SAME = [
    ("1/3", "0.333333"),
    ("1", "1.0"),
    ("12", r"12 \text{ units}"),
    ("[0,1)", "[0, 1)"),
    ("(0,1)", "0<x<1"),
    (r"x\le 5", r"(-\infty,5]"),
    (r"x \neq 2", r"(-\infty,2)\cup(2,\infty)"),
    (r"\{1,2,3\}", "1,2,3"),
    ("1,2,3", r"\{3,2,1\}"),
    ("3,2,1", r"1 \text{ and } 2 \text{ and } 3"),
    (r"\sqrt{2}+1", r"1+\sqrt2"),
    (r"\frac{\sqrt{2}}{2}", r"\frac{1}{\sqrt{2}}"),
    (r"\frac{1}{\sqrt 2}", r"\sin 45^\circ"),
    ("2^{10}", "1024"),
    ("10^{100}", "1e100"),
    (r"e^{i\pi}", "-1"),
    (r"\log_2 8", "3"),
    (r"\ln 2", r"\log_e 2"),
    ("5!", "120"),
    (r"\binom{5}{2}", "10"),
    (r"{5 \choose 2}", "10"),
    (r"0.\overline{3}", r"\frac13"),
    (r"0.1\overline{6}", r"\frac16"),
    (r"\frac{x}{y}", "x/y"),
    ("2x+3", "3+2x"),
    ("(x+1)^2", "x^2+2x+1"),
    ("x(x-1)", "x^2-x"),
    (r"\frac{1}{2}x", r"\frac{x}{2}"),
    ("x^{1/2}", r"\sqrt{x}"),
    ("|x|", r"\sqrt{x^2}"),
    (r"\sin(2x)", r"2\sin x\cos x"),
    (r"\tan x", r"\frac{\sin x}{\cos x}"),
    (r"\ln(xy)", r"\ln x+\ln y"),
    (r"e^{\ln x}", "x"),
    (r"\arctan(1)", r"\frac{\pi}{4}"),
    (r"\tan^{-1}(1)", r"\frac{\pi}{4}"),
    ("y=2x+1", "2x+1"),
    ("y=2x+1", "2x-y+1=0"),
    ("2x-y+1=0", "4x-2y+2=0"),
    ("x^2+y^2=1", "y^2+x^2=1"),
    ("x^2+y^2=1", "x^2+y^2-1=0"),
    ("(x-1)^2+y^2=4", "x^2-2x+y^2=3"),
    ("f(x)=x^2", "x^2"),
    ("f(x)=x^2", "y=x^2"),
    ("a_n=2n+1", "2n+1"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\langle 1,2\rangle"),
    ("[[1,2],[3,4]]", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"),
    (r"\mathbf{i}+2\mathbf{j}", "i+2j"),
    ("(1,2)", "(1, 2)"),
    ("(1,2)", "x=1,y=2"),
    ("(1,2)", "x=1, y=2"),
    ("(1,2)", "(x,y)=(1,2)"),
    ("(1,2),(3,4)", "(3,4),(1,2)"),
    ("(1,2),(3,4)", r"\{(1,2),(3,4)\}"),
    ("3:4", r"\frac{3}{4}"),
    ("3:4", "3 : 4"),
    (r"25\%", "0.25"),
    (r"25\%", "25"),
    (r"\frac14", r"25\%"),
    (r"\$5", "5"),
    (r"\$5", "5 dollars"),
    ("5", r"5 \text{ dollars}"),
    (r"\$1,000", "1000"),
    (r"5\text{ cm}", "5"),
    (r"5\text{ cm}", "5cm"),
    (r"5 \text{ cm}^2", r"5\text{ square centimeters}"),
    (r"5\text{ km/h}", "5 km/h"),
    (r"90^\circ", "90"),
    (r"90^\circ", r"\frac{\pi}{2}"),
    ("90", r"90^\circ"),
    (r"90^\circ", r"90 \text{ degrees}"),
    (r"90\text{ degrees}", r"90^{\circ}"),
    (r"\text{yes}", "Yes"),
    (r"\text{Yes}", "yes."),
    (r"\text{(A)}", "A"),
    (r"\text{A}", "(A)"),
    ("A", r"\text{A}"),
    (r"\text{Monday}", "monday"),
    ("Tuesday", r"\textbf{Tuesday}"),
    (r"\text{north}", r"\text{North}"),
    ("June 20", r"\text{June 20}"),
    (r"\infty", r"+\infty"),
    (r"-\infty", r"-\infty"),
    (r"\emptyset", r"\{\}"),
    (r"\emptyset", r"\varnothing"),
    (r"\text{no solution}", r"\emptyset"),
    (r"\mathbb{R}", r"(-\infty,\infty)"),
    (r"\mathbb{R}", "all real numbers"),
    (r"\text{undefined}", r"\text{undefined}"),
    (r"\pm 1", "1, -1"),
    (r"x=\pm1", r"\pm 1"),
    (r"x = 1 \text{ or } x = -1", r"\pm 1"),
    (r"1\pm\sqrt{2}", r"1+\sqrt2, 1-\sqrt2"),
    (r"\frac{-1\pm\sqrt{3}i}{2}", r"\frac{-1+i\sqrt3}{2},\frac{-1-i\sqrt3}{2}"),
    ("3+4i", "4i+3"),
    (r"\sqrt{-1}", "i"),
    (r"2\pi r", r"2 \cdot \pi \cdot r"),
    (r"\frac{4}{3}\pi r^3", "4/3 * pi * r^3"),
    ("x_1+x_2", "x_2+x_1"),
    (r"\alpha+\beta", r"\beta+\alpha"),
    ("a^{-1}", r"\frac1a"),
    (r"\sqrt[3]{8}", "2"),
    (r"\sqrt[3]{x}", "x^{1/3}"),
    (r"\cos^2 x", r"(\cos x)^2"),
    (r"2.5\times10^3", "2500"),
    ("2.5e3", "2500"),
    ("2500", r"2.5 \cdot 10^{3}"),
    (r"6.02\times 10^{23}", "6.02e23"),
    ("1.5", r"\frac{3}{2}"),
    (r"1\frac12", "1.5"),
    (r"1 \frac{1}{2}", r"\frac32"),
    (r"-\frac12", r"\frac{-1}{2}"),
    (r"-\frac12", r"\frac{1}{-2}"),
    (r"-\frac12", "-0.5"),
    ("101_2", "101"),
    ("101_2", "101_{2}"),
    ("101_2", "(101)_2"),
    ("11_{10}", "11"),
    ("x>3", "3<x"),
    (r"x\geq3", r"[3,\infty)"),
    ("1<x<2", "(1,2)"),
    (r"1\le x\le 2", "[1,2]"),
    (r"x<1 \text{ or } x>2", r"(-\infty,1)\cup(2,\infty)"),
    (r"x<1 \text{ or } x>2", r"x>2 \text{ or } x<1"),
    (r"x\in(1,2)", "(1,2)"),
    (r"(1,2)\cup(2,3)", r"(1,3)\setminus\{2\}"),
    (r"\{x : x > 1\}", "x>1"),
    (r"a \ge 1", r"[1,+\infty)"),
    ("2n", r"2n, n \in \mathbb{Z}"),
    (r"x=2\pi k", r"x = 2k\pi"),
    ("x^2 + C", "x^2 + c"),
    (r"\frac{x^3}{3}+C", r"\frac{1}{3}x^3+C"),
    ("1,2,3,4", "{1,2,3,4}"),
    ("3", "3."),
    ("3", "three"),
    ("7", "seven"),
    ("100", "one hundred"),
    ("21", "twenty-one"),
    ("1,000", "1000"),
    ("1000", "1,000"),
    ("1000", "1 000"),
    ("1000000", "1{,}000{,}000"),
    ("1{,}000", "1000"),
    ("5", "x = 5"),
    ("5", "5 = x"),
    ("5", "n=5"),
    ("5", "5 apples"),
    ("12", r"2 \cdot 6 = 12"),
    ("12", "2*6"),
    ("12", r"\text{Total: } 12"),
    (r"\overline{AB}", "AB"),
    (r"\angle ABC", "ABC"),
    (r"\vec{v}", "v"),
    ("n!", r"n \cdot (n-1)!"),
    (r"\lfloor x \rfloor", r"\text{floor}(x)"),
    (r"\max(a,b)", r"\max\{a,b\}"),
    (r"\gcd(4,6)", "2"),
    (r"7 \pmod{10}", "7"),
    (r"x\equiv 3\pmod{7}", r"x \equiv 3 \mod 7"),
    (r"\frac{3}{5}", "3/5"),
    (r"\frac{3}{5}", r"\frac35"),
    (r"\frac{3}{5}", "0.6"),
    (r"\frac{3}{5}", r"60\%"),
    (r"\dfrac{3}{5}", r"\tfrac{3}{5}"),
    (r"3\sqrt{3}", r"\sqrt{27}"),
    (r"3\sqrt{3}", "3√3"),
    (r"3\sqrt{3}", "3*sqrt(3)"),
    (r"3\sqrt{3}", "5.196152"),
    (r"\pi", "3.14159265"),
    ("2x^2", "2x²"),
    ("x^2", "x**2"),
    ("a+b", "b+a"),
    ("ab", "ba"),
    ("-(a-b)", "b-a"),
    (r"\frac{a+b}{c}", "(a+b)/c"),
    (r"\frac{a}{b}+c", "a/b+c"),
    ("e", "2.718281828"),
    ("e^2", r"\exp(2)"),
    ("f^{-1}(x)=x", "x"),
    ("f'(x)=2x", "2x"),
    (r"\frac{dy}{dx}=2x", "2x"),
    (r"\int x dx = \frac{x^2}{2}", r"\frac{x^2}{2}"),
    ("S = 5", "5"),
    (r"\text{Area}=5", "5"),
    (r"V=\pi r^2 h", r"\pi r^2 h"),
    ("6", r"\boxed{6}"),
    ("6", "$6$"),
    ("6", r"\(6\)"),
    ("6", r"\[6\]"),
    ("6", "**6**"),
    ("6", "6\\\\"),
    ("6", r"\mathbf{6}"),
    ("6", "{6}"),
    ("6", "((6))"),
    ("6", "+6"),
    ("6", "-(-6)"),
    ("6", r"6\,"),
    ("6", r"\,6"),
    ("6", r"6\text{ }"),
    ("6", r"\text{6}"),
    ("6", r"6 \; \text{m}"),
    ("6", "= 6"),
]
DIFFERENT = [
    ("x", "|x|"),
    ("n^2", "k^2"),
    (r"5\text{ km/h}", r"5 \text{ m/s}"),
    (r"\text{no}", "yes"),
    (r"\infty", r"-\infty"),
    (r"\pm 1", "1"),
    ("3+4i", "3-4i"),
    ("5i", "5"),
    ("x_1", "x_2"),
    (r"\cos x^2", r"(\cos x)^2"),
    ("12", "1,2"),
    ("5", "5x"),
    (r"3\sqrt{3}", "5.2"),
    (r"\pi", "3.14"),
    ("a-b", "b-a"),
    (r"\frac{a+b}{c}", "a+b/c"),
    ("6", "6 or 7"),
]


def no_algebra(gold, answer):
    """Typed rules settle every case here."""
    raise AssertionError(f"algebra was asked about {gold} and {answer}")


@pytest.mark.parametrize(("gold", "answer"), SAME)
def test_equal_values_match_without_any_algebra(gold, answer):
    """Numbers, units, words, lists, ranges, equations, matrices, functions."""
    assert same_math(gold, answer, no_algebra).judgement == "match"


@pytest.mark.parametrize(("gold", "answer"), DIFFERENT)
def test_other_values_differ_without_any_algebra(gold, answer):
    """A sign, a bracket, a letter, a unit, a rounded value, a part of the answer."""
    assert same_math(gold, answer, no_algebra).judgement == "differs"


@pytest.mark.parametrize(
    ("gold", "answer", "rule"),
    [
        ("12", "12", "same_text"),
        (r"\text{Yes}", "yes", "same_text"),
        ("12", "12.0", "value"),
        ("west", "east", "words"),
        ("[1, 2)", r"1 \le x < 2", "range"),
        ("a < b < c", "a, b, c", "order"),
        ("x = 5", "5", "equation"),
        ("1, 2", "2, 1", "list"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1, 2)", "matrix"),
        ("5 cm", "5 km", "unit"),
        ("8:30 p.m.", "20:30", "clock"),
    ],
)
def test_the_rule_that_judged_has_a_name(gold, answer, rule):
    """What explain and score show."""
    assert same_math(gold, answer, no_algebra).rule == rule


def test_what_no_type_settles_goes_to_algebra_in_one_spelling():
    """The gold first, the answer second, and its word is passed on."""
    asked = []

    def algebra(gold, answer):
        asked.append((gold, answer))
        return "symbolic"

    found = same_math(r"\dfrac{1}{2}", r"\lim_{x \to 0} \frac{x}{2x}", algebra)
    assert (found.judgement, found.rule) == ("symbolic", "algebra")
    assert asked == [(r"\frac {1}{2}", r"\lim _{x \to 0} \frac {x}{2x}")]


@pytest.mark.parametrize(
    "answer", [r"\text{not } 5", r"5 \ldots \lim x", "9^{9^{9^9}}", r"\lim x" * 500, r"\lim {5"]
)
def test_algebra_is_not_asked_what_it_would_read_in_part_or_never_end(answer):
    """Words and dots are skipped by it; towers, overlong and torn texts are refused."""
    assert same_math("5", answer, no_algebra).judgement in ("differs", "unsafe_answer")


@pytest.mark.parametrize(
    ("gold", "answer", "right"),
    [
        ("18", "3 * 6 = 18", True),
        ("18", "$18.00", True),
        ("0.335", "33.5%", True),
        ("2.74", "2,74", True),
        ("12", "1,2", False),
        ("12", "12 and 13", False),
        ("5", "five", True),
        ("0.5", r"\frac{1}{2}", True),
        ("3.15", "3.14159", False),
        ("120", "5!", True),
        ("18", r"\int_0^{18} 1 dx", False),
    ],
)
def test_numbers_never_need_algebra(gold, answer, right):
    """Integer and numeric answers are settled by their exact value."""
    assert (same_number(gold, answer).judgement == "match") == right

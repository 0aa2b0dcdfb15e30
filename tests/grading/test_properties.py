"""What must hold of every grading, whatever the values: found by hypothesis, not by examples."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evalsuite.grading import Grader

PROPERTY = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,  # a gate must not fail by chance; take this out to search for more
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def grader():
    with Grader(workers=2) as one:
        yield one


@pytest.fixture(scope="module")
def right(grader):
    """right(gold, answer, kind): whether the bare *answer* is correct."""

    def judged(gold, answer, kind="math"):
        return grader.grade_text(kind=kind, gold=gold, text=answer, bare=True).outcome == "correct"

    return judged


rationals = st.builds(Fraction, st.integers(-9999, 9999), st.integers(1, 40))
whole = st.integers(-(10**7), 10**7)


@st.composite
def spelled_whole(draw, value):
    """*value* as people and models write whole numbers."""
    sign, digits = "-" * (value < 0), str(abs(value))
    forms = [
        f"{value:,}",
        f"{sign}{digits}",
        f"{sign}0{digits}",
        f"{sign}{digits}.0",
        f"{sign}{digits}.",
        f"${value}$",
        f"\\({value}\\)",
        f"\\text{{{value}}}",
        f"**{value}**",
        f"{value:,}".replace(",", r",\!"),
        f"{value:,}".replace(",", r"\,"),
        f"{value:,}".replace(",", "{,}"),
        f"\\frac{{{2 * value}}}{{2}}",
        f"{3 * value}/3",
        f"{sign.replace('-', '−')}{digits}",
        f"{sign}{digits}".translate({ord("0") + n: chr(ord("０") + n) for n in range(10)}),
        f"x = {value}",
        f" {value} ",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def spelled(draw, value):
    """The rational *value* in one of its spellings, wrapped or not."""
    if value.denominator == 1:
        return draw(spelled_whole(value.numerator))
    top, bottom = value.numerator, value.denominator
    sign, size = "-" * (top < 0), abs(top)
    times = draw(st.integers(2, 9))
    forms = [
        f"{top}/{bottom}",
        f"\\frac{{{top}}}{{{bottom}}}",
        f"{sign}\\frac{{{size}}}{{{bottom}}}",
        f"{sign}\\dfrac{{{size}}}{{{bottom}}}",
        f"\\frac{{{times * top}}}{{{times * bottom}}}",
        f"{sign}\\tfrac{{{size}}}{{{bottom}}}",
        f"\\left({sign}\\frac{{{size}}}{{{bottom}}}\\right)",
        f"${sign}\\frac{{{size}}}{{{bottom}}}$",
    ]
    if not 10**6 % bottom:
        forms += [f"{float(value)}", f"{float(value)}0"] if abs(float(value)) >= 1e-3 else []
    if size > bottom:
        forms.append(f"{sign}{size // bottom}\\frac{{{size % bottom}}}{{{bottom}}}")
    return draw(st.sampled_from(forms))


@PROPERTY
@given(st.data())
def test_equal_values_in_different_spellings_agree(right, data):
    """A rational number is the same however it is written; a whole one also to the number kinds."""
    value = data.draw(rationals | whole.map(Fraction))
    one, other = data.draw(spelled(value)), data.draw(spelled(value))
    assert right(one, other)
    if value.denominator == 1:
        assert right(str(value), other, "integer")
        assert right(str(value), other, "numeric")


@PROPERTY
@given(st.data())
def test_different_values_differ(right, data):
    """Two numbers are told apart, in any spelling, in both directions, by every kind."""
    value = data.draw(rationals | whole.map(Fraction))
    other = data.draw(
        st.sampled_from([value + 1, -value, value * 10, value / 10, value * 100 + 1, 2 * value])
        | rationals
    )
    assume(value != other)
    one, second = data.draw(spelled(value)), data.draw(spelled(other))
    for kind in ("math", "numeric"):
        assert not right(one, second, kind)
        assert not right(second, one, kind)


names = st.sampled_from("abcnxyz")
atoms = st.one_of(
    st.integers(-99, 99).map(str),
    names,
    st.sampled_from([r"\pi", r"\sqrt{2}", r"\sqrt{3}", r"\frac{1}{2}", r"\frac{\pi}{4}", "e", "i"]),
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", r" \cdot "]), inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"\\frac{{{two[0]}}}{{{two[1]}}}"),
        inner.map(lambda one: f"\\sqrt{{{one}}}"),
        inner.map(lambda one: f"({one})^2"),
        st.tuples(st.integers(2, 9).map(str), names).map("".join),
    ),
    max_leaves=4,
)
ends = st.integers(-20, 20)
answers = st.one_of(
    expressions,
    st.tuples(expressions, expressions).map(lambda two: f"({two[0]}, {two[1]})"),
    st.tuples(ends, ends).map(lambda two: f"[{min(two)}, {max(two) + 1})"),
    st.lists(expressions, min_size=1, max_size=3).map(lambda many: f"\\{{{', '.join(many)}\\}}"),
    st.lists(expressions, min_size=2, max_size=3).map(", ".join),
    expressions.map(lambda one: f"x = {one}"),
    st.sampled_from([r"\text{even}", r"\text{odd}", r"\text{Evelyn}", r"\emptyset", r"\mathbb{R}"]),
    ends.map(lambda n: f"x > {n}"),
    st.tuples(ends, ends, ends).map(
        lambda n: f"\\begin{{pmatrix}} {n[0]} \\\\ {n[1]} \\\\ {n[2]} \\end{{pmatrix}}"
    ),
)


@PROPERTY
@given(answers)
def test_every_answer_equals_itself(right, answer):
    """Reflexive, bare against bare."""
    assert right(answer, answer)


@PROPERTY
@given(answers, answers)
def test_equality_is_symmetric(right, one, other):
    """It does not matter which of the two is the reference answer."""
    assert right(one, other) == right(other, one)


WRAPPINGS = {
    "boxed": "So we get \\boxed{{{}}}.",
    "boxed in display": "Hence\n\\[ \\boxed{{{}}} \\]\n",
    "bold box": "**\\boxed{{{}}}**",
    "sentence": "So the final answer is ${}$.",
    "sentence in parentheses": "Therefore, the answer is \\({}\\).",
    "bold announcement": "**Final Answer:** ${}$",
    "after thinking": "<think>Is it 12345?</think>\n\nThe final answer is \\boxed{{{}}}",
    "prefilled thinking": "Is it \\boxed{{12345}}?</think>\\boxed{{{}}}",
    "answer tag": "<answer>${}$</answer>",
    "two boxes": "First \\boxed{{12345}}. No, wait.\n\nFinally: \\boxed{{{}}}",
    "with an end token": "\\boxed{{{}}}<｜end▁of▁sentence｜>",
    "hashes": "It follows.\n#### {}",
}


@PROPERTY
@given(answers, answers, st.booleans(), st.sampled_from(sorted(WRAPPINGS)))
def test_wrapping_never_changes_the_outcome(grader, gold, other, same, how):
    """A right answer stays right and a wrong one wrong, in boxes, sentences, bold and tags."""
    answer = gold if same else other
    bare = grader.grade_text(kind="math", gold=gold, text=answer, bare=True)
    wrapped = grader.grade_text(kind="math", gold=gold, text=WRAPPINGS[how].format(answer))
    assert wrapped.outcome == bare.outcome


LETTER_WRAPPINGS = (
    "{}", "({})", "{}.", "**{}**", "Answer: {}", "Answer: **{}**", "Answer: ({})",
    "Answer: \\boxed{{{}}}", "\\boxed{{\\text{{{}}}}}", "The correct answer is {}.",
    "The correct option is **{})**", "<answer>{}</answer>", "Let me think.\n\n**Answer: {}**",
    "I considered A.</think>Answer: {}", "$\\boxed{{{}}}$",
)  # fmt: skip


@PROPERTY
@given(st.sampled_from("ABCD"), st.sampled_from("ABCD"), st.sampled_from(LETTER_WRAPPINGS))
def test_a_letter_is_read_in_every_wrapping(grader, gold, chosen, how):
    """Right if it is the reference letter, else wrong, and never unread."""
    score = grader.grade_text(
        kind="choice", gold=gold, text=how.format(chosen), choices=("red", "green", "blue", "black")
    )
    assert score.outcome == ("correct" if gold == chosen else "incorrect")


ENDINGS = (
    "The final answer is \\boxed{{{}}}.",
    "So the answer is ${}$.",
    "**Answer:** {}\n",
    "Therefore \\[ \\boxed{{{}}} \\]",
    "#### {}",
)


@PROPERTY
@given(st.data())
def test_a_cut_never_makes_an_answer_right(grader, data):
    """A response with a wrong answer, cut anywhere, gives no right one.

    The reference answer stands in the thinking as a draft, and the wrong answer begins with it.
    """
    gold = str(data.draw(st.integers(1, 999)))
    tails = ["7", ".5", "/3", "0", ",000", "^2", r"\sqrt{2}", "x"]
    wrong = gold + data.draw(st.sampled_from(tails))
    ending = data.draw(st.sampled_from(ENDINGS)).format(wrong)
    response = f"Perhaps \\boxed{{{gold}}}? No.</think>Let us see. {ending}"
    kind = data.draw(st.sampled_from(["math", "numeric", "integer"]))
    cut = data.draw(st.integers(0, len(response)))
    score = grader.grade_text(
        kind=kind,
        gold=gold,
        text=response[:cut],
        finish_reason="length",
        starts_in_thinking=True,
    )
    assert score.outcome != "correct"


@PROPERTY
@given(st.data())
def test_a_cut_leaves_an_answer_right_or_takes_it_away(grader, data):
    """A right response, cut anywhere, is right or gives no answer; it never turns wrong."""
    gold = data.draw(st.sampled_from(["42", r"\frac{3}{47}", "(12, 345)", r"12\sqrt{35}"]))
    response = f"Perhaps \\boxed{{7}}?</think>We see it. The final answer is \\boxed{{{gold}}}."
    cut = data.draw(st.integers(0, len(response)))
    score = grader.grade_text(
        kind="math",
        gold=gold,
        text=response[:cut],
        finish_reason="length",
        starts_in_thinking=True,
    )
    assert score.outcome == ("correct" if cut >= len(response) - 1 else "no_answer")


DRAFTS = (
    "Option (A) looks right at first.",
    "A is the first that comes to mind, B the second.",
    "Perhaps (A)?",
    "**A** seems close.",
)


@PROPERTY
@given(st.sampled_from(DRAFTS), st.sampled_from(["Answer: B", "\\boxed{B}", "**B**"]), st.data())
def test_a_cut_never_makes_a_letter_right(grader, draft, ending, data):
    """A response that weighs the right option and chooses another gives, cut, no right answer."""
    response = f"<think>Answer: A</think>{draft}\nBut no, that is not it.\n\n{ending}"
    cut = data.draw(st.integers(0, len(response)))
    score = grader.grade_text(
        kind="choice",
        gold="A",
        text=response[:cut],
        choices=("red", "green", "blue", "black"),
        finish_reason="length",
    )
    assert score.outcome != "correct"


@PROPERTY
@given(st.text(max_size=400), st.sampled_from(["math", "numeric", "integer", "choice"]))
def test_no_text_is_an_error(grader, text, kind):
    """Any text at all gets an outcome."""
    gold = "B" if kind == "choice" else "123456789"
    for bare in (True, False):
        score = grader.grade_text(kind=kind, gold=gold, text=text, bare=bare)
        assert score.outcome in ("incorrect", "no_answer") or kind == "choice"

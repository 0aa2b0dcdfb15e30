"""Where a free-form answer stands."""

import pytest

from evalsuite.answers import final_answer


@pytest.mark.parametrize(
    ("text", "answer", "rule"),
    [
        (r"It is \boxed{18}. (Check: 9*2)", "18", "boxed"),
        ("2+2\n#### 4", "4", "hashes"),
        ("<answer>7</answer>", "7", "answer_tag"),
        ("The final answer is 10. Wait, recompute. The final answer is 27.", "27", "announced"),
        ("Answer: 1,234 apples", "1,234 apples", "announced"),
        ("3 + 4\n= 7\nSo it takes 7 hours in 2 days.", "7", "last_result"),
        ("That makes **42** in all.", "42", "last_bold"),
        ("Each has 9, so 27 total.", "27", "last_number"),
    ],
)
def test_rules_for_numbers_in_their_order(text, answer, rule):
    """Tags, boxes, markers, announcements, then the last sentence's number."""
    found = final_answer(text, numeric=True)
    assert (found.texts[-1], found.rule) == (answer, rule)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so $x = \boxed{\frac{1}{2}}$", r"\frac{1}{2}"),
        (r"Therefore, the answer is \(x^2\).", "x^2"),
        (r"The final answer is: \[ 2\pi \]", r"2\pi"),
        ("The perimeter is what we want.\nAnswer: The perimeter is 42 inches.", "42 inches"),
        ("Adding up\n\\[ a + b = 2c \\]", "2c"),
    ],
)
def test_rules_for_formulas(text, answer):
    """A sentence's only formula, a displayed one, what something is said to be."""
    assert final_answer(text, numeric=False).texts[-1] == answer


def test_a_torn_last_box_is_no_answer():
    """The box before a torn one is a draft."""
    assert final_answer(r"\boxed{3} so \boxed{4", numeric=True).torn


@pytest.mark.parametrize("numeric", [True, False])
def test_no_answer_at_all(numeric):
    """An empty text, or words without any number or formula."""
    assert final_answer("", numeric=numeric) is None
    assert final_answer("I do not know.\nReally not.", numeric=numeric) is None

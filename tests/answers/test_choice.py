"""The letter that a response chooses."""

import pytest

from evalsuite.answers import chosen

OPTIONS = ("a red stone", "a blue stone", "a polygenic score", "12")


def letters(text, choices=OPTIONS):
    found = chosen(text, choices)
    return found.letters if found else None


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Answer: C", "C"),
        ("**Answer:** (C)", "C"),
        ("Answer: $C$", "C"),
        (r"Answer: \text{C}", "C"),
        (r"Answer: \boxed{C}", "C"),
        ("Thinking.\nAnswer: B, which is blue.", "B"),
        ("The answer is B. No, Answer: D", "D"),
        ("the correct option is (b)", "B"),
        ("The answer is for sure D, it can't be A or B", "D"),
        ("ANSWER: B because option A is wrong", "B"),
        ("答案：（B）", "B"),
        ("Antwort: B", "B"),
        ("Answer – B", "B"),
        ("<answer>B</answer>", "B"),
        (r"\boxed{\text{(D) } 12}", "D"),
        (r"\boxed{12}", "D"),
        ("a blue stone", "B"),
        ("C", "C"),
        ("C. a polygenic score", "C"),
        ("Answer: A or B", "AB"),
        ("Solution: Choice_A or Choice_B", "AB"),
        ("Answer: A\nFinal Choice: c", "C"),
        ("Answer: A B C D are all plausible", "AB"),
        ("The answer is a polygenic score of some kind", None),
        ("Answer seems hard", None),
        ("It costs 5 a unit", None),
        ("Answer: none of the above", ""),
        ("B is tempting. Solution: None of the choices", ""),
        ("The answer is a blue stone.", "B"),
        ("A is wrong, B might work, but D is correct", "D"),
        ("<answer>B</answer> Hm. Answer: C", "C"),
        ("<choice>A</choice> <choice>B</choice>", "AB"),
        ("<answer> c", "C"),
        ("", None),
    ],
)
def test_what_is_announced_last_is_chosen(text, letter):
    """Announcements in many forms, boxes, bare lines, option texts; two letters are ambiguous."""
    assert letters(text) == letter


def test_letters_beyond_the_options_are_none():
    """E is no choice among four."""
    assert letters("Answer: E") is None
    assert letters("Answer: E", ()) == "E"


@pytest.mark.parametrize(
    ("text", "choices", "letter"),
    [
        (r"\boxed{A and B}", ("red", "green", "blue", "A and B"), "D"),
        ("B. F. Skinner", ("Sigmund Freud", "Carl Jung", "B. F. Skinner", "Karen Horney"), "C"),
        ("C, Ruby", ("C, Ruby", "Python, Ruby", "C, C++", "Tcl, C#"), "A"),
        ("Bb bb", ("BB BB", "BB Bb", "Bb Bb", "Bb bb"), "D"),
        ("GREEN", ("red", "Green", "blue", "black"), "B"),
        ("C", ("L", "C", "R", "1/C"), "C"),
    ],
)
def test_an_options_whole_text_stands_for_the_option(text, choices, letter):
    """Letters inside it name no other option; a text that is one letter is that letter."""
    assert chosen(text, choices).letters == letter

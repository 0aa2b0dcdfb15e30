"""Whole responses as models write them: what is read, and whether it is right."""

import pytest

from evalsuite.grading import Grader

COLOURS = ("red", "green", "blue", "yellow")
TEN = tuple("abcdefghij")


@pytest.fixture(scope="module")
def grader():
    with Grader() as one:
        yield one


CHOSEN = [
    ("B", "The correct answer is (B).", ()),
    ("B", "The correct answer is B) green", COLOURS),
    ("B", "**B**", ()),
    ("B", "**Answer: B**", ()),
    ("B", "Answer: **B. green**", COLOURS),
    ("B", "The answer is **B**.", ()),
    ("B", "I think the answer is B, because ...", ()),
    ("B", "B.", ()),
    ("B", "(B)", ()),
    ("B", "b", ()),
    ("B", "[B]", ()),
    ("B", "{B}", ()),
    ("B", '"B"', ()),
    ("B", r"\text{B}", ()),
    ("B", r"$\boxed{\textbf{(B)}\ 5}$", ()),
    ("B", r"\boxed{B}", ()),
    ("B", r"\boxed{\text{B: green}}", COLOURS),
    ("B", r"Final answer: \boxed{\mathrm{B}}", ()),
    ("B", "Therefore, option B is correct.", ()),
    ("B", "So, B is the correct answer.", ()),
    ("B", "Hence the best choice is B", ()),
    ("B", "My answer: B", ()),
    ("B", "Choice: B", ()),
    ("B", "Option B", ()),
    ("B", "I would choose B.", ()),
    ("B", "I choose option (B).", ()),
    ("B", "Thus (B).", ()),
    ("B", "The answer would be B.", ()),
    ("B", "Correct option: B", ()),
    ("B", "The right answer: b)", ()),
    ("B", "Answer:B", ()),
    ("B", "ANSWER:\nB", ()),
    ("B", "Answer:\n\n**B**", ()),
    ("B", "### Answer\nB", ()),
    ("B", "## Final Answer\n\n**B) green**", COLOURS),
    ("B", "Answer - B", ()),
    ("B", "So the answer must be B!", ()),
    ("B", "A is wrong. C is wrong. D is wrong. So B.", ()),
    ("B", "Let us see. Option A is incorrect. Option B is correct.", ()),
    ("B", "The correct answer is not A but B.", ()),
    ("B", "The answer is B (not C).", ()),
    ("B", "Answer: B\n\nExplanation: A is wrong because ...", ()),
    ("B", "The answer is B: green. Option C is wrong.", COLOURS),
    ("B", "green", COLOURS),
    ("B", "The answer is green.", COLOURS),
    ("B", "Answer: green", COLOURS),
    ("B", "**green**", COLOURS),
    ("B", "正确答案是B", ()),
    ("B", "答案是 B。", ()),
    ("B", "选B", ()),
    ("B", "故选：B", ()),
    ("B", "因此，答案为（B）。", ()),
    ("B", "La respuesta correcta es B", ()),
    ("B", "La réponse est B.", ()),
    ("B", "Die richtige Antwort ist B.", ()),
    ("B", "정답: B", ()),
    ("B", "答えはBです", ()),
    ("B", '{"answer": "B"}', ()),
    ("B", '```json\n{"answer": "B"}\n```', ()),
    ("B", '{"choice": "B", "reason": "A is bad"}', ()),
    ("B", "<answer>B</answer>", ()),
    ("B", "<answer>(B) green</answer>", COLOURS),
    ("B", "<answer>\nB\n</answer>", ()),
    ("B", "The answer is A. Wait, actually, the answer is B.", ()),
    ("B", "Initially I thought A, but the correct answer is B", ()),
    ("B", "Answer: A\n\nAnswer: B", ()),
    ("B", "Final Answer: B) green", COLOURS),
    ("B", "the answer is (B", ()),
    ("B", "Answer: B.", ()),
    ("B", "The answer is 'B'.", ()),
    ("B", "Answer: `B`", ()),
    ("B", r"Answer: $\text{B}$", ()),
    ("B", r"Answer: \(B\)", ()),
    ("B", r"Answer: \(\boxed{B}\)", ()),
    ("B", "ANSWER: B)", ()),
    ("B", "Answer: Option B", ()),
    ("B", "Answer: option (b)", ()),
    ("B", "The best answer is: B. green", COLOURS),
    ("B", "B: green", COLOURS),
    ("B", "B - green", COLOURS),
    ("B", "B green", COLOURS),
    ("I", "Answer: I", TEN),
    ("J", "The answer is J.", TEN),
    ("B", "so the answer is  B  \n\n---\n", ()),
    ("B", r"The final answer is: $\boxed{B}$. I hope it is correct.", ()),
    ("B", "The most appropriate answer is option B.", ()),
    ("B", "Answer is B", ()),
    ("B", "answer B", ()),
    ("B", "Therefore, the statement that is true is B.", ()),
    ("B", "The only correct statement is B.", ()),
    ("B", "I am confident that B is right.", ()),
    ("B", "Selected: B", ()),
    ("B", "My final choice is B.", ()),
]
NOT_CHOSEN = [
    ("B", "The answer is A.", ()),
    ("A", "A quick look suggests nothing.", ()),
    ("B", "Answer: A and B", ()),
    ("B", "I cannot determine the answer.", ()),
    ("A", "I do not know.", ()),
    ("A", "As an AI, A ...", ()),
    ("B", "Answer: E", COLOURS),
    ("B", "not B", ()),
    ("B", "The answer is not B.", ()),
    ("B", "Either A or B", ()),
    ("A", "<think>Answer: A</think>", ()),
    ("A", "Answer: ", ()),
    ("D", "The answer is unclear. Options: A, B, C, D", ()),
    ("B", "A B C D", ()),
    ("I", "I am not sure", TEN),
    ("I", "I think it is hard", TEN),
]
NUMBERS = [
    ("18", "The answer is 18.", "numeric"),
    ("18", "So she makes $18 every day.", "numeric"),
    ("18", "#### 18", "numeric"),
    ("18", "#### $18.00", "numeric"),
    ("18", "18", "numeric"),
    ("18", "**18**", "numeric"),
    ("18", "= 18", "numeric"),
    ("18", "x = 18", "numeric"),
    ("18", "Therefore, 9 * 2 = 18 dollars.", "numeric"),
    ("18", "Total: 18 apples", "numeric"),
    ("18", "The total is 18 (9 × 2).", "numeric"),
    ("18", r"\boxed{18}", "numeric"),
    ("18", r"\boxed{\$18}", "numeric"),
    ("18", r"\boxed{18\text{ dollars}}", "numeric"),
    ("1234", "The answer is 1,234.", "numeric"),
    ("1234.5", "$1,234.50", "numeric"),
    ("-5", "The answer is -5", "numeric"),
    ("-5", "−5", "numeric"),
    ("5", "The answer is five.", "numeric"),
    ("0.5", "The answer is 1/2.", "numeric"),
    ("0.5", "50%", "numeric"),
    ("70000", "The profit is $70,000", "numeric"),
    ("3", "It takes 3 bolts in total.", "numeric"),
    ("3", "Answer: 3 bolts", "numeric"),
    ("3", "The answer is 3 bolts of fiber.", "numeric"),
    ("25", "<answer>25</answer>", "integer"),
    ("25", r"\boxed{025}", "integer"),
    ("25", r"The answer is \boxed{25}.", "integer"),
    ("25", r"$$\boxed{25}$$", "integer"),
    ("25", "**Final Answer**\n\\[\\boxed{25}\\]", "integer"),
    ("25", "Final answer: 25", "integer"),
    ("25", "The final answer is $25$.", "integer"),
    ("25", "ANSWER: 25", "integer"),
    ("25", "答案是25", "integer"),
    ("25", "m+n = 16+9 = 25", "integer"),
    ("25", r"Thus $m+n=\boxed{25}$", "integer"),
    ("25", r"so the answer is \textbf{25}", "integer"),
    ("25", '{"answer": 25}', "integer"),
    ("25", "The answer is: \n\n25", "integer"),
    ("25", "Answer: \n**25**", "integer"),
    ("25", "The sum is **25**.", "integer"),
    ("25", "Hence, the number of ways is $5^2 = 25$.", "integer"),
    ("25", "It is 25, since 5*5 = 25.", "integer"),
    ("25", "25 is the answer.", "integer"),
    ("25", r"\boxed{25.}", "integer"),
    ("25", r"\boxed{25.0}", "integer"),
    ("25", r"\boxed{n=25}", "integer"),
    ("25", r"\boxed{25^\circ}", "integer"),
    ("25", r"\boxed{\frac{50}{2}}", "integer"),
    ("25", r"\boxed{5^2}", "integer"),
    ("25", r"\boxed{ 25 }", "integer"),
    ("25", r"\[ \boxed{25} \] is the final answer.", "integer"),
    ("25", "The answer is **$25$**", "integer"),
    ("25", "The answer is twenty-five", "integer"),
    ("25", "The answer is 25 cm", "integer"),
    ("2.5", "The answer is 2.5 hours.", "numeric"),
    ("2.5", "2 1/2 hours", "numeric"),
    ("2.5", "Answer: 2½", "numeric"),
    ("1000000", "1 million", "numeric"),
    ("1000000", "The answer is 1 million.", "numeric"),
    ("5", "The answer is 5, not 6.", "numeric"),
    ("5", "5 (five)", "numeric"),
    ("5", "Answer: 5\n\nLet me verify: 2+3 = 5, and 10/2 = 5. Also 7-2.", "numeric"),
    ("5", "The answer is 5.\n\nNote: there were 10 in all.", "numeric"),
]
OTHER_NUMBERS = [
    ("18", "The answer is 17.", "numeric"),
    ("18", r"\boxed{}", "numeric"),
    ("18", r"I have 18 ideas but \boxed{17}", "numeric"),
    ("5", r"\boxed{5 or 6}", "numeric"),
    ("5", r"\boxed{5,6}", "numeric"),
    ("25", r"\boxed{2.5}", "numeric"),
    ("25", r"\boxed{25x}", "integer"),
    ("25", r"\boxed{25!}", "integer"),
    ("25", r"\boxed{-25}", "integer"),
    ("25", "The answer is 125", "integer"),
    ("25", "the answer is 25.5", "integer"),
    ("12", r"\boxed{1,2}", "integer"),
    ("3", "version 3.14", "numeric"),
]
FORMULAS = [
    ("x^2", "Thus the answer is $x^2$."),
    (r"\frac12", r"The probability is $\frac{1}{2}$."),
    (r"\frac12", r"**Final Answer**: $\frac{1}{2}$"),
    (r"\frac12", r"Therefore, the answer is \(\frac{1}{2}\)"),
    (r"\frac12", "**Answer:** 1/2"),
    (r"\frac12", "Answer\n\\[\\frac12\\]"),
    (r"\frac12", r"\[ x = \frac12. \]"),
    ("(1,2)", "The solution is $(x, y) = (1, 2)$."),
    ("(1,2)", "The point is (1, 2)."),
    (r"\text{Evelyn}", r"The fastest is \boxed{\text{Evelyn}}"),
    (r"\text{Evelyn}", "Answer: Evelyn"),
    (r"\text{Evelyn}", "The answer is **Evelyn**."),
    ("1,2", r"\boxed{1} and \boxed{2}"),
    ("1,2", "The answers are $1$ and $2$."),
    ("1,2", "The solutions are $x = 1$ and $x = 2$."),
    ("1,2", "x = 1 or x = 2"),
    ("1,2", "So $x=1,2$."),
    ("[1,2)", r"Hence $x \in [1,2)$."),
    ("y=2x", "The line is $y = 2x$."),
    (r"2\sqrt{3}", "= 2√3"),
    (r"2\sqrt3", r"The length is $2\sqrt{3}$ cm."),
    (r"2\sqrt3", r"The length is $\sqrt{12} = 2\sqrt{3}$."),
    (r"\pi", "The area is π."),
    (r"16\pi", "So the area is 16π square units."),
    ("5", r"The degree is $\boxed{\text{5}}$"),
    ("-1", "Final Answer: The final answer is $-1$. I hope it is correct."),
    ("6", r"Each side is $\sqrt{36} = 6$."),
    ("10", "10"),
    ("10", "$10$"),
    ("10", "$$10$$"),
    ("10", r"\boxed{10}$."),
    ("10", r"\boxed{ \boxed{10} }"),
    ("10", r"\fbox{10}"),
    ("10", r"\boxed 10"),
    ("10", "The answer is\n$$\n10\n$$\n"),
    ("10", "Answer: $10$ units"),
    ("10", r"The answer is $\displaystyle 10$."),
    ("90", r"So $\angle ABC = 90^\circ$."),
    ("17", "The value is: 17"),
    ("2", "It equals 2."),
    (r"\frac{3}{4}", "Thus, the probability is 3/4."),
    (r"\frac{3}{4}", r"<answer>$\frac{3}{4}$</answer>"),
    ("0.75", r"<answer>\boxed{0.75}</answer>"),
]


@pytest.mark.parametrize(("gold", "text", "choices"), CHOSEN)
def test_a_choice_is_read_however_it_is_announced(grader, gold, text, choices):
    """Letters, options' texts, boxes, JSON, other languages, changes of mind."""
    found = grader.grade_text(kind="choice", gold=gold, text=text, choices=choices)
    assert found.outcome == "correct"


@pytest.mark.parametrize(("gold", "text", "choices"), NOT_CHOSEN)
def test_an_article_a_denial_and_two_letters_are_no_choice(grader, gold, text, choices):
    """What first-match rules read as a letter."""
    found = grader.grade_text(kind="choice", gold=gold, text=text, choices=choices)
    assert found.outcome != "correct"


@pytest.mark.parametrize(("gold", "text", "kind"), NUMBERS)
def test_a_number_is_read_however_it_is_announced(grader, gold, text, kind):
    """Markers, boxes, sentences, currencies, words, remarks behind it."""
    assert grader.grade_text(kind=kind, gold=gold, text=text).outcome == "correct"


@pytest.mark.parametrize(("gold", "text", "kind"), OTHER_NUMBERS)
def test_another_number_is_not_the_gold(grader, gold, text, kind):
    """A part of it, a list with it, a variable behind it, an empty box."""
    assert grader.grade_text(kind=kind, gold=gold, text=text).outcome != "correct"


@pytest.mark.parametrize(("gold", "text"), FORMULAS)
def test_a_formula_is_read_from_its_sentence(grader, gold, text):
    """The only formula, the displayed one, what something is said to be."""
    assert grader.grade_text(kind="math", gold=gold, text=text).outcome == "correct"


@pytest.mark.parametrize("kind", ["numeric", "math"])
@pytest.mark.parametrize(
    ("gold", "text", "outcome"),
    [
        ("1", "1 million", "incorrect"),
        ("1500000", "1.5 million dollars", "correct"),
    ],
)
def test_a_scale_behind_a_number_is_no_unit(grader, kind, gold, text, outcome):
    """One million is not one."""
    assert grader.grade_text(kind=kind, gold=gold, text=text, bare=True).outcome == outcome

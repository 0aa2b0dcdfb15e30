"""What would decide an undecided benchmark."""

import pytest

from evalsuite.comparison import compare
from evalsuite.comparison.parts import Decides, Sequential
from evalsuite.comparison.sentences import decides_sentence, looks_sentence

RIGHT, WRONG = [True], [False]


def only(make_run, ours, theirs, margin=3.0):
    runs = make_run("fp8", {"t": ours}), make_run("fp4", {"t": theirs})
    (one,) = compare(*runs, margins_pp={"t": margin}).benchmarks
    return one


def test_undecided_says_repeats_questions_and_tokens(make_run):
    """Ten of 200 lost and eight won: about so many answers more would tell."""
    ours = [RIGHT] * 10 + [WRONG] * 8 + [RIGHT] * 182
    theirs = [WRONG] * 10 + [RIGHT] * 8 + [RIGHT] * 182
    one = only(make_run, ours, theirs)
    assert one.verdict == "undecided"
    assert one.decides.why == ""
    assert one.decides.repeats == one.decides_at > 1
    assert one.decides.questions > 200
    assert one.decides.tokens == (one.decides.repeats - 1) * 200 * 20
    assert one.decides.hours is None
    assert f"{one.decides.repeats} repeats" in decides_sentence(one.decides)


def test_silence_is_decided_by_more_questions_only(make_run):
    """Thirty questions on which nothing ever differs: repeats show nothing new, questions do."""
    one = only(make_run, [[True] * 4] * 30, [[True] * 4] * 30)
    assert one.verdict == "undecided"
    assert (one.decides.repeats, one.decides_at) == (None, 0)
    assert one.decides.questions > 30
    assert "no number of repeats" in decides_sentence(one.decides)


def test_a_loss_of_the_margin_is_decided_by_nothing(make_run):
    """Exactly three points lost against a margin of three."""
    ours = [RIGHT] * 20 + [WRONG] * 14 + [RIGHT] * 166
    theirs = [WRONG] * 20 + [RIGHT] * 14 + [RIGHT] * 166
    one = only(make_run, ours, theirs)
    assert (one.decides.why, one.decides_at) == ("at the margin", 0)
    assert "another margin would" in decides_sentence(one.decides)


def test_decided_needs_nothing(make_run):
    one = only(make_run, [RIGHT] * 400, [RIGHT] * 400)
    assert (one.verdict, one.decides, one.decides_at) == ("holds", None, None)


@pytest.mark.parametrize(
    ("stopped", "finished", "words"),
    [
        ("holds", True, "holds at look 2 of 4, after 50 answers of each arm; 50 % less"),
        ("futile", True, "cannot be shown to hold any more"),
        (None, True, "undecided at look 2"),
        (None, False, "goes on at look 2"),
    ],
)
def test_looks_are_told_in_a_sentence(stopped, finished, words):
    found = Sequential(
        rule="until-decided",
        look=2,
        looks=4,
        stopped=stopped,
        finished=finished,
        asked=50,
        pairs=50,
        planned=110,
        fixed=100,
        saved_tokens=2e6,
        left_out=0,
    )
    assert words in looks_sentence(found)


@pytest.mark.parametrize(
    ("tokens", "hours", "words"),
    [
        (2.5e6, 0.5, "2.5M tokens more, 30 min of engine time"),
        (420_000, 12.25, "420k tokens more, 12.2 h of engine time"),
        (73, 0.001, "73 tokens more, less than a minute of engine time"),
    ],
)
def test_costs_are_named_with_the_repeats(tokens, hours, words):
    """In units in which there is something to count."""
    found = Decides(repeats=9, questions=1_400, tokens=tokens, hours=hours, why="")
    said = decides_sentence(found)
    assert "9 repeats" in said
    assert f"({words})" in said

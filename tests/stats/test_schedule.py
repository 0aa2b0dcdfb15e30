"""When to look."""

import math
from itertools import pairwise

import pytest

from evalsuite.stats.schedule import looks, passes_between, schedule


def test_looks_come_after_whole_passes_where_there_are_enough():
    """AIME needs dozens of passes and gets eight looks, GPQA ten and gets eight, too."""
    aime = schedule(discordance=0.144, margin=0.03, questions=30, most=64, asked=0, power=0.9)
    assert len(aime.pairs) == 8
    assert all(pairs % 30 == 0 for pairs in aime.pairs)
    assert 1.0 < aime.pairs[-1] / aime.fixed < 1.25
    assert aime.beta == pytest.approx(0.1, abs=0.02)


def test_few_passes_are_looked_at_in_blocks():
    """MMLU's one pass has eight equal blocks, GSM8K's three end with a whole one."""
    assert looks(7_000, 14_042, 1) == [875 * block for block in range(1, 9)]
    assert looks(3_200, 1_319, 8)[-1] == 3 * 1_319
    assert len(looks(3_200, 1_319, 8)) == 8


def test_what_is_there_is_the_first_look():
    """A first block that was larger than planned is looked at as it is."""
    found = schedule(discordance=0.05, margin=0.05, questions=30, most=64, asked=120, power=0.9)
    assert found.pairs[0] == 120
    assert list(found.pairs) == sorted(set(found.pairs))


def test_a_cap_leaves_less_power_and_says_so():
    """With four passes of thirty the chance to decide three points is small from the start."""
    found = schedule(discordance=0.144, margin=0.03, questions=30, most=4, asked=0, power=0.9)
    assert found.pairs[-1] == 120
    assert found.beta > 0.5
    assert found.bounds().critical[-1] > 1.645


def test_open_ended_runs_are_looked_at_about_sixteen_times():
    assert list(passes_between(1)) == [1]
    assert list(passes_between(64)) == list(range(4, 65, 4))
    assert passes_between(5)[-1] == 5


@pytest.mark.parametrize("asked", [1, 100, 1_631, 3_259, 4_890])
def test_looks_never_crowd(asked):
    """What is there already is the first look, and the next one comes where it can tell more."""
    found = schedule(
        discordance=0.05, margin=0.01, questions=14_042, most=1, asked=asked, power=0.9
    )
    steps = [after - before for before, after in pairwise(found.pairs)]
    assert min(steps, default=math.inf) >= 0.05 * found.pairs[-1]
    assert found.pairs[0] >= asked
    assert len(found.bounds().critical) == len(found.pairs)

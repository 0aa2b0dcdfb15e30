"""When to look, and what is spent by then."""

from itertools import pairwise

import numpy as np
import pytest

from evalsuite.stats.planning import pairs_needed
from evalsuite.stats.schedule import LOOKS, Plan, equal_looks, passes_between, revised

AIME = Plan(margin=0.03, power=0.9, questions=30, most=64)
MATH = Plan(margin=0.02, power=0.9, questions=500, most=8)


def course(plan, draws, psi):
    """The stages of looks after *draws*, if ψ is always the same and nothing differs."""
    found = []
    for count in draws:
        found.append(plan.stage(count, discordance=psi, difference=0.0, before=found))
    return found


@pytest.mark.parametrize("stored", [0, 1, 4, 64])
@pytest.mark.parametrize("draws", [1, 7, 30, 31, 45, 60, 95, 1_920])
def test_information_is_that_of_the_draws(draws, stored):
    """ψ/SE² of questions that vary alike, counted out question by question."""
    plan = Plan(margin=0.03, power=0.9, questions=30, most=64, stored=stored)
    whole, rest = divmod(draws, 30)
    theirs = np.asarray([whole + (number < rest) for number in range(30)])
    theirs = theirs[theirs > 0]
    ours = np.maximum(theirs, stored)
    counted = 2 * len(theirs) ** 2 / np.sum(1 / theirs + 1 / ours)
    assert plan.information(draws) == pytest.approx(counted)
    assert plan.draws_for(counted * (1 - 1e-12)) == draws


def test_whole_passes_tell_as_much_as_their_pairs():
    """Within a pass a draw tells less at first and more at its end."""
    assert MATH.information(1_000) == pytest.approx(1_000)
    assert MATH.information(750) == pytest.approx(500 * 2 / 1.5)
    assert MATH.information(250) == 250


@pytest.mark.parametrize("plan", [AIME, MATH])
@pytest.mark.parametrize("psi", [0.01, 0.04, 0.15])
def test_looks_rise_to_the_horizon_in_even_steps(plan, psi):
    """The first ones are small, none crowd, and the last one spends what is left."""
    first = plan.first(psi)
    draws = (first, *plan.ahead(first, psi))
    stages = course(plan, draws, psi)
    steps = [after.information - before.information for before, after in pairwise(stages)]
    assert all(after > before for before, after in pairwise(draws))
    assert min(steps) > 0.005 * plan.horizon(psi)
    assert max(steps) <= 1.6 * plan.horizon(psi) / LOOKS + plan.questions
    assert stages[0].information < 0.15 * plan.horizon(psi)
    assert [one.share < 1 for one in stages] == [True] * (len(stages) - 1) + [False]
    assert all(after.futile >= before.futile for before, after in pairwise(stages))


def test_plan_ends_where_one_look_would_plus_what_the_looks_take():
    """Nam's pairs times 1.18 for twelve looks; what one look takes is Nam's."""
    pairs = pairs_needed(0.144, 0.03)
    assert equal_looks(0.9) == pytest.approx(1.183, abs=1e-3)
    assert AIME.horizon(0.144) == pytest.approx(pairs * equal_looks(0.9))
    assert AIME.fixed(0.144) == pytest.approx(pairs, rel=0.01)


def test_stored_baseline_saves_nearly_half():
    """Against eight draws of every question few of the candidate's are needed."""
    cached = Plan(margin=0.02, power=0.9, questions=500, most=8, stored=8)
    assert 0.5 < cached.fixed(0.036) / MATH.fixed(0.036) < 0.6


def test_a_plan_that_grows_takes_nothing_back():
    """ψ turns out larger: less of the plan is there, but what was spent stays spent."""
    early = AIME.stage(300, discordance=0.05, difference=0.0, before=())
    later = AIME.stage(360, discordance=0.30, difference=0.0, before=[early])
    assert AIME.information(360) / AIME.horizon(0.30) < early.share
    assert (later.share, later.futile) == (early.share, early.futile)
    assert AIME.next(360, 0.30) > 360


def test_a_loss_hastens_giving_up_and_no_verdict():
    """Flips that are all losses are none of equal arms; only futility's clock may know."""
    even = AIME.stage(300, discordance=0.15, difference=0.0, before=())
    lost = AIME.stage(300, discordance=0.15, difference=-0.10, before=())
    won = AIME.stage(300, discordance=0.15, difference=0.10, before=())
    assert lost.share == even.share == won.share
    assert lost.futile > even.futile == won.futile


def test_a_cap_is_the_end_of_the_plan():
    """Four passes of thirty: the last look is at the last draw, and giving up comes easier."""
    few = Plan(margin=0.03, power=0.9, questions=30, most=4)
    first = few.first(0.144)
    assert few.ahead(first, 0.144)[-1] == 120
    assert few.stage(120, discordance=0.3, difference=0.0, before=()).share == 1
    assert few.fixed(0.144) > 1_000
    half = [plan.stage(60, discordance=0.144, difference=0.0, before=()) for plan in (few, AIME)]
    assert half[0].futile > 10 * half[1].futile


def test_one_question_asked_once_is_the_whole_plan():
    one = Plan(margin=0.01, power=0.9, questions=1, most=1)
    assert one.first(0.1) == 1
    assert one.ahead(1, 0.1) == ()
    assert one.stage(1, discordance=0.1, difference=0.0, before=()).share == 1


def test_a_guess_fades_with_what_is_seen():
    """ψ is the guess before anything is known, and the draws' own rate later."""
    silent = np.zeros(100, dtype=np.int64), np.full(100, 2)
    assert revised(0.04, np.ones(3, dtype=np.int64), np.ones(3, dtype=np.int64)) == 0.04
    assert revised(0.04, *silent) == pytest.approx(0.25 / (100 + 0.25 / 0.04))
    half = np.ones(100, dtype=np.int64), np.full(100, 2)
    assert revised(0.04, *half) == pytest.approx(1.0, abs=0.06)


def test_open_ended_runs_are_looked_at_about_sixteen_times():
    assert list(passes_between(1)) == [1]
    assert list(passes_between(64)) == list(range(4, 65, 4))
    assert passes_between(5)[-1] == 5

"""Repeats shared out by an earlier run."""

from dataclasses import replace

import pytest

from evalsuite.errors import UsageError
from evalsuite.runs.allocation import shared_out


def earlier(lab):
    """q000 is right every second time, q001 always."""

    def script(request, attempt):
        coin = request.key.question == "q000" and request.key.repeat % 2
        return lab.said("0" if coin else "1")

    lab.run(lab.Scripted(script), questions=2, repeats=8)
    return lab.path()


def test_an_arm_asks_the_uncertain_question_more_often(lab):
    """The sum is as without; both arms get the same, as it hangs on the earlier run only."""
    questions = [lab.question(number) for number in range(2)]
    each = shared_out("gsm8k", questions, 8, history=earlier(lab), experiment="new")
    assert sum(each.values()) == 16
    assert each["q000"] > each["q001"] >= 2
    backend = lab.Scripted()
    arm = lab.arm(backend, arm="fp4", questions=2, repeats=8)
    tally = replace(arm, tasks=[replace(arm.tasks[0], each=each)]).run()
    assert tally.answered == 16
    assert sum(key.question == "q000" for key in backend.asked) == each["q000"]


def test_a_runs_own_answers_are_refused(lab):
    """Repeats by the answers that they are added to would bias them."""
    with pytest.raises(UsageError, match="bias"):
        shared_out("gsm8k", [lab.question(0)], 8, history=earlier(lab), experiment="test")


def test_a_run_that_knows_nothing_is_refused(lab):
    with pytest.raises(UsageError, match="no scored answer"):
        shared_out("mmlu", [lab.question(0)], 8, history=earlier(lab), experiment="new")

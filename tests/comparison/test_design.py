"""What an experiment would cost and could decide."""

import pytest

from evalsuite.comparison.design import Budget, Candidate, design, design_json
from evalsuite.comparison.experience import PUBLIC_QUESTIONS, Speed, basis_of, speed_of
from evalsuite.comparison.margins import Margin, macro_margin_of
from evalsuite.comparison.planning import plan
from evalsuite.config import check_config, load_config
from evalsuite.errors import UsageError
from evalsuite.resources import shipped
from evalsuite.runs.folder import open_run
from evalsuite.stats.sizes import Size

MARGINS = {"mmlu": 1, "gsm8k": 1, "math_500": 2, "gpqa_diamond": 3, "aime_2024": 3}
# Pairs that the design page needs with w = .45 and power .9.
NEEDED = {
    "mmlu": 6_492,
    "gsm8k": 2_874,
    "math_500": 936,
    "gpqa_diamond": 1_824,
    "aime_2024": 1_393,
}


def candidates(stored=None):
    return [
        Candidate(
            task=task,
            title=task,
            questions=PUBLIC_QUESTIONS[task],
            size=Size(questions=PUBLIC_QUESTIONS[task], repeats=1),
            margin=Margin(task=task, pp=pp, origin="planned"),
            basis=basis_of(task, []),
            stored=stored or {},
        )
        for task, pp in MARGINS.items()
    ]


def planned(*, speed=None, stored=None, **choices):
    tasks = candidates(stored)
    margins = [one.margin for one in tasks]
    arms = [Speed(arm=arm, tokens_per_s=speed, source="named") for arm in ("fp8", "fp4")]
    macro = macro_margin_of(margins, named={"macro": 1.0}, planned=None)
    return design("x", tasks, arms, macro_margin=macro, **choices)


def test_sizes_are_those_of_nams_formula():
    """With planning values the published margins take the pairs that the formula gives."""
    found = planned()
    for reach in found.planned.tasks:
        needed = NEEDED[reach.task]
        assert needed <= reach.questions * reach.repeats < needed + reach.questions
        assert reach.power >= 0.9
    assert found.planned.cost.hours is None


def test_one_pass_per_arm_leaves_the_card_undecided():
    """MMLU's difference would hold; MATH-500, GPQA and AIME could not be told from a loss."""
    found = planned()
    reads = {one.task: one.card_reads for one in found.premises}
    assert reads["mmlu"] == "equivalent"
    assert {reads[task] for task in ("math_500", "gpqa_diamond", "aime_2024")} == {"inconclusive"}
    once = {one.task: one for one in found.one_pass.tasks}
    assert once["aime_2024"].power < 0.2
    assert once["mmlu"].power > 0.9


def test_budget_is_kept_and_used():
    """Four hours buy as much power as they can, in whole repeats, and never more hours."""
    found = planned(speed=4_000, budget=Budget(amount=4, unit="hours"))
    assert 3.0 < found.planned.cost.hours <= 4.0
    fewer = planned(budget=Budget(amount=20e6, unit="tokens"))
    assert fewer.planned.cost.tokens <= 20e6
    assert fewer.planned.tasks[0].power < found.planned.tasks[0].power


def test_the_mean_takes_less_than_each():
    """The mean of all at one point costs less than every benchmark at its own margin."""
    each, mean = planned(), planned(goal="macro")
    assert mean.planned.macro.power >= 0.9
    assert mean.planned.cost.tokens < each.planned.cost.tokens


def test_what_is_stored_is_not_paid_twice():
    """A stored baseline leaves the candidate's answers to be asked."""
    cost = planned(stored={"fp8": 10**6}).planned.cost
    assert cost.left_tokens == cost.tokens / 2


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(amount=4, unit="hours"), "how fast are the engines"),
        (Budget(amount=100, unit="tokens"), "Name a larger one"),
    ],
)
def test_budget_that_cannot_be_planned_for_is_refused(budget, said):
    """Hours need a speed, and a few tokens buy nothing."""
    with pytest.raises(UsageError, match=said):
        planned(budget=budget)


def test_earlier_runs_replace_planning_values(make_run):
    """Accuracy, flips, lengths and speed come from runs, and the plan says from which."""
    rows = [[True, True]] * 30 + [[True, False]] * 10
    run = make_run("fp8", {"gsm8k": [[{"outcome": "correct", "tokens": 50}] * 2] * 4 + rows})
    basis = basis_of("gsm8k", [run])
    assert basis.accuracy == pytest.approx(78 / 88)
    assert basis.discordance == pytest.approx(((10 / 44) * 44 + 0.5) / 45)
    assert basis.tokens == pytest.approx((8 * 50 + 80 * 10) / 88)
    assert {basis.accuracy_from, basis.discordance_from, basis.tokens_from} == {"x-fp8"}
    assert speed_of("fp8", run, None).source == "unknown"
    assert speed_of("fp8", run, 5.0).tokens_per_s == 5.0


def test_single_draws_tell_accuracy_but_no_flips(make_run):
    """One pass of one arm: its accuracy with the planning share, named as such."""
    basis = basis_of("gsm8k", [make_run("fp8", {"gsm8k": [[True]] * 9 + [[False]]})])
    assert basis.accuracy_from == "x-fp8"
    assert basis.discordance_from.startswith("planning value")


def test_plan_reads_the_configs_own_runs(make_run, tmp_path):
    """Runs in the results folder are experience, and their answers are there already."""
    run = make_run("fp8", {"gsm8k": [[True, True]] * 20 + [[True, False]] * 20})
    run.path.rename(tmp_path / "x-fp8")
    raw = {
        "name": "x",
        "seed": 1,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
        "tasks": {"gsm8k": {"margin_pp": 3.0, "limit": 40}},
        "arms": {
            "fp8": {"backend": "embedded", "precision": "fp8"},
            "fp4": {"backend": "embedded", "precision": "nvfp4"},
        },
    }
    config = check_config(
        raw, where="x", tasks=lambda _: ["gsm8k"], backends={"embedded": object()}
    )
    found = plan(config, results=tmp_path)
    assert found.premises[0].basis.discordance_from == "x-fp8"
    cost, reach = found.planned.cost, found.planned.tasks[0]
    assert reach.questions == 40
    assert cost.tokens - cost.left_tokens == 80 * 10
    assert found.macro_margin == Margin(task="macro", pp=3.0, origin="derived")
    assert '"schema": 1' in design_json(found)
    with pytest.raises(UsageError, match="there is nothing here"):
        plan(config, results=tmp_path, margins_pp={"mmlu": 1.0})
    with open_run(tmp_path / "x-fp8") as run:
        assert run.info.id == "x-fp8"


def test_questions_that_rotate_are_planned_with(tmp_path):
    """A night asks the fixed part and the part whose turn it is, but never more than there are."""
    raw = {
        "name": "nightly",
        "seed": 1,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 32_768},
        "tasks": {
            "mmlu": {"margin_pp": 1.0, "sample": 4_000, "rotate": 1_250},
            "gsm8k": {"margin_pp": 1.0, "sample": 1_300, "rotate": 500},
        },
        "arms": {"fp8": {"backend": "openai", "precision": "fp8"}},
    }
    config = check_config(
        raw, where="x", tasks=lambda _: list(MARGINS), backends={"openai": object()}
    )
    found = plan(config, results=tmp_path).configured
    assert [one.questions for one in found.tasks] == [5_250, PUBLIC_QUESTIONS["gsm8k"]]


def test_nightly_configuration_decides_what_its_head_claims(tmp_path):
    """54 million tokens an arm, and each margin with a power of .8 by the planning values."""
    from evalsuite.backends import BACKENDS
    from evalsuite.questions import task_names

    path = shipped("configs") / "r1-nightly.yaml"
    head = path.read_text().partition("\nname:")[0]
    assert "54 million tokens an arm, 3.3 hours" in head
    assert "power of .8 or more" in head
    config = load_config(path, tasks=task_names, backends=BACKENDS)
    found = plan(config, results=tmp_path, arms=["fp8", "fp4"], tokens_per_second=9_000).configured
    assert found.cost.tokens / 2 == pytest.approx(54e6, rel=0.01)
    assert found.cost.hours == pytest.approx(3.3, abs=0.05)
    assert min(one.power for one in found.tasks) >= 0.8

"""A policy says everything that moves a decision, or is refused."""

import pytest

from evalsuite.errors import ConfigError, UsageError
from evalsuite.nightly.policy import check_policy, load_policy
from evalsuite.resources import shipped


def problems(text):
    with pytest.raises(ConfigError) as caught:
        check_policy(text, where="gate.yaml")
    return "\n".join(caught.value.problems)


def test_the_example_is_a_policy_for_the_five_benchmarks():
    """`configs/gate.yaml` loads, and its lines are those of its tasks."""
    path = shipped("configs") / "gate.yaml"
    found = load_policy(path)
    assert set(found.tasks) == {"mmlu", "gsm8k", "math_500", "gpqa_diamond", "aime_2024"}
    lines = path.read_text().splitlines()
    assert all(lines[number - 1].strip().startswith(task) for task, number in found.lines.items())


@pytest.mark.parametrize(
    "line",
    [
        "overall: strict",
        "undecided: fail",
        "min_complete: 0.99",
        "max_truncation_growth_pp: 0.5",
        "max_length_growth: 1.10",
    ],
)
def test_no_field_that_decides_has_a_default(policy, line):
    """A missing field is named."""
    with pytest.raises(ConfigError, match=f"{line.partition(':')[0]}: must be written"):
        policy({line: ""})


def test_a_task_without_a_margin_is_refused(policy):
    """The one number that decides is nobody's default."""
    with pytest.raises(ConfigError, match=r"tasks\.mmlu\.margin_pp: must be written"):
        policy({"mmlu: {margin_pp: 1.0}": "mmlu: {}"})


def test_all_mistakes_come_at_once():
    """Unknown keys with the nearest name, wrong values, missing fields."""
    said = problems("overall: loose\nundecided: fail\nmin_complete: 2\ntaks: {}\n")
    for part in ("overall", "min_complete", "taks: unknown key; did you mean 'tasks'?"):
        assert part in said


@pytest.mark.parametrize("margin", ["0", "-1", "101", ".nan", ".inf", "'one'"])
def test_a_margin_is_a_number_of_points(policy, margin):
    """Nothing that would let everything or nothing pass."""
    with pytest.raises(ConfigError, match="margin_pp"):
        policy({"mmlu: {margin_pp: 1.0}": f"mmlu: {{margin_pp: {margin}}}"})


def test_a_policy_that_could_never_fail_is_refused(policy):
    """At least one task is required."""
    required = {f"{task}: {{margin_pp: 1.0}}": f"{task}: {{margin_pp: 1.0, level: advisory}}"
                for task in ("mmlu", "gsm8k")}  # fmt: skip
    with pytest.raises(ConfigError, match="none is required"):
        policy(required)


def test_the_margin_of_the_mean_belongs_to_its_rule(policy):
    """`macro` needs it, `strict` must not have it."""
    with pytest.raises(ConfigError, match="needs the allowed loss"):
        policy({"overall: strict": "overall: macro"})
    with pytest.raises(ConfigError, match="means nothing"):
        policy({"overall: strict": "overall: strict\nmacro_margin_pp: 1.0"})


@pytest.mark.parametrize("text", ["", "- a", "a: [", "lines: {}"])
def test_what_is_no_policy_is_refused(text):
    """Empty, a list, no YAML, or the field that the program fills itself."""
    assert problems(text)


def test_a_missing_file_says_how_to_begin(tmp_path):
    """The way to a first policy stands in the message."""
    with pytest.raises(UsageError, match="--example"):
        load_policy(tmp_path / "gate.yaml")

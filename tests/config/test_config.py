"""Run configurations are checked at the edge, all mistakes at once."""

import copy
from datetime import date, timedelta

import pytest
import yaml

from evalsuite.config import at_night, check_config, load_config, narrowed
from evalsuite.errors import ConfigError, UsageError
from evalsuite.resources import shipped


def tasks(include):
    return ["mmlu", "gsm8k", "aime_2024"]


BACKENDS = {"embedded": "", "replay": ""}
GOOD = {
    "name": "pair",
    "seed": 1,
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
    "tasks": {"gsm8k": {"margin_pp": 1.0, "repeats": 2}},
    "arms": {
        "fp8": {"backend": "embedded", "precision": "fp8"},
        "fp4": {"backend": "embedded", "precision": "nvfp4"},
        "fp8_again": {"backend": "embedded", "precision": "fp8", "role": "control", "seed": 2},
    },
}


def check(raw):
    return check_config(raw, where="run.yaml", tasks=tasks, backends=BACKENDS)


def problems(**changes):
    raw = copy.deepcopy(GOOD) | changes
    with pytest.raises(ConfigError) as caught:
        check(raw)
    return caught.value.problems


def test_first_arm_is_the_baseline():
    """Roles come from the order unless an arm names its own."""
    config = check(GOOD)
    assert [config.role(arm) for arm in config.arms] == ["baseline", "candidate", "control"]
    assert config.arms_with("control") == ["fp8_again"]


def test_an_arm_may_have_its_own_seed():
    """The A/A control draws with another seed, the others share the experiment's."""
    config = check(GOOD)
    assert [config.seed_of(arm) for arm in config.arms] == [1, 1, 2]


def test_all_mistakes_come_at_once_with_the_nearest_names():
    """An unknown task, backend and two misspelt keys are one error with four lines."""
    found = problems(
        tasks={"gms8k": {"margin_pp": 1, "repeat": 3}},
        arms={"fp8": {"backend": "embeded", "precision": "fp8"}},
        sede=3,
    )
    text = "\n".join(found)
    assert "did you mean 'gsm8k'?" in text
    assert "did you mean 'repeats'?" in text
    assert "did you mean 'embedded'?" in text
    assert "did you mean 'seed'?" in text


def test_sampling_has_no_silent_default():
    """Leaving out temperature is a mistake, not a guess."""
    found = problems(sampling={"top_p": 1, "max_tokens": 5})
    assert any("sampling.temperature" in line for line in found)


def test_two_baselines_are_refused():
    """Exactly one arm is what the others are compared with."""
    arms = {name: dict(arm) for name, arm in GOOD["arms"].items()}
    arms["fp4"]["role"] = "baseline"
    assert any("exactly one arm" in line for line in problems(arms=arms))


def test_no_arms_are_refused():
    """An experiment without an engine asks nothing."""
    assert problems(arms={})


@pytest.mark.parametrize("raw", [None, [], "text", {"tasks": 3, "arms": "fp8"}])
def test_a_file_of_another_shape_is_refused_in_words(raw):
    """What is no mapping at all gets the same clear error."""
    with pytest.raises(ConfigError):
        check(raw)


def test_a_missing_file_is_a_usage_error(tmp_path):
    """The path is named, with the system's reason."""
    with pytest.raises(UsageError, match="No such file"):
        load_config(tmp_path / "none.yaml", tasks=tasks, backends=BACKENDS)


def test_broken_yaml_is_a_usage_error(tmp_path):
    """The parser's line and column are passed on."""
    path = tmp_path / "bad.yaml"
    path.write_text("name: [1,\nseed: 2")
    with pytest.raises(UsageError, match="line 2"):
        load_config(path, tasks=tasks, backends=BACKENDS)


EXPERIMENTS = [path for path in sorted(shipped("configs").glob("*.yaml")) if path.stem != "gate"]


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda p: p.stem)
def test_shipped_configurations_are_valid(path):
    """Every configuration in configs/ passes its own check."""
    from evalsuite.backends import BACKENDS as REAL
    from evalsuite.questions import task_names

    config = load_config(path, tasks=task_names, backends=REAL)
    assert config.name == yaml.safe_load(path.read_text())["name"]


def test_rotation_needs_a_fixed_part():
    """Without it no night could be held against another."""
    said = problems(tasks={"gsm8k": {"margin_pp": 1.0, "rotate": 5}})
    assert said == ("tasks.gsm8k.rotate: needs `sample`, the part that every night asks",)


def test_a_night_has_its_own_seeds_in_every_arm():
    """No seed comes twice, not even another arm's on the next night."""
    config = check(GOOD)
    nights = [at_night(config, date(2026, 11, 25) + timedelta(days=n)) for n in range(3)]
    seeds = [night.seed_of(arm) for night in (config, *nights) for arm in config.arms]
    assert len(set(seeds)) == 2 * 4  # fp8 and fp4 share theirs, the control has its own


def test_a_full_run_asks_every_question():
    """What cuts a task down is left out."""
    cut = copy.deepcopy(GOOD)
    cut["tasks"]["gsm8k"] |= {"sample": 20, "rotate": 5}
    task = narrowed(check(cut), full=True).tasks["gsm8k"]
    assert (task.sample, task.rotate, task.limit) == (None, None, None)


RELEASES = [path for path in EXPERIMENTS if path.stem.startswith("r1-")]


@pytest.mark.parametrize("path", RELEASES, ids=lambda p: p.stem)
def test_configurations_for_releases_name_every_margin(path):
    """A margin has no silent default where it decides about a release: tasks and their mean."""
    raw = yaml.safe_load(path.read_text())
    assert [name for name, task in raw["tasks"].items() if "margin_pp" not in task] == []
    assert raw["macro_margin_pp"] == 1.0

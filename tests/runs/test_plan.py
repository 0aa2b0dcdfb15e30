"""Seeds and order."""

from evalsuite.model import Key
from evalsuite.runs.plan import PlannedTask, requests, seed_of


def planned(lab, task, count, *, repeats=1):
    questions = tuple(lab.question(number, task=task) for number in range(count))
    return PlannedTask(name=task, questions=questions, repeats=repeats, sampling=lab.SAMPLING)


def keys_of(tasks):
    return {key for task in tasks for key in task.keys()}  # noqa: SIM118 - no mapping


def test_seed_is_the_hash_of_the_key():
    """The first 63 bits of sha256("7\\ngsm8k\\nq1\\n0"), as coreutils' sha256sum prints it."""
    digest = "2d73dd41790db87a"
    assert seed_of(7, Key("gsm8k", "q1", 0)) == int(digest, 16) >> 1


def test_seeds_differ_by_everything_they_depend_on():
    """Experiment seed, task, question and repeat each change the seed; 63 bits hold it."""
    keys = [Key(task, name, repeat) for task in "ab" for name in "cd" for repeat in range(50)]
    seeds = {seed_of(experiment, key) for experiment in (1, 2) for key in keys}
    assert len(seeds) == 2 * len(keys)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_a_subset_keeps_its_seeds(lab):
    """Fewer questions, other tasks or stored answers change no other request."""
    tasks = [planned(lab, "gsm8k", 9, repeats=3), planned(lab, "mmlu", 5)]
    everything = requests(tasks, keys_of(tasks), seed=7, lengths={})
    fewer = [planned(lab, "gsm8k", 4, repeats=2)]
    some = requests(fewer, keys_of(fewer) - {Key("gsm8k", "q000", 0)}, seed=7, lengths={})
    seeds = {request.key: request.seed for request in everything}
    assert all(seeds[request.key] == request.seed for request in some)


def test_longest_are_asked_first_across_tasks(lab):
    """One queue over all tasks: known lengths first, else what such a task usually takes."""
    tasks = [planned(lab, name, 2) for name in ("gsm8k", "aime_2024", "mmlu")]
    lengths = {("gsm8k", "q001"): 20_000.0, ("aime_2024", "q000"): 10.0}
    order = [r.key[:2] for r in requests(tasks, keys_of(tasks), seed=1, lengths=lengths)]
    assert order == [
        ("gsm8k", "q001"),
        ("aime_2024", "q001"),
        ("mmlu", "q000"),
        ("mmlu", "q001"),
        ("gsm8k", "q000"),
        ("aime_2024", "q000"),
    ]

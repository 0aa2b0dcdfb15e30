"""A sample of a benchmark that no run changes."""

from evalsuite.model import Sampling
from evalsuite.questions import load_task
from evalsuite.questions.sample import Sample, sampled
from evalsuite.resources import data_path

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100)


def test_larger_samples_hold_the_smaller_ones():
    """The order of the names they come in does not matter."""
    names = [f"q{n}" for n in range(100)]
    small, large = (
        sampled("t", names, Sample(fixed=10)),
        sampled("t", reversed(names), Sample(fixed=40)),
    )
    assert len(small) == 10
    assert small < large
    assert small != sampled("u", names, Sample(fixed=10))


def test_task_is_cut_down_by_the_sample_and_keeps_its_order():
    """The questions of a sample are those of the whole, from all over it."""
    whole, part = (
        load_task("mmlu", repeats=1, sampling=SAMPLING, data=data_path("demo"), sample=sample)
        for sample in (None, Sample(fixed=40))
    )
    ids = [one.id for one in whole.questions]
    kept = [one.id for one in part.questions]
    assert part.info.questions == len(kept) == 40
    assert kept == [one for one in ids if one in set(kept)]
    assert kept != ids[:40]
    assert part.info.data_hash != whole.info.data_hash


def test_the_rest_takes_turns():
    """Every question has its turn before one comes again; the fixed part is always there."""
    names = [f"q{n}" for n in range(50)]
    fixed = sampled("t", names, Sample(fixed=10))
    nights = [sampled("t", names, Sample(fixed=10, rotate=8, night=night)) for night in range(5)]
    assert all(fixed < night and len(night) == 18 for night in nights)
    turns = [night - fixed for night in nights]
    assert set.union(*turns) == set(names) - fixed
    assert sum(map(len, turns)) == 40
    assert sampled("t", names, Sample(fixed=10, rotate=8, night=5)) == nights[0]


def test_rotation_ends_where_there_is_no_rest():
    """More than there are is all; a whole sample leaves nothing to rotate."""
    names = [f"q{n}" for n in range(12)]
    assert sampled("t", names, Sample(fixed=10, rotate=8, night=3)) == set(names)
    assert sampled("t", names, Sample(fixed=12, rotate=8, night=3)) == set(names)

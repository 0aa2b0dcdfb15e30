"""The limit of one answer is generous at first, and follows the engine's pace."""

from dataclasses import replace

from evalsuite.model import Generation, Sampling
from evalsuite.runs.patience import Patience

R1 = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32_768)


def came(tokens, seconds):
    return Generation(text="", finish_reason="stop", output_tokens=tokens, latency_s=seconds)


def test_a_long_answer_of_a_slow_engine_has_time():
    """32,768 tokens at five a second are 1.8 hours."""
    assert Patience().limit_s(R1) > 32_768 / 5


def test_few_answers_change_nothing():
    """The first to come are the short ones."""
    patience = Patience()
    for _ in range(19):
        patience.learn(came(1_000, 1.0))
    assert patience.limit_s(R1) == Patience().limit_s(R1)


def test_a_fast_engine_is_given_less():
    """Three times what a full answer takes at the slowest pace seen."""
    patience = Patience()
    for _ in range(30):
        patience.learn(came(1_000, 5.0))
    patience.learn(came(1_000, 10.0))
    assert patience.limit_s(R1) == 3 * 327.68
    assert patience.limit_s(replace(R1, max_tokens=100)) == 60.0


def test_short_answers_tell_nothing():
    """Their time is queueing."""
    patience = Patience()
    for _ in range(100):
        patience.learn(came(10, 60.0))
        patience.learn(came(None, 1.0))
        patience.learn(came(5_000, None))
    assert patience.limit_s(R1) == Patience().limit_s(R1)


def test_learning_never_allows_more():
    """A slow spell does not make the limit endless."""
    patience = Patience()
    for _ in range(30):
        patience.learn(came(1_000, 5_000.0))
    assert patience.limit_s(R1) == Patience().limit_s(R1)


def test_a_fixed_limit_is_kept():
    """As the config's timeout_s says."""
    patience = Patience(90.0)
    for _ in range(30):
        patience.learn(came(1_000, 0.1))
    assert patience.limit_s(R1) == 90.0

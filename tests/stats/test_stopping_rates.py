"""What stopping early costs and saves, by a small seeded simulation.

The whole of it is `benchmarks/stopping_simulation.py`.
"""

import pytest

TRIALS = 300
BOUND = 0.05 + 3 * (0.05 * 0.95 / TRIALS) ** 0.5


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("4 blocks", "GSM8K"),
        ("4 blocks", "GPQA"),
        ("8 rounds", "AIME"),
        ("anytime, blocks", "MATH"),
        ("anytime, rounds", "AIME"),
    ],
)
def test_looking_early_keeps_the_rates_and_saves(simulation, kind, title):
    """A loss of the margin seldom decides; equal arms take less than planned, worse far less."""
    early = simulation("stopping_simulation")
    sizes = [size for size in early.SIZES if title in size.title]
    found = early.simulate(sizes, [kind], TRIALS, 3, processes=1)
    for share in early.WITHIN_SHARES[1:]:
        at = {truth: found[kind, sizes[0].title, share, truth] for truth in early.TRUTHS}
        assert at[-1.0].stops["holds"] / TRIALS <= BOUND
        assert at[-1.0].stops["worse"] / TRIALS <= BOUND
        assert min(one.covered for one in at.values()) / TRIALS >= 0.90 - 3 * 0.0173
        assert at[0.0].stops["holds"] / TRIALS >= 0.8
        assert at[0.0].taken / TRIALS < 0.9
        assert at[-2.0].taken / TRIALS < 0.45


@pytest.mark.parametrize(
    ("kind", "title"),
    [("fresh, until decided", "MATH-500"), ("stored, until decided", "AIME 2024")],
)
def test_until_decided_learns_what_it_needs_and_saves(simulation, monkeypatch, kind, title):
    """As the command does it, with ψ guessed: the goals of the full simulation, less sharply."""
    trials, share = 120, 0.35
    early = simulation("stopping_simulation")
    monkeypatch.setattr(early, "WITHIN_SHARES", (share,))
    monkeypatch.setattr(early, "TRUTHS", (0.0, -1.0, -2.0))
    sizes = [size for size in early.SIZES if size.title == title]
    found = early.simulate(sizes, [kind], trials, 3, processes=1)
    at = {truth: found[kind, title, share, truth] for truth in early.TRUTHS}
    assert at[-1.0].stops["holds"] / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
    assert at[-1.0].stops["worse"] / trials <= 0.05
    assert at[0.0].stops["holds"] / trials >= 0.75
    assert at[0.0].taken / trials < 0.85
    assert at[-2.0].taken / trials < 0.40

"""The example of docs/statistics.md, calculated again: every figure that the page prints."""

import math
from pathlib import Path

import numpy as np
import pytest

from evalsuite.stats.decide import formal_state
from evalsuite.stats.paired import paired_counts

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


@pytest.fixture
def example():
    """The page's section, and the comparison that it works out."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition("## A worked example")[2].partition("\n## ")[0]
    right = np.ones((2, 1_319), dtype=int)
    right[0, :9] = right[1, 9:21] = 0
    return section, paired_counts(right[0], right[1], np.ones(1_319, dtype=int))


def test_each_step_is_as_printed(example):
    """The quadratic, the loss rate, the deviation, both statistics."""
    section, counts = example
    n, won, lost, d = 1_319, 9, 12, -0.01
    a, b, c = 2 * n, -(won + lost) + (2 * n - won + lost) * d, -lost * d * (1 - d)
    rate = (math.sqrt(b * b - 4 * a * c) - b) / (2 * a)
    variance = n * (2 * rate + d * (1 - d))
    plain = (counts.difference - d) / counts.se
    printed = (
        f"= {a}`",
        f"= −{-b:.2f}`",
        f"= {c:.4f}`",
        f"= {rate:.5f}`",
        f"= {variance:.2f}`",
        f"deviation of {math.sqrt(variance):.2f}",
        f"z = {won - lost - n * d:.2f}/{math.sqrt(variance):.2f} = {counts.z(d):.2f}",
        f"/{counts.se:.5f} = {plain:.2f}",
        f"p = {counts.noninferiority_p(0.01):.3f}",
    )
    for one in printed:
        assert one in section, one


def test_the_limits_and_the_verdicts_are_as_printed(example):
    """90 and 95 %, holds at one point, undecided at half a point."""
    section, counts = example
    (low, high), (lower, higher) = counts.interval(0.90), counts.interval(0.95)
    flat = " ".join(section.split())
    assert f"Δ = (9 − 12)/1319 = −{-100 * counts.difference:.2f} points" in flat
    assert f"90 % limits −{-100 * low:.2f} and +{100 * high:.2f} points" in flat
    assert f"95 % limits −{-100 * lower:.2f} and +{100 * higher:.2f}" in flat
    assert formal_state(low, high, margin=0.01) == "equivalent"
    assert formal_state(low, high, margin=0.005) == "inconclusive"

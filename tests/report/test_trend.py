"""The nightly trend, as a drawing and on the page."""

import re

import pytest

from evalsuite.comparison.types import Estimate, Interval
from evalsuite.report import Night, Trend, trend_plot


def night(name, value, **more):
    ends = Interval(low=value - 0.01, high=value + 0.01, level=0.95)
    return Night(night=name, difference=Estimate(value=value, interval=ends), **more)


def trend(title="GSM8K", nights=None):
    steady = [night(f"2026-08-{day:02d}", -0.001) for day in range(1, 9)]
    late = [night(f"2026-08-{day:02d}", -0.024, segment=1) for day in (12, 13)]
    alarm = night("2026-08-11", -0.024, alarm=True, note="commit 9f37c2e", segment=1)
    found = (*steady, alarm, *late) if nights is None else nights
    return Trend(task="gsm8k", title=title, margin=0.01, nights=tuple(found))


def test_an_alarm_is_marked_with_a_sign_and_what_changed(factory):
    """Colour is not the only carrier, and the first and last night are named."""
    drawn = trend_plot([trend()]).drawn().svg

    assert "✗ commit 9f37c2e" in drawn
    assert "2026-08-01" in drawn
    assert "2026-08-13" in drawn


@pytest.mark.parametrize(
    "nights",
    [
        [night("2026-08-01", 0.0)],
        [night("tuesday", 0.0), night("wednesday", 0.01)],
        [night("2026-08-01", 0.0), night("2026-08-01", 0.01)],
        [night("</script>\x00\u202e$x$ " * 40, 0.0, alarm=True, note="<b>" * 99)],
    ],
)
def test_few_odd_and_hostile_nights_are_drawn(nights):
    """One night, names that are no dates, two on one day, names that are attacks."""
    drawn = trend_plot([trend(nights=nights)] * 6 + [trend(nights=[])]).drawn().inline

    assert "</script>" not in drawn
    assert not re.search("[\x00\u202e]", drawn)


def test_the_page_has_the_trend_where_there_is_a_history(tmp_path, runs, factory):
    """Drawing, table and file; without a history there is no such section."""
    comparison = factory.comparison()
    texts = runs(comparison)
    page = factory.report(comparison, tmp_path / "a", **texts, trend=[trend()])
    bare = factory.report(comparison, tmp_path / "b", **texts, trend=[trend(nights=[])])

    assert 'id="trend"' in page.read_text()
    assert "✗ begins here" in page.read_text()
    assert (tmp_path / "a" / "figures" / "trend.svg").is_file()
    assert 'id="trend"' not in bare.read_text()

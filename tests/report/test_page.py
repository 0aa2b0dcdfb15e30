"""The page as a file."""

import re

import pytest

from evalsuite.comparison import from_json
from evalsuite.report.traces import bundle


def test_numbers_stand_beside_the_page(build):
    """comparison.json is the comparison that the page was drawn from."""
    page, comparison = build()
    assert from_json((page.parent / "comparison.json").read_bytes()) == comparison


def test_equal_comparisons_give_equal_bytes(build):
    """Two reports of equal runs are byte for byte the same."""
    pages = [build()[0].read_bytes() for _ in range(2)]
    assert pages[0] == pages[1]


def test_model_text_is_never_markup(page):
    """No attack is in the page as it came."""
    text = page.read_text()
    assert "<script>document.title" not in text
    assert "<img src=x" not in text
    assert "\x00" not in text
    assert "\u202e" not in text
    assert "<i>$x$</i>" not in text


def test_only_our_script_may_run(page):
    """A strict policy, one executable script, and nothing loaded from anywhere."""
    text = page.read_text()
    assert "default-src 'none'" in text
    assert len(re.findall(r"<script>", text)) == 1
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)


def test_light_holds_no_texts(build):
    """`light` leaves questions and answers out and says so."""
    text = build(light=True)[0].read_text()
    assert "octet-stream" not in text
    assert "This report is light" in text


@pytest.mark.parametrize(("synthetic", "withheld"), [(False, True), (True, False)])
def test_publish_leaves_gpqa_out(build, synthetic, withheld):
    """GPQA's texts are not published, as its authors ask; synthetic items of ours are."""
    page, _ = build(task="gpqa_diamond", synthetic=synthetic, publish=True)
    assert ("are left out, as its authors ask" in page.read_text()) == withheld


def test_synthetic_items_are_called_so(build):
    """A page of synthetic items says so before its verdict."""
    text = build(synthetic=True)[0].read_text()
    assert text.index("Synthetic items.") < text.index('class="verdict')


def test_texts_stop_at_the_budget(build):
    """What does not fit is left out and counted."""
    from evalsuite.runs.folder import open_run

    page, comparison = build()
    runs = [open_run(page.parents[1] / arm) for arm in ("fp8", "fp4")]
    assert bundle(comparison.flips, *runs, budget_bytes=10).embedded == 0
    assert bundle(comparison.flips, *runs).embedded == len(comparison.flips)

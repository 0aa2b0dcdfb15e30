"""Attacks in what the page loads, and texts without measure, in headless chromium."""

import time
from dataclasses import replace

import pytest

pytestmark = pytest.mark.browser

MEGABYTE = 1_000_000


@pytest.fixture
def hostile_folder(tmp_path, runs, factory):
    """A report of attacks whose pairs are beside the page, too."""
    comparison = factory.hostile()
    same = [
        replace(one, question=f"{one.question} in both", candidate=one.baseline)
        for one in comparison.flips
    ]
    texts = runs(comparison, text=factory.attacking, prompt=factory.asking, same=same)
    return factory.report(comparison, tmp_path / "out", **texts)


def test_no_attack_in_the_files_beside_the_page_runs(browser, hostile_folder):
    """Ids, golds, answers, questions and responses out of items/ are text in list and pane."""
    browser.open(hostile_folder, fragment="#/flips?way=pairs")
    browser.wait("return document.getElementById('count').textContent === '30 of 30'")
    rows = len(browser.all("#rows tbody tr"))
    assert rows == 30
    for number in range(0, rows, 2):
        browser.run("document.querySelectorAll('#rows tbody a')[arguments[0]].click()", number)
        browser.wait(
            f"return document.querySelectorAll('#rows tbody tr')[{number}].className === 'open'"
            " && document.querySelector('#pane .side ~ .side')"
        )
        browser.run("for (const one of document.querySelectorAll('#pane details')) one.open = true")
        assert browser.all("#pane :is(script, img, svg, a, iframe)") == []
    assert browser.driver.title != "ran"
    assert browser.complaints() == []
    assert browser.all("img, iframe, link, object, script[src]") == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("unit", ["a", "$x$ ", "<b>\x00\ud800\u202e", "\\frac{1}{"])
def test_ten_megabytes_on_one_line_open_at_once(browser, tmp_path, runs, factory, unit):
    """A line without end, formulas without end, NULs and lone surrogates: shown in part."""
    comparison = factory.comparison(flips=(factory.flip(),))
    huge = unit * (10 * MEGABYTE // len(unit))
    texts = runs(comparison, text=lambda one, arm: f"{arm} {huge}")
    page = factory.report(comparison, tmp_path / "out", **texts)
    assert page.stat().st_size < 3 * MEGABYTE
    start = time.perf_counter()
    browser.open(page)
    browser.wait("return document.querySelector('#pane .side ~ .side')")
    assert time.perf_counter() - start < 10
    browser.run("for (const one of document.querySelectorAll('#pane details')) one.open = true")
    browser.wait("return document.getElementById('pane').textContent.includes('are left out')")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints() == []

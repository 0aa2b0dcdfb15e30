"""Pairs beside the page and several candidates, in headless chromium, from disk."""

from dataclasses import replace

import pytest

pytestmark = pytest.mark.browser

COUNT = "return document.getElementById('count').textContent"
CHOOSE = """
const form = document.getElementById('filters');
form.elements[arguments[0]].value = arguments[1];
form.dispatchEvent(new Event('input'));
"""


@pytest.fixture
def whole(tmp_path, runs, factory):
    """A report with thirty flips and pairs that are right or wrong in both arms."""
    comparison = factory.comparison()
    same = [factory.same(question=f"same-{n}", right=n % 2 == 0) for n in range(70)]
    return factory.report(comparison, tmp_path / "out", **runs(comparison, same=same))


@pytest.fixture
def two(tmp_path, runs, factory):
    """A report of two candidates; the second wrote the same as the first."""
    comparison = factory.comparison()
    texts = runs(comparison)
    other = replace(
        comparison,
        candidate=replace(comparison.candidate, id="invented-int4", arm="int4"),
        verdict="holds",
        sentence="INT4 holds on all 5 benchmarks.",
        flips=comparison.flips[:4],
    )
    others = [(other, texts["candidate"])]
    return factory.report(comparison, tmp_path / "out", **texts, others=others)


def test_every_pair_is_loaded_when_it_is_asked_for(browser, whole):
    """One file for the list, one for the texts; the policy of the page allows nothing else."""
    browser.open(whole)
    assert browser.run(COUNT) == "30 of 30"
    assert browser.fetched() == {"file": 1}
    browser.run(CHOOSE, "way", "right")
    browser.wait(f"{COUNT} === '35 of 100'")
    assert browser.fetched() == {"file": 1}
    browser.run("document.querySelector('#rows tbody tr').click()")
    browser.wait("return document.querySelector('#pane h3 bdi')?.textContent === 'same-0'")
    browser.wait("return document.querySelector('#pane .side')")
    assert "same-0: six rows of seven apples" in browser.text("#pane .question")
    assert browser.run("return location.hash") == "#/pair/gsm8k/same-0/0"
    assert browser.fetched() == {"file": 1}
    browser.press("j")
    browser.wait("return location.hash === '#/pair/gsm8k/same-10/0'")
    assert browser.fetched() == {}
    assert browser.complaints() == []
    assert browser.all("script[src]") == []


def test_the_address_of_a_pair_opens_it(browser, whole):
    """What the page itself does not list is looked for beside it; what is nowhere is said."""
    browser.open(whole, fragment="#/pair/gsm8k/same-7/0")
    browser.wait("return document.querySelector('#pane h3 bdi')?.textContent === 'same-7'")
    browser.wait("return document.querySelector('#pane .side .wrong, #pane .side .worse')")
    browser.open(whole, fragment="#/pair/gsm8k/nowhere/0")
    browser.wait("return document.getElementById('said').textContent.startsWith('There is no')")


def test_the_list_lays_out_what_is_scrolled_to(browser, tmp_path, runs, factory):
    """A thousand rows at once would hold the page up; all come in their order, by scroll or key."""
    comparison = factory.comparison()
    same = [factory.same(question=f"same-{n:04}", right=True) for n in range(1_000)]
    browser.open(factory.report(comparison, tmp_path / "out", **runs(comparison, same=same)))
    browser.run(CHOOSE, "way", "right")
    browser.wait(f"{COUNT} === '1,000 of 1,030'")
    rows = "return document.querySelectorAll('#rows tbody tr').length"
    assert browser.run(rows) < 500
    browser.run("document.querySelectorAll('#rows tbody tr')[199].click()")
    browser.wait("return location.hash === '#/pair/gsm8k/same-0199/0'")
    browser.press("j")
    browser.wait("return location.hash === '#/pair/gsm8k/same-0200/0'")
    browser.wait(
        "const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight;"
        "return document.querySelectorAll('#rows tbody tr').length === 1000"
    )
    names = browser.run(
        "return [...document.querySelectorAll('#rows tbody a')].map((one) => one.textContent)"
    )
    assert names == [f"same-{n:04}" for n in range(1_000)]


def test_all_pairs_hold_the_flips_too(browser, whole):
    """All pairs, searched and filtered like flips; the choice is an address."""
    browser.open(whole, fragment="#/flips?way=pairs&words=demo-003")
    browser.wait(f"{COUNT} === '5 of 100'")
    browser.run(CHOOSE, "task", "aime_2024")
    browser.wait(f"{COUNT} === '1 of 100'")
    assert "way=pairs" in browser.run("return location.hash")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda text: None, "is not beside this page"),
        (lambda text: text[:60], "is not beside this page, or is damaged"),
        (lambda text: text.replace(text.split('"')[1], "0" * 16), "belongs to another report"),
        (lambda text: text[:80] + "AAAA" + text[84:], "could not be read"),
    ],
)
def test_a_missing_stale_or_damaged_file_is_said(browser, whole, harm, said):
    """Never another report's text, and never silence."""
    for path in (whole.parent / "items").glob("i*[0-9].js"):
        text = harm(path.read_text())
        path.unlink() if text is None else path.write_text(text)
    browser.open(whole, fragment="#/pair/gsm8k/same-7/0")
    browser.wait("return document.querySelector('#pane p.worse')")
    assert said in browser.text("#pane p.worse")
    assert browser.all("#pane .side") == []


def test_without_the_index_the_list_says_so(browser, whole):
    """The list of all pairs is empty and marked as failed; flips are still there."""
    (whole.parent / "items" / "index.js").unlink()
    browser.open(whole)
    browser.run(CHOOSE, "way", "pairs")
    browser.wait("return document.querySelector('#count.worse')")
    assert "✗ items/index.js is not beside this page" in browser.run(COUNT)
    browser.run(CHOOSE, "way", "")
    browser.wait(f"{COUNT} === '30 of 30'")


def test_a_light_page_offers_no_pairs(browser, tmp_path, runs, factory):
    """Nothing is offered that is not there."""
    comparison = factory.comparison()
    page = factory.report(comparison, tmp_path / "out", **runs(comparison), light=True)
    browser.open(page)
    assert browser.all("option[value=pairs]") == []
    browser.wait("return document.querySelector('#pane .parts')")
    assert browser.complaints() == []


def test_two_candidates_are_on_one_page(browser, two):
    """Two verdicts, tables and flips of both, an address for each."""
    browser.open(two)
    assert "2 candidates against FP8" in browser.text("h1")
    assert len(browser.all(".verdict")) == 2
    assert browser.run(COUNT) == "34 of 34"
    browser.run(CHOOSE, "arm", "int4")
    browser.wait(f"{COUNT} === '4 of 34'")
    browser.run("document.querySelector('#rows tbody tr').click()")
    browser.wait("return location.hash.endsWith('/int4')")
    browser.wait("return document.querySelectorAll('#pane .side').length === 2")
    assert browser.text("#pane .side.side ~ .side header strong") == "INT4"
    ids = browser.run("return [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    names = {path.name for path in two.parent.iterdir()}
    assert {"comparison-fp4.json", "comparison-int4.json"} <= names
    assert browser.complaints() == []


def test_a_matrix_of_one_candidate_chooses_its_flips(browser, two):
    """The link names the candidate."""
    browser.open(two)
    browser.run("document.querySelector('.matrix a[data-arm=int4]').click()")
    browser.wait("return location.hash.includes('arm=int4')")
    assert browser.run("return document.querySelector('#filters').elements.arm.value") == "int4"

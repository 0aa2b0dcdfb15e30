"""The page in headless chromium, from disk."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from evalsuite.report import Night, Trend

pytestmark = pytest.mark.browser


def violations(browser):
    """What axe-core finds, everything unfolded."""
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    axe = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
    browser.run(axe + "; window.axe = axe")
    return browser.driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then((made) =>"
        " done(made.violations.map((one) => [one.id, one.nodes[0].html])))"
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("wide", [1280, 500])
def test_the_page_opens_from_disk_and_asks_nobody(browser, page, wide, dark):
    """Wide and narrow, light and dark: no console message, no request, nothing sticks out."""
    browser.open(page, wide=wide, dark=dark)
    browser.wait("return document.documentElement.classList.contains('js')")
    assert browser.complaints() == []
    assert browser.fetched() == {"file": 1}
    assert "FP4 against FP8: worse" in browser.driver.title
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper))) < 100) == dark


def test_a_phone_shows_values_side_by_side_and_whole_captions(browser, page):
    """No value is squeezed into a column of a few letters, no caption runs out of sight."""
    browser.open(page, wide=390)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    widths = browser.run(
        "return [...document.querySelectorAll('.values tbody td')].map((one) => one.offsetWidth)"
    )
    assert widths
    assert min(widths) > 120
    beyond = browser.run(
        "return [...document.querySelectorAll('.scroll caption:not(.hidden)')].filter((one) =>"
        " one.getBoundingClientRect().right >"
        " one.closest('.scroll').getBoundingClientRect().right + 1).length"
    )
    assert beyond == 0


def test_figures_take_their_colours_from_the_theme(browser, page):
    """One drawing is right in light and dark."""
    script = "return getComputedStyle(document.querySelector('.drawing svg text')).fill"
    light = browser.open(page).run(script)
    dark = browser.open(page, dark=True).run(script)
    assert light != dark


def test_no_attack_runs_and_each_is_shown_as_text(browser, hostile_page, factory):
    """Ids, subjects, answers, names and texts full of markup stay text, in list and pane."""
    browser.open(hostile_page)
    rows = len(browser.all("#rows tbody tr"))
    assert rows == len(factory.hostile().flips)
    for number in range(rows):
        browser.run("document.querySelectorAll('#rows tbody a')[arguments[0]].click()", number)
        browser.wait(
            f"return document.querySelectorAll('#rows tbody tr')[{number}].className === 'open'"
            " && document.querySelector('#pane .side .parts')"
        )
        assert browser.all("#pane :is(script, img, svg, a, iframe)") == []
    assert browser.driver.title != "ran"
    assert browser.complaints() == []
    assert browser.fetched() == {"file": 1}
    assert browser.all("img, iframe, link, object") == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_a_shown_text_is_what_the_model_wrote(browser, hostile_page):
    """Markup in a response arrives letter by letter."""
    browser.open(hostile_page)
    browser.wait("return document.querySelector('#pane .parts')")
    text = browser.run("return document.querySelector('#pane .side').textContent")
    assert "So <script>document.title='ran'</script>" in text


def test_both_sides_are_shown_with_the_first_difference(browser, page):
    """The shared beginning is folded and opens at a key; thinking hides at another."""
    browser.open(page)
    browser.wait("return document.querySelectorAll('#pane .parts').length === 2")
    assert "characters the same in both" in browser.text("#pane")
    assert "six times seven" not in browser.text("#pane")
    assert "42 ✓" in browser.text("#pane .side header").replace("\n", " ")
    browser.press("s")
    assert "six times seven" in browser.text("#pane")
    assert "a row is short" in browser.text("#pane")
    browser.press("t")
    assert "a row is short" not in browser.text("#pane")
    assert "for $5 and $6." in browser.text("#pane")


def test_keys_step_through_the_flips_and_the_address_follows(browser, page):
    """j goes on, k goes back; each flip has an address of its own."""
    browser.open(page)
    browser.press("j")
    browser.wait("return location.hash === '#/flip/mmlu/mmlu-demo-002/2'")
    browser.press("k")
    browser.wait("return location.hash === '#/flip/mmlu/mmlu-demo-000/0'")
    browser.wait("return document.querySelector('#rows tr.open a').textContent === 'mmlu-demo-000'")


def test_an_address_opens_its_flip(browser, page):
    """A link to a flip shows that flip, and the screen reader hears of it."""
    browser.open(page, fragment="#/flip/aime_2024/aime_2024-demo-003/0")
    browser.wait("return document.querySelector('#pane .parts')")
    assert "aime_2024-demo-003" in browser.text("#pane h3")
    said = browser.run("return document.getElementById('said').textContent")
    assert said == "aime_2024-demo-003 is open"


def test_filters_and_links_choose_rows(browser, page):
    """Benchmark, direction and search leave what they name; a matrix cell sets them."""
    browser.open(page)
    count = "return document.getElementById('count').textContent"
    assert browser.run(count) == "30 of 30"
    browser.run("document.querySelector('.matrix a[data-way=won]').click()")
    browser.wait(f"{count} === '3 of 30'")
    shown = browser.run(
        "return [...document.querySelectorAll('#rows tbody tr:not([hidden])')]"
        ".map((row) => [row.dataset.task, row.dataset.way].join())"
    )
    assert set(shown) == {"mmlu,won"}
    browser.press("/")
    browser.press("DEMO-003")
    assert browser.run(count) == "1 of 30"


def test_a_broken_chunk_is_said_and_never_looks_like_success(browser, page):
    """Texts that cannot be inflated give an error in the pane."""
    broken = re.sub(r'(id="p0">).{40}', r"\1" + "A" * 40, page.read_text())
    page.write_text(broken)
    browser.open(page)
    browser.wait("return document.querySelector('#pane .worse')")
    assert "could not be read" in browser.text("#pane")


def test_subjects_sort_by_a_click_and_say_so(browser, page):
    """The header is a button; the order is told to screen readers."""
    browser.open(page)
    browser.run("document.querySelector('#subjects ~ details').open = true")
    names = (
        "return [...document.querySelectorAll('.sortable')[0].tBodies[0].rows]"
        ".map((row) => row.cells[0].textContent)"
    )
    browser.run("document.querySelector('.sortable th button').click()")
    assert browser.run(names) == sorted(browser.run(names))
    browser.run("document.querySelector('.sortable th button').click()")
    assert browser.run(names) == sorted(browser.run(names), reverse=True)
    sort = browser.run("return document.querySelector('.sortable th').getAttribute('aria-sort')")
    assert sort == "descending"


def test_the_theme_turns_and_is_remembered(browser, page):
    """The button turns light to dark, also after opening the page again."""
    theme = "return document.documentElement.dataset.theme"
    browser.open(page).run("document.getElementById('theme').click()")
    assert browser.run(theme) == "dark"
    assert browser.open(page).run(theme) == "dark"
    browser.run("document.getElementById('theme').click()")
    assert browser.run(theme) == "light"


def test_without_scripts_everything_but_the_texts_is_there(browser, page):
    """Verdict, tables, figures and the rows of the flips are static; dead controls are hidden."""
    browser.open(page, scripts=False)
    text = browser.text("main")
    assert "MATH-500 is worse." in text
    assert "−3.15" in text
    assert "gpqa_diamond-demo-000" in text
    assert "match · stop · 812 tokens" in text
    assert len(browser.all("figure svg")) == 4
    assert not browser.all("#filters")[0].is_displayed()
    assert not browser.all("#pane")[0].is_displayed()
    assert not browser.all("#theme")[0].is_displayed()


def test_formulas_are_rendered_and_their_source_is_a_key_away(browser, page):
    """LaTeX becomes MathML, dollars stay dollars; m shows what the model wrote."""
    browser.open(page)
    browser.wait("return document.getElementById('pane').dataset.math === 'done'")
    assert len(browser.all("#pane .side math")) == 2
    assert browser.all("#pane .failed") == []
    browser.press("m")
    browser.wait("return !document.querySelector('#pane math')")
    assert "\\(\\boxed{41}\\) apples for $5 and $6" in browser.text("#pane")


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x^2$ costs $5 and $6", ["x^2"]),
        ("\\[a\\] and $$b$$ and \\(c\\)", ["a", "b", "c"]),
        ("\\$5 $ x $ $y $", []),
        ("\\( never closed", []),
        ("\\(" * 50_000 + "$" * 50_001, None),
    ],
)
def test_where_formulas_are(browser, page, text, formulas):
    """Pandoc's rule for single dollars; hostile text is read in no time."""
    found, spent_ms = browser.open(page).run(
        "const began = performance.now(); const found = mathIn.spans(arguments[0]);"
        "return [found.map((one) => one[2]), performance.now() - began]",
        text,
    )
    assert formulas is None or found == formulas
    assert spent_ms < 1000


def test_hostile_formulas_stay_harmless(browser, hostile_page):
    """\\href and \\text with markup give no link and no element of theirs."""
    browser.open(hostile_page)
    formulas = [
        "\\href{javascript:1}{x}",
        "\\text{<img src=x>}",
        "{" * 20_000,
        "\\def\\a{\\a\\a}\\a",
    ]
    browser.run(
        "const pane = document.getElementById('pane');"
        "const texts = arguments[0].map((one) => `\\\\(${one.slice(0, 3000)}\\\\)`);"
        "pane.replaceChildren(...texts.flatMap((one) =>"
        " mathIn.nodes(one, 0, one.length, mathIn.spans(one)))); mathIn.renderAll(pane)",
        formulas,
    )
    browser.wait("return document.getElementById('pane').dataset.math === 'done'")
    assert len(browser.all("#pane .math")) == 4
    assert browser.all("#pane :is(a, img, script)") == []
    assert browser.complaints() == []


def test_a_choice_of_filters_is_an_address(browser, page):
    """What is chosen stands in the address, and the address chooses it again."""
    browser.open(page, fragment="#/flips?task=gsm8k&way=won")
    assert browser.run("return document.getElementById('count').textContent") == "3 of 30"
    browser.run("document.querySelector('.matrix a[data-way=lost]').click()")
    browser.wait("return location.hash === '#/flips?task=mmlu&way=lost'")


@pytest.mark.parametrize(("wide", "dark"), [(1280, False), (1280, True), (500, False)])
def test_axe_finds_nothing(browser, page, wide, dark):
    """WCAG 2.1 A and AA and best practice, everything unfolded and a flip open."""
    browser.open(page, wide=wide, dark=dark, fragment="#/flip/mmlu/mmlu-demo-000/0")
    browser.wait("return document.getElementById('pane').dataset.math === 'done'")
    assert violations(browser) == []


def test_print_unfolds_and_leaves_the_explorer_out(browser, page):
    """On paper: light colours, no navigation, no explorer, all tables open."""
    browser.open(page, dark=True)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.run("dispatchEvent(new Event('beforeprint'))")
    shown = "return getComputedStyle(document.querySelector(arguments[0])).display"
    assert browser.run(shown, ".bar") == "none"
    assert browser.run(shown, ".explorer") == "none"
    assert browser.run(
        "return [...document.querySelectorAll('#subjects ~ details')].every((one) => one.open)"
    )
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_c_copies_the_address_of_the_open_flip(browser, page):
    """The link that is copied opens this flip, also before its address is in the bar."""
    browser.open(page)
    browser.wait("return document.querySelector('#pane .parts')")
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => {"
        " window.copied = text; }}})"
    )
    browser.press("c")
    browser.wait("return document.getElementById('said').textContent === 'Link: copied'")
    assert browser.run("return window.copied") == f"{page.as_uri()}#/flip/mmlu/mmlu-demo-000/0"


def test_where_copying_is_refused_the_reader_is_told(browser, page):
    """A browser without a clipboard leaves the address bar."""
    browser.open(page)
    browser.wait("return document.querySelector('#pane .parts')")
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    browser.press("c")
    browser.wait("return document.getElementById('said').textContent.includes('address bar')")


@pytest.fixture
def full_page(tmp_path, runs, factory):
    """Two candidates, a funnel of many subjects, a trend, and pairs beside the page."""
    comparison = factory.comparison()
    mmlu = comparison.benchmarks[0]
    subjects = tuple(
        replace(mmlu.subjects[0], subject=f"subject {at}", questions=90 + 40 * at)
        for at in range(20)
    )
    first = replace(mmlu, subjects=subjects, question_sd=0.25)
    comparison = replace(comparison, benchmarks=(first, *comparison.benchmarks[1:]))
    texts = runs(comparison, same=[factory.same()])
    other = replace(comparison, candidate=replace(comparison.candidate, id="x-int4", arm="int4"))
    night = Night(night="2026-08-01", difference=first.difference, alarm=True, note="commit 9f3")
    trend = Trend(task="mmlu", title="MMLU", margin=0.01, nights=(night, night))
    others = [(other, texts["candidate"])]
    return factory.report(comparison, tmp_path / "out", **texts, others=others, trend=[trend])


@pytest.mark.parametrize(("wide", "dark"), [(1280, False), (500, True)])
def test_axe_finds_nothing_on_a_full_page_with_every_pair_listed(browser, full_page, wide, dark):
    """Several candidates, funnel, trend, a pair out of items/, everything unfolded."""
    browser.open(full_page, wide=wide, dark=dark, fragment="#/flips?way=right")
    browser.wait("return document.querySelector('#rows tbody a')?.hash.includes('same-1')")
    browser.run("document.querySelector('#rows tbody a').click()")
    browser.wait("return document.querySelector('#pane h3 bdi')?.textContent === 'same-1'")
    assert violations(browser) == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints() == []
    figures = browser.run("return [...document.querySelectorAll('figure svg')].length")
    assert figures == 1 + 2 * 4 + 1


@pytest.mark.parametrize("wide", [1280, 500])
def test_a_full_page_is_there_without_scripts(browser, full_page, wide):
    """Figures of both candidates, funnel and trend are static, with their tables."""
    browser.open(full_page, scripts=False, wide=wide)
    text = browser.text("main")
    assert "2 candidates against FP8" in text
    assert "Nightly trend" in text
    drawn = [one.text for one in browser.all("figure svg")]
    assert any("questions in the subject" in one for one in drawn)
    assert any("✗ commit 9f3" in one for one in drawn)
    assert len(browser.all(".formula math")) == 8

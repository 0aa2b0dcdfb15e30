"""The page in headless chromium, from disk."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser


def requested(browser):
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def shown(browser, text):
    """Wait until the pane shows *text*."""
    WebDriverWait(browser, 5).until(
        lambda one: text in one.find_element(By.ID, "pane").get_property("textContent")
    )


@pytest.fixture(scope="module")
def browser(open_browser):
    return open_browser()


@pytest.fixture
def opened(browser, page):
    browser.get("about:blank")
    browser.get(page.as_uri())
    return browser


@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (1280, True), (400, False), (400, True)]
)
def test_page_opens_from_disk_and_asks_nobody(open_browser, page, width, dark):
    """Wide and narrow, light and dark: no console message, no request, nothing wider than it."""
    browser = open_browser(width=width, dark=dark)
    browser.get(page.as_uri())
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    assert {url for url in requested(browser) if not url.startswith(("file:", "data:"))} == set()
    assert "FP4 against FP8" in browser.title
    overflow = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(20, 23, 26)") == dark


def test_every_pair_opens_and_nothing_runs(opened):
    """Each hostile pair is shown as text; no script of it runs."""
    rows = opened.find_elements(By.CSS_SELECTOR, "#rows tbody tr")
    assert len(rows) == 13
    for number in range(len(rows)):
        opened.execute_script(f"location.hash = '#/flip/{number}'")
        shown(opened, "Question ")
        WebDriverWait(opened, 5).until(
            lambda one, n=number: (
                one.find_element(By.CSS_SELECTOR, f'tr[data-flip="{n}"]').get_attribute("class")
                == "open"
            )
        )
    assert "ran" not in opened.title
    assert [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert opened.find_elements(By.CSS_SELECTOR, "#pane script, #pane img, #pane svg") == []


def test_both_sides_and_the_first_difference_are_shown(opened):
    """The shared beginning is folded and opens at a key; the difference is marked."""
    opened.execute_script("location.hash = '#/flip/0'")
    shown(opened, "characters the same in both")
    pane = opened.find_element(By.ID, "pane")
    assert pane.text.count("first difference") == 2
    assert "We think alike" not in pane.text
    opened.find_element(By.TAG_NAME, "body").send_keys("s")
    shown(opened, "We think alike")
    opened.find_element(By.TAG_NAME, "body").send_keys("t")
    WebDriverWait(opened, 5).until(
        lambda one: "We think alike" not in one.find_element(By.ID, "pane").text
    )


def test_keys_step_through_the_flips(opened):
    """j goes on, k goes back, and the address follows."""
    body = opened.find_element(By.TAG_NAME, "body")
    body.send_keys("j")
    WebDriverWait(opened, 5).until(lambda one: one.current_url.endswith("#/flip/0"))
    body.send_keys("j")
    WebDriverWait(opened, 5).until(lambda one: one.current_url.endswith("#/flip/1"))
    body.send_keys("k")
    WebDriverWait(opened, 5).until(lambda one: one.current_url.endswith("#/flip/0"))


def test_a_deep_link_opens_its_flip(browser, page):
    """An address with a flip shows that flip at once."""
    browser.get("about:blank")
    browser.get(f"{page.as_uri()}#/flip/3")
    shown(browser, "first difference")
    assert browser.find_element(By.CSS_SELECTOR, "tr.open").get_attribute("data-flip") == "3"


def test_filters_hide_rows(opened):
    """Direction and search leave what they name, and count it."""
    opened.find_element(By.CSS_SELECTOR, "[name=way] option[value=lost]").click()
    count = opened.find_element(By.ID, "count")
    assert count.text == "7 of 13"
    search = opened.find_element(By.NAME, "words")
    search.send_keys("onerror")
    assert count.text == "0 of 13"
    search.send_keys(Keys.BACKSPACE * 7, "surrogate")
    opened.find_element(By.CSS_SELECTOR, "[name=way] option[value='']").click()
    assert count.text == "1 of 13"


def test_the_theme_turns_and_is_remembered(opened, page):
    """The button turns light to dark, also after opening the page again."""
    opened.find_element(By.ID, "theme").click()
    theme = "return document.documentElement.dataset.theme"
    assert opened.execute_script(theme) == "dark"
    opened.get(page.as_uri())
    assert opened.execute_script(theme) == "dark"
    opened.find_element(By.ID, "theme").click()
    assert opened.execute_script(theme) == "light"


def test_without_scripts_everything_but_the_texts_is_there(open_browser, page):
    """Verdict, tables, figures and the rows of the flips are static; dead controls are hidden."""
    browser = open_browser(scripts=False)
    browser.get(page.as_uri())
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "FP4 holds on" in text
    assert "lost" in text
    assert len(browser.find_elements(By.CSS_SELECTOR, "figure svg")) == 2
    assert len(browser.find_elements(By.CSS_SELECTOR, "#rows tbody tr")) == 13
    assert not browser.find_element(By.ID, "filters").is_displayed()

"""Debian's chromium, headless, and reports to open in it."""

import json
import shutil
from collections import Counter

import pytest


class Browser:
    """Debian's chromium without a screen; knows what a page logged, loaded and asked for."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, page, *, fragment="", wide=1280, scripts=True, dark=False):
        """Open the file *page* in a window *wide* pixels across."""
        driver = self.driver
        driver.set_window_size(wide, 900)
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]},
        )
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        driver.get("about:blank")
        for kind in ("browser", "performance"):
            driver.get_log(kind)
        driver.get(page.as_uri() + fragment)
        return self

    def complaints(self):
        """What the console holds: errors, warnings, refusals of the content policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self):
        """The kinds of address that the page asked for, with how often."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        asked_for = [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
        ]
        return Counter(url.partition(":")[0] for url in asked_for)

    def text(self, selector):
        """What a reader sees of the first element that fits."""
        return self.driver.find_element("css selector", selector).text

    def all(self, selector):
        """Every element that fits."""
        return self.driver.find_elements("css selector", selector)

    def run(self, script, *arguments):
        """What *script* returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def press(self, keys):
        """Type into the page."""
        self.driver.switch_to.active_element.send_keys(keys)

    def wait(self, script):
        """Wait until *script* gives something true."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 10).until(lambda driver: driver.execute_script(script))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless chromium, one for all tests."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("chromium and chromedriver are not installed (Debian: chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(chromedriver))
    yield Browser(driver)
    driver.quit()


@pytest.fixture
def page(tmp_path, runs, factory):
    """The report of an ordinary comparison."""
    comparison = factory.comparison()
    return factory.report(comparison, tmp_path / "out", **runs(comparison))


@pytest.fixture
def hostile_page(tmp_path, runs, factory):
    """The report of a comparison in which every string is an attack."""
    comparison = factory.hostile()
    return factory.report(comparison, tmp_path / "out", **runs(comparison, text=factory.attacking))

"""Two runs with hostile and ordinary texts, and a browser to open their report in."""

import shutil
import tempfile

import pytest

from evalsuite.comparison import compare
from evalsuite.model import (
    Answer,
    BackendInfo,
    Generation,
    Key,
    Message,
    Question,
    RunInfo,
    Sampling,
    Score,
    TaskInfo,
)
from evalsuite.report import write_report
from evalsuite.runs.folder import open_run, writing

ATTACKS = [
    "<script>document.title='ran'</script>",
    "<img src=x onerror=\"document.title='ran'\">",
    "</script><script>document.title='ran'</script>",
    "</pre><svg onload=\"document.title='ran'\">",
    "javascript:document.title='ran'",
    "{{ 7 * 7 }}{% raw %}",
    "\\href{javascript:document.title='ran'}{x} $\\text{<script>}$ $$",
    "\u202egnp.exe\u2066",
    "nul\x00 bell\x07 escape\x1b[31m",
    "lone \ud800 surrogate \udfff",
    "]]> --> <!-- <![CDATA[",
    "&lt;b&gt; &amp; \"quotes\" 'single'",
    "x" * 200_000,
]
SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100)


def encodable(text):
    """Ids and subjects come from data files, whose readers refuse lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def make_run(folder, arm, *, wrong, task="gsm8k", synthetic=False):
    """A run over one question per attack; ids, subjects, golds and texts are the attacks."""
    questions = [
        Question(
            task=task,
            id=f"{number} {encodable(attack[:80])}",
            kind="numeric",
            messages=(Message(role="user", content=f"Question {attack}"),),
            gold=attack[:200],
            subject=encodable(attack[:60]),
        )
        for number, attack in enumerate(ATTACKS)
    ]
    info = RunInfo(
        id=f"demo-{arm}",
        experiment="attack",
        arm=arm,
        role="baseline",
        precision=arm,
        seed=1,
        tasks=(
            TaskInfo(
                name=task,
                title="GSM8K <i>$x$</i>",
                kind="numeric",
                source="invented <b>",
                revision="1",
                synthetic=synthetic,
                data_hash="d",
                prompt_hash="p",
                questions=len(questions),
                repeats=1,
                sampling=SAMPLING,
                margin_pp=1.0,
            ),
        ),
        backend=BackendInfo(
            backend="fake",
            model="<script>document.title='ran'</script>",
            precision=arm,
            engine_version="1",
            hardware="h",
            honours_seed=True,
            max_in_flight=1,
        ),
        fingerprint="f",
        settings={},
        versions={},
        created="2026-01-01T00:00:00+00:00",
    )
    path = folder / arm
    with writing(path, info, questions) as run:
        for number, question in enumerate(questions):
            key = Key(task, question.id, 0)
            right = (number % 2 == 0) != wrong
            attack = ATTACKS[number]
            generation = Generation(
                text=f"{'We think alike at first. ' * 8}{arm} {attack}</think>So {attack}",
                finish_reason="stop",
                output_tokens=10 + number,
                starts_in_thinking=True,
            )
            run.store.put([Answer(key=key, seed=1, generation=generation, asked_at=0.0)])
            score = Score(
                outcome="correct" if right else "incorrect", reason="match", answer=attack[:200]
            )
            run.store.put_scores([(key, score)], "g")
    return open_run(path)


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """build(**options): the page of two hostile runs, and its comparison."""

    def make(*, task="gsm8k", synthetic=False, **options):
        folder = tmp_path_factory.mktemp("report")
        runs = [
            make_run(folder, arm, wrong=wrong, task=task, synthetic=synthetic)
            for arm, wrong in (("fp8", False), ("fp4", True))
        ]
        comparison = compare(*runs)
        page = write_report(
            comparison, folder / "out", baseline=runs[0], candidate=runs[1], **options
        )
        return page, comparison

    return make


@pytest.fixture(scope="session")
def page(build):
    """The ordinary report of the two hostile runs."""
    return build()[0]


@pytest.fixture(scope="module")
def open_browser():
    """open_browser(width, dark, scripts): a headless chromium; closed at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    if not (browser and driver):
        pytest.skip("chromium and chromedriver are not installed")
    opened = []

    def start(*, width=1280, dark=False, scripts=True):
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--window-size={width},1000",
            f"--user-data-dir={tempfile.mkdtemp()}",
        ):
            options.add_argument(flag)
        if not scripts:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2}
            )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        made = webdriver.Chrome(service=Service(driver), options=options)
        opened.append(made)
        made.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]},
        )
        made.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
        )
        return made

    yield start
    for one in opened:
        one.quit()

"""Size and build time of a full report, and how fast it opens in headless chromium from disk.

The runs are invented (seeded): MMLU 14,042 questions with traces of 4 KB in both arms, and the
four other benchmarks as the model card asks them. The build is the command `evalsuite report` in a
process of its own; the page is then opened, and pairs in it and in `items/` one after the other:

    python benchmarks/report_size.py
    python benchmarks/report_size.py --share 0.1     # a tenth of the questions

Needs Debian's chromium and chromium-driver, and the test extra (selenium).
"""

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from invented import draw, question, run_info

from evalsuite.model import Answer, Key, Question, Score
from evalsuite.runs.folder import writing

# Task, title, questions, repeats, bytes of a trace, accuracy.
SIZES = (
    ("mmlu", "MMLU", 14_042, 1, 4_000, 0.91),
    ("gsm8k", "GSM8K", 1_319, 4, 4_000, 0.965),
    ("math_500", "MATH-500", 500, 4, 12_000, 0.955),
    ("gpqa_diamond", "GPQA Diamond", 198, 8, 24_000, 0.67),
    ("aime_2024", "AIME 2024", 30, 16, 40_000, 0.79),
)
# How often a second answer to a question is as right as the first.
STEADY = 0.94
FORMULAS = ("\\(x^2 + 3x = 10\\)", "\\(\\frac{a}{b}\\)", "\\(\\sqrt{2}\\)", "$n > 5$")
OPENED = 40


def main() -> None:
    """Make two runs, build their report, open it; print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the questions")
    parser.add_argument("--keep", type=Path, help="leave runs and report in this folder")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp())
    try:
        runs = [folder / arm for arm in ("fp8", "fp4")]
        if not all((path / "run.json").exists() for path in runs):
            for number, path in enumerate(runs):
                make(path, number, chosen.share)
        out = folder / "report"
        build([*map(str, runs), "-o", str(out)])
        sizes(out)
        browse(out / "index.html")
    finally:
        if not chosen.keep:
            shutil.rmtree(folder)


def make(path: Path, number: int, share: float) -> None:
    """Write one invented run; both share questions and the beginnings of their traces."""
    words = vocabulary()
    tasks = [(row, round(row[2] * share)) for row in SIZES]
    asked = [one for row, count in tasks for one in questions(row[0], count, words)]
    told = [(row[0], row[1], count, row[3]) for row, count in tasks]
    with writing(path, run_info(path.name, told), asked) as run:
        for row, count in tasks:
            for group in groups(answers(row, count, number, words)):
                run.store.put([answer for answer, _ in group])
                run.store.put(scores=[(answer.key, score) for answer, score in group], grader="1")


def vocabulary() -> list[str]:
    """Words that compress about as real traces do: few are frequent, most are rare."""
    draw = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgk"
    made = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(4_000)]
    return [*made, *FORMULAS, *(word for word in made[:60] for _ in range(60))]


def questions(task: str, count: int, words: Sequence[str]) -> Iterator[Question]:
    """Invented questions of 400 characters or so."""
    for at in range(count):
        chance = random.Random(f"{task} {at}")
        text = " ".join(chance.choices(words, k=70))
        yield question(task, f"{task}/{at:05d}", at, text)


def answers(
    row: Sequence[Any], count: int, number: int, words: Sequence[str]
) -> Iterator[tuple[Answer, Score]]:
    """One arm's draws of a task, each a shared beginning and then its own way."""
    task, _, _, repeats, size, accuracy = row
    for at in range(count):
        for repeat in range(repeats):
            shared = random.Random(f"{task} {at} {repeat}")
            own = random.Random(f"{task} {at} {repeat} {number}")
            head = shared.choices(words, k=size // 30)
            right = (shared.random() < accuracy) == (number == 0 or own.random() < STEADY)
            text = " ".join([*head, *own.choices(words, k=size)])[:size]
            boxed = f"So it is \\(\\boxed{{{'B' if right else 'C'}}}\\)."
            yield draw(
                Key(task, f"{task}/{at:05d}", repeat),
                right=right,
                text=f"<think>{text}</think>{boxed}",
                tokens=size // 4 + own.randint(-size // 20, size // 20),
            )


def groups(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """*rows* by the thousand."""
    group: list[Any] = []
    for row in rows:
        group.append(row)
        if len(group) == 1_000:
            yield group
            group = []
    if group:
        yield group


def build(arguments: Sequence[str]) -> None:
    """Run the command; print its time and its greatest memory."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evalsuite", "report", *arguments], check=True)
    wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"built in {wall:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor, "
        f"peak {used.ru_maxrss / 1024:.0f} MiB"
    )


def sizes(out: Path) -> None:
    """Print what lies on disk."""
    files = list((out / "items").iterdir())
    total = sum(path.stat().st_size for path in files)
    page = (out / "index.html").stat().st_size
    print(f"index.html {page / 1e6:.2f} MB; items/ {len(files)} files, {total / 1e6:.0f} MB")


def browse(page: Path) -> None:
    """Print how long the page and its pairs take to open."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_script_timeout(60)
    try:
        loads = []
        for _ in range(5):
            driver.get("about:blank")
            driver.get(page.resolve().as_uri())
            loads.append(driver.execute_script(READY))
        ready, loaded = (statistics.median(times) for times in zip(*loads, strict=True))
        print(f"interactive after {ready:.0f} ms, loaded after {loaded:.0f} ms (median of 5)")
        flips = driver.execute_async_script(OPEN_PAIRS, OPENED)
        print(f"a pair of the page {told(flips)}")
        started = time.perf_counter()
        listed, pairs = driver.execute_async_script(LIST_ALL)
        print(f"all {pairs:,} pairs listed after {listed:.0f} ms")
        beside = driver.execute_async_script(OPEN_LINKED, OPENED)
        print(f"a pair of items/   {told(beside)} ({time.perf_counter() - started:.1f} s in all)")
    finally:
        driver.quit()


def told(times: Sequence[float]) -> str:
    """Median, worst, and how many."""
    middle, worst = statistics.median(times), max(times)
    return f"opens in {middle:.0f} ms, at worst {worst:.0f} ms ({len(times)} pairs)"


READY = """
const spent = performance.getEntriesByType("navigation")[0];
return [Number(document.documentElement.dataset.ready), spent.loadEventEnd];
"""
WAIT = """
const frame = () => new Promise(requestAnimationFrame);
const until = async (there) => { while (!there()) await new Promise((go) => setTimeout(go)); };
"""
# Opens pairs that lie far apart, as a reader would, each until the next frame.
OPEN = (
    WAIT
    + """
const [most, done] = arguments;
const openAll = async (pairs, act) => {
  const step = Math.max(1, Math.floor(pairs.length / most));
  const times = [];
  for (let at = 0; at < pairs.length; at += step) {
    const began = performance.now();
    document.querySelector("#pane").replaceChildren();
    act(pairs[at]);
    await until(() => document.querySelector("#pane .side ~ .side"));
    await frame();
    times.push(performance.now() - began);
  }
  done(times);
};
"""
)
OPEN_PAIRS = (
    OPEN
    + """
openAll([...document.querySelectorAll("#rows tbody a")], (link) => link.click());
"""
)
# By their address: the list holds the rows only that are scrolled to.
OPEN_LINKED = (
    OPEN
    + """
texts.chunk("index").then((index) => openAll(index, ([, task, question, repeat]) => {
  location.hash = `#/pair/${[task, question, repeat].map(encodeURIComponent).join("/")}`;
}));
"""
)
LIST_ALL = (
    WAIT
    + """
const [done] = arguments;
(async () => {
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const before = count.textContent;
  const began = performance.now();
  form.elements.way.value = "pairs";
  form.dispatchEvent(new Event("input"));
  await until(() => count.textContent !== before && count.textContent.includes(" of "));
  await frame();
  const pairs = Number(count.textContent.split(" of ")[0].replaceAll(",", ""));
  done([performance.now() - began, pairs]);
})();
"""
)


if __name__ == "__main__":
    main()

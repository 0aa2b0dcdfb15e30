"""The page as a file: true, whole, deterministic."""

import base64
import gzip
import inspect
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from evalsuite.comparison import benchmark, from_json
from evalsuite.comparison.parts import Decides, Sequential
from evalsuite.errors import RunError
from evalsuite.report.render import FLAGS

MEGABYTE = 1_000_000


class Reader(HTMLParser):
    """Collects the text of the table cells."""

    def __init__(self):
        super().__init__()
        self.rows, self._cell = [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = []

        if tag == "small" and self._cell is not None:
            self._cell.append(" ")

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None


@pytest.fixture
def written(tmp_path, runs, factory):
    """Writes the report of an invented comparison; its text."""

    def write(comparison=None, *, text=factory.told, **options):
        comparison = comparison or factory.comparison()
        page = factory.report(
            comparison, tmp_path / "out", **runs(comparison, text=text), **options
        )
        return page.read_text(encoding="utf-8")

    return write


def rows_of(page):
    reader = Reader()
    reader.feed(page)
    return reader.rows


def test_equal_comparisons_give_equal_bytes(tmp_path, runs, factory):
    """Two reports of the same comparison are byte for byte the same."""
    comparison = factory.comparison()
    texts = runs(comparison)
    pages = [factory.report(comparison, tmp_path / name, **texts) for name in ("a", "b")]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_each_accuracy_and_difference_stands_with_its_interval(written):
    """The summary shows no number that has an interval without it."""
    row = next(row for row in rows_of(written()) if row and row[0].startswith("GSM8K"))
    assert re.fullmatch(r"1,319 × 4\s?5,276 pairs", row[1])
    assert re.fullmatch(r"96\.61\s?95\.37 … 97\.85", row[2])
    assert re.fullmatch(r"96\.49\s?95\.25 … 97\.73", row[3])
    assert re.fullmatch(r"−0\.11\s?−0\.51 … \+0\.28", row[4])
    assert row[5] == "−1.0"


def test_the_verdict_is_in_the_page_as_sentence_word_sign_and_exit_code(written, factory):
    """Nothing about the verdict rests on colour alone."""
    page = written()
    assert f"<h1>{factory.comparison().sentence}</h1>" in page
    assert "✗ worse" in page
    assert "exit code 10" in page
    assert "About 64 repeats per question would decide" in " ".join(page.split())


def test_the_arms_are_named_as_the_comparison_names_them(written, factory):
    """FP8 and FP4 are nowhere if the arms are called otherwise."""
    plain = factory.comparison()
    comparison = factory.comparison(
        baseline=replace(plain.baseline, id="full", arm="full", precision="bf16"),
        candidate=replace(plain.candidate, id="kv", arm="kv", precision="int8"),
        control=None,
        checks=(),
        sentence="kv holds.",
    )
    page = written(comparison, light=True)
    assert "FP8" not in page.replace("FP8 format", "")
    assert "FP4" not in page
    assert "lost: full right, kv wrong" in page


def test_synthetic_forced_and_imported_are_said_before_the_verdict(written, factory):
    """What takes meaning from the numbers stands above them."""
    plain = factory.comparison()
    marked = factory.comparison(
        benchmarks=tuple(replace(one, synthetic=True) for one in plain.benchmarks),
        baseline=replace(plain.baseline, backend="embedded", imported=True),
        forced=True,
    )
    before = written(marked).partition('class="verdict')[0]
    assert "Synthetic items, embedded engine." in before
    assert "Forced." in before
    assert "Imported answers." in before
    assert "Synthetic items" not in written(plain)


def test_without_a_control_the_page_says_what_it_cannot_say(written, factory):
    """No A/A run: no grey bars, and the reader is told."""
    plain = factory.comparison()
    page = written(
        factory.comparison(
            control=None,
            benchmarks=tuple(
                replace(one, control=None, control_difference=None) for one in plain.benchmarks
            ),
        )
    )
    assert "this page cannot say how many" in page


def test_a_page_without_flips_tokens_subjects_or_sampling_is_whole(written, factory):
    """Imported outcomes have little to show; the page shows it."""
    plain = factory.comparison()
    bare = [
        replace(
            one,
            subjects=(),
            length_ratio=None,
            sampling=None,
            baseline=replace(one.baseline, mean_output_tokens=None),
            candidate=replace(one.candidate, mean_output_tokens=None),
            flips=replace(one.flips, lost=0, won=0),
        )
        for one in plain.benchmarks[:1]
    ]
    page = written(factory.comparison(benchmarks=tuple(bare), flips=()))
    assert "Nothing flipped." in page
    assert "No benchmark here is divided into subjects." in page


def test_foreign_text_is_never_markup(written, factory):
    """Whatever string of the input is an attack, none is in the page as it came."""
    page = written(factory.hostile(), text=factory.attacking)
    assert "<script>document.title" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert not re.search("[\x00\u202e\ufffe\ud800-\udfff]", page)


def test_only_our_scripts_may_run(written):
    """A strict policy, two executable scripts of ours, and nothing loaded from anywhere."""
    page = written()
    assert "default-src 'none'" in page
    assert len(re.findall(r"<script>", page)) == len(re.findall("'sha256-", page)) == 2
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_a_light_report_has_no_folder_of_pairs(written, tmp_path):
    """--light: the page and the flips' texts; what an earlier report left in items/ is gone."""
    written()
    assert (tmp_path / "out" / "items" / "index.js").is_file()
    page = written(light=True)
    assert not (tmp_path / "out" / "items").exists()
    assert "application/octet-stream" in page
    assert "strict-dynamic" not in page


def test_files_of_an_earlier_report_do_not_stay(written, tmp_path, factory):
    """Figures and numbers that this report has not are removed; what is not ours stays."""
    out = tmp_path / "out"
    (out / "figures").mkdir(parents=True)
    (out / "items").mkdir()
    for name in ("figures/funnel9.svg", "items/i99.js", "comparison-int4.json", "notes.txt"):
        (out / name).write_text("old")
    written()
    assert [(out / name).exists() for name in ("figures/funnel9.svg", "items/i99.js")] == [
        False
    ] * 2
    assert not (out / "comparison-int4.json").exists()
    assert (out / "notes.txt").read_text() == "old"
    assert not list(out.rglob("*.new"))


def test_a_published_report_holds_nothing_of_gpqa_but_ids_and_outcomes(written, tmp_path, factory):
    """--publish: no text, gold or answer of GPQA in any file of the report; the page says so."""
    comparison = factory.comparison()
    secret = {
        "gold": "GOLD-OF-GPQA",
        "baseline": replace(factory.flip().baseline, answer="ANSWER-OF-GPQA"),
    }
    flips = tuple(
        replace(one, **secret) if one.task == "gpqa_diamond" else one for one in comparison.flips
    )
    page = written(replace(comparison, flips=flips), publish=True)
    assert "Questions, golds, answers and responses of GPQA Diamond are left out" in page
    rows = re.findall(r'<tr data-task="(\w+)"[^>]*>', page)
    with_text = re.findall(r'<tr data-task="(\w+)"[^>]* data-chunk=', page)
    assert set(rows) - set(with_text) == {"gpqa_diamond"}
    everything = [*files_of(tmp_path / "out"), *chunks_of(page)]
    assert not [one for one in everything if b"OF-GPQA" in one or b"Invented question gpqa" in one]
    assert any(b"Invented question mmlu" in one for one in everything)


def files_of(folder):
    """The contents of every file, unpacked where it is packed."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield gzip.decompress(data) if path.suffix == ".gz" else data
            if path.suffix == ".js":
                yield gzip.decompress(base64.b64decode(data.split(b'"')[5]))


def chunks_of(page):
    """The texts in the page."""
    for chunk in re.findall(r'octet-stream" id="p\d+">([^<]*)', page):
        yield gzip.decompress(base64.b64decode(chunk))


def test_the_numbers_lie_beside_the_page(written, tmp_path, factory):
    """comparison.json is the comparison."""
    written()
    assert from_json((tmp_path / "out" / "comparison.json").read_bytes()) == factory.comparison()
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "comparison.json",
        "figures",
        "index.html",
        "items",
        "items.csv.gz",
        "tables",
    ]


def test_a_report_that_cannot_be_written_says_where(tmp_path, runs, factory):
    """A file where the folder should be is an error of ours, not a traceback."""
    (tmp_path / "out").write_text("in the way")
    comparison = factory.comparison()
    with pytest.raises(RunError, match=r"out: the report cannot be written \(File exists\)"):
        factory.report(comparison, tmp_path / "out", **runs(comparison))


def test_a_thousand_flips_are_written_in_seconds_and_stay_small(tmp_path, runs, factory):
    """Questions with two responses of about 8 kB each."""
    comparison = factory.comparison(flips=factory.flips(each=200))

    def long(one, arm):
        steps = (f"Step {at} of {one.question}: {at * at} and {at % 7}. " for at in range(240))
        return "<think>" + "".join(steps) + f"</think>{arm}"

    texts = runs(comparison, text=long)
    start = time.perf_counter()
    page = factory.report(comparison, tmp_path / "out", **texts)
    assert time.perf_counter() - start < 8
    assert page.stat().st_size < 3 * MEGABYTE


def test_the_page_stays_under_three_megabytes_and_says_what_is_left_out(written, factory):
    """More flips than fit are counted: rows, and texts."""
    flips = tuple(factory.flip("gsm8k", f"q{at:05d}") for at in range(3500))
    page = written(factory.comparison(flips=flips), text=lambda one, arm: random_text(one))
    assert len(page.encode()) < 3 * MEGABYTE
    assert "3,500 flips, lost ones first; 1,500 of them are listed here" in " ".join(page.split())
    light = written(
        factory.comparison(flips=flips), text=lambda one, arm: random_text(one), light=True
    )
    assert re.search(r"[\d,]+ have their texts in this page, the others did not fit", light)


def random_text(one):
    """Text that does not compress well, the same for both arms."""
    import hashlib

    return "".join(hashlib.sha256(f"{one.question}{at}".encode()).hexdigest() for at in range(64))


def test_what_lies_beneath_the_difference_stands_with_its_interval(written):
    """Own noise, excess, agreement, the test of any change, rates, and other gradings."""
    rows = rows_of(written())
    (flips,) = [row for row in rows if row[0] == "GSM8K" and len(row) == 9]
    assert flips[3:] == [
        *("1.9 0.9 … 2.9", "2.3 1.3 … 3.3", "+0.40 −0.20 … +1.00"),
        *("90.0 88.0 … 92.0", "+1.30 +0.70 … +1.90", "0.012"),
    ]
    (single,) = [row for row in rows if row[0] == "MMLU" and len(row) == 9]
    assert single[3:6] == ["—"] * 3
    (cut, *_) = [row for row in rows if row[:2] == ["GSM8K", "cut off at the limit"]]
    assert cut[4] == "+0.33 +0.18 … +0.48"
    assert not [row for row in rows if row[1:2] == ["no readable answer"]]
    (other,) = [row for row in rows if row[:2] == ["MATH-500", "unread: best"]]
    assert other[-1] == "? undecided"


def test_formulas_are_there_without_scripts(written):
    """The method's formulas are MathML with their LaTeX in them, and nothing that Temml refused."""
    page = written()
    assert page.count("<math") == page.count('encoding="application/x-tex"') == 8
    assert "merror" not in page.partition("<script>")[0].partition("<main")[2]


def test_looks_restarts_and_margins_that_nobody_named_are_said(written, factory):
    """What a run that stopped early saved, what would decide, and whose the margins are."""
    plain = factory.comparison()
    looks = Sequential(
        rule="until-decided",
        look=2,
        looks=4,
        stopped="holds",
        finished=True,
        asked=400,
        pairs=400,
        planned=800,
        fixed=1000,
        saved_tokens=2.5e6,
        left_out=0,
    )
    decides = Decides(repeats=64, questions=90, tokens=3e6, hours=None, why="")
    first, *middle, last = plain.benchmarks
    first = replace(
        first,
        sequential=looks,
        margin_origin="default",
        surplus=12,
        candidate=replace(first.candidate, restarts=7),
    )
    page = written(factory.comparison(benchmarks=(first, *middle, replace(last, decides=decides))))
    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "holds at look 2 of 4, after 400 answers of each arm; 60 % less" in text
    assert "What would decide: about 64 repeats per question would decide if Δ stays" in text
    assert "−1.0 default" in text
    assert "back into thinking after closing it: not counted → 7 of 14,042 answers" in text
    assert "12 more answers of FP8 have no partner" in text


def test_every_flag_of_a_comparison_has_its_words():
    """No flag stands on the page as a bare word."""
    source = inspect.getsource(benchmark._flags)
    flags = set(re.findall(r'^        "([a-z-]+)":', source, flags=re.MULTILINE))
    assert {"drop", "changed"} <= flags
    assert flags <= set(FLAGS)

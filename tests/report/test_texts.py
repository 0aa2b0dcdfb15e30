"""What of the texts goes into the page."""

import base64
import gzip
import json
from dataclasses import replace

import pytest

from evalsuite.answers.think import split
from evalsuite.errors import UsageError
from evalsuite.model import Generation
from evalsuite.report.bundle import bundle
from evalsuite.report.compared import Compared, listed, slugs_of, withheld_tasks


def bundled(comparison, runs, **options):
    """The flips of *comparison* with their bundle."""
    flips = listed([Compared(comparison=comparison, run=runs["candidate"])])
    return flips, bundle(flips, [runs["baseline"], runs["candidate"]], **options)


def unpacked(chunk):
    return json.loads(gzip.decompress(base64.b64decode(chunk)))


def test_a_flip_is_found_at_its_place_with_question_and_both_responses(runs, factory):
    """The place of a flip leads to its texts, thinking apart from the answer."""
    comparison = factory.comparison()
    flips, made = bundled(comparison, runs(comparison))
    place = made.places[flips[7].key]
    question, *parts = unpacked(made.chunks[int(place.chunk[1:])])[place.row]
    assert comparison.flips[7].question in question
    assert "".join(parts[:2]) == factory.told(comparison.flips[7], "baseline")
    assert "".join(parts[2:]) == factory.told(comparison.flips[7], "candidate")
    assert parts[0].endswith("</think>")


@pytest.mark.parametrize(
    ("facts", "parts"),
    [
        ({"text": "four"}, ("", "four")),
        ({"text": "hm</think>four"}, ("hm</think>", "four")),
        ({"text": "<think>hm"}, ("<think>hm", "")),
        ({"text": "hm", "starts_in_thinking": True}, ("hm", "")),
        ({"text": "four", "reasoning": "hm"}, ("hm", "four")),
    ],
)
def test_thinking_is_told_from_the_answer(facts, parts):
    """The thinking is what precedes the first closing tag, or all of it if there is none."""
    assert split(Generation(finish_reason="stop", **facts)) == parts


def test_lost_flips_come_first_and_the_tasks_take_turns(runs, factory):
    """A small budget holds lost flips of every task, not all of the first task's."""
    comparison = factory.comparison(flips=factory.flips(each=80))
    texts = runs(comparison)
    flips, whole = bundled(comparison, texts)
    _, made = bundled(comparison, texts, budget_bytes=len(whole.chunks[0]))
    shown = [one.flip for one in flips if one.key in made.places]
    assert len(made.chunks) == 1
    assert all(one.lost for one in shown)
    assert len({one.task for one in shown}) == 5


def test_a_text_of_ten_megabytes_shows_its_beginning_and_end(runs, factory):
    """What was left out of a huge text is counted in its place."""
    comparison = factory.comparison(flips=(factory.flip(),))
    huge = "a" * 5_000_000 + "b" * 5_000_000
    _, made = bundled(comparison, runs(comparison, text=lambda one, arm: huge))
    shown = unpacked(made.chunks[0])[0][2]
    assert shown.startswith("aaa")
    assert shown.endswith("bbb")
    assert "9,800,000 characters are left out" in shown


@pytest.mark.parametrize(
    ("task", "source", "synthetic", "withheld"),
    [
        ("gpqa_diamond", "Idavidrein/gpqa", False, True),
        ("gpqa_main_cot_zeroshot", "elsewhere", False, True),
        ("science", "Idavidrein/GPQA main", False, True),
        ("gpqa_diamond", "synthetic, GPQA format", True, False),
        ("gsm8k", "openai/gsm8k", False, False),
    ],
)
def test_gpqa_is_withheld_in_any_form_but_synthetic(factory, task, source, synthetic, withheld):
    """A published page holds no text of GPQA."""
    one = replace(factory.comparison().benchmarks[0], task=task, source=source, synthetic=synthetic)
    assert withheld_tasks([one], publish=True) == ({task} if withheld else set())


def test_texts_of_any_task_can_be_withheld(factory):
    """--withhold names tasks, or all of them; a stranger is refused."""
    benchmarks = factory.comparison().benchmarks
    assert withheld_tasks(benchmarks, publish=False) == set()
    assert withheld_tasks(benchmarks, publish=False, named=["mmlu"]) == {"mmlu"}
    assert withheld_tasks(benchmarks, publish=False, named=["all"]) == {
        one.task for one in benchmarks
    }
    with pytest.raises(UsageError, match="no such task here"):
        withheld_tasks(benchmarks, publish=False, named=["mmul"])


def test_no_two_candidates_share_a_name_for_files(factory, runs):
    """Not even if one is called as another would be numbered."""
    comparison = factory.comparison()
    run = runs(comparison)["candidate"]
    named = [Compared(comparison=comparison, run=run, name=name) for name in ("A", "a-2", "a", "a")]
    assert len(set(slugs_of(named))) == len(named)

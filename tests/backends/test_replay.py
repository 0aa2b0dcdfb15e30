"""The replay backend gives back what was kept, and says what it cannot read."""

import asyncio
import json

import pytest

from evalsuite.backends.replay import ReplayBackend
from evalsuite.errors import EngineFailed, RequestRejected
from evalsuite.model import Answer, Generation, Key, Message, Request, Sampling
from evalsuite.runs.store import Store

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=40)
ROW = {"benchmark": "gsm8k", "item_id": "q", "response": "seven"}


def ask(source, key=("gsm8k", "q", 0)):
    """What *source* holds for *key*."""
    request = Request(
        key=Key(*key), messages=(Message(role="user", content="?"),), sampling=SAMPLING, seed=1
    )

    async def once():
        backend = ReplayBackend(precision="fp8", source=str(source))
        try:
            return await backend.generate(request)
        finally:
            await backend.aclose()

    return asyncio.run(once())


def rows(folder, *given):
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in given))
    return path


def test_a_run_comes_back_as_it_was_stored(tmp_path):
    """Replaying a run gives equal generations: texts, thinking, reasons, counts, times."""
    given = Generation(
        text="\ud800 seven\x00",
        reasoning="three and four",
        finish_reason="length",
        starts_in_thinking=True,
        prompt_tokens=5,
        output_tokens=9,
        latency_s=0.5,
    )
    store = Store(tmp_path / "generations.sqlite")
    store.put([Answer(key=Key("gsm8k", "q", 0), seed=1, generation=given, asked_at=1.0)])
    store.close()
    assert ask(tmp_path) == given


def test_a_run_tells_its_engine(tmp_path):
    """The model is that of the run that is played back."""
    Store(tmp_path / "generations.sqlite").close()
    engine = {"model": "R1", "engine_version": "1.2", "hardware": "8 B200"}
    (tmp_path / "run.json").write_text(json.dumps({"backend": engine}))
    backend = ReplayBackend(precision="fp8", source=str(tmp_path))
    asyncio.run(backend.aclose())
    assert (backend.info.model, backend.info.engine_version) == ("R1", "1.2")


def test_rows_come_back(tmp_path):
    """Optional fields of a row are kept; what it does not say is unknown."""
    path = rows(
        tmp_path,
        ROW,
        ROW | {"sample": 1, "finish_reason": "stop", "tokens": 4, "reasoning": "3 + 4"},
    )
    assert ask(path) == Generation(text="seven", finish_reason="unknown")
    assert ask(path, ("gsm8k", "q", 1)) == Generation(
        text="seven", finish_reason="stop", output_tokens=4, reasoning="3 + 4"
    )


def test_what_is_not_kept_is_rejected(tmp_path):
    """A question without an answer is missing, not wrong."""
    with pytest.raises(RequestRejected, match="gsm8k other repeat 0"):
        ask(rows(tmp_path, ROW), ("gsm8k", "other", 0))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "is no JSON"),
        ("3", "no text `response`"),
        ('{"benchmark": "a", "item_id": "b", "response": null}', "no text `response`"),
        ('{"benchmark": "a", "response": "b"}', "has no item_id"),
    ],
)
def test_a_bad_row_is_named(tmp_path, bad, said):
    """File and line are in the message."""
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + bad + "\n")
    with pytest.raises(EngineFailed, match=rf"answers\.jsonl:2: .*{said}"):
        ask(path)


@pytest.mark.parametrize("kind", ["absent", "folder", "rubbish"])
def test_a_source_that_cannot_be_read_is_named(tmp_path, kind):
    """No file, no run, or no database: one clear error."""
    if kind == "rubbish":
        (tmp_path / "generations.sqlite").write_bytes(b"rubbish" * 1_000)
    with pytest.raises(EngineFailed, match="read"):
        ask(tmp_path / "absent.jsonl" if kind == "absent" else tmp_path)

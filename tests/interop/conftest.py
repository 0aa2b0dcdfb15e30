"""Rows of answers made elsewhere; all texts are invented."""

import json

import pytest

from evalsuite.interop.importing import import_run
from evalsuite.interop.reading import Choice


@pytest.fixture
def file(tmp_path):
    """Writes rows (dicts, or lines as they are) into a JSONL file."""

    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def imported(tmp_path):
    """Imports files as a run below the test's folder."""

    def call(*files, name="mine", arm=None, **choice):
        return import_run(
            files, name=name, results=tmp_path / "results", choice=Choice(**choice), arm=arm
        )

    return call


@pytest.fixture
def row():
    """A GSM8K row with a text, changed as named."""

    def make(**columns):
        return {
            "benchmark": "gsm8k",
            "item_id": "gsm8k_test/0",
            "question": "Ada has 3 pens and buys 4. How many has she?",
            "response": "3 + 4 = 7, so \\boxed{7}.",
            "gold": "7",
        } | columns

    return make

"""The whole nightly, night after night, on the embedded engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalsuite.nightly.history import History

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_seeded_regression_is_found_on_its_night_named_and_drawn(tmp_path):
    """Another rounding mode from the seventh of eight nights on: found, explained, drawn."""
    words = ["--nights", "8", "--falls", "6", "--reference", "5", "--questions", "40"]
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "thirty_nights.py", "--out", tmp_path / "o", *words],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "since 2026-11-07" in done.stdout
    assert "changed on 2026-11-07: kernels-3 (commit, was kernels-2)" in done.stdout
    with History(tmp_path / "o" / "history.sqlite", readonly=True) as history:
        assert len(history.entries()) == 16
    page = (tmp_path / "o" / "report" / "index.html").read_text()
    assert "Nightly trend" in page
    assert "kernels-3 (commit, was kernels-2)" in page
    assert (tmp_path / "o" / "gates" / "2026-11-08" / "junit.xml").is_file()

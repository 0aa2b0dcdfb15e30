"""The simulations of `benchmarks/` as modules, so that a small one runs as a test."""

import importlib
from pathlib import Path

import pytest


@pytest.fixture
def simulation(monkeypatch):
    """Import a script of `benchmarks/` by its name."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module

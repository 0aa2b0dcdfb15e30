"""Fixtures that every room's tests may use."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared():
    """The folder of real data beside the checkout; the project must run without it."""
    folder = Path(__file__).parents[1].parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the data folder beside the checkout is absent")
    return folder

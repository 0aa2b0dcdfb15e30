"""Third-party browser code is what its list says it is."""

import hashlib
import json
from pathlib import Path

import pytest

import evalsuite.report

PLACES = [
    Path(evalsuite.report.__file__).parent / "static" / "vendor",
    Path(__file__).parent / "vendor",
]


@pytest.mark.parametrize("place", PLACES, ids=["page", "tests"])
def test_every_vendored_file_has_licence_version_and_its_hash(place):
    """No file that the list does not name, none that differs from it."""
    listed = json.loads((place / "VENDOR.json").read_text())
    licences = {facts["licence"].partition("(")[2].rstrip(")") for facts in listed.values()}
    there = {one.name for one in place.iterdir()}

    assert there == {*listed, *licences, "VENDOR.json"}
    for name, facts in listed.items():
        digest = hashlib.sha256((place / name).read_bytes()).hexdigest()
        assert digest == facts["sha256"], name
        assert facts["version"] in facts["source"]

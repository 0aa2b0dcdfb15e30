"""`items/`: every pair that the page does not hold, in files that it loads by script tag.

A page opened from disk may not fetch files, but it may add a script that calls it with its
content. Every file names the edition of its report: one left over of another is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalsuite.files import put
from evalsuite.model import Key
from evalsuite.report.compared import PairedDraws
from evalsuite.report.files import clear
from evalsuite.report.texts import Place, filled, packed
from evalsuite.report.words import name_in_address, readable, short
from evalsuite.runs.folder import Run
from evalsuite.runs.rows import Draw

FOLDER = "items"
INDEX = "index"


def write_items(
    folder: Path,
    pairs: Sequence[PairedDraws],
    runs: Sequence[Run],
    *,
    edition: str,
    in_page: Mapping[Key, Place],
    withheld: frozenset[str],
) -> Mapping[Key, Place]:
    """Write the texts of *pairs* that are not *in_page*, and an index of all; where each now is.

    *runs* are the baseline's and the candidates'. Of the tasks in *withheld* there are no texts.
    """
    keys = dict.fromkeys(one.key for one in pairs)
    elsewhere = (key for key in keys if key not in in_page and key.task not in withheld)
    places = dict(in_page)
    names = [INDEX]
    for number, filling in enumerate(filled(elsewhere, runs)):
        names.append(f"i{number}")
        places |= filling.places(names[-1])
        put(folder / f"{names[-1]}.js", _script(edition, names[-1], filling.texts))
    index = [_row(one, places.get(one.key)) for one in pairs]
    put(folder / f"{INDEX}.js", _script(edition, INDEX, index))
    clear(folder, "*.js", keep={f"{name}.js" for name in names})
    return places


def _script(edition: str, name: str, value: object) -> str:
    """What a script tag runs; there is nothing in it but letters, digits and base64."""
    return f'evalsuite.chunk("{edition}","{name}","{packed(value)}");\n'


def _row(one: PairedDraws, place: Place | None) -> list[Any]:
    """One pair as the explorer's list shows it."""
    chunk, row = place or (None, None)
    asked = (*map(name_in_address, one.key[:2]), one.key.repeat)
    facts = (one.arm, *asked, _cell(one.subject), _cell(one.gold), chunk, row)
    return [*facts, *_draw(one.baseline), *_draw(one.candidate)]


def _draw(draw: Draw) -> Iterator[Any]:
    yield int(draw.outcome == "correct")
    yield None if draw.answer is None else _cell(draw.answer)
    yield _cell(draw.reason)
    yield draw.finish_reason
    yield draw.output_tokens


def _cell(text: str) -> str:
    return short(str(readable(text)))

"""Which texts stand in the page itself: those of the flips, as far as they fit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalsuite.model import Key
from evalsuite.report.compared import Listed
from evalsuite.report.texts import Place, filled, packed
from evalsuite.runs.folder import Run

# What a page aims at, and what of it is there without texts: scripts and figures, each row.
PAGE_BYTES = 3_000_000
FIXED_BYTES, ROW_BYTES = 800_000, 850
LEAST_BYTES = 500_000
MOST_ROWS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`chunks` of base64 in the page, and the place of each key whose texts they hold."""

    chunks: tuple[str, ...] = ()
    places: Mapping[Key, Place] = field(default_factory=dict)


def chosen(flips: Sequence[Listed], most: int = MOST_ROWS) -> list[Listed]:
    """*flips*, or so many of them as the page lists, in their order; all tasks get some."""
    kept = set(_fair(flips)[:most])
    return [one for number, one in enumerate(flips) if number in kept]


def bundle(
    flips: Sequence[Listed],
    runs: Sequence[Run],
    *,
    withheld: frozenset[str] = frozenset(),
    budget_bytes: int | None = None,
) -> Bundle:
    """The texts of *flips* in *runs* (the baseline first), until *budget_bytes* are full.

    Without a budget: so much that the page stays at its size. Lost flips come before won ones,
    then cut-off answers before others, and the tasks take turns, so that none fills the page
    alone. Of the tasks in *withheld* no texts are included.
    """
    room = _room(len(flips)) if budget_bytes is None else budget_bytes
    shown = [flips[number] for number in _fair(flips)]
    keys = dict.fromkeys(one.key for one in shown if one.flip.task not in withheld)
    chunks: list[str] = []
    places: dict[Key, Place] = {}
    for filling in filled(keys, runs):
        chunk = packed(filling.texts)
        room -= len(chunk)
        if room < 0:
            break
        places |= filling.places(f"p{len(chunks)}")
        chunks.append(chunk)
    return Bundle(chunks=tuple(chunks), places=places)


def _room(rows: int) -> int:
    return max(LEAST_BYTES, PAGE_BYTES - FIXED_BYTES - ROW_BYTES * rows)


def _fair(flips: Sequence[Listed]) -> list[int]:
    """The numbers of *flips* in the order in which they are given room."""
    seen: dict[tuple[int, bool, str], int] = defaultdict(int)
    turns: list[tuple[bool, int, bool, int]] = []
    for number, one in enumerate(flips):
        flip = one.flip
        kind = (one.arm, flip.lost, flip.task)
        cut = "length" in (flip.baseline.finish_reason, flip.candidate.finish_reason)
        turns.append((not flip.lost, seen[kind], not cut, number))
        seen[kind] += 1
    return [number for *_, number in sorted(turns)]

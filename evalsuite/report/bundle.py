"""Which texts stand in the page itself: those of the flips, as far as they fit."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalsuite.report.compared import Compared, Listed
from evalsuite.report.texts import Filling, PairKey, Place, packed, texts_of
from evalsuite.runs.folder import Run

# With figures and 3,000 rows the page then stays near 3 MB; 10 MB is what no page may reach.
BUDGET_BYTES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`chunks` of base64 in the page, and the place of each pair whose texts are to be had."""

    chunks: tuple[str, ...] = ()
    places: Mapping[PairKey, Place] = field(default_factory=dict)


def bundle(
    flips: Sequence[Listed],
    compared: Sequence[Compared],
    baseline: Run,
    *,
    withheld: frozenset[str] = frozenset(),
    budget_bytes: int = BUDGET_BYTES,
) -> Bundle:
    """The texts of *flips*, until *budget_bytes* are full.

    Lost flips come before won ones, then cut-off answers before others, and the tasks take turns,
    so that none fills the page alone. Of the tasks in *withheld* no texts are included.
    """
    chunks: list[str] = []
    places: dict[PairKey, Place] = {}
    used = 0
    for filling in _filled(_fair(flips, withheld), compared, baseline):
        chunk = packed(filling.texts)
        if used + len(chunk) > budget_bytes:
            break
        places |= filling.places(f"p{len(chunks)}")
        chunks.append(chunk)
        used += len(chunk)
    return Bundle(chunks=tuple(chunks), places=places)


def _filled(
    flips: Sequence[Listed], compared: Sequence[Compared], baseline: Run
) -> Iterator[Filling]:
    filling = Filling()
    for one in flips:
        arm, key = one.key
        texts = texts_of(key, baseline, compared[arm].run)
        if not filling.has_room(texts):
            yield filling
            filling = Filling()
        filling.add(one.key, texts)
    if filling.keys:
        yield filling


def _fair(flips: Sequence[Listed], withheld: frozenset[str]) -> list[Listed]:
    """*flips* in the order in which they are given room."""
    seen: dict[tuple[int, bool, str], int] = defaultdict(int)
    turns: list[tuple[bool, int, bool, int]] = []
    shown = [one for one in flips if one.flip.task not in withheld]
    for number, one in enumerate(shown):
        flip = one.flip
        kind = (one.arm, flip.lost, flip.task)
        cut = "length" in (flip.baseline.finish_reason, flip.candidate.finish_reason)
        turns.append((not flip.lost, seen[kind], not cut, number))
        seen[kind] += 1
    return [shown[number] for *_, number in sorted(turns)]

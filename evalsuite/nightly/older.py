"""Older runs in a folder, and the baseline that each belongs to."""

from dataclasses import dataclass
from pathlib import Path

from evalsuite.errors import RunError
from evalsuite.model import RunInfo
from evalsuite.runs.folder import INFO, read_info


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A run, and the baseline's run that it is to be compared with."""

    baseline: Path
    candidate: Path


def pairs_in(folder: Path) -> tuple[list[Pair], list[str]]:
    """Every candidate and control below *folder* with its baseline, and a line for what has none.

    The baseline is that of the same experiment beside the run, else the last one begun before it.

    Raises:
        RunError: there is no run below *folder*.
    """
    runs = [(path.parent, read_info(path.parent)) for path in sorted(folder.rglob(INFO))]
    if not runs:
        raise RunError(f"{folder}: there is no run in it.")
    baselines = [one for one in runs if one[1].role == "baseline"]
    pairs, alone = [], []
    for path, info in sorted(runs, key=lambda one: (one[1].created, one[0])):
        if info.role == "baseline":
            continue
        found = _baseline(path, info, baselines)
        if found is None:
            alone.append(f"{path}: there is no baseline of {info.experiment} for it")
        else:
            pairs.append(Pair(baseline=found, candidate=path))
    return pairs, alone


def _baseline(path: Path, info: RunInfo, baselines: list[tuple[Path, RunInfo]]) -> Path | None:
    own = [one for one in baselines if one[1].experiment == info.experiment]
    beside = [one for one in own if one[0].parent == path.parent]
    earlier = [one for one in own if one[1].created <= info.created]
    chosen = beside or earlier
    return max(chosen, key=lambda one: one[1].created)[0] if chosen else None

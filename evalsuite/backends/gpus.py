"""The GPUs that this process may use, as nvidia-smi tells of them."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalsuite.errors import BackendError

MIB = 2**20
# An idle card shows some hundred MiB; more is an engine that has not let go.
IDLE_MIB = 4_096
ROOM = 0.9
FREED_WITHIN_S = 60.0
LOOK_AGAIN_S = 2.0
FIELDS = ("index", "uuid", "name", "memory.total", "memory.used", "driver_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One card; memory in MiB."""

    index: int
    uuid: str
    name: str
    total_mib: int
    used_mib: int
    driver: str


def gpus(environment: Mapping[str, str] = os.environ) -> list[Gpu]:
    """Those of `CUDA_VISIBLE_DEVICES`, all where it is not set; none where nvidia-smi is silent."""
    command = ["nvidia-smi", f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
        found = [_gpu(line) for line in done.stdout.splitlines() if line.strip()]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    return found if visible is None else _visible(found, visible.split(","))


def hardware(found: Sequence[Gpu]) -> str:
    """The cards in words: "8 × NVIDIA B200"; "" if there are none."""
    names = [one.name for one in found]
    return ", ".join(f"{names.count(name)} × {name}" for name in dict.fromkeys(names))


def shortage(found: Sequence[Gpu], *, count: int, weights: int) -> list[str]:
    """Why an engine with *weights* bytes spread over *count* cards does not fit on *found*.

    A tenth of a card is left for what is not weights; how long answers may get is not looked at.
    """
    if len(found) < count:
        return [f"needs {count} GPUs; nvidia-smi shows {len(found)} that this process may use"]
    smallest = min(one.total_mib for one in found) if found else 0
    needed = weights / count / MIB
    lines = []
    if needed > ROOM * smallest:
        lines.append(
            f"the weights take {needed / 1024:.0f} GiB of each of {count} GPUs, which have "
            f"{smallest / 1024:.0f} GiB; take more GPUs or a smaller checkpoint"
        )
    if held := busy(found):
        lines.append(f"GPU memory is in use: {', '.join(held)}; end what holds it (nvidia-smi)")
    return lines


def wait_for_room(*, within_s: float | None = None) -> list[Gpu]:
    """Wait until an earlier engine has freed the cards' memory; the cards.

    Raises:
        BackendError: a card's memory is still in use after *within_s* seconds.
    """
    ends = time.monotonic() + (FREED_WITHIN_S if within_s is None else within_s)
    while True:
        found = gpus()
        held = busy(found)
        if not held:
            return found
        if time.monotonic() >= ends:
            raise BackendError(
                f"GPU memory is in use before the engine is loaded ({', '.join(held)}). End the "
                "process that holds it (nvidia-smi), or name free cards in CUDA_VISIBLE_DEVICES."
            )
        time.sleep(LOOK_AGAIN_S)


def busy(found: Sequence[Gpu]) -> list[str]:
    """Which cards somebody's memory is on, in words."""
    return [
        f"GPU {one.index}: {one.used_mib} of {one.total_mib} MiB"
        for one in found
        if one.used_mib > IDLE_MIB
    ]


def _gpu(line: str) -> Gpu:
    index, uuid, name, total, used, driver = (part.strip() for part in line.split(","))
    return Gpu(
        index=int(index),
        uuid=uuid,
        name=name,
        total_mib=int(total),
        used_mib=int(used),
        driver=driver,
    )


def _visible(found: Sequence[Gpu], named: Sequence[str]) -> list[Gpu]:
    """As CUDA reads the variable: indices or the start of UUIDs, up to the first that is neither.

    Indices are nvidia-smi's where `CUDA_DEVICE_ORDER` is `PCI_BUS_ID` or all cards are alike.
    """
    chosen: list[Gpu] = []
    for name in named:
        one = name.strip()
        hit = [gpu for gpu in found if one == str(gpu.index) or (one and gpu.uuid.startswith(one))]
        if not hit:
            break
        chosen.append(hit[0])
    return chosen

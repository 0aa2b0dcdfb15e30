"""The processes that an engine starts: who they are, whether they live, and their end.

Read from /proc, as nvidia-smi in a container tells other process ids than those inside.
"""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

GPU_DEVICE = "/dev/nvidia"
PATIENCE_S = 10.0
LOOK_AGAIN_S = 0.05


class Process(NamedTuple):
    """A process; *started* (clock ticks since boot) tells it from a later one of the same id."""

    pid: int
    started: int


def descendants(roots: Iterable[int] | None = None) -> frozenset[Process]:
    """All processes below *roots* that live; below this process if none are named."""
    children: dict[int, list[Process]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (facts := _facts(int(folder.name))):
            state, parent, started = facts
            if state not in "ZX":
                children.setdefault(parent, []).append(Process(int(folder.name), started))
    found: set[Process] = set()
    queue = list(roots) if roots is not None else [os.getpid()]
    while queue:
        below = set(children.get(queue.pop(), ())) - found
        found |= below
        queue += [one.pid for one in below]
    return frozenset(found)


def alive(one: Process) -> bool:
    """Whether *one* still runs; a zombie does not."""
    facts = _facts(one.pid)
    return facts is not None and facts[2] == one.started and facts[0] not in "ZX"


def on_gpu(one: Process) -> bool:
    """Whether *one* has a GPU's device open."""
    try:
        links = list(Path(f"/proc/{one.pid}/fd").iterdir())
    except OSError:
        return False
    for link in links:
        with suppress(OSError):
            target = str(link.readlink())
            if target.startswith(GPU_DEVICE) and target.removeprefix(GPU_DEVICE).isdigit():
                return True
    return False


def end(processes: Iterable[Process], *, patience_s: float = PATIENCE_S) -> list[Process]:
    """End *processes* and what they started: asked first, then killed; those that had to be."""
    left = {one for one in processes if alive(one)}
    left |= descendants([one.pid for one in left])
    ended = sorted(left)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for one in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, number)
        until = time.monotonic() + patience_s
        while left and time.monotonic() < until:
            left = {one for one in left if alive(one)}
            if left:
                time.sleep(LOOK_AGAIN_S)
    return ended


def _facts(pid: int) -> tuple[str, int, int] | None:
    """State, parent and start of *pid* (proc_pid_stat(5)); None if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything, parentheses too.
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[1]), int(fields[19])

"""Is this machine ready for an engine of its own? GPUs, TensorRT-LLM, checkpoints, file systems."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalsuite.backends import gpus
from evalsuite.backends.checkpoint import inspect
from evalsuite.backends.local import find
from evalsuite.backends.tensorrt_llm.engine import INSTALL, NO_REPORTS, installed
from evalsuite.cli.finding import Finding, Status
from evalsuite.errors import BackendError, DataError

GIB = 2**30
IMPORT_S = 180.0
MARK = "tensorrt_llm version "
# The ranks of an engine talk over shared memory; Docker gives 64 MB unless told otherwise.
NEEDED_SHM_GIB = 1.0
# Locks and small writes over a network are slower, and some servers get them wrong.
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "glusterfs"),
        *("fuse.sshfs", "fuse.juicefs", "wekafs", "9p", "virtiofs", "afs"),
    }
)


def node_findings(
    *, checkpoints: Sequence[str], count: int | None, results: Path
) -> Iterator[Finding]:
    """Look at everything that an engine in this process needs; loads and downloads nothing.

    *count* is how many GPUs one engine takes; all that this process may use if not given.
    """
    cards = gpus.gpus()
    yield _gpus(cards)
    yield _tensorrt_llm(needed=bool(checkpoints))
    if cards:
        yield from _container()
    for name in checkpoints:
        yield from _checkpoint(name, cards, count or len(cards) or 1)
    yield from _file_systems(checkpoints, results)


def _gpus(cards: Sequence[gpus.Gpu]) -> Finding:
    if not cards:
        fix = "only for engines on this machine; the demo and servers elsewhere need none"
        return Finding(name="gpu", status="absent", found="none seen by nvidia-smi", fix=fix)
    smallest = min(card.total_mib for card in cards) / 1024
    drivers = ", ".join(sorted({card.driver for card in cards}))
    found = f"{gpus.hardware(cards)}, {smallest:.0f} GiB each, driver {drivers}"
    busy = gpus.busy(cards)
    if not busy:
        return Finding(name="gpu", status="ok", found=found)
    fix = "end what holds the memory (nvidia-smi), or name free cards in CUDA_VISIBLE_DEVICES"
    return Finding(
        name="gpu", status="absent", found=f"{found}; in use: {', '.join(busy)}", fix=fix
    )


def _tensorrt_llm(*, needed: bool) -> Finding:
    """Whether it imports, in a process of its own: it takes long and holds the GPU."""
    if not installed():
        fix = f"only for engines in this process: {INSTALL}"
        status: Status = "failed" if needed else "absent"
        return Finding(name="tensorrt_llm", status=status, found="not installed", fix=fix)
    code = f"import tensorrt_llm; print('\\n{MARK}' + tensorrt_llm.__version__)"
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            timeout=IMPORT_S,
            env=os.environ | NO_REPORTS,
        )
    except subprocess.TimeoutExpired:
        fix = "try it by hand: python -c 'import tensorrt_llm'"
        found = f"does not import within {IMPORT_S:.0f} s"
        return Finding(name="tensorrt_llm", status="failed", found=found, fix=fix)
    told = [line.removeprefix(MARK) for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not told:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Finding(name="tensorrt_llm", status="failed", found=last, fix=INSTALL)
    if told[0].startswith("0."):
        fix = "a release of 1.0 or later takes all settings; before, only the model card's"
        return Finding(name="tensorrt_llm", status="absent", found=told[0], fix=fix)
    return Finding(name="tensorrt_llm", status="ok", found=told[0])


def _container() -> Iterator[Finding]:
    """Limits of a container that engines with several ranks run into."""
    room = os.statvfs("/dev/shm")  # noqa: S108 - the ranks' shared memory
    gib = room.f_blocks * room.f_frsize / GIB
    fix = "" if gib >= NEEDED_SHM_GIB else "start the container with --ipc=host, or --shm-size=64g"
    status: Status = "absent" if fix else "ok"
    yield Finding(name="shared memory", status=status, found=f"{gib:.1f} GiB", fix=fix)
    locked = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    endless = locked == resource.RLIM_INFINITY
    yield Finding(
        name="locked memory",
        status="ok" if endless else "absent",
        found="unlimited" if endless else f"{locked / 2**20:.0f} MiB",
        fix="" if endless else "start the container with --ulimit memlock=-1",
    )


def _checkpoint(name: str, cards: Sequence[gpus.Gpu], count: int) -> Iterator[Finding]:
    """Whether it is whole, is what it says, and fits *count* cards."""
    label = f"checkpoint {Path(name).name}"
    try:
        found = inspect(find(name))
    except BackendError as error:
        yield Finding(name=label, status="failed", found="not here", fix=str(error))
        return
    except DataError as error:
        fix = "download it again (hf download)"
        yield Finding(name=label, status="failed", found=str(error), fix=fix)
        return
    size = f"{found.precision}, {found.shards} file(s), {found.bytes / GIB:.1f} GiB"
    fix = f"evalsuite inspect {name}: trust the tensors" if found.conflicts else ""
    said = "; ".join([size, *found.conflicts])
    yield Finding(name=label, status="absent" if fix else "ok", found=said, fix=fix)
    short = gpus.shortage(cards, count=count, weights=found.bytes)
    each = found.bytes / count / GIB
    yield Finding(
        name=f"{label} on {count} GPU(s)",
        status="failed" if short else "ok",
        found=short[0] if short else f"{each:.1f} GiB of weights on each",
        fix="take a node with enough free GPUs, or ask a server" if short else "",
    )


def _file_systems(checkpoints: Sequence[str], results: Path) -> Iterator[Finding]:
    """Where files lie on a network; what that means for each."""
    kind = file_system(results)
    if kind in NETWORK:
        fix = (
            "one process writes a run, and its store is safe there; a local --results folder is "
            "faster, to be copied when the run is done"
        )
        yield Finding(name="results' file system", status="absent", found=kind, fix=fix)
    else:
        yield Finding(name="results' file system", status="ok", found=kind)
    for name in checkpoints:
        kind = file_system(Path(name))
        if Path(name).exists() and kind in NETWORK:
            fix = "loading is as fast as the network; copy the checkpoint to a local disk"
            label = f"file system of {Path(name).name}"
            yield Finding(name=label, status="absent", found=kind, fix=fix)


def file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The type of the file system that holds *path*, or would; "unknown" if none tells."""
    whole = path.absolute()
    while not whole.exists():
        whole = whole.parent
    whole = whole.resolve()
    best, kind = -1, "unknown"
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, place, found, *_ = line.split(" ")
        root = Path(place.replace("\\040", " "))
        if whole.is_relative_to(root) and len(root.parts) >= best:
            best, kind = len(root.parts), found
    return kind

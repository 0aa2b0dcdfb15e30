"""Is this machine ready? Findings, each failure with its fix."""

import os
import platform
import resource
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from evalsuite.cli.finding import Finding
from evalsuite.errors import EvalsuiteError
from evalsuite.resources import shipped

if TYPE_CHECKING:
    from evalsuite.questions import TaskSpec

GIB = 2**30
# What the embedded demo was seen to need, with room to spare.
NEEDED_DISK_GIB = 0.5
NEEDED_MEMORY_GIB = 1.0
# Each request in flight to a server holds a socket; the runner keeps up to about a thousand.
NEEDED_FILES = 4096


def findings(*, data: Path | None, results: Path) -> Iterator[Finding]:
    """Look at everything, the cheapest first; downloads nothing."""
    packages = list(_packages())
    yield from packages
    yield from _machine(results)
    if any(one.status == "failed" for one in packages):
        return  # the rest needs the packages
    yield from list(_demo()) or [Finding(name="demo", status="ok", found="the files are whole")]
    yield _token()
    yield from _data_sets(data)


def _packages() -> Iterator[Finding]:
    """Python and the packages of pyproject.toml, by the installed metadata."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    try:
        wanted = [Requirement(line) for line in requires("evalsuite") or ()]
        pythons = SpecifierSet(metadata("evalsuite")["Requires-Python"])
    except PackageNotFoundError:
        fix = "pip install evalsuite (in a checkout: pip install -e .)"
        yield Finding(name="packages", status="failed", found="evalsuite is not installed", fix=fix)
        return
    here = platform.python_version()
    right = pythons.contains(here, prereleases=True)
    yield Finding(
        name="python",
        status="ok" if right else "failed",
        found=here,
        fix="" if right else f"install Python {pythons}",
    )
    needed = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [finding for one in needed if (finding := _package(one.name, one.specifier))]
    yield from wrong or [
        Finding(name="packages", status="ok", found=f"{len(needed)} in the versions needed")
    ]


def _package(name: str, wanted: object) -> Finding | None:
    """What is wrong with package *name*, None if nothing is."""
    from packaging.specifiers import SpecifierSet

    assert isinstance(wanted, SpecifierSet)
    found = _version(name)
    if found and wanted.contains(found, prereleases=True):
        return None
    fix = f"pip install '{name}{wanted}'"
    return Finding(name=name, status="failed", found=found or "not installed", fix=fix)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _machine(results: Path) -> Iterator[Finding]:
    """Where the runs go, memory, cores, file descriptors."""
    folder = results.absolute()
    while not folder.exists():
        folder = folder.parent
    yield _writable(results, folder)
    free = shutil.disk_usage(folder).free / GIB
    fix = "" if free >= NEEDED_DISK_GIB else f"free {NEEDED_DISK_GIB:g} GiB, or name --results"
    yield Finding(
        name="disk", status="failed" if fix else "ok", found=f"{free:.1f} GiB free", fix=fix
    )
    memory = _available_memory() / GIB
    fix = "" if memory >= NEEDED_MEMORY_GIB else f"free {NEEDED_MEMORY_GIB:g} GiB of memory"
    cores = len(os.sched_getaffinity(0))
    found = f"{memory:.1f} GiB available, {cores} cores"
    yield Finding(name="memory", status="failed" if fix else "ok", found=found, fix=fix)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    enough = files == resource.RLIM_INFINITY or files >= NEEDED_FILES
    yield Finding(
        name="open files",
        status="ok" if enough else "absent",
        found=f"{files} allowed",
        fix="" if enough else "for many requests in flight to a server: ulimit -n 65536",
    )


def _writable(results: Path, folder: Path) -> Finding:
    """Whether *results* is a folder, or can be made below *folder*, and can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding(name="results", status="ok", found=f"{results} can be written")
    except OSError as error:
        fix = "make it writable, or name another folder with --results"
        found = f"{folder}: {error.strerror}"
        return Finding(name="results", status="failed", found=found, fix=fix)


def _available_memory() -> int:
    """Bytes that new programs can have, by the kernel's own estimate."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _demo() -> Iterator[Finding]:
    """The checkpoints and items that the demo's configuration names, each really read."""
    from evalsuite.backends import BACKENDS
    from evalsuite.backends.embedded import checkpoint
    from evalsuite.config import load_config
    from evalsuite.questions import load_questions, task_names
    from evalsuite.resources import DEMO_ITEMS

    config = load_config(shipped("configs") / "demo.yaml", tasks=task_names, backends=BACKENDS)
    for model in sorted({str(arm.options["model"]) for arm in config.arms.values()}):
        try:
            checkpoint.load(checkpoint.find(model))
        except EvalsuiteError as error:
            yield _broken(f"checkpoint {model}", error)
    for task in config.tasks:
        try:
            load_questions(task, data=DEMO_ITEMS)
        except EvalsuiteError as error:
            yield _broken(f"items of {task}", error)


def _broken(name: str, error: EvalsuiteError) -> Finding:
    fix = "install evalsuite again (pip install --force-reinstall evalsuite)"
    return Finding(name=name, status="failed", found=str(error), fix=fix)


def _token() -> Finding:
    """Whether there is a Hugging Face token; its value goes nowhere."""
    from huggingface_hub import get_token

    if get_token():
        return Finding(name="HF token", status="ok", found="set")
    fix = "only for gated data sets (GPQA): accept the licence, then set HF_TOKEN"
    return Finding(name="HF token", status="absent", found="not set", fix=fix)


def _data_sets(data: Path | None) -> Iterator[Finding]:
    """Each benchmark's rows: read from *data*, or cached, or within reach of the hub.

    What fails in the same way is one finding.
    """
    from evalsuite.questions import read_task, task_names

    specs = [read_task(name) for name in task_names()]
    with ThreadPoolExecutor(len(specs)) as threads:
        said = list(threads.map(partial(_data_set, data=data), specs))
    failed: dict[str, list[str]] = {}
    for spec, (found, problem) in zip(specs, said, strict=True):
        if problem:
            failed.setdefault(problem.replace(spec.dataset, "the data set"), []).append(spec.title)
        else:
            yield Finding(name=spec.title, status="ok", found=found)
    for problem, titles in failed.items():
        found = f"{', '.join(titles)} cannot be had"
        yield Finding(name="data sets", status="absent", found=found, fix=problem)


def _data_set(spec: "TaskSpec", *, data: Path | None) -> tuple[str, str]:
    """What was found, or the problem."""
    from evalsuite.questions import load_questions
    from evalsuite.questions.hub import availability

    try:
        if data is not None:
            return f"{len(load_questions(spec.name, data=data))} questions in {data}", ""
        return f"{spec.source}: {availability(spec)}", ""
    except EvalsuiteError as error:
        return "", str(error)

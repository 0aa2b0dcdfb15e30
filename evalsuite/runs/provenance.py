"""What exactly was run: settings that must not change, versions, times. Never a secret."""

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evalsuite import __version__
from evalsuite.backends import backend_class
from evalsuite.config import ExperimentConfig, config_hash
from evalsuite.model import BackendInfo, RunInfo, TaskInfo
from evalsuite.privacy import public, public_text

PACKAGES = (
    *("lm_eval", "datasets", "numpy", "math-verify", "latex2sympy2_extended", "sympy"),
    *("tokenizers", "tensorrt_llm", "torch"),
)


def planned_run(config: ExperimentConfig, arm: str, tasks: Sequence[TaskInfo]) -> RunInfo:
    """`run.json` of *arm* before its engine is open."""
    settings = _settings(config, arm)
    own = config.arms[arm]
    return RunInfo(
        id=config.run_id(arm),
        experiment=config.name,
        arm=arm,
        role=config.role(arm),
        precision=own.precision,
        seed=config.seed_of(arm),
        tasks=tuple(tasks),
        backend=replace(
            unopened(
                own.backend,
                model=public_text(str(own.options.get("model", ""))),
                precision=own.precision,
            ),
            stated=public(own.stated),
        ),
        fingerprint=config_hash(settings),
        settings=settings,
        versions=versions(),
        created=now(),
        macro_margin_pp=config.macro_margin_pp,
    )


def recorded(engine: BackendInfo, stated: Mapping[str, str]) -> BackendInfo:
    """What run.json keeps of an open *engine*, beside what the configuration has *stated*."""
    return replace(
        engine,
        model=public_text(engine.model),
        details=public(engine.details),
        stated={**stated, **public(engine.stated)},
    )


def unopened(backend: str, *, model: str, precision: str) -> BackendInfo:
    """What is known of an engine before it is open; its version is empty."""
    return BackendInfo(
        backend=backend,
        model=model,
        precision=precision,
        engine_version="",
        hardware="",
        honours_seed=False,
        max_in_flight=1,
    )


def versions() -> dict[str, str]:
    """The versions that can move a number, and this program's commit in a checkout."""
    found = {
        "evalsuite": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    commit = _commit(Path(__file__).parent)
    return found | ({"commit": commit} if commit else {})


def versions_joined(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The versions of a run that goes on: those of the start, and what has changed since."""
    joined = dict(before)
    for name, version_now in now.items():
        parts = before.get(name, version_now).split(", then ")
        joined[name] = ", then ".join(dict.fromkeys([*parts, version_now]))
    return joined


def now() -> str:
    """The time, ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _settings(config: ExperimentConfig, arm: str) -> dict[str, str]:
    """What must not change while a run goes on; its repeats and limits may grow."""
    own = config.arms[arm]
    free = getattr(backend_class(own.backend), "FREE_OPTIONS", ())
    options = {name: value for name, value in own.options.items() if name not in free}
    settings = {
        "backend": own.backend,
        "options": json.dumps(public(options), sort_keys=True, default=str),
        "precision": own.precision,
        "seed": str(config.seed_of(arm)),
    }
    for task in config.tasks:
        sampling = config.sampling_of(task)
        settings[f"sampling.{task}"] = (
            f"temperature {sampling.temperature:g}, top_p {sampling.top_p:g}, "
            f"top_k {sampling.top_k}, max_tokens {sampling.max_tokens}"
        )
    return settings


def _commit(folder: Path) -> str:
    """The git commit of the checkout that holds *folder*, with + if it was changed; else ""."""
    if not (folder.parents[1] / ".git").exists():
        return ""
    command = ["git", "--no-optional-locks", "-C", str(folder), "describe", "--always"]
    command += ["--abbrev=12", "--dirty=+"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()

"""What two run.json say: which difference stops a comparison, may matter, or is only listed."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalsuite.comparison.types import Check, CheckStatus
from evalsuite.config import config_hash
from evalsuite.model import CheckpointInfo, RunInfo

UNKNOWN = "unknown"
SHOWN = 160  # characters of a value that are worth showing
# Engine arguments that spread a model over GPUs: other sums in another order.
LAYOUT = (
    *("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size"),
    *("moe_tensor_parallel_size", "moe_expert_parallel_size", "moe_cluster_parallel_size"),
    "enable_attention_dp",
)
# Those that choose arithmetic or sampling, whatever the precision.
ARITHMETIC = (
    *("allreduce_strategy", "attn_backend", "sampler_type", "dtype", "load_format"),
    *("disable_flashinfer_sampling", "force_dynamic_quantization", "model_kwargs"),
)
# Details that a fact below is made of, and those that never tell two engines apart.
READ = frozenset({"engine_args", "kv_cache", "driver", "server", "endpoint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that run.json tells: how to read it, what its difference means."""

    name: str
    read: Callable[[RunInfo], str]
    differs: CheckStatus
    message: str


def told(info: RunInfo, name: str) -> str:
    """What the engine tells of *name*, else what the configuration states of it."""
    backend = info.backend
    return (
        backend.details.get(name) or str(getattr(backend, name, "")) or backend.stated.get(name, "")
    )


def _of_checkpoint(name: str) -> Callable[[RunInfo], str]:
    def read(info: RunInfo) -> str:
        found = info.backend.checkpoint
        return str(getattr(found, name)) if found else info.backend.stated.get(name, "")

    return read


def _engine_args(*names: str) -> Callable[[RunInfo], str]:
    def read(info: RunInfo) -> str:
        given = _arguments(info)
        return ", ".join(f"{name} {given[name]}" for name in names if name in given) or "as built"

    return read


def _kv_cache(info: RunInfo) -> str:
    found = info.backend.checkpoint
    of_files = (found.kv_cache or "not quantised") if found else ""
    return told(info, "kv_cache") or of_files


FACTS = (
    Fact(
        name="precision", read=lambda one: one.precision, differs="note", message="what is compared"
    ),
    Fact(
        name="model", read=lambda one: one.backend.model, differs="note", message="the checkpoints"
    ),
    Fact(
        name="chat template",
        read=_of_checkpoint("template_hash"),
        differs="stop",
        message="the same questions became other prompts; give both checkpoints one template",
    ),
    Fact(
        name="tokenizer",
        read=_of_checkpoint("tokenizer_hash"),
        differs="warn",
        message="the same prompts may have become other tokens",
    ),
    Fact(
        name="KV cache",
        read=_kv_cache,
        differs="warn",
        message="the cache has another precision, so the weights are not the only difference",
    ),
    Fact(
        name="backend",
        read=lambda one: one.backend.backend,
        differs="warn",
        message="the engines differ, too",
    ),
    Fact(
        name="engine version",
        read=lambda one: one.backend.engine_version or one.backend.stated.get("engine_version", ""),
        differs="warn",
        message="the engines differ, too",
    ),
    Fact(
        name="hardware",
        read=lambda one: told(one, "hardware"),
        differs="warn",
        message="other GPUs run other kernels",
    ),
    Fact(
        name="context",
        read=lambda one: str(one.backend.context_tokens or ""),
        differs="warn",
        message="long answers may be cut off at another length",
    ),
    Fact(
        name="endpoint",
        read=lambda one: one.backend.details.get("endpoint", ""),
        differs="warn",
        message="one arm's prompts are made by the server's template, the other's by ours",
    ),
    Fact(
        name="server",
        read=lambda one: one.backend.details.get("server", ""),
        differs="warn",
        message="the engines differ, too",
    ),
    Fact(
        name="parallel layout",
        read=_engine_args(*LAYOUT),
        differs="warn",
        message="sums are made in another order, and other experts share a GPU",
    ),
    Fact(
        name="arithmetic",
        read=_engine_args(*ARITHMETIC),
        differs="warn",
        message="other kernels or sampling, whatever the precision",
    ),
    Fact(
        name="speculative decoding",
        read=_engine_args("speculative_config"),
        differs="warn",
        message="it may change what is drawn",
    ),
    Fact(
        name="seed",
        read=lambda one: str(one.seed),
        differs="note",
        message="draws with other seeds",
    ),
    Fact(
        name="seeds honoured",
        read=lambda one: str(one.backend.honours_seed),
        differs="note",
        message="one engine says that a seed decides a draw",
    ),
    Fact(name="experiment", read=lambda one: one.experiment, differs="note", message="run apart"),
    Fact(
        name="imported",
        read=lambda one: "yes" if one.imported else "no",
        differs="warn",
        message="one arm's answers were made elsewhere",
    ),
    Fact(
        name="revision",
        read=_of_checkpoint("revision"),
        differs="note",
        message="of the checkpoints",
    ),
    Fact(
        name="checkpoint files",
        read=lambda one: _files(one.backend.checkpoint),
        differs="note",
        message="of the checkpoints",
    ),
    Fact(
        name="files claim",
        read=lambda one: _claims(one.backend.checkpoint),
        differs="note",
        message="of the checkpoints",
    ),
    Fact(
        name="margin of the mean",
        read=lambda one: str(one.macro_margin_pp or ""),
        differs="note",
        message="the candidate was planned with another; the first decides",
    ),
    Fact(
        name="driver",
        read=lambda one: told(one, "driver"),
        differs="note",
        message="software differs",
    ),
    Fact(
        name="in flight",
        read=lambda one: str(one.backend.max_in_flight),
        differs="note",
        message="answers are made in other company",
    ),
    Fact(
        name="asked",
        read=lambda one: f"{one.created} to {one.finished or '?'}",
        differs="note",
        message="at another time",
    ),
)


def fact_checks(baseline: RunInfo, candidate: RunInfo) -> Iterator[Check]:
    """One check for each fact that either run tells."""
    for fact in FACTS:
        ours, theirs = fact.read(baseline), fact.read(candidate)
        if ours or theirs:
            yield _compared(fact, ours, theirs)
    yield from _modules(baseline, candidate)
    yield from _conflicts(baseline, candidate)
    yield from _listed("engine_args", _other_arguments(baseline), _other_arguments(candidate))
    details = (
        {k: v for k, v in one.backend.details.items() if k not in READ}
        for one in (baseline, candidate)
    )
    yield from _listed("engine", *details)
    yield from _listed("stated", _unread_statements(baseline), _unread_statements(candidate))
    yield from _listed("setting", _settings(baseline), _settings(candidate))
    for name in sorted(baseline.versions.keys() & candidate.versions.keys()):
        yield check(
            name, "note", baseline.versions[name], candidate.versions[name], "software differs"
        )


def check(name: str, status: CheckStatus, baseline: str, candidate: str, message: str) -> Check:
    """A check of *status* if the two differ, else `same`; long values are cut."""
    same = baseline == candidate
    return Check(
        name=name,
        status="same" if same else status,
        baseline=baseline[:SHOWN],
        candidate=candidate[:SHOWN],
        message="" if same else message,
    )


def _compared(fact: Fact, ours: str, theirs: str) -> Check:
    if ours and theirs:
        return check(fact.name, fact.differs, ours, theirs, fact.message)
    status: CheckStatus = "note" if fact.differs == "note" else "warn"
    message = "not known of one of the runs"
    return check(fact.name, status, ours or UNKNOWN, theirs or UNKNOWN, message)


def _modules(baseline: RunInfo, candidate: RunInfo) -> Iterator[Check]:
    """Formats module by module: a module that has not its arm's precision is one more difference.

    So it is on NVIDIA's card: the FP4 checkpoint's attention is BF16, above the FP8 arm's.
    """
    found = baseline.backend.checkpoint, candidate.backend.checkpoint
    ours, theirs = (one.modules if one else {} for one in found)
    for name in sorted(ours.keys() & theirs.keys()):
        meant = all(one and one.modules[name].lower().startswith(one.precision) for one in found)
        message = "what is compared" if meant else "not of the arm's precision: one more difference"
        status: CheckStatus = "note" if meant else "warn"
        yield check(f"{name} weights", status, ours[name], theirs[name], message)
    for name in sorted(ours.keys() ^ theirs.keys() if ours and theirs else ()):
        mine, other = ours.get(name, "none"), theirs.get(name, "none")
        yield check(f"{name} weights", "note", mine, other, "one checkpoint has no such module")


def _conflicts(baseline: RunInfo, candidate: RunInfo) -> Iterator[Check]:
    words = [
        "; ".join(one.backend.checkpoint.conflicts) if one.backend.checkpoint else ""
        for one in (baseline, candidate)
    ]
    if any(words):
        yield Check(
            name="checkpoint",
            status="warn",
            baseline=words[0][:SHOWN] or "no conflict",
            candidate=words[1][:SHOWN] or "no conflict",
            message="a metadata file claims another precision than the tensors have",
        )


def _listed(kind: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Check]:
    for name in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(name, "not set"), theirs.get(name, "not set")
        yield check(f"{kind} {name}", "note", mine, other, "listed")


def _arguments(info: RunInfo) -> Mapping[str, Any]:
    try:
        found = json.loads(info.backend.details.get("engine_args", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _other_arguments(info: RunInfo) -> dict[str, str]:
    known = {*LAYOUT, *ARITHMETIC, "speculative_config"}
    return {
        str(name): json.dumps(value, sort_keys=True)
        for name, value in _arguments(info).items()
        if name not in known
    }


def _unread_statements(info: RunInfo) -> dict[str, str]:
    """Statements that no fact reads; the stated precision is the run's own."""
    names = ("checkpoint", "coverage", "engine_args")
    return {name: info.backend.stated[name] for name in names if name in info.backend.stated}


def _settings(info: RunInfo) -> dict[str, str]:
    """Of the configuration: the arms' options; the rest of it is compared as it came out."""
    return {name: info.settings[name] for name in ("options",) if name in info.settings}


def _files(found: CheckpointInfo | None) -> str:
    if found is None:
        return ""
    size = sum(one.bytes for one in found.files)
    digest = config_hash([[one.name, one.bytes, one.sha256] for one in found.files])
    return f"{len(found.files)} files, {size} bytes, {digest[:12]}"


def _claims(found: CheckpointInfo | None) -> str:
    return ", ".join(f"{name} {claim}" for name, claim in found.claims.items()) if found else ""

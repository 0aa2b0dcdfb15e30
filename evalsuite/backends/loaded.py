"""The record of a checkpoint that an engine loaded: its files, hashes, revision, what it is."""

import hashlib
import re
from pathlib import Path

from evalsuite.backends.chat_template import ChatTemplate
from evalsuite.backends.checkpoint import coverage_sentence, header_bytes, inspect
from evalsuite.errors import BackendError
from evalsuite.model import CheckpointFile, CheckpointInfo

# R1's tokenizer.json has 8 MB; what is larger is weights, of which the header is hashed.
SMALL = 50_000_000
TOKENIZER = "tokenizer.json"
COMMIT = re.compile(r"[0-9a-f]{40}")


def checkpoint_info(folder: Path) -> CheckpointInfo:
    """What the checkpoint in *folder* is; no weight is read.

    Raises:
        DataError: a file of it is missing or damaged.
    """
    found = inspect(folder)
    files = tuple(_file(path) for path in sorted(folder.iterdir()) if path.is_file())
    return CheckpointInfo(
        revision=revision(folder),
        precision=found.precision,
        kv_cache=found.kv_cache,
        coverage=coverage_sentence(found),
        modules={group: " and ".join(formats) for group, formats in found.coverage.items()},
        claims=found.claims,
        conflicts=tuple(found.conflicts),
        template_hash=_template_hash(folder),
        tokenizer_hash=next((one.sha256 for one in files if one.name == TOKENIZER), ""),
        files=files,
    )


def revision(folder: Path) -> str:
    """The hub's commit of a download, as its cache or `hf download --local-dir` notes it."""
    resolved = folder.resolve()
    if resolved.parent.name == "snapshots" and COMMIT.fullmatch(resolved.name):
        return resolved.name
    note = folder / ".cache" / "huggingface" / "download" / "config.json.metadata"
    try:
        first = note.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return first if COMMIT.fullmatch(first) else ""


def _file(path: Path) -> CheckpointFile:
    size = path.stat().st_size
    digest = ""
    if size <= SMALL:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    elif path.suffix == ".safetensors":
        digest = hashlib.sha256(header_bytes(path)).hexdigest()
    return CheckpointFile(name=path.name, bytes=size, sha256=digest)


def _template_hash(folder: Path) -> str:
    try:
        return hashlib.sha256(ChatTemplate(folder).source.encode()).hexdigest()
    except BackendError:
        return ""  # a base model has none

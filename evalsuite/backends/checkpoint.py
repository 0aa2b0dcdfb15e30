"""What a checkpoint is: what its two metadata files say, and what its tensors are.

Tensors decide: `config.json` of an FP4 checkpoint may still say fp8, as its source did.
"""

import json
import re
import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from evalsuite.errors import DataError

LENGTH = struct.Struct("<Q")
# safetensors itself refuses longer headers; R1's shards stay far below.
MOST_HEADER = 100_000_000
MOST_METADATA = 50_000_000
PLAIN = {"BF16": "BF16", "F16": "FP16", "F32": "FP32", "F64": "FP64"}
WEIGHTS = ("weight", "weight_packed")
# The first that is found in a module's name says what it is.
GROUPS = (
    ("routed experts", r"\.experts\."),
    ("shared experts", r"\.shared_experts?\."),
    ("router", r"\.(gate|router)$"),
    ("attention", r"\.(self_attn|attn|attention)\."),
    ("MLP", r"\.(mlp|feed_forward)\."),
    ("embeddings", r"embed"),
    ("lm_head", r"(^|\.)lm_head$"),
)


class Tensor(NamedTuple):
    """What a safetensors header says of one tensor."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder as found.

    `coverage` maps a group of modules to the number of its weights in each format; `claims` maps
    a metadata file to the precision that it states; `kv_cache` is "" where nothing is stated.
    """

    folder: Path
    bytes: int
    shards: int
    precision: str
    kv_cache: str
    coverage: Mapping[str, Mapping[str, int]]
    claims: Mapping[str, str]
    conflicts: Sequence[str]


def inspect(folder: Path) -> Checkpoint:
    """Read the metadata and the tensors' headers in *folder*; no weight is loaded.

    Raises:
        DataError: a file is missing or damaged; the message names it.
    """
    shards = sorted(folder.glob("*.safetensors"))
    if not shards:
        raise DataError(f"{folder}: holds no *.safetensors; name a checkpoint's folder.")
    _refuse_gaps(folder, {shard.name for shard in shards})
    tensors: dict[str, Tensor] = {}
    for shard in shards:
        tensors |= read_header(shard)
    hf, config = (_metadata(folder / name) for name in ("hf_quant_config.json", "config.json"))
    inner, inline = _mapping(hf.get("quantization")), _mapping(config.get("quantization_config"))
    layers = config.get("num_hidden_layers")
    coverage = _coverage(tensors, layers if isinstance(layers, int) else 0)
    precision = _precision(coverage)
    claims = {
        "hf_quant_config.json": _claim(inner, "quant_algo"),
        "config.json": _claim(inline, "quant_algo", "format", "quant_method"),
    }
    claims = {name: claim for name, claim in claims.items() if claim}
    return Checkpoint(
        folder=folder,
        bytes=sum(shard.stat().st_size for shard in shards),
        shards=len(shards),
        precision=precision,
        kv_cache=_kv_cache(inner, inline, tensors),
        coverage=coverage,
        claims=claims,
        conflicts=[*_conflicts(claims, precision)],
    )


def read_header(path: Path) -> dict[str, Tensor]:
    """Tensor name → what the header says of it.

    Raises:
        DataError: the header is cut off, too long for its file, or not what safetensors writes.
    """
    try:
        header = json.loads(header_bytes(path))
        return {
            str(name): Tensor(str(entry["dtype"]), tuple(int(size) for size in entry["shape"]))
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            f"{path}: its header is damaged ({type(error).__name__}). Download it again."
        ) from error


def header_bytes(path: Path) -> bytes:
    """The header of a safetensors file; its stated length is checked before it is read.

    Raises:
        DataError: it is cut off or longer than its file.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(LENGTH.size)
            length = LENGTH.unpack(start)[0] if len(start) == LENGTH.size else -1
            if not 0 < length <= min(MOST_HEADER, size - LENGTH.size):
                raise DataError(
                    f"{path}: its header claims {length} bytes, the file has {size}; it is "
                    "damaged or no safetensors file. Download it again."
                )
            return file.read(length)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error


def coverage_words(found: Checkpoint) -> list[str]:
    """One line for each group of modules, and one for the KV cache."""
    lines = [
        f"{group}: " + ", ".join(f"{name} ({count})" for name, count in formats.items())
        for group, formats in found.coverage.items()
    ]
    return [*lines, f"KV cache: {found.kv_cache or 'not quantised by the checkpoint'}"]


def coverage_sentence(found: Checkpoint) -> str:
    """One line: "MLP, routed experts NVFP4; attention BF16; KV cache not quantised"."""
    groups: dict[str, list[str]] = defaultdict(list)
    for group, formats in found.coverage.items():
        groups[" and ".join(formats)].append(group)
    reduced_first = sorted(groups, key=lambda name: (name in PLAIN.values(), name))
    parts = [f"{', '.join(groups[name])} {name}" for name in reduced_first]
    return "; ".join([*parts, f"KV cache {found.kv_cache or 'not quantised'}"])


def _refuse_gaps(folder: Path, there: set[str]) -> None:
    index = _mapping(_metadata(folder / "model.safetensors.index.json").get("weight_map"))
    gone = sorted({str(name) for name in index.values()} - there)
    if gone:
        raise DataError(f"{folder}: {len(gone)} shard(s) are missing, the first is {gone[0]!r}.")


def _metadata(path: Path) -> Mapping[str, Any]:
    """The object in *path*, empty if there is no such file."""
    try:
        if path.stat().st_size > MOST_METADATA:
            raise DataError(f"{path}: is too large for metadata.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is damaged, it is no JSON.") from error
    if not isinstance(found, dict):
        raise DataError(f"{path}: is damaged, it holds no object.")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _claim(said: Mapping[str, Any], *keys: str) -> str:
    """The first of *keys* that says something; some writers spell null as a string."""
    values = (str(said.get(key) or "") for key in keys)
    return next((one for one in values if one.lower() not in ("", "none", "null")), "")


def _kv_cache(
    inner: Mapping[str, Any], inline: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> str:
    """As ModelOpt states it, else compressed-tensors, else by the scales that it left."""
    scheme = _mapping(inline.get("kv_cache_scheme"))
    bits = f"{scheme.get('type', '')} {scheme.get('num_bits', '')}".strip()
    scaled = any(name.endswith(".k_scale") for name in tensors)
    return (
        _claim(inner, "kv_cache_quant_algo")
        or {"float 8": "FP8", "float 4": "NVFP4", "int 8": "INT8"}.get(bits, bits)
        or ("FP8" if scaled else "")
    )


def _coverage(tensors: Mapping[str, Tensor], layers: int) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, tensor in tensors.items():
        module, _, part = name.rpartition(".")
        if part in WEIGHTS and "norm" not in module.rpartition(".")[2]:
            found[_group(module, layers)][_format(module, tensor, tensors)] += 1
    return {group: dict(sorted(found[group].items())) for group in sorted(found)}


def _group(module: str, layers: int) -> str:
    layer = re.search(r"\.layers\.(\d{1,6})\.", module)
    if layer and layers and int(layer[1]) >= layers:
        return "MTP layer"
    return next((name for name, pattern in GROUPS if re.search(pattern, module)), "other")


def _format(module: str, weight: Tensor, tensors: Mapping[str, Tensor]) -> str:
    if f"{module}.weight_scale_inv" in tensors and weight.dtype == "F8_E4M3":
        return "FP8 block"
    scale = tensors.get(f"{module}.weight_scale")
    if weight.dtype == "U8" and scale and scale.dtype == "F8_E4M3":
        return "NVFP4"
    if scale and scale.dtype in ("U8", "F8_E8M0"):
        return {"U8": "MXFP4", "F8_E4M3": "MXFP8"}.get(weight.dtype, weight.dtype)
    if weight.dtype == "F8_E4M3":
        return _scaled_fp8(weight, scale)
    return PLAIN.get(weight.dtype, weight.dtype)


def _scaled_fp8(weight: Tensor, scale: Tensor | None) -> str:
    """By the number of scales: one, one for each output channel, or one for each block."""
    if scale is None:
        return "FP8"
    count = prod(scale.shape)
    if count == 1:
        return "FP8 per tensor"
    return "FP8 per channel" if count == weight.shape[0] else "FP8 block"


def _precision(coverage: Mapping[str, Mapping[str, int]]) -> str:
    """The most reduced format of any weight, in the words that arms use."""
    formats = {name for formats in coverage.values() for name in formats}
    order = ("NVFP4", "MXFP4", "FP8", "MXFP8", "BF16", "FP16")
    return next(
        (one.lower() for one in order if any(name.startswith(one) for name in formats)), "unknown"
    )


def _conflicts(claims: Mapping[str, str], precision: str) -> Iterator[str]:
    for file, claim in claims.items():
        stated = _family(claim)
        if stated and stated != precision:
            yield f"{file} says {claim}, the tensors are {precision}"


def _family(claim: str) -> str:
    """`nvfp4` or `fp8`, "" where the claim names neither or both."""
    low = claim.lower()
    four, eight = "nvfp4" in low, "fp8" in low or low == "float-quantized"
    return "" if four == eight else "nvfp4" if four else "fp8"

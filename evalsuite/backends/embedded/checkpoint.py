"""Reading a checkpoint folder: Llama's layout in BF16, block FP8 or NVFP4, as ModelOpt writes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from evalsuite.backends.embedded import formats
from evalsuite.backends.embedded.formats import Floats
from evalsuite.backends.embedded.network import (
    Arithmetic,
    Layer,
    Linear,
    Network,
    Shape,
    rotation_tables,
)
from evalsuite.errors import BackendError

SHIPPED = Path(__file__).parent / "checkpoints"
STORED_TYPES: dict[str, Any] = {
    "BF16": ml_dtypes.bfloat16,
    "F32": np.float32,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "U8": np.uint8,
}
Tensors = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint folder, opened; `precision` is the most reduced arithmetic found in it."""

    folder: Path
    network: Network
    precision: Arithmetic


def find(model: str) -> Path:
    """The folder of *model*: a shipped name, else a path.

    Raises:
        BackendError: there is no such checkpoint.
    """
    shipped = sorted(path.name for path in SHIPPED.glob("*/") if (path / "config.json").exists())
    folder = SHIPPED / model if model in shipped else Path(model)
    if not (folder / "config.json").is_file():
        raise BackendError(
            f"The embedded engine finds no checkpoint {model!r}: it is neither a shipped one "
            f"({', '.join(shipped)}) nor a folder with a config.json."
        )
    return folder


def load(folder: Path) -> Checkpoint:
    """The checkpoint in *folder*.

    Raises:
        BackendError: a file is missing or damaged, or the architecture is another one.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tensors = read_tensors(folder / "model.safetensors")
        network, precision = _network(_shape(config), tensors)
    except (OSError, ValueError, KeyError) as error:
        raise BackendError(f"{folder} is no checkpoint that can be read: {error!r}") from error
    return Checkpoint(folder=folder, network=network, precision=precision)


def read_tensors(path: Path) -> Tensors:
    """All tensors of a safetensors file, in their stored types."""
    from safetensors import SafetensorError, deserialize

    try:
        stored = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return {
        name: np.frombuffer(entry["data"], STORED_TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in stored
    }


def _shape(config: dict[str, Any]) -> Shape:
    if config.get("architectures") != ["LlamaForCausalLM"] or not config["tie_word_embeddings"]:
        raise ValueError("only LlamaForCausalLM with tied embeddings is known")
    return Shape(
        vocabulary=config["vocab_size"],
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_key_value_heads"],
        head_width=config["head_dim"],
        context=config["max_position_embeddings"],
        theta=config["rope_theta"],
        epsilon=config["rms_norm_eps"],
    )


def _network(shape: Shape, tensors: Tensors) -> tuple[Network, Arithmetic]:
    layers = tuple(_layer(tensors, f"model.layers.{index}.") for index in range(shape.layers))
    embeddings = _plain(tensors, "model.embed_tokens")
    cosines, sines = rotation_tables(shape)
    network = Network(
        shape=shape,
        embeddings=embeddings,
        unembedding=np.ascontiguousarray(embeddings.T),
        layers=layers,
        final_norm=_plain(tensors, "model.norm"),
        cosines=cosines,
        sines=sines,
    )
    return network, layers[0].down.arithmetic


def _layer(tensors: Tensors, name: str) -> Layer:
    return Layer(
        before_attention=_plain(tensors, name + "input_layernorm"),
        query_key_value=_fused(tensors, [f"{name}self_attn.{part}_proj" for part in "qkv"]),
        output=_fused(tensors, [name + "self_attn.o_proj"]),
        before_mlp=_plain(tensors, name + "post_attention_layernorm"),
        gate_up=_fused(tensors, [f"{name}mlp.{part}_proj" for part in ("gate", "up")]),
        down=_fused(tensors, [name + "mlp.down_proj"]),
    )


def _plain(tensors: Tensors, name: str) -> Floats:
    values: Floats = tensors[name + ".weight"].astype(np.float32)
    return values


def _fused(tensors: Tensors, names: list[str]) -> Linear:
    """The matrices *names*, which read the same input, as one product."""
    parts = [_matrix(tensors, name) for name in names]
    kinds = {(arithmetic, float(scale)) for _, arithmetic, scale in parts}
    if len(kinds) > 1:
        raise ValueError(f"{', '.join(names)} read one input but are quantised differently")
    return Linear(
        matrix=np.ascontiguousarray(np.concatenate([matrix for matrix, _, _ in parts]).T),
        arithmetic=parts[0][1],
        input_scale=parts[0][2],
    )


def _matrix(tensors: Tensors, name: str) -> tuple[Floats, Arithmetic, np.float32]:
    stored = tensors[name + ".weight"]
    if stored.dtype == np.uint8:
        weight = formats.Nvfp4Weight(
            packed=stored,
            block_scales=tensors[name + ".weight_scale"],
            tensor_scale=np.float32(tensors[name + ".weight_scale_2"]),
        )
        scale = np.float32(tensors[name + ".input_scale"])
        return formats.nvfp4_weight_values(weight), "nvfp4", scale
    if stored.dtype == formats.E4M3:
        blocks = formats.Fp8Weight(codes=stored, scales=tensors[name + ".weight_scale_inv"])
        return formats.fp8_weight_values(blocks), "fp8", np.float32(1)
    return stored.astype(np.float32), "bf16", np.float32(1)

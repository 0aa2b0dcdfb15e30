"""Make the FP8 and the NVFP4 checkpoint from trained BF16 weights; no GPU needed."""

import argparse
import json
import shutil
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from generators import FAMILIES, draw, example
from safetensors import TensorSpec, serialize_file
from tokenizers import Tokenizer
from vocabulary import CONTEXT, tokenizer_config

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from evalsuite.backends.embedded import checkpoint, formats  # noqa: E402
from evalsuite.backends.embedded.cache import Cache  # noqa: E402
from evalsuite.backends.embedded.network import TILE, Linear  # noqa: E402

Tensors = dict[str, np.ndarray]
PRODUCER = {"name": "evalsuite demo/quantise.py, in ModelOpt's format", "version": "0.1.0"}
NOT_QUANTISED = ["lm_head", "model.embed_tokens"]
ATTENTION = "model.layers.*.self_attn*"
TYPE_NAMES = {"bfloat16": "bfloat16", "float32": "float32", "uint8": "uint8"}
CALIBRATION = 256


def main() -> None:
    """Read the weights, calibrate, write three folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="model.safetensors as train.py wrote it")
    parser.add_argument("out", type=Path, help="the folder that gets bf16, fp8 and nvfp4")
    parser.add_argument("--attention", action="store_true", help="attention in NVFP4 too")
    args = parser.parse_args()
    tensors = checkpoint.read_tensors(args.weights)
    write(args.out / "bf16", tensors, None, None)
    write(args.out / "fp8", _fp8(tensors), _fp8_inline(), _quant("FP8_BLOCK_SCALES", 128, []))
    largest = calibrate(args.out / "bf16")
    excluded = [] if args.attention else [ATTENTION]
    write(
        args.out / "nvfp4",
        _nvfp4(tensors, largest, attention=args.attention),
        None,
        _quant("NVFP4", 16, excluded),
    )


def calibrate(folder: Path) -> dict[str, float]:
    """The largest input of every linear layer over training examples, in BF16."""
    network = checkpoint.load(folder).network
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    largest: dict[str, float] = {}
    names = _layer_names(network)
    plain = Linear.rounded

    def watched(linear: Linear, rows: np.ndarray) -> np.ndarray:
        for name in names[id(linear)]:
            largest[name] = max(largest.get(name, 0.0), float(np.abs(rows).max()))
        return rows

    Linear.rounded = watched  # type: ignore[method-assign, assignment]
    rng = Random(11)
    for index in range(CALIBRATION):
        family = list(FAMILIES)[index % len(FAMILIES)]
        text = "".join(example(rng, draw(rng, family, for_items=False)))
        ids = tokenizer.encode(text, add_special_tokens=False).ids[:CONTEXT]
        tokens = np.array(ids + [0] * (-len(ids) % TILE))
        cache = Cache(network.shape, 1)
        network.hidden(
            tokens,
            np.arange(len(tokens)),
            lambda layer, q, k, v: cache.attend_prompt(layer, len(cache.pools) - 1, 0, (q, k, v)),  # noqa: B023
        )
    Linear.rounded = plain  # type: ignore[method-assign]
    return largest


def _layer_names(network: Any) -> dict[int, list[str]]:
    """The checkpoint's names of what each fused product holds."""
    names: dict[int, list[str]] = {}
    for index, layer in enumerate(network.layers):
        block = f"model.layers.{index}."
        names[id(layer.query_key_value)] = [f"{block}self_attn.{part}_proj" for part in "qkv"]
        names[id(layer.output)] = [block + "self_attn.o_proj"]
        names[id(layer.gate_up)] = [block + "mlp.gate_proj", block + "mlp.up_proj"]
        names[id(layer.down)] = [block + "mlp.down_proj"]
    return names


def _fp8(tensors: Tensors) -> Tensors:
    made: Tensors = {}
    for name, value in tensors.items():
        if "_proj." not in name:
            made[name] = value
            continue
        weight = formats.fp8_weight(value.astype(np.float32))
        made[name] = weight.codes
        made[name + "_scale_inv"] = weight.scales
    return made


def _nvfp4(tensors: Tensors, largest: dict[str, float], *, attention: bool) -> Tensors:
    made: Tensors = {}
    shared = _shared_scales(tensors)
    for name, value in tensors.items():
        if "_proj." not in name or ("self_attn" in name and not attention):
            made[name] = value
            continue
        layer = name.removesuffix(".weight")
        weight = formats.nvfp4_weight(value.astype(np.float32), shared[layer])
        made[name] = weight.packed
        made[name + "_scale"] = weight.block_scales
        made[name + "_scale_2"] = np.float32(weight.tensor_scale)
        made[layer + ".input_scale"] = formats.nvfp4_tensor_scale(largest[layer])
    return made


def _shared_scales(tensors: Tensors) -> dict[str, np.float32]:
    """The tensor scale of each layer; those that run as one product share theirs."""
    peaks = {
        name.removesuffix(".weight"): float(np.abs(value.astype(np.float32)).max())
        for name, value in tensors.items()
        if "_proj." in name
    }
    for name in list(peaks):
        block, _, part = name.rpartition(".")
        group = next(
            (g for g in (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj")) if part in g),
            (part,),
        )
        peaks[name] = max(peaks[f"{block}.{other}"] for other in group)
    return {name: formats.nvfp4_tensor_scale(peak) for name, peak in peaks.items()}


def _fp8_inline() -> dict[str, Any]:
    return {
        "quant_method": "fp8",
        "fmt": "e4m3",
        "activation_scheme": "dynamic",
        "weight_block_size": [formats.BLOCK, formats.BLOCK],
    }


def _quant(algorithm: str, group: int, excluded: list[str]) -> dict[str, Any]:
    return {
        "producer": PRODUCER,
        "quantization": {
            "quant_algo": algorithm,
            "kv_cache_quant_algo": None,
            "group_size": group,
            "exclude_modules": [*NOT_QUANTISED, *excluded],
        },
    }


def write(
    folder: Path, tensors: Tensors, inline: dict[str, Any] | None, quant: dict[str, Any] | None
) -> None:
    """One checkpoint folder with everything that a server expects beside the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    config = _config(tensors)
    if inline:
        config["quantization_config"] = inline
    _json(folder / "config.json", config)
    if quant:
        _json(folder / "hf_quant_config.json", quant)
    _json(folder / "tokenizer_config.json", tokenizer_config())
    _json(
        folder / "generation_config.json",
        {
            "bos_token_id": 1,
            "eos_token_id": 0,
            "do_sample": True,
            "temperature": 0.6,
            "top_p": 0.95,
        },
    )
    shutil.copy(HERE / "tokenizer.json", folder / "tokenizer.json")
    # A scalar must stay one: ascontiguousarray would give it a dimension.
    kept = {
        name: np.ascontiguousarray(value).reshape(np.shape(value))
        for name, value in sorted(tensors.items())
    }
    stored = {
        name: TensorSpec(
            dtype=value.dtype.name,
            shape=list(value.shape),
            data_ptr=value.ctypes.data,
            data_len=value.nbytes,
        )
        for name, value in kept.items()
    }
    serialize_file(stored, str(folder / "model.safetensors"), {"format": "pt"})


def _config(tensors: Tensors) -> dict[str, Any]:
    vocabulary, width = tensors["model.embed_tokens.weight"].shape
    mlp = tensors["model.norm.weight"].shape and _rows(tensors, "model.layers.0.mlp.gate_proj")
    head = 32
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": mlp,
        "num_hidden_layers": sum(name.endswith("q_proj.weight") for name in tensors),
        "num_attention_heads": _rows(tensors, "model.layers.0.self_attn.q_proj") // head,
        "num_key_value_heads": _rows(tensors, "model.layers.0.self_attn.k_proj") // head,
        "head_dim": head,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rope_theta": 10000.0,
        "rms_norm_eps": 1e-5,
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 0,
        "torch_dtype": "bfloat16",
    }


def _rows(tensors: Tensors, layer: str) -> int:
    return int(tensors[layer + ".weight"].shape[0])


def _json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

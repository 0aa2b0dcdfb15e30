"""Checkpoints as ModelOpt and llm-compressor write them, and R1's own FP8."""

import importlib.util
import json
import struct
from math import prod
from pathlib import Path

import pytest

from evalsuite.backends import loaded
from evalsuite.backends.checkpoint import coverage_sentence, inspect
from evalsuite.backends.loaded import checkpoint_info

HERE = Path(__file__).parent / "checkpoints"
LAYOUTS = json.loads((HERE / "layouts.json").read_text())
BYTES = {"U8": 1, "F8_E4M3": 1, "BF16": 2, "F32": 4}
PLAIN = "embeddings, lm_head BF16; KV cache not quantised"
EXPECTED = {
    "modelopt FP8": ("fp8", f"MLP, attention FP8 per tensor; {PLAIN}"),
    "modelopt FP8, KV cache FP8": (
        "fp8",
        "MLP, attention FP8 per tensor; embeddings, lm_head BF16; KV cache FP8",
    ),
    "modelopt FP8 block": ("fp8", f"MLP, attention FP8 block; {PLAIN}"),
    "modelopt NVFP4": ("nvfp4", f"MLP, attention NVFP4; {PLAIN}"),
    "modelopt NVFP4 MLP only, DeepSeek-V3": (
        "nvfp4",
        (
            "MLP, routed experts, shared experts NVFP4; attention, embeddings, lm_head, "
            "router BF16; KV cache not quantised"
        ),
    ),
    "llm-compressor FP8 dynamic": ("fp8", f"MLP, attention FP8 per channel; {PLAIN}"),
    "llm-compressor FP8 block": ("fp8", f"MLP, attention FP8 block; {PLAIN}"),
    "llm-compressor NVFP4A16": ("nvfp4", f"MLP, attention NVFP4; {PLAIN}"),
}


def write(folder, layout):
    """The checkpoint of *layout* with zeros for weights."""
    header, end = {}, 0
    for name, (dtype, shape) in layout["tensors"].items():
        size = prod(shape) * BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    body = json.dumps(header).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(body)) + body + bytes(end))
    for name in ("config", "hf_quant_config"):
        if name in layout:
            (folder / f"{name}.json").write_text(json.dumps(layout[name]))
    return folder


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_the_tools_write_is_read_right(tmp_path, name):
    """Precision, the words, and no conflict with what the files claim."""
    found = inspect(write(tmp_path, LAYOUTS[name]))
    assert (found.precision, coverage_sentence(found)) == EXPECTED[name]
    assert found.claims
    assert not found.conflicts


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_of_them_under_another_ones_files_is_a_conflict(tmp_path, name):
    """FP8's files over NVFP4 tensors and the other way round, both formats of metadata."""
    other = "modelopt NVFP4" if EXPECTED[name][0] == "fp8" else "modelopt FP8"
    mixed = LAYOUTS[name] | {key: LAYOUTS[other][key] for key in ("config", "hf_quant_config")}
    found = checkpoint_info(write(tmp_path, mixed))
    assert found.precision == EXPECTED[name][0]
    assert len(found.conflicts) == 2


def test_deepseeks_own_fp8_is_block_fp8(tmp_path):
    """Names and dialect as deepseek-ai/DeepSeek-R1 has them; no tool writes them here."""
    layer = "model.layers.1"
    quantised = [f"{layer}.self_attn.o_proj", f"{layer}.mlp.experts.0.up_proj"]
    tensors = {f"{one}.weight": ["F8_E4M3", [256, 256]] for one in quantised}
    tensors |= {f"{one}.weight_scale_inv": ["F32", [2, 2]] for one in quantised}
    tensors |= {
        f"{layer}.mlp.gate.weight": ["BF16", [2, 256]],
        "lm_head.weight": ["BF16", [8, 256]],
    }
    said = {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}
    layout = {"tensors": tensors, "config": {"quantization_config": said}}
    found = checkpoint_info(write(tmp_path, layout))

    assert found.coverage == (
        "attention, routed experts FP8 block; lm_head, router BF16; KV cache not quantised"
    )
    assert (found.claims, found.conflicts) == ({"config.json": "fp8"}, ())


def test_a_kv_cache_that_compressed_tensors_quantises_is_told(tmp_path):
    """`kv_cache_scheme` says so; the tensors need not."""
    layout = json.loads(json.dumps(LAYOUTS["llm-compressor FP8 dynamic"]))
    scheme = {"num_bits": 8, "type": "float", "strategy": "tensor", "dynamic": False}
    layout["config"]["quantization_config"]["kv_cache_scheme"] = scheme
    assert inspect(write(tmp_path, layout)).kv_cache == "FP8"


def test_files_are_hashed_and_the_revision_is_found(tmp_path, monkeypatch):
    """Large safetensors by their headers; the hub's commit from either kind of download."""
    monkeypatch.setattr(loaded, "SMALL", 10_000)
    folder = write(tmp_path, LAYOUTS["modelopt NVFP4"])
    before = {one.name: one for one in checkpoint_info(folder).files}
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    after = {one.name: one for one in checkpoint_info(folder).files}

    assert set(before) == {"config.json", "hf_quant_config.json", "model.safetensors"}
    changed = {name for name in before if before[name].sha256 != after[name].sha256}
    assert changed == {"config.json"}
    monkeypatch.setattr(loaded, "SMALL", 10**9)
    whole = {one.name: one for one in checkpoint_info(folder).files}
    assert whole["model.safetensors"].sha256 != after["model.safetensors"].sha256
    assert checkpoint_info(folder).revision == ""

    note = folder / ".cache" / "huggingface" / "download"
    note.mkdir(parents=True)
    (note / "config.json.metadata").write_text("a" * 40 + "\netag\n1.0\n")
    assert checkpoint_info(folder).revision == "a" * 40

    snapshot = tmp_path / "hub" / "snapshots" / ("b" * 40)
    snapshot.mkdir(parents=True)
    write(snapshot, LAYOUTS["modelopt NVFP4"])
    assert checkpoint_info(snapshot).revision == "b" * 40


@pytest.mark.slow
def test_the_tools_still_write_these_layouts(tmp_path):
    """Made on the spot where the packages are installed, which they are not in CI."""
    for package in ("torch", "modelopt", "llmcompressor", "transformers"):
        pytest.importorskip(package, reason=f"{package} is too heavy for the tests' environment")
    spec = importlib.util.spec_from_file_location("make_checkpoints", HERE / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)

    for name, layout in make.layouts(tmp_path):
        assert layout["tensors"] == LAYOUTS[name]["tensors"], name
        found = inspect(tmp_path / name)
        assert (found.precision, coverage_sentence(found)) == EXPECTED[name]

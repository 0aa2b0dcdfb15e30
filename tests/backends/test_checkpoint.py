"""What a checkpoint is, by its tensors."""

import json
import struct

import pytest
from click.testing import CliRunner

from evalsuite.backends.checkpoint import inspect, read_header
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.cli.inspect_command import command
from evalsuite.errors import DataError

NVFP4 = {"weight": "U8", "weight_scale": "F8_E4M3", "weight_scale_2": "F32"}
BLOCK = {"weight": "F8_E4M3", "weight_scale_inv": "F32"}
PACKED = {"weight_packed": "U8", "weight_scale": "F8_E4M3", "weight_global_scale": "F32"}


@pytest.fixture
def make(tmp_path):
    """A folder with empty tensors of the given types, and metadata files."""

    def write(modules, **files):
        header = {
            f"{module}.{part}": {"dtype": dtype, "shape": [0], "data_offsets": [0, 0]}
            for module, parts in modules.items()
            for part, dtype in parts.items()
        }
        body = json.dumps(header).encode()
        (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(body)) + body)
        for name, value in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(value))
        return tmp_path

    return write


@pytest.mark.parametrize(("name", "mlp"), [("fp8", "FP8 block"), ("nvfp4", "NVFP4")])
def test_the_shipped_checkpoints_are_what_they_say(name, mlp):
    """Both embedded checkpoints are read right and hold no conflict."""
    found = inspect(SHIPPED / name)
    assert (found.precision, set(found.coverage["MLP"])) == (name, {mlp})
    assert not found.conflicts


def test_an_r1_fp4_layout_is_told_in_words(make):
    """Experts in NVFP4, attention in BF16, the MTP layer apart."""
    folder = make(
        {
            "model.layers.3.mlp.experts.0.up_proj": NVFP4,
            "model.layers.3.mlp.shared_experts.up_proj": NVFP4,
            "model.layers.3.mlp.gate": {"weight": "BF16"},
            "model.layers.3.self_attn.o_proj": {"weight": "BF16"},
            "model.layers.61.mlp.experts.0.up_proj": {"weight": "BF16"},
            "lm_head": {"weight": "BF16"},
        },
        config={"num_hidden_layers": 61},
        hf_quant_config={"quantization": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "None"}},
    )
    found = inspect(folder)
    assert found.precision == "nvfp4"
    assert found.kv_cache == ""
    assert found.coverage == {
        "MTP layer": {"BF16": 1},
        "attention": {"BF16": 1},
        "lm_head": {"BF16": 1},
        "routed experts": {"NVFP4": 1},
        "router": {"BF16": 1},
        "shared experts": {"NVFP4": 1},
    }


def test_a_config_copied_from_the_fp8_source_is_a_conflict(make):
    """FP4 tensors under a config.json that still says fp8 are reported, with exit code 1."""
    folder = make(
        {"model.layers.0.mlp.up_proj": NVFP4},
        config={"quantization_config": {"quant_method": "fp8"}},
        hf_quant_config={"quantization": {"quant_algo": "NVFP4"}},
    )
    assert inspect(folder).conflicts == ["config.json says fp8, the tensors are nvfp4"]
    result = CliRunner().invoke(command, [str(folder)])
    assert (result.exit_code, "CONFLICT: config.json says fp8" in result.output) == (1, True)


def test_a_silently_fp8_checkpoint_is_a_conflict(make):
    """Files that say NVFP4 do not make FP8 tensors FP4."""
    folder = make(
        {"model.layers.0.mlp.up_proj": BLOCK},
        hf_quant_config={"quantization": {"quant_algo": "NVFP4"}},
    )
    assert inspect(folder).conflicts == ["hf_quant_config.json says NVFP4, the tensors are fp8"]


def test_compressed_tensors_names_are_known(make):
    """`weight_packed` with block scales is NVFP4, too."""
    said = {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}
    folder = make({"model.layers.0.mlp.up_proj": PACKED}, config={"quantization_config": said})
    found = inspect(folder)
    assert (found.precision, found.conflicts) == ("nvfp4", [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01\x02",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 50) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 3) + b"{x}",
        struct.pack("<Q", 10) + b'{"a": 123}',
        struct.pack("<Q", 200_000) + b"[" * 200_000,
    ],
)
def test_a_corrupt_header_is_an_error_that_names_the_file(tmp_path, content):
    """A header that lies about its length or its content is never believed."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"model\.safetensors"):
        read_header(path)


def test_a_missing_shard_is_named(make):
    """A download that stopped half way is no checkpoint."""
    folder = make({"lm_head": {"weight": "BF16"}})
    index = {"weight_map": {"a.weight": "model-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(DataError, match="model-00002"):
        inspect(folder)

"""Small checkpoints made by ModelOpt and llm-compressor, and their layouts.

layouts.json beside this file is what it wrote with nvidia-modelopt 0.47.0, llmcompressor 0.14.0.1,
transformers and torch 2.13.0 on a CPU: metadata as it is, tensors as type and shape. These packages
are too heavy for the tests' environment, so the tests fill the layouts with zeros; where the
packages are installed, a test makes the checkpoints again and holds them to the layouts.

    pip install torch nvidia-modelopt transformers requests llmcompressor
    python tests/backends/checkpoints/make.py tests/backends/checkpoints/layouts.json
"""

import copy
import json
import struct
import sys
import tempfile
from pathlib import Path

MODELOPT = {
    "modelopt FP8": ("llama", "FP8_DEFAULT_CFG", None),
    "modelopt FP8, KV cache FP8": ("llama", "FP8_DEFAULT_CFG", "FP8_KV_CFG"),
    "modelopt FP8 block": ("llama", "FP8_2D_BLOCKWISE_WEIGHT_ONLY_CFG", None),
    "modelopt NVFP4": ("llama", "NVFP4_DEFAULT_CFG", None),
    "modelopt NVFP4 MLP only, DeepSeek-V3": ("deepseek", "NVFP4_MLP_ONLY_CFG", None),
}
COMPRESSOR = {
    "llm-compressor FP8 dynamic": "FP8_DYNAMIC",
    "llm-compressor FP8 block": "FP8_BLOCK",
    "llm-compressor NVFP4A16": "NVFP4A16",
}


def model(kind):
    """A model of two layers with random weights."""
    import torch
    from transformers import (
        DeepseekV3Config,
        DeepseekV3ForCausalLM,
        LlamaConfig,
        LlamaForCausalLM,
    )

    torch.manual_seed(0)
    common = {"vocab_size": 512, "max_position_embeddings": 128, "num_hidden_layers": 2}
    if kind == "llama":
        shape = {"hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4}
        made = LlamaForCausalLM(LlamaConfig(**common, **shape, num_key_value_heads=2))
    else:
        shape = {"hidden_size": 128, "intermediate_size": 256, "moe_intermediate_size": 128}
        heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "q_lora_rank": 64}
        latent = {"kv_lora_rank": 64, "qk_rope_head_dim": 32, "qk_nope_head_dim": 32}
        experts = {"n_routed_experts": 2, "num_experts_per_tok": 1, "first_k_dense_replace": 1}
        groups = {"n_group": 1, "topk_group": 1, "n_shared_experts": 1, "v_head_dim": 32}
        made = DeepseekV3ForCausalLM(
            DeepseekV3Config(**common, **shape, **heads, **latent, **experts, **groups)
        )
    made.config.architectures = [type(made).__name__]
    return made.to(torch.bfloat16)


def with_modelopt(folder, kind, settings, kv_settings):
    """ModelOpt's export; a stand-in for its CUDA quantiser, as the values do not count."""
    import modelopt.torch.quantization as mtq
    import torch
    from modelopt.torch.export import export_hf_checkpoint
    from modelopt.torch.quantization.nn.modules import tensor_quantizer

    tensor_quantizer.register_quant_backend("unchanged", lambda inputs, _: inputs)
    config = copy.deepcopy(getattr(mtq, settings))
    for entry in config["quant_cfg"]:
        if entry.get("cfg") and "NVFP4" in settings:
            entry["cfg"]["backend"] = "unchanged"
    if kv_settings:
        config["quant_cfg"] = config["quant_cfg"] + getattr(mtq, kv_settings)["quant_cfg"]

    def calibrate(one):
        one(torch.randint(0, 512, (2, 32)))

    export_hf_checkpoint(mtq.quantize(model(kind), config, calibrate), export_dir=folder)


def with_compressor(folder, scheme):
    """llm-compressor's, in compressed-tensors' format."""
    from llmcompressor import oneshot
    from llmcompressor.modifiers.quantization import QuantizationModifier
    from tokenizers import Tokenizer, models
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    base = folder.with_name(folder.name + "-base")
    model("llama").save_pretrained(base)
    words = Tokenizer(models.WordLevel({f"w{n}": n for n in range(512)}, unk_token="w0"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="w0", pad_token="w0")
    made = AutoModelForCausalLM.from_pretrained(base, dtype="bfloat16")
    recipe = QuantizationModifier(targets="Linear", scheme=scheme, ignore=["lm_head"])
    oneshot(model=made, processor=tokenizer, recipe=recipe)
    made.save_pretrained(folder, save_compressed=True)


def layout(folder):
    """Metadata and the tensors' types and shapes."""
    config = json.loads((folder / "config.json").read_text())
    found = {"config": {"quantization_config": config["quantization_config"]}}
    found["config"]["num_hidden_layers"] = config["num_hidden_layers"]
    if (folder / "hf_quant_config.json").exists():
        found["hf_quant_config"] = json.loads((folder / "hf_quant_config.json").read_text())
    with (folder / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    header.pop("__metadata__", None)
    found["tensors"] = {
        name: [header[name]["dtype"], header[name]["shape"]] for name in sorted(header)
    }
    return found


def layouts(folder):
    """Every layout by name, made in *folder*."""
    for name, settings in MODELOPT.items():
        with_modelopt(folder / name, *settings)
        yield name, layout(folder / name)
    for name, scheme in COMPRESSOR.items():
        with_compressor(folder / name, scheme)
        yield name, layout(folder / name)


def text(found):
    """JSON with a line for each tensor and each metadata file."""
    parts = []
    for name, one in found.items():
        lines = [f"  {json.dumps(key)}: {json.dumps(one[key])}," for key in one if key != "tensors"]
        tensors = [f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in one["tensors"].items()]
        body = "\n".join([*lines, '  "tensors": {', ",\n".join(tensors), "  }"])
        parts.append(f" {json.dumps(name)}: {{\n{body}\n }}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        made = dict(layouts(Path(place)))
    Path(sys.argv[1]).write_text(text(made))

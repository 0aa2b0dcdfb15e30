"""Checks `engine_args` before anything is loaded; names and types as in TensorRT-LLM 1.2 to 1.4."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from evalsuite.config import nearest

COUNTS = (
    *("tensor_parallel_size", "pipeline_parallel_size", "context_parallel_size", "gpus_per_node"),
    *("moe_tensor_parallel_size", "moe_expert_parallel_size", "moe_cluster_parallel_size"),
    *("max_batch_size", "max_input_len", "max_seq_len", "max_beam_width", "max_num_tokens"),
    *("num_postprocess_workers", "perf_metrics_max_requests", "stream_interval"),
    "garbage_collection_gen0_threshold",
)
FLAGS = (
    *("trust_remote_code", "enable_attention_dp", "enable_lm_head_tp_in_adp"),
    *("enable_chunked_prefill", "return_perf_metrics", "disable_overlap_scheduler"),
    *("enable_iter_perf_stats", "print_iter_log", "enable_autotuner"),
    *("force_dynamic_quantization", "disable_flashinfer_sampling"),
)
WORDS = (
    *("tokenizer_mode", "dtype", "custom_tokenizer", "load_format", "guided_decoding_backend"),
    *("orchestrator_type", "attn_backend", "sampler_type", "allreduce_strategy"),
    "checkpoint_format",
)
MAPPINGS = (
    *("model_kwargs", "attention_dp_config", "env_overrides", "nvfp4_gemm_config"),
    "torch_compile_config",
)
# Arguments that are objects of `tensorrt_llm.llmapi`: their class and its fields.
NESTED: Mapping[str, tuple[str, Sequence[str]]] = {
    "kv_cache_config": (
        "KvCacheConfig",
        (
            *("enable_block_reuse", "max_tokens", "max_attention_window"),
            *("free_gpu_memory_fraction", "host_cache_size", "dtype", "tokens_per_block"),
            *("enable_partial_reuse", "copy_on_partial_reuse", "use_uvm"),
            *("max_gpu_total_bytes", "event_buffer_max_size"),
        ),
    ),
    "cuda_graph_config": ("CudaGraphConfig", ("batch_sizes", "max_batch_size", "enable_padding")),
    "moe_config": ("MoeConfig", ("backend", "max_num_tokens", "load_balancer")),
    "speculative_config": (
        "MTPDecodingConfig",
        (
            *("num_nextn_predict_layers", "use_relaxed_acceptance_for_thinking"),
            *("relaxed_topk", "relaxed_delta"),
        ),
    ),
}
KIND = "decoding_type"
CHOICES = {
    "tokenizer_mode": ("auto", "slow"),
    "guided_decoding_backend": ("xgrammar", "llguidance"),
    "orchestrator_type": ("rpc", "ray"),
    "allreduce_strategy": (
        *("AUTO", "NCCL", "UB", "MINLATENCY", "ONESHOT", "TWOSHOT", "LOWPRECISION", "MNNVL"),
        "NCCL_SYMMETRIC",
    ),
}
# What evalsuite sets or must not be set, and the spellings of early 2025.
REFUSED = {
    "model": "write options.model",
    "revision": "write options.revision",
    "tokenizer": "the checkpoint's own is used; another would read the ids differently",
    "tokenizer_revision": "the checkpoint's own tokenizer is used",
    "skip_tokenizer_init": "answers would come without text",
    "backend": "it is pytorch",
    "telemetry_config": "usage reports are off already",
    "reasoning_parser": "for trtllm-serve only; the reasoning stays in the text here",
    "gather_generation_logits": "evalsuite asks for no logits",
    "batched_logits_processor": "would change what is drawn",
    "pytorch_backend_config": "of early 2025; write its fields as arguments",
    "use_cuda_graph": "of early 2025; write cuda_graph_config: {}",
    "cuda_graph_batch_sizes": "of early 2025; write cuda_graph_config: {batch_sizes: [...]}",
    "cuda_graph_padding_enabled": "of early 2025; write cuda_graph_config: {enable_padding: true}",
    "moe_backend": "of early 2025; write moe_config: {backend: ...}",
    "kv_cache_dtype": "of early 2025; write kv_cache_config: {dtype: ...}",
}
SHAPES: Sequence[tuple[Sequence[str], Callable[[object], bool], str]] = (
    (COUNTS, lambda value: type(value) is int and value >= 0, "a whole number"),
    (FLAGS, lambda value: isinstance(value, bool), "true or false"),
    (MAPPINGS, lambda value: isinstance(value, Mapping), "a mapping"),
    (WORDS, lambda value: isinstance(value, str), "a word"),
)
VALID = sorted([*COUNTS, *FLAGS, *WORDS, *MAPPINGS, *NESTED])
RELAXED = "use_relaxed_acceptance_for_thinking"


def problems(arguments: Mapping[str, Any], *, relaxed_acceptance: bool) -> Iterator[str]:
    """One line for each mistake in *arguments*."""
    for name, value in arguments.items():
        if name in REFUSED:
            yield f"engine_args.{name}: must not be set: {REFUSED[name]}."
        elif name not in VALID:
            yield f"engine_args.{name}: unknown; {nearest(str(name), VALID)}"
        elif value is not None:
            yield from _wrong_value(name, value)
    if "max_seq_len" not in arguments:
        yield "engine_args.max_seq_len: must be written; it holds prompt and answer (R1: 36864)."
    if arguments.get("load_format") == "dummy":
        yield "engine_args.load_format: dummy gives random weights."
    yield from _speculative(arguments.get("speculative_config"), relaxed=relaxed_acceptance)


def _speculative(config: object, *, relaxed: bool) -> Iterator[str]:
    if not isinstance(config, Mapping):
        return
    if config.get(KIND, "MTP") != "MTP":
        yield f"engine_args.speculative_config.{KIND}: only MTP is known here."
    if config.get(RELAXED) and not relaxed:
        yield (
            f"engine_args.speculative_config.{RELAXED}: changes what the model writes while it "
            "thinks; if you mean it, write options.relaxed_acceptance: true."
        )


def _wrong_value(name: str, value: object) -> Iterator[str]:
    if name in NESTED:
        yield from _nested(name, value)
        return
    right, wanted = next((right, wanted) for names, right, wanted in SHAPES if name in names)
    if not right(value):
        yield f"engine_args.{name}: must be {wanted}, not {value!r:.60}"
    elif name in CHOICES and value not in CHOICES[name]:
        yield f"engine_args.{name}: is {value!r}; {nearest(str(value), CHOICES[name])}"


def _nested(name: str, value: object) -> Iterator[str]:
    kind, fields = NESTED[name]
    if not isinstance(value, Mapping):
        yield f"engine_args.{name}: must be a mapping of {kind}'s fields, not {value!r:.60}"
        return
    for field in value:
        if field not in fields and (name, field) != ("speculative_config", KIND):
            yield f"engine_args.{name}.{field}: unknown; {nearest(str(field), fields)}"
    fraction = value.get("free_gpu_memory_fraction")
    if fraction is not None and not (isinstance(fraction, int | float) and 0 < fraction <= 1):
        where = f"engine_args.{name}.free_gpu_memory_fraction"
        yield f"{where}: must be from 0 to 1, not {fraction!r:.60}"

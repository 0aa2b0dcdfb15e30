"""One test for each trap of the LLM API that a harness can fall into."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from evalsuite.backends import open_backend
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.backends.tensorrt_llm import arguments
from evalsuite.errors import (
    BackendError,
    BackendMissing,
    ConfigError,
    EngineFailed,
    RequestRejected,
    TransientError,
)

FACTS = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
CARD = {"tensor_parallel_size": 8, "enable_attention_dp": True, "max_seq_len": 2_000}


def opened(*, precision="fp8", model=SHIPPED / "fp8", engine_args=CARD, **options):
    """The backend as a config opens it."""
    options = {"model": str(model), "engine_args": engine_args} | options
    return open_backend("tensorrt_llm", precision=precision, options=options)


def refused(**engine_args):
    """The lines that refuse *engine_args*."""
    return list(arguments.problems({"max_seq_len": 9} | engine_args, relaxed_acceptance=False))


def test_the_cards_snippet_is_what_is_started(tensorrt_llm):
    """Eight GPUs and attention DP reach the engine as they are, nothing else does."""
    fake = tensorrt_llm()
    backend = opened()
    asyncio.run(backend.aclose())

    given = fake.llm.given
    assert (given["tensor_parallel_size"], given["enable_attention_dp"]) == (8, True)
    assert given["model"] == str(SHIPPED / "fp8")
    defaults = FACTS["LLM"]["positional_or_keyword"] | FACTS["LLM"]["kwargs"]
    told = {name for name, one in defaults.items() if given[name] != one["default"]}
    assert told == {"model", *CARD}


@pytest.mark.parametrize("version", ["0.17.0", "0.21.0rc3", "1.0.0", "1.2.1", "1.4.0rc1"])
def test_the_class_is_chosen_by_version(tensorrt_llm, version):
    """The card's path before 1.0; since then it still imports, and fails when constructed."""
    fake = tensorrt_llm(version)
    backend = opened()
    asyncio.run(backend.aclose())

    assert type(fake.llm).__mro__[1].__name__ == "_LLM"
    assert backend.info.engine_version == f"tensorrt_llm {version}"


def test_max_tokens_is_not_left_at_32_and_sampling_is_not_greedy_by_accident(
    tensorrt_llm, ask, draw
):
    """Each of the fields that change the numbers is said with every request."""
    fake = tensorrt_llm()
    ask(opened(), draw(3))

    ((_, params),) = fake.asked
    said = (params.temperature, params.top_p, params.top_k, params.max_tokens, params.seed)
    assert said == (0.6, 0.95, 0, 40, 2**62 + 3)
    assert params.n == 1
    assert params.truncate_prompt_tokens is None


def test_each_draw_has_its_own_seed_and_seeds_are_not_said_to_be_honoured(tensorrt_llm, ask, draw):
    """Builds before August 2026 ignore them; equal draws are then there to be counted."""
    fake = tensorrt_llm()
    fake.ignores_seeds = True
    backend = opened()
    texts = [one.text for one in ask(backend, draw(0), draw(1))]

    assert [params.seed for _, params in fake.asked] == [2**62, 2**62 + 1]
    assert texts[0] == texts[1]
    assert not backend.info.honours_seed


def test_each_request_is_its_own_call(tensorrt_llm, ask, draw):
    """One that fails takes no other with it, as it would with generate()."""
    fake = tensorrt_llm()
    fake.script = lambda _ids, params: RuntimeError("boom") if params.seed == 2**62 + 1 else None
    first, second, third = ask(opened(), draw(0), draw(1), draw(2))

    assert isinstance(second, TransientError)
    assert (second.fault, str(second)) == ("server_error", "RuntimeError: boom")
    assert first.text.startswith("Seed")
    assert first.text != third.text


def test_one_begin_token_and_the_open_think_block_are_known(tensorrt_llm, ask, draw):
    """The template writes BOS and `<think>`; the tokenizer adds none."""
    fake = tensorrt_llm()
    (one,) = ask(opened(), draw())

    ((ids, _),) = fake.asked
    begin = json.loads((SHIPPED / "fp8" / "config.json").read_text())["bos_token_id"]
    assert ids.count(begin) == 1
    assert ids[0] == begin
    assert one.starts_in_thinking
    assert one.prompt_tokens == len(ids)
    assert "<think>" in fake.llm.tokenizer.decode(ids, skip_special_tokens=False)


def test_tokens_are_counted_by_ids(tensorrt_llm, ask, draw):
    """What the engine wrote, not what its text is split into again."""
    fake = tensorrt_llm()
    sampling = replace(draw().sampling, max_tokens=5)
    (one,) = ask(opened(), draw(sampling=sampling))

    assert (one.output_tokens, one.finish_reason) == (5, "length")
    assert fake.asked


def test_an_empty_answer_is_an_answer(tensorrt_llm, ask, draw):
    """An engine that stops at once has answered, wrongly or not."""
    tensorrt_llm().script = lambda *_: "empty"
    (one,) = ask(opened(), draw())

    assert (one.text, one.output_tokens, one.finish_reason) == ("", 0, "stop")


@pytest.mark.parametrize(
    ("reason", "fault"), [("timeout", "timeout"), ("cancelled", "server_error")]
)
def test_an_unfinished_answer_is_no_answer(tensorrt_llm, ask, draw, reason, fault):
    """Timed out or cancelled by the engine: asked again, never graded."""
    tensorrt_llm().script = lambda *_: reason
    (one,) = ask(opened(), draw())

    assert isinstance(one, TransientError)
    assert one.fault == fault


def test_prompt_and_answer_must_fit_max_seq_len(tensorrt_llm, ask, draw):
    """The engine would only end the answer early, as if the model had been cut off."""
    fake = tensorrt_llm()
    long = draw(prompt="word " * 700)
    (one,) = ask(opened(engine_args={"max_seq_len": 700}), long)

    assert isinstance(one, RequestRejected)
    assert one.rejection == "too_long"
    assert "max_seq_len is 700" in str(one)
    assert not fake.asked


def test_a_prompt_beyond_max_num_tokens_is_refused_unless_it_is_chunked(tensorrt_llm, ask, draw):
    """The engine raises RequestError for it; with chunked prefill it does not."""
    fake = tensorrt_llm()
    small = {"max_seq_len": 5_000, "max_num_tokens": 30}
    long = draw(prompt="word " * 100)
    (one,) = ask(opened(engine_args=small), long)
    assert isinstance(one, RequestRejected)
    assert not fake.asked

    (one,) = ask(opened(engine_args=small | {"enable_chunked_prefill": True}), long)
    assert one.text


def test_a_request_that_the_engine_itself_refuses_is_not_asked_again(tensorrt_llm, ask, draw):
    """Refused at submission is the request's fault; refused later is the engine's."""
    fake = tensorrt_llm()
    backend = opened()
    error = type("RequestError", (RuntimeError,), {})("no")

    def refuse(*_, **__):
        raise error

    fake.script = lambda *_: error
    (late,) = ask(opened(), draw())
    fake.loaded[0].generate_async = refuse
    (early,) = ask(backend, draw())

    assert isinstance(late, TransientError)
    assert isinstance(early, RequestRejected)


def test_max_seq_len_is_checked_before_anything_is_loaded():
    """32,768 tokens of answer do not fit 32,768 tokens of prompt and answer."""
    from evalsuite.backends.tensorrt_llm import TensorRtLlmBackend

    options = {"model": "m", "engine_args": {"max_seq_len": 32_768}}
    (line,) = TensorRtLlmBackend.problems(options, max_tokens=32_768)

    assert "leaves no room for a prompt" in line
    options["engine_args"]["max_seq_len"] = 36_864
    assert not list(TensorRtLlmBackend.problems(options, max_tokens=32_768))


@pytest.mark.parametrize(
    "wrong", [{"model": 3}, {"revision": 1234567}, {"template": "x"}, {"relaxed_acceptance": "no"}]
)
def test_an_option_of_another_type_is_named(wrong):
    """YAML makes numbers of digits, and words of yes and no."""
    from evalsuite.backends.tensorrt_llm import TensorRtLlmBackend

    options = {"model": "m", "engine_args": {"max_seq_len": 9}} | wrong
    (line,) = TensorRtLlmBackend.problems(options, max_tokens=3)
    assert line.startswith(next(iter(wrong)))


def test_telemetry_is_off(tensorrt_llm, monkeypatch):
    """NVIDIA's builds of 2026 report at construction unless told not to."""
    monkeypatch.delenv("TRTLLM_NO_USAGE_STATS", raising=False)
    fake = tensorrt_llm()
    asyncio.run(opened().aclose())

    assert fake.loaded
    assert not fake.reported


def test_relaxed_acceptance_is_refused_unless_asked_for(tensorrt_llm):
    """It changes what the model writes while it thinks."""
    fake = tensorrt_llm()
    relaxed = {
        "max_seq_len": 2_000,
        "speculative_config": {
            "decoding_type": "MTP",
            "num_nextn_predict_layers": 3,
            "use_relaxed_acceptance_for_thinking": True,
        },
    }
    with pytest.raises(ConfigError, match="relaxed_acceptance: true"):
        opened(engine_args=relaxed)
    assert not fake.loaded

    asyncio.run(opened(engine_args=relaxed, relaxed_acceptance=True).aclose())
    assert fake.llm.given["speculative_config"].use_relaxed_acceptance_for_thinking


def test_speculative_decoding_before_1_0_is_refused(tensorrt_llm):
    """It was greedy whatever the temperature."""
    fake = tensorrt_llm("0.20.0")
    with pytest.raises(BackendError, match="greedy"):
        opened(engine_args=CARD | {"speculative_config": {"num_nextn_predict_layers": 1}})
    assert not fake.loaded


def test_nested_settings_become_the_engines_objects(tensorrt_llm):
    """NVIDIA's settings for R1-FP4 on B200, as the ready configs write them."""
    fake = tensorrt_llm()
    nested = {
        "max_seq_len": 2_000,
        "kv_cache_config": {"free_gpu_memory_fraction": 0.7, "dtype": "fp8"},
        "cuda_graph_config": {},
        "moe_config": {"backend": "CUTLASS"},
    }
    asyncio.run(opened(engine_args=nested).aclose())

    given = fake.llm.given
    assert given["kv_cache_config"].free_gpu_memory_fraction == 0.7
    assert given["moe_config"].backend == "CUTLASS"
    assert type(given["cuda_graph_config"]).__name__ == "CudaGraphConfig"


def test_nested_settings_are_not_what_releases_before_1_0_take(tensorrt_llm):
    """They had flat spellings; guessing them would change an engine unseen."""
    tensorrt_llm("0.18.0")
    with pytest.raises(BackendError, match="has no moe_config"):
        opened(engine_args={"max_seq_len": 2_000, "moe_config": {"backend": "CUTLASS"}})


@pytest.mark.parametrize("name", sorted(FACTS["LLM"]["kwargs"]))
def test_every_argument_of_the_contract_is_taken_or_refused_with_a_reason(name):
    """A new one in the facts must be thought of here."""
    assert (name in arguments.VALID) != (name in arguments.REFUSED)


@pytest.mark.parametrize("name", arguments.VALID)
def test_no_argument_is_taken_that_the_contract_does_not_list(name):
    """And each of a nested configuration's fields is the contract's."""
    assert name in FACTS["LLM"]["kwargs"] | FACTS["LLM"]["positional_or_keyword"]
    if name in arguments.NESTED:
        kind, fields = arguments.NESTED[name]
        assert set(fields) == set(FACTS["configs"][kind])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tensor_paralel_size": 8}, "did you mean 'tensor_parallel_size'"),
        ({"tensor_parallel_size": "8"}, "must be a whole number"),
        ({"tensor_parallel_size": True}, "must be a whole number"),
        ({"enable_attention_dp": "yes"}, "must be true or false"),
        ({"attn_backend": 1}, "must be a word"),
        ({"model_kwargs": []}, "must be a mapping"),
        ({"allreduce_strategy": "FAST"}, "Valid: AUTO"),
        ({"kv_cache_config": 0.9}, "must be a mapping of KvCacheConfig's fields"),
        ({"kv_cache_config": {"fraction": 0.9}}, "kv_cache_config.fraction: unknown"),
        ({"kv_cache_config": {"free_gpu_memory_fraction": 70}}, "from 0 to 1"),
        ({"use_cuda_graph": True}, "cuda_graph_config"),
        ({"skip_tokenizer_init": True}, "without text"),
        ({"load_format": "dummy"}, "random weights"),
        ({"speculative_config": {"decoding_type": "Eagle3"}}, "only MTP"),
    ],
)
def test_a_wrong_argument_is_named_before_loading(given, said):
    """One line for each, with what to write instead."""
    lines = refused(**given)
    assert any(said in line for line in lines), lines


def test_what_the_config_may_leave_out_is_said():
    """max_seq_len must be written, and all mistakes are told at once."""
    lines = list(arguments.problems({"a": 1, "b": 2}, relaxed_acceptance=False))
    assert len(lines) == 3
    assert "max_seq_len: must be written" in lines[2]


def test_too_few_gpus_are_said_as_the_engine_says_it(tensorrt_llm):
    """The error names the version and the checkpoint."""
    tensorrt_llm(gpus=4)
    with pytest.raises(BackendError, match="Only 4 GPUs are available, but 8 are required"):
        opened()


def test_a_missing_package_names_the_container():
    """There is no wheel of it on the index."""
    with pytest.raises(BackendMissing, match=r"nvcr\.io/nvidia/tensorrt-llm/release"):
        opened()


def test_an_arm_that_is_silently_fp8_is_refused(tensorrt_llm):
    """The arm says FP4; the tensors decide, before 600 GB are loaded."""
    fake = tensorrt_llm()
    with pytest.raises(BackendError, match=r"the tensors in .* are 'fp8'"):
        opened(precision="nvfp4")
    assert not fake.loaded
    asyncio.run(opened(precision="FP4", model=SHIPPED / "nvfp4").aclose())


@pytest.mark.parametrize(
    "name", ["nvidia/DeepSeek-R1-FP4", "no such/name/at all", "missing", "/models/gone", "./gone"]
)
def test_a_checkpoint_that_is_not_here_is_not_downloaded(tensorrt_llm, monkeypatch, tmp_path, name):
    """The error says how to download it."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    fake = tensorrt_llm()
    with pytest.raises(BackendError, match="hf download"):
        opened(model=name)
    assert not fake.loaded


def test_asking_after_the_end_is_an_engine_that_has_failed(tensorrt_llm, ask, draw):
    """And what was under way comes to an end."""
    fake = tensorrt_llm()
    fake.script = lambda *_: "hang"
    backend = opened()

    async def close_beside():
        task = asyncio.create_task(backend.generate(draw()))
        await asyncio.sleep(0.01)
        await backend.aclose()
        return await asyncio.gather(task, return_exceptions=True)

    (ended,) = asyncio.run(close_beside())
    assert isinstance(ended, EngineFailed)
    assert fake.llm.shutdowns == 1
    (late,) = ask(backend, draw())
    assert isinstance(late, EngineFailed)

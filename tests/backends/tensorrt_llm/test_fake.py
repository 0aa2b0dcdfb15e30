"""The fake refuses what the facts do not list, so a wrong name in the backend cannot pass."""

import asyncio

import pytest

from evalsuite.backends.embedded.checkpoint import SHIPPED

MODEL = str(SHIPPED / "fp8")


@pytest.fixture
def package(tensorrt_llm):
    return tensorrt_llm().modules()["tensorrt_llm"]


def test_unknown_names_and_wrong_types_fail(package):
    """In the constructor, in sampling, in nested settings and in a request."""
    with pytest.raises(ValueError, match="got invalid argument: temperature"):
        package.LLM(MODEL, temperature=1)
    with pytest.raises(ValueError, match="tensor_parallel_size"):
        package.LLM(MODEL, tensor_parallel_size="8")
    with pytest.raises(TypeError, match="max_new_tokens"):
        package.SamplingParams(max_new_tokens=9)
    with pytest.raises(ValueError, match="temperature"):
        package.SamplingParams(temperature="0.6")
    with pytest.raises(TypeError, match="fraction"):
        package.llmapi.KvCacheConfig(fraction=0.9)
    with pytest.raises(TypeError, match="seed"):
        package.LLM(MODEL).generate_async({"prompt_token_ids": [1]}, seed=1)
    with pytest.raises(TypeError, match="SamplingParams or None"):
        package.LLM(MODEL).generate_async({"prompt_token_ids": [1]}, sampling_params={})


def test_a_request_without_a_loop_cannot_be_awaited(package):
    """As in the source: the loop must run at submission."""
    out = package.LLM(MODEL).generate_async({"prompt_token_ids": [1]})

    async def wait():
        await out

    with pytest.raises(AssertionError, match="event loop was not present"):
        asyncio.run(wait())


def test_unset_sampling_is_greedy_and_short(package):
    """The defaults that a harness must not fall into."""
    params = package.SamplingParams()
    assert (params.max_tokens, params.temperature, params.top_p, params.top_k) == (32, *[None] * 3)
    with pytest.raises(ValueError, match="Greedy"):
        package.SamplingParams(n=2)

"""The embedded engine: the shipped checkpoints, and that neighbours never matter."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest

from evalsuite.backends.embedded import EmbeddedBackend, checkpoint, formats
from evalsuite.backends.embedded.cache import Cache
from evalsuite.backends.embedded.network import TILE
from evalsuite.errors import BackendError, RequestRejected
from evalsuite.model import Key, Message, Request, Sampling

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32_768)
LINEAR = ("query_key_value", "output", "gate_up", "down")
ITEMS = checkpoint.SHIPPED.parent / "items"


def items():
    return [json.loads(line) for line in (ITEMS / "gsm8k_test.jsonl").read_text().splitlines()]


def requests(count, **changes):
    rows = items()
    sampling = Sampling(**({f: getattr(SAMPLING, f) for f in SAMPLING.__slots__} | changes))
    return [
        Request(
            key=Key("gsm8k", str(n), 0),
            messages=(
                Message(
                    role="user",
                    content=f"{rows[n % len(rows)]['question']}\nPlease reason step by step, and "
                    "put your final answer within \\boxed{}.",
                ),
            ),
            sampling=sampling,
            seed=1000 + n,
        )
        for n in range(count)
    ]


def generate(backend, asked):
    async def run():
        return await asyncio.gather(*(backend.generate(one) for one in asked))

    return [(one.text, one.finish_reason, one.output_tokens) for one in asyncio.run(run())]


@pytest.fixture(scope="module", params=["fp8", "nvfp4"])
def backend(request):
    made = EmbeddedBackend(precision=request.param)
    yield made
    asyncio.run(made.aclose())


def test_answers_are_the_same_alone_and_in_a_crowd(backend):
    """Bit for bit, in any order and any company: a resumed run equals an undisturbed one."""
    asked = requests(70)
    together = generate(backend, asked)
    alone = [generate(backend, [one])[0] for one in asked[:6]]
    assert alone == together[:6]
    some = [5, 61, 0, 33, 2]
    assert generate(backend, [asked[n] for n in some]) == [together[n] for n in some]
    assert generate(backend, asked[::-1])[::-1] == together


def test_it_reasons_and_is_mostly_right(backend):
    """The model closes its thinking and boxes an answer that is right more often than not."""
    rows = items()
    told = generate(backend, requests(30))
    right = [
        f"\\boxed{{{row['answer'].rpartition('#### ')[2]}}}" in text.rpartition("</think>")[2]
        for row, (text, *_) in zip(rows, told, strict=False)
    ]
    assert sum(right) >= 25


def test_seeds_decide_and_greedy_needs_none(backend):
    """Other seeds draw other texts at a high temperature; at zero the seed changes nothing."""
    one, _ = requests(2, temperature=5.0)
    others = [
        Request(key=one.key, messages=one.messages, sampling=one.sampling, seed=n) for n in range(5)
    ]
    assert len({text for text, *_ in generate(backend, others)}) == 5
    (cold,) = requests(1, temperature=0.0)
    same = [
        Request(key=cold.key, messages=cold.messages, sampling=cold.sampling, seed=n)
        for n in range(5)
    ]
    assert len(set(generate(backend, same))) == 1


def test_limits_cut_off(backend):
    """A token limit ends an answer with the reason `length`."""
    ((text, reason, tokens),) = generate(backend, requests(1, max_tokens=3))
    assert (reason, tokens) == ("length", 3)
    assert text


def test_a_prompt_beyond_the_context_is_rejected(backend):
    """It can never be served, and the message says how long it is."""
    request = requests(1)[0]
    long = Request(
        key=request.key,
        messages=(Message(role="user", content="seven words that fill the little context " * 80),),
        sampling=SAMPLING,
        seed=1,
    )
    with pytest.raises(RequestRejected, match="384"):
        generate(backend, [long])


def test_logits_are_those_of_a_plain_forward(backend):
    """A float64 forward without cache or tiles agrees in every row.

    Nothing is rounded on the way: there a last bit, which is the platform's, becomes a step.
    """
    network = unrounded(checkpoint.load(checkpoint.find(backend.info.model)).network)
    tokens = np.arange(40, 40 + 2 * TILE, dtype=np.int64)
    cache = Cache(network.shape, 2)
    pool = cache.pool_for(len(tokens))
    place = cache.pools[pool].take()
    hidden = network.hidden(
        tokens,
        np.arange(len(tokens)),
        lambda layer, q, k, v: cache.attend_prompt(layer, pool, place, (q, k, v)),
    )
    ours = network.logits(hidden).astype(np.float64)
    theirs = plain_logits(network, tokens)
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()


def test_products_are_those_of_rounded_activations(backend):
    """Each layer's linear parts round the same rows as the format says, and multiply them."""
    network = checkpoint.load(checkpoint.find(backend.info.model)).network
    for layer in network.layers:
        for part in LINEAR:
            one = getattr(layer, part)
            assert one.arithmetic in ("fp8", "nvfp4")
            rows = np.random.default_rng(7).normal(size=(TILE, len(one.matrix)))
            theirs = linear(one, rows)
            assert np.abs(one(rows.astype(np.float32)) - theirs).max() < 1e-5 * theirs.max()
            assert np.abs(linear(one, rows, rounded=False) - theirs).max() > 1e-3 * theirs.max()


def unrounded(network):
    layers = [
        replace(
            layer, **{part: replace(getattr(layer, part), arithmetic="bf16") for part in LINEAR}
        )
        for layer in network.layers
    ]
    return replace(network, layers=layers)


def plain_logits(network, tokens):
    shape = network.shape
    rows = network.embeddings[tokens].astype(np.float64)
    cosines, sines = (
        table[: len(tokens), None].astype(np.float64) for table in (network.cosines, network.sines)
    )
    for layer in network.layers:
        fused = linear(layer.query_key_value, norm(rows, layer.before_attention, shape.epsilon))
        heads = fused.reshape(len(rows), -1, shape.head_width)
        turned = rotate(heads[:, : shape.heads + shape.kv_heads], cosines, sines)
        values = heads[:, shape.heads + shape.kv_heads :]
        mixed = np.zeros((len(rows), shape.heads, shape.head_width))
        for head in range(shape.heads):
            shared = head * shape.kv_heads // shape.heads
            scores = turned[:, head] @ turned[:, shape.heads + shared].T / shape.head_width**0.5
            scores[np.triu_indices(len(rows), 1)] = -np.inf
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            mixed[:, head] = weights / weights.sum(axis=1, keepdims=True) @ values[:, shared]
        rows = rows + linear(layer.output, mixed.reshape(len(rows), -1))
        both = linear(layer.gate_up, norm(rows, layer.before_mlp, shape.epsilon))
        gate, up = np.split(both, 2, axis=1)
        rows = rows + linear(layer.down, gate / (1 + np.exp(-gate)) * up)
    return norm(rows, network.final_norm, shape.epsilon) @ network.unembedding.astype(np.float64)


def linear(layer, rows, *, rounded=True):
    narrow = rows.astype(np.float32)
    if rounded and layer.arithmetic == "fp8":
        narrow = formats.fp8_activations(narrow)
    elif rounded and layer.arithmetic == "nvfp4":
        narrow = formats.nvfp4_activations(narrow, layer.input_scale)
    return narrow.astype(np.float64) @ layer.matrix.astype(np.float64)


def norm(rows, weight, epsilon):
    return rows / np.sqrt((rows**2).mean(axis=1, keepdims=True) + epsilon) * weight


def rotate(heads, cosines, sines):
    first, second = np.split(heads, 2, axis=-1)
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], -1)


def test_a_precision_that_is_not_the_checkpoints_is_refused():
    """An arm that claims another precision than its checkpoint has does not start."""
    with pytest.raises(BackendError, match="fp8"):
        EmbeddedBackend(precision="nvfp4", model="fp8")


def test_an_unknown_checkpoint_names_the_shipped_ones():
    """The message lists what there is."""
    with pytest.raises(BackendError, match="fp8, nvfp4"):
        EmbeddedBackend(precision="fp8", model="fp16")


def test_checkpoints_are_in_modelopts_layout():
    """Packed FP4 with three scales, block FP8 with one, and only linear layers in the blocks."""
    fp4 = checkpoint.read_tensors(checkpoint.SHIPPED / "nvfp4" / "model.safetensors")
    name = "model.layers.0.mlp.down_proj"
    out, packed = fp4[f"{name}.weight"].shape
    assert fp4[f"{name}.weight"].dtype == np.uint8
    assert fp4[f"{name}.weight_scale"].shape == (out, packed * 2 // 16)
    assert fp4[f"{name}.weight_scale_2"].shape == fp4[f"{name}.input_scale"].shape == ()
    fp8 = checkpoint.read_tensors(checkpoint.SHIPPED / "fp8" / "model.safetensors")
    assert fp8[f"{name}.weight"].dtype == formats.E4M3
    assert fp8[f"{name}.weight_scale_inv"].dtype == np.float32
    for tensors in (fp4, fp8):
        assert tensors["model.embed_tokens.weight"].dtype == np.dtype("bfloat16")
    config = json.loads((checkpoint.SHIPPED / "nvfp4" / "config.json").read_text())
    assert "quantization_config" not in config

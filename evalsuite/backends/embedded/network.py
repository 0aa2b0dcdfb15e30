"""The decoder in NumPy: whole tiles of rows in, whole tiles out, so that neighbours never matter.

A row's result must be the same bits whoever shares its batch. BLAS promises that only for equal
shapes, so every product has a shape of its own that the batch cannot change: linear layers work
on tiles of `TILE` rows (short ones are filled up), attention on one sequence at a time with a
number of keys that follows from that sequence alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalsuite.backends.embedded.formats import (
    Floats,
    fp8_activations,
    nvfp4_activations,
)

TILE = 32
Arithmetic: TypeAlias = Literal["bf16", "fp8", "nvfp4"]
Integers: TypeAlias = NDArray[np.int64]
# Of one layer: (layer, queries, keys, values), all [rows, heads, width]; gives [rows, width].
Attend: TypeAlias = Callable[[int, Floats, Floats, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of the decoder, as `config.json` tells them."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_width: int
    context: int
    theta: float
    epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A product with the transposed *matrix* [in, out], its input rounded as *arithmetic* asks."""

    matrix: Floats
    arithmetic: Arithmetic
    input_scale: np.float32

    def rounded(self, rows: Floats) -> Floats:
        """*rows* as the arithmetic sees them."""
        if self.arithmetic == "fp8":
            return fp8_activations(rows)
        if self.arithmetic == "nvfp4":
            return nvfp4_activations(rows, self.input_scale)
        return rows

    def __call__(self, rows: Floats) -> Floats:
        """The product for whole tiles of *rows*."""
        return tiled_product(self.rounded(rows), self.matrix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One block; products that share their input are one matrix."""

    before_attention: Floats
    query_key_value: Linear
    output: Linear
    before_mlp: Floats
    gate_up: Linear
    down: Linear


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """All weights of the decoder, ready for use."""

    shape: Shape
    embeddings: Floats
    unembedding: Floats
    layers: tuple[Layer, ...]
    final_norm: Floats
    cosines: Floats
    sines: Floats

    def hidden(self, tokens: Integers, positions: Integers, attend: Attend) -> Floats:
        """The last hidden rows of *tokens* (whole tiles) at *positions*."""
        rows = self.embeddings[tokens]
        cosines, sines = self.cosines[positions, None], self.sines[positions, None]
        for index, layer in enumerate(self.layers):
            rows = rows + layer.output(self._mixed(index, layer, rows, cosines, sines, attend))
            gate_up = layer.gate_up(normalised(rows, layer.before_mlp, self.shape.epsilon))
            rows = rows + layer.down(gated(gate_up))
        return rows

    def logits(self, rows: Floats) -> Floats:
        """The logits of hidden *rows*, any number of them."""
        filled = in_tiles(normalised(rows, self.final_norm, self.shape.epsilon))
        return tiled_product(filled, self.unembedding)[: len(rows)]

    def _mixed(
        self,
        index: int,
        layer: Layer,
        rows: Floats,
        cosines: Floats,
        sines: Floats,
        attend: Attend,
    ) -> Floats:
        shape = self.shape
        fused = layer.query_key_value(normalised(rows, layer.before_attention, shape.epsilon))
        heads = fused.reshape(len(rows), -1, shape.head_width)
        turned = rotated(heads[:, : shape.heads + shape.kv_heads], cosines, sines)
        queries, keys = turned[:, : shape.heads], turned[:, shape.heads :]
        return attend(index, queries, keys, heads[:, shape.heads + shape.kv_heads :])


def tiled_product(rows: Floats, matrix: Floats) -> Floats:
    """*rows* (whole tiles) times *matrix*, one BLAS call of the same shape per tile."""
    tiles = rows.reshape(-1, TILE, matrix.shape[0])
    product: Floats = np.matmul(tiles, matrix).reshape(-1, matrix.shape[1])
    return product


def in_tiles(rows: NDArray[Any]) -> NDArray[Any]:
    """*rows* filled up with zeros to whole tiles."""
    missing = -len(rows) % TILE
    if not missing:
        return rows
    return np.concatenate([rows, np.zeros((missing, rows.shape[1]), rows.dtype)])


def normalised(rows: Floats, weight: Floats, epsilon: float) -> Floats:
    """RMSNorm."""
    mean = np.square(rows).mean(axis=1, keepdims=True)
    mean += np.float32(epsilon)
    scaled: Floats = np.divide(rows, np.sqrt(mean), dtype=np.float32)
    scaled *= weight
    return scaled


def gated(gate_up: Floats) -> Floats:
    """SwiGLU of the two halves."""
    half = gate_up.shape[1] // 2
    gate, up = gate_up[:, :half], gate_up[:, half:]
    decay = np.exp(-np.abs(gate))
    # The logistic function without overflow on either side.
    top: Floats = np.where(gate >= 0, np.float32(1), decay)
    share: Floats = np.divide(top, decay + np.float32(1), dtype=np.float32)
    share *= gate
    share *= up
    return share


def rotated(heads: Floats, cosines: Floats, sines: Floats) -> Floats:
    """Rotary positions, halves paired as Llama does."""
    half = heads.shape[-1] // 2
    first, second = heads[..., :half], heads[..., half:]
    turned = np.empty_like(heads)
    np.subtract(first * cosines, second * sines, out=turned[..., :half])
    np.add(second * cosines, first * sines, out=turned[..., half:])
    return turned


def rotation_tables(shape: Shape) -> tuple[Floats, Floats]:
    """Cosines and sines [position, half a head] of the rotary angles."""
    half = shape.head_width // 2
    angles = np.outer(np.arange(shape.context), shape.theta ** -(np.arange(half) / half))
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def softmax(scores: Floats) -> Floats:
    """Softmax over the last axis, in place."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores

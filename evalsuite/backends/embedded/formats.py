"""The number formats of the checkpoints: FP8 in 128x128 blocks and NVFP4, weights and activations.

FP8 as in DeepSeek-R1: E4M3 weights with one float32 scale per 128x128 block; activations
quantised per token in groups of 128, with scales found on the fly. NVFP4 as in DeepSeek-R1-FP4:
E2M1 elements, an E4M3 scale per 16 of them along the input, one float32 scale per tensor; the
tensor scale of activations comes from calibration. Rounding is to nearest, ties to even.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

E4M3: Any = ml_dtypes.float8_e4m3fn
E4M3_MAX = 448.0
E2M1_MAX = 6.0
BLOCK = 128
GROUP = 16
SMALLEST_BLOCK_SCALE = 2.0**-9

_EXPONENT = np.uint32(0x7F800000)
_HALF = np.uint32(0x00400000)
_E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], dtype=np.float32)
_E2M1_SIGNED = np.concatenate([_E2M1, -_E2M1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fp8Weight:
    """A matrix in FP8: E4M3 *codes* [out, in], float32 *scales* per 128x128 block."""

    codes: NDArray[Any]
    scales: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Nvfp4Weight:
    """A matrix in NVFP4: *packed* [out, in/2], the even element in the low four bits."""

    packed: NDArray[np.uint8]
    block_scales: NDArray[Any]
    tensor_scale: np.float32


def round_e4m3(values: Floats) -> Floats:
    """*values* (at most 448 in size) rounded to what E4M3 can hold.

    The same as a cast to `float8_e4m3fn` and back, six times faster.
    """
    return _round_to_grid(values, lowest_exponent=-6, fraction_bits=3)


def round_e2m1(values: Floats) -> Floats:
    """*values* (at most 6 in size) rounded to what E2M1 can hold."""
    return _round_to_grid(values, lowest_exponent=0, fraction_bits=1)


def _round_to_grid(values: Floats, *, lowest_exponent: int, fraction_bits: int) -> Floats:
    # Adding 1.5 * 2^23 steps of the grid and taking it away again leaves a multiple of the step,
    # rounded half to even by the addition itself.
    exponent = values.view(np.uint32) & _EXPONENT
    np.maximum(exponent, np.uint32((127 + lowest_exponent) << 23), out=exponent)
    exponent += np.uint32((23 - fraction_bits) << 23)
    exponent |= _HALF
    magic = exponent.view(np.float32)
    rounded = values + magic
    rounded -= magic
    return rounded


def fp8_weight(matrix: Floats) -> Fp8Weight:
    """*matrix* quantised in 128x128 blocks; blocks at the edges may be smaller."""
    scales = _block_maxima(matrix) / np.float32(E4M3_MAX)
    scales[scales == 0] = 1
    return Fp8Weight(codes=(matrix / _spread(scales, matrix.shape)).astype(E4M3), scales=scales)


def fp8_weight_values(weight: Fp8Weight) -> Floats:
    """What *weight* stands for."""
    values: Floats = weight.codes.astype(np.float32)
    return values * _spread(weight.scales, weight.codes.shape)


def _block_maxima(matrix: Floats) -> Floats:
    rows, columns = (-(-size // BLOCK) for size in matrix.shape)
    padded = np.zeros((rows * BLOCK, columns * BLOCK), np.float32)
    padded[: matrix.shape[0], : matrix.shape[1]] = np.abs(matrix)
    maxima: Floats = padded.reshape(rows, BLOCK, columns, BLOCK).max(axis=(1, 3))
    return maxima


def _spread(scales: Floats, shape: tuple[int, ...]) -> Floats:
    """One scale per element."""
    full = scales.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    return full[: shape[0], : shape[1]]


def nvfp4_weight(matrix: Floats, tensor_scale: np.float32 | None = None) -> Nvfp4Weight:
    """*matrix* quantised in blocks of 16 along its rows; matrices of one product share a scale."""
    if tensor_scale is None:
        tensor_scale = nvfp4_tensor_scale(float(np.abs(matrix).max()))
    groups = matrix.reshape(matrix.shape[0], -1, GROUP)
    block_scales = _block_scales(groups, tensor_scale)
    codes = e2m1_codes(_in_block_units(groups, block_scales, tensor_scale)).reshape(matrix.shape)
    packed: NDArray[np.uint8] = codes[:, 0::2] | (codes[:, 1::2] << np.uint8(4))
    return Nvfp4Weight(
        packed=packed,
        block_scales=block_scales.astype(E4M3),
        tensor_scale=tensor_scale,
    )


def nvfp4_weight_values(weight: Nvfp4Weight) -> Floats:
    """What *weight* stands for."""
    rows = weight.packed.shape[0]
    codes = np.stack([weight.packed & 15, weight.packed >> 4], axis=-1)
    groups = _E2M1_SIGNED[codes].reshape(rows, -1, GROUP)
    scales = weight.block_scales.astype(np.float32) * weight.tensor_scale
    values: Floats = (groups * scales[..., None]).reshape(rows, -1)
    return values


def nvfp4_tensor_scale(largest: float) -> np.float32:
    """The tensor scale that lets a block scale of 448 reach *largest*."""
    smallest = float(np.finfo(np.float32).tiny)
    return np.float32(max(largest, smallest) / (E2M1_MAX * E4M3_MAX))


def e2m1_codes(values: Floats) -> NDArray[np.uint8]:
    """The four-bit codes of *values* (at most 6 in size): sign in bit 3, then the magnitude."""
    codes = np.searchsorted(_E2M1, np.abs(round_e2m1(values))).astype(np.uint8)
    signs: NDArray[np.uint8] = np.signbit(values).astype(np.uint8)
    signed: NDArray[np.uint8] = codes | (signs << np.uint8(3))
    return signed


def fp8_activations(rows: Floats) -> Floats:
    """*rows* [tokens, width] as FP8 arithmetic sees them: per token, in groups of 128."""
    if rows.shape[1] % BLOCK:
        return np.concatenate([fp8_group(part) for part in _groups_of_128(rows)], axis=1)
    groups = rows.reshape(rows.shape[0], -1, BLOCK)
    return fp8_group(groups).reshape(rows.shape)


def fp8_group(groups: Floats) -> Floats:
    """*groups* quantised with one scale for each run along the last axis."""
    largest: Floats = np.abs(groups).max(axis=-1, keepdims=True)
    scales = largest / np.float32(E4M3_MAX)
    scales[scales == 0] = 1
    # The largest element divided by its own scale may come out a hair above 448.
    scaled = groups / scales
    np.clip(scaled, np.float32(-E4M3_MAX), np.float32(E4M3_MAX), out=scaled)
    quantised: Floats = round_e4m3(scaled) * scales
    return quantised


def _groups_of_128(rows: Floats) -> list[Floats]:
    return [
        np.ascontiguousarray(rows[:, start : start + BLOCK])
        for start in range(0, rows.shape[1], BLOCK)
    ]


def nvfp4_activations(rows: Floats, tensor_scale: np.float32) -> Floats:
    """*rows* [tokens, width] as NVFP4 arithmetic sees them; *tensor_scale* is calibrated."""
    groups = rows.reshape(rows.shape[0], -1, GROUP)
    block_scales = _block_scales(groups, tensor_scale)
    rounded = round_e2m1(_in_block_units(groups, block_scales, tensor_scale))
    rounded *= (block_scales * tensor_scale)[..., None]
    return rounded.reshape(rows.shape)


def _block_scales(groups: Floats, tensor_scale: np.float32) -> Floats:
    """The E4M3 scale of every block, as float32."""
    maxima: Floats = np.abs(groups).max(axis=-1)
    scales = maxima / np.float32(E2M1_MAX * tensor_scale)
    scales[scales == 0] = 1
    bounded = np.clip(scales, np.float32(SMALLEST_BLOCK_SCALE), np.float32(E4M3_MAX))
    return round_e4m3(bounded)


def _in_block_units(groups: Floats, block_scales: Floats, tensor_scale: np.float32) -> Floats:
    scaled = groups / (block_scales * tensor_scale)[..., None]
    return np.clip(scaled, np.float32(-E2M1_MAX), np.float32(E2M1_MAX))

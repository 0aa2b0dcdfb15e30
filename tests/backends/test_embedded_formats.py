"""The number formats, against their definitions and, where installed, other implementations."""

import ml_dtypes
import numpy as np
import pytest

from evalsuite.backends.embedded import formats


@pytest.fixture
def matrix():
    return np.random.default_rng(3).normal(0, 0.05, (96, 192)).astype(np.float32)


def test_e4m3_rounding_is_the_types_own():
    """Every size and sign rounds as a cast to float8_e4m3fn does, ties included."""
    chance = np.random.default_rng(1)
    values = np.concatenate(
        [
            chance.uniform(-448, 448, 20_000),
            chance.normal(0, 0.01, 20_000),
            np.arange(-448, 449, 0.5),
            [0.0, 2.0**-9, 2.0**-10, 3 * 2.0**-10],
        ]
    ).astype(np.float32)
    expected = values.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    assert np.array_equal(formats.round_e4m3(values), expected)


def test_e2m1_rounding_is_the_types_own():
    """The eight magnitudes of FP4, ties to the even code."""
    values = np.linspace(-6, 6, 4801, dtype=np.float32)
    expected = values.astype(ml_dtypes.float4_e2m1fn).astype(np.float32)
    assert np.array_equal(formats.round_e2m1(values), expected)
    assert formats.e2m1_codes(np.float32([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.5, -6])).tolist() == [
        *range(8),
        9,
        15,
    ]


def test_nvfp4_block_by_hand():
    """One block of 16 with the largest value 6: block scale 448, tensor scale 6/(6·448)."""
    row = np.float32([[6, -6, 3, 1.4, 0.2, 0.3, 0, 2.5, 5, -5, 0.75, 0.25, 1.25, 1.75, 3.5, 4.9]])
    weight = formats.nvfp4_weight(row)
    assert weight.tensor_scale == np.float32(6 / (6 * 448))
    assert weight.block_scales.astype(np.float32).tolist() == [[448.0]]
    # Ties go to the even code: 2.5 to 2, 5 to 4, 0.75 to 1, 0.25 to 0, 1.75 to 2, 3.5 to 4.
    assert formats.nvfp4_weight_values(weight).tolist() == [
        [6, -6, 3, 1.5, 0, 0.5, 0, 2, 4, -4, 1, 0, 1, 2, 4, 4]
    ]
    assert weight.packed[0, 0] == 7 | (15 << 4)  # the even element in the low four bits


def test_fp8_scales_are_per_block_of_128(matrix):
    """The largest of each 128×128 block maps to 448; edges may be smaller."""
    weight = formats.fp8_weight(matrix)
    assert weight.scales.shape == (1, 2)
    assert weight.scales[0, 0] == np.abs(matrix[:, :128]).max() / np.float32(448)
    error = np.abs(formats.fp8_weight_values(weight) - matrix)
    assert error.max() <= weight.scales.max() * 16


def test_zeros_stay_zero():
    """A block without any value needs no scale."""
    zeros = np.zeros((16, 32), np.float32)
    assert not formats.fp8_weight_values(formats.fp8_weight(zeros)).any()
    assert not formats.nvfp4_weight_values(formats.nvfp4_weight(zeros)).any()
    assert not formats.fp8_activations(np.zeros((2, 256), np.float32)).any()
    assert not formats.nvfp4_activations(np.zeros((2, 32), np.float32), np.float32(1)).any()


def test_nvfp4_agrees_with_torchao(matrix):
    """Codes, block scales and values are those of torchao's NVFP4Tensor, bit for bit."""
    torch = pytest.importorskip("torch")
    nvfp4 = pytest.importorskip("torchao.prototype.mx_formats.nvfp4_tensor")
    weight = formats.nvfp4_weight(matrix)
    theirs = nvfp4.NVFP4Tensor.to_nvfp4(
        torch.from_numpy(matrix), per_tensor_scale=torch.tensor(float(weight.tensor_scale))
    )
    values = theirs.dequantize(torch.float32).numpy()
    assert np.array_equal(values, formats.nvfp4_weight_values(weight))
    assert np.array_equal(theirs.qdata.view(torch.uint8).numpy(), weight.packed)

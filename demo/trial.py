"""Accuracy by family, in BF16 and with the arithmetic of FP8 and NVFP4 put on the weights."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch
from generators import FAMILIES, draw, example
from network import Linear, Shape, generate, plain
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from evalsuite.backends.embedded import formats

FINAL = re.compile(r"\\boxed\{(.*)\}\.$|Answer: ([A-D])$")
Weights = dict[str, Tensor]


def accuracies(
    shape: Shape, weights: Weights, tokenizer: Tokenizer, *, questions: int, seed: int
) -> dict[str, dict[str, float]]:
    """Per cent right, by family and arithmetic, on *questions* held-out problems each."""
    ways: dict[str, tuple[Weights, Linear]] = {
        "bf16": (weights, plain),
        "fp8": (_changed(weights, _fp8_weight), _fp8_linear),
        "nvfp4": (changed := _changed(weights, _nvfp4_weight), _Nvfp4Linear("proj")),
        "nvfp4 mlp": (
            {k: changed[k] if "mlp" in k else w for k, w in weights.items()},
            _Nvfp4Linear("mlp"),
        ),
    }
    result: dict[str, dict[str, float]] = {}
    for name, (changed, linear) in ways.items():
        torch.manual_seed(seed)
        result[name] = _one_way(shape, changed, tokenizer, linear, questions, seed)
    return result


def _one_way(
    shape: Shape, weights: Weights, tokenizer: Tokenizer, linear: Linear, questions: int, seed: int
) -> dict[str, float]:
    rng = Random(seed)
    pairs = [
        (family, (item := draw(rng, family, for_items=True)).subject, *example(rng, item))
        for family in FAMILIES
        for _ in range(questions)
    ]
    prompts = [tokenizer.encode(p, add_special_tokens=False).ids for _, _, p, _ in pairs]
    end = tokenizer.token_to_id("<｜end▁of▁sentence｜>")
    if isinstance(linear, _Nvfp4Linear):
        generate(
            shape, weights, prompts[::10], linear=linear, end=end, new_tokens=200, temperature=0.6,
            top_p=0.95,
        )  # fmt: skip
        linear.calibrating = False
    answers = generate(
        shape, weights, prompts, linear=linear, end=end, new_tokens=280, temperature=0.6, top_p=0.95
    )
    right = dict.fromkeys(FAMILIES, 0)
    subjects: dict[str, list[bool]] = {}
    for (family, subject, _, wanted), ids in zip(pairs, answers, strict=True):
        hit = _final(tokenizer.decode(ids)) == _final(wanted.partition("<｜end")[0])
        right[family] += hit
        subjects.setdefault(f"{family} {subject}", []).append(hit)
    print({k: round(100 * sum(v) / len(v)) for k, v in subjects.items()})
    print(sum(map(len, answers)) / len(answers), "tokens an answer")
    return {family: 100 * count / questions for family, count in right.items()}


def _final(text: str) -> str:
    found = FINAL.search(text)
    return found.group(0) if found else text[-1:]


def _changed(weights: Weights, change: Callable[[np.ndarray], np.ndarray]) -> Weights:
    return {
        name: torch.from_numpy(change(value.cpu().numpy())).to(value.device)
        if "proj" in name
        else value
        for name, value in weights.items()
    }


def _fp8_weight(matrix: np.ndarray) -> np.ndarray:
    return formats.fp8_weight_values(formats.fp8_weight(matrix))


def _nvfp4_weight(matrix: np.ndarray) -> np.ndarray:
    return formats.nvfp4_weight_values(formats.nvfp4_weight(matrix))


def _fp8_linear(_name: str, rows: Tensor, weight: Tensor) -> Tensor:
    groups = rows.unflatten(-1, (-1, formats.BLOCK))
    scales = groups.abs().amax(-1, keepdim=True).clamp(min=1e-12) / formats.E4M3_MAX
    rounded = (groups / scales).clamp(-448, 448).to(torch.float8_e4m3fn).float() * scales
    return functional.linear(rounded.flatten(-2), weight)


class _Nvfp4Linear:
    """NVFP4 activations; learns the tensor scales while `calibrating`."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.calibrating = True
        self.largest: dict[str, Tensor] = {}

    def __call__(self, name: str, rows: Tensor, weight: Tensor) -> Tensor:
        """The product, the rows rounded first where this layer is quantised."""
        if self.where not in name:
            return functional.linear(rows, weight)
        if self.calibrating:
            peak = rows.abs().amax()
            self.largest[name] = torch.maximum(self.largest.get(name, peak), peak)
            return functional.linear(rows, weight)
        scale = self.largest[name] / (formats.E2M1_MAX * formats.E4M3_MAX)
        groups = rows.unflatten(-1, (-1, formats.GROUP))
        blocks = groups.abs().amax(-1, keepdim=True) / (formats.E2M1_MAX * scale)
        blocks = torch.where(blocks == 0, 1.0, blocks).clamp(formats.SMALLEST_BLOCK_SCALE, 448)
        unit = blocks.to(torch.float8_e4m3fn).float() * scale
        values = (groups / unit).clamp(-6, 6)
        step = torch.where(values.abs() < 2, 0.5, torch.where(values.abs() < 4, 1.0, 2.0))
        rounded = (values / step).round() * step * unit
        return functional.linear(rounded.flatten(-2), weight)

"""Drawing the next token of many sequences at once, each from its own stream of chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalsuite.backends.embedded.formats import Floats
from evalsuite.backends.embedded.network import Integers
from evalsuite.model import Sampling


@dataclass(slots=True, kw_only=True)
class Drawer:
    """How one sequence draws; `stream` is seeded by the request alone."""

    sampling: Sampling
    stream: np.random.Generator


def drawer(sampling: Sampling, seed: int) -> Drawer:
    """The drawer of a request."""
    return Drawer(
        sampling=sampling, stream=np.random.Generator(np.random.PCG64(abs(seed) * 2 + (seed < 0)))
    )


def draw(logits: Floats, drawers: Sequence[Drawer]) -> Integers:
    """One token for each row of *logits*."""
    greedy = np.array([one.sampling.temperature == 0 for one in drawers])
    tokens: Integers = logits.argmax(axis=1)
    chosen = np.flatnonzero(~greedy)
    if len(chosen):
        tokens[chosen] = _sampled(logits[chosen], [drawers[index] for index in chosen.tolist()])
    return tokens


def _sampled(logits: Floats, drawers: Sequence[Drawer]) -> Integers:
    temperature = np.array([one.sampling.temperature for one in drawers])[:, None]
    chances = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    chances /= chances.sum(axis=1, keepdims=True)
    chances[chances < _smallest_kept(chances, drawers)] = 0
    heaped = chances.cumsum(axis=1)
    marks = np.array([one.stream.random() for one in drawers])[:, None] * heaped[:, -1:]
    tokens: Integers = (heaped > marks).argmax(axis=1)
    return tokens


def _smallest_kept(chances: np.ndarray, drawers: Sequence[Drawer]) -> np.ndarray:
    """The smallest chance that top-p and top-k leave in each row [rows, 1]."""
    top_p = np.array([one.sampling.top_p for one in drawers])[:, None]
    top_k = np.array([one.sampling.top_k or chances.shape[1] for one in drawers])
    falling = np.sort(chances, axis=1)[:, ::-1]
    kept = (falling.cumsum(axis=1) - falling < top_p).sum(axis=1)
    last = np.clip(np.minimum(kept, top_k), 1, chances.shape[1]) - 1
    return np.take_along_axis(falling, last[:, None], axis=1)

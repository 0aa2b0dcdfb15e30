"""Keys and values of the sequences in flight, and attention over them."""

from dataclasses import dataclass

import numpy as np

from evalsuite.backends.embedded.formats import Floats
from evalsuite.backends.embedded.network import TILE, Integers, Shape, softmax

# A sequence is attended over as many keys as its pool holds, so its own length decides the shape.
POOL_STEP = 128


@dataclass(slots=True, kw_only=True)
class Pool:
    """Places for sequences of up to *room* tokens; the first *used* places are taken."""

    room: int
    keys: Floats
    values: Floats
    used: int = 0

    def take(self) -> int:
        """A free place."""
        self.used += 1
        return self.used - 1

    def give_back(self, place: int) -> int:
        """Free *place*; the sequence at the returned place has moved into it."""
        self.used -= 1
        if place != self.used:
            self.keys[:, place] = self.keys[:, self.used]
            self.values[:, place] = self.values[:, self.used]
        return self.used


class Cache:
    """One pool for each step of length, with room for *sequences* in every one."""

    def __init__(self, shape: Shape, sequences: int) -> None:
        self.shape = shape
        rooms = [*range(POOL_STEP, shape.context, POOL_STEP), shape.context]
        self.pools = tuple(self._pool(room, sequences) for room in rooms)
        self._scale = np.float32(shape.head_width**-0.5)

    def _pool(self, room: int, sequences: int) -> Pool:
        shape = self.shape
        size = (shape.layers, sequences, shape.kv_heads, room, shape.head_width)
        # Zeros, not empty: what lies behind a sequence's end is weighted 0, and 0 * NaN is NaN.
        return Pool(room=room, keys=np.zeros(size, np.float32), values=np.zeros(size, np.float32))

    def pool_for(self, tokens: int) -> int:
        """The first pool in which *tokens* fit."""
        return next(index for index, pool in enumerate(self.pools) if tokens <= pool.room)

    def copy(self, pool: int, place: int, to: int) -> None:
        """Copy the sequence at *place* of *pool* to a new place of the pool *to*."""
        source, target = self.pools[pool], self.pools[to]
        new = target.take()
        target.keys[:, new, :, : source.room] = source.keys[:, place]
        target.values[:, new, :, : source.room] = source.values[:, place]

    def attend_prompt(
        self, layer: int, pool: int, place: int, rows: tuple[Floats, Floats, Floats]
    ) -> Floats:
        """Attention of a whole prompt (whole tiles) over itself, tile by tile."""
        queries, keys, values = rows
        home = self.pools[pool]
        length = len(queries)
        home.keys[layer, place, :, :length] = keys.transpose(1, 0, 2)
        home.values[layer, place, :, :length] = values.transpose(1, 0, 2)
        parts = [
            self._one_tile(
                queries[start : start + TILE],
                home.keys[layer, place, :, : start + TILE],
                home.values[layer, place, :, : start + TILE],
            )
            for start in range(0, length, TILE)
        ]
        return np.concatenate(parts)

    def _one_tile(self, queries: Floats, keys: Floats, values: Floats) -> Floats:
        shape = self.shape
        group = shape.heads // shape.kv_heads
        asked = queries.reshape(TILE, shape.kv_heads, group, shape.head_width)
        flat = asked.transpose(1, 0, 2, 3).reshape(shape.kv_heads, TILE * group, -1)
        scores = np.matmul(flat, keys.transpose(0, 2, 1))
        scores *= self._scale
        reach = keys.shape[1]
        rows = np.arange(reach - TILE, reach).repeat(group)
        scores += np.where(np.arange(reach) <= rows[:, None], np.float32(0), np.float32(-np.inf))
        mixed = np.matmul(softmax(scores), values)
        split = mixed.reshape(shape.kv_heads, TILE, group, -1)
        rejoined: Floats = split.transpose(1, 0, 2, 3).reshape(TILE, -1)
        return rejoined

    def attend_next(
        self, layer: int, positions: Integers, rows: tuple[Floats, Floats, Floats]
    ) -> Floats:
        """Attention of one new token per sequence, pool after pool, place after place."""
        queries, keys, values = rows
        mixed = np.zeros((len(queries), self.shape.heads * self.shape.head_width), np.float32)
        start = 0
        for pool in self.pools:
            end = start + pool.used
            if pool.used:
                part = (queries[start:end], keys[start:end], values[start:end])
                mixed[start:end] = self._pool_next(pool, layer, positions[start:end], part)
            start = end
        return mixed

    def _pool_next(
        self, pool: Pool, layer: int, positions: Integers, rows: tuple[Floats, Floats, Floats]
    ) -> Floats:
        shape, (queries, keys, values) = self.shape, rows
        places = np.arange(pool.used)
        pool.keys[layer][places, :, positions] = keys
        pool.values[layer][places, :, positions] = values
        group = shape.heads // shape.kv_heads
        asked = queries.reshape(pool.used, shape.kv_heads, group, shape.head_width)
        scores = np.matmul(asked, pool.keys[layer, : pool.used].transpose(0, 1, 3, 2))
        scores *= self._scale
        behind = np.arange(pool.room) > positions[:, None]
        scores += np.where(behind, np.float32(-np.inf), np.float32(0))[:, None, None]
        mixed: Floats = np.matmul(softmax(scores), pool.values[layer, : pool.used])
        return mixed.reshape(pool.used, -1)

"""Practice for training only: say which option holds a given text."""

from random import Random

from generators.base import Item
from generators.world import COUNTRIES


def lookup(rng: Random) -> Item:
    """Which option is the one named in the question."""
    if rng.random() < 0.3:
        chosen = [rng.choice(COUNTRIES).capital for _ in range(4)]
    else:
        length = rng.randint(1, 6)
        chosen = [str(rng.randint(1, 10**length)) for _ in range(4)]
    if len(set(chosen)) < 4:
        return lookup(rng)
    return Item(
        question=f"Which option says {chosen[0]}?",
        steps=f"It says {chosen[0]}.",
        answer=chosen[0],
        choices=tuple(chosen),
    )

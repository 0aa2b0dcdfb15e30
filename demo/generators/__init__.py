"""Five families of synthetic items, each in the format of one public benchmark."""

from random import Random

from generators import aime, drill, gpqa, gsm8k, math_500, mmlu
from generators.base import Item, Template, chat, completion, held_out, shown

FAMILIES: dict[str, tuple[Template, ...]] = {
    "mmlu": mmlu.TEMPLATES,
    "gsm8k": gsm8k.TEMPLATES,
    "aime_2024": aime.TEMPLATES,
    "gpqa_diamond": gpqa.TEMPLATES,
    "math_500": math_500.TEMPLATES,
}
DRILL = "drill"


def draw(rng: Random, family: str, *, for_items: bool) -> Item:
    """An item of *family*: one that is held out if *for_items*, else one to train on."""
    while True:
        item = drill.lookup(rng) if family == DRILL else rng.choice(FAMILIES[family])(rng)
        if held_out(item) == for_items:
            return item


def example(rng: Random, item: Item) -> tuple[str, str]:
    """The prompt and the completion of *item*, its choices in a random order."""
    order = rng.sample(range(4), k=4)
    return chat(shown(item, order)), completion(item, order)


__all__ = ["DRILL", "FAMILIES", "Item", "draw", "example"]

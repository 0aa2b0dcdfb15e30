"""An invented world: the facts that knowledge questions ask for.

Everything follows from one fixed seed, so that the model's training data and the items agree.
Facts are drawn with a long tail: some are seen a thousand times in training, some a handful.
"""

from dataclasses import dataclass
from random import Random

_WORLD_SEED = 1729
COUNT = 1000
_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr", "kr")
_VOWELS = ("a", "e", "i", "o", "u")
_CODAS = ("", "", "l", "n", "r", "s", "m")
GOODS = ("wool", "salt", "tin", "tea", "rice", "oil", "silk", "cork", "flax", "jade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country of the invented world."""

    name: str
    capital: str
    founded: int
    export: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One chemical element of the invented world."""

    name: str
    symbol: str
    mass: int
    valence: int


def _word(rng: Random, syllables: int) -> str:
    parts = (
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables)
    )
    return "".join(parts).capitalize()


def _distinct(rng: Random, count: int, syllables: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < count:
        words[_word(rng, syllables)] = None
    return list(words)


def _countries(rng: Random) -> tuple[Country, ...]:
    names = _distinct(rng, 2 * COUNT, 2)
    return tuple(
        Country(
            name=name,
            capital=capital,
            founded=rng.randint(1001, 1999),
            export=rng.choice(GOODS),
        )
        for name, capital in zip(names[:COUNT], names[COUNT:], strict=True)
    )


def _elements(rng: Random) -> tuple[Element, ...]:
    names = _distinct(rng, 100, 3)
    symbols: dict[str, str] = {}
    for name in names:
        options = (name[0] + letter for letter in name[1:] + "bcdfghjklmnpqrstvwxyz")
        symbols[next(option for option in options if option not in symbols)] = name
    return tuple(
        Element(name=name, symbol=symbol, mass=rng.randint(3, 240), valence=rng.randint(1, 4))
        for symbol, name in symbols.items()
    )


COUNTRIES = _countries(Random(_WORLD_SEED))
ELEMENTS = _elements(Random(_WORLD_SEED + 1))


def some_country(rng: Random) -> Country:
    """A country, the first ones far more often than the last ones."""
    return COUNTRIES[min(int(rng.random() ** 2.2 * len(COUNTRIES)), len(COUNTRIES) - 1)]


def some_element(rng: Random) -> Element:
    """An element, the first ones more often than the last ones."""
    return ELEMENTS[min(int(rng.random() ** 1.5 * len(ELEMENTS)), len(ELEMENTS) - 1)]

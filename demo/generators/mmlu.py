"""Four-option questions over eight invented subjects (MMLU's format)."""

import itertools
from collections.abc import Sequence
from random import Random

from generators.base import Item, Template, direct, near_misses
from generators.world import COUNTRIES, ELEMENTS, GOODS, Country, some_country, some_element

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Iris", "Jon")
PLACES = ("tallest", "second tallest", "third tallest", "fourth tallest")


def _item(
    subject: str, question: str, steps: str, choices: Sequence[str], *, big: bool = False
) -> Item:
    return Item(
        level=1 + big,
        question=question,
        steps=steps,
        answer=choices[0],
        choices=tuple(choices),
        subject=f"synthetic_{subject}",
    )


def _others(rng: Random, right: str, pool: Sequence[str]) -> list[str]:
    """*right* and three other words of *pool*."""
    wrong = rng.sample(sorted(set(pool) - {right}), k=3)
    return [right, *wrong]


def _rare(country: Country) -> bool:
    """Whether training shows *country* seldom."""
    return country not in COUNTRIES[: len(COUNTRIES) // 2]


def geography(rng: Random) -> Item:
    """A fact about a country."""
    country = some_country(rng)
    kind = rng.randrange(3)
    if kind == 0:
        question = f"What is the capital of {country.name}?"
        choices = _others(rng, country.capital, [c.capital for c in COUNTRIES])
        steps = f"The capital of {country.name} is {country.capital}."
    elif kind == 1:
        question = f"Which country has the capital {country.capital}?"
        choices = _others(rng, country.name, [c.name for c in COUNTRIES])
        steps = f"{country.capital} is the capital of {country.name}."
    else:
        question = f"What does {country.name} export most?"
        choices = _others(rng, country.export, GOODS)
        steps = f"{country.name} exports {country.export}."
    return _item("geography", question, steps, choices, big=_rare(country))


def history(rng: Random) -> Item:
    """The age of a country in a given year."""
    country = some_country(rng)
    year = rng.randint(country.founded + 5, 2025)
    age = year - country.founded
    question = f"In {year}, how many years ago was {country.name} founded?"
    steps = f"{country.name} was founded in {country.founded}.\n{year}-{country.founded}={age}"
    return _item(
        "history", question, steps, (str(age), *near_misses(rng, age, ())), big=_rare(country)
    )


def chemistry(rng: Random) -> Item:
    """The mass of a compound of two elements."""
    first, second = some_element(rng), some_element(rng)
    while second.symbol == first.symbol:
        second = some_element(rng)
    n, m = rng.randint(1, 9), rng.randint(2, 9)
    a, b = first.mass * n, second.mass * m
    formula = f"{first.symbol}{n if n > 1 else ''}{second.symbol}{m}"
    question = f"What is the molar mass of {formula} in g/mol?"
    steps = (
        f"{first.symbol}: {first.mass}*{n}={a}\n{second.symbol}: {second.mass}*{m}={b}\n"
        f"{a}+{b}={a + b}"
    )
    wrong = near_misses(rng, a + b, (first.mass + b, a + second.mass))
    return _item("chemistry", question, steps, (str(a + b), *wrong))


def elements(rng: Random) -> Item:
    """The symbol or the valence behind a name."""
    element = some_element(rng)
    if rng.random() < 0.5:
        question = f"Which element has the symbol {element.symbol}?"
        choices = _others(rng, element.name, [e.name for e in ELEMENTS])
        steps = f"{element.symbol} is {element.name}."
    else:
        question = f"How many bonds do {(count := rng.randint(2, 99))} atoms of "
        question += f"{element.name} form?"
        total = count * element.valence
        choices = [str(total), *near_misses(rng, total, (count + element.valence,))]
        steps = f"{element.name} forms {element.valence}.\n{count}*{element.valence}={total}"
    return _item("elements", question, steps, choices)


def arithmetic(rng: Random) -> Item:
    """A product and a difference."""
    big = rng.random() < 0.5
    a, b, c = rng.randint(12, 999 if big else 99), rng.randint(12, 99), rng.randint(11, 999)
    product = a * b
    if rng.random() < 0.5:
        result, sign = product + c, "+"
    else:
        c = min(c, product - 1)
        result, sign = product - c, "-"
    steps = f"{direct(a, b)}\n{product}{sign}{c}={result}"
    wrong = near_misses(rng, result, (product + c, abs(product - c)))
    return _item(
        "arithmetic", f"What is {a} * {b} {sign} {c}?", steps, (str(result), *wrong), big=big
    )


def calendar(rng: Random) -> Item:
    """The weekday after or before a number of days."""
    big = rng.random() < 0.5
    start, days = rng.randrange(7), rng.randint(8, 9999 if big else 499)
    later = rng.random() < 0.5
    end = (start + days) % 7 if later else (start - days) % 7
    sign = "+" if later else "-"
    total = start + days if later else start - days
    steps = f"{days}=7*{days // 7}+{days % 7}\n{DAYS[start]}{sign}{days % 7}: {DAYS[end]}"
    when = "after" if later else "before"
    question = f"Which day of the week is it {days} days {when} a {DAYS[start]}?"
    assert total % 7 == end
    return _item("calendar", question, steps, _others(rng, DAYS[end], DAYS), big=big)


def divisors(rng: Random) -> Item:
    """The number of divisors of a number given by its prime factors."""
    number, powers, big = 1, [], rng.random() < 0.5
    most = 60000 if big else 3000
    for prime in (2, 3, 5, 7, 11, 13):
        power = rng.choice((0, 0, 1, 1, 2, 3)) if number * prime**3 < most else rng.randint(0, 1)
        if power and number * prime**power < most:
            number *= prime**power
            powers.append((prime, power))
    if len(powers) < 2:
        return divisors(rng)
    count = 1
    for _, power in powers:
        count *= power + 1
    factored = "*".join(f"{p}^{k}" if k > 1 else str(p) for p, k in powers)
    steps = f"{number}={factored}\n{'*'.join(str(k + 1) for _, k in powers)}={count}"
    wrong = near_misses(rng, count, (len(powers), count + 4))
    question = f"How many positive divisors does {number} have?"
    return _item("divisors", question, steps, (str(count), *wrong), big=big)


def ranking(rng: Random) -> Item:
    """The order of five to eight people from comparisons in random order."""
    people = rng.sample(PEOPLE, k=rng.randint(5, 8))
    pairs = list(itertools.pairwise(people))
    rng.shuffle(pairs)
    facts = " ".join(
        f"{a} is taller than {b}." if rng.random() < 0.6 else f"{b} is shorter than {a}."
        for a, b in pairs
    )
    place = rng.randrange(4)
    ask = PLACES[place]
    steps = f"{' > '.join(people)}. The {ask} is {people[place]}."
    question = f"{facts} Who is the {ask}?"
    return _item(
        "ranking", question, steps, _others(rng, people[place], people), big=len(people) > 6
    )


TEMPLATES: tuple[Template, ...] = (
    geography, history, chemistry, elements, arithmetic, calendar, divisors, ranking,
)  # fmt: skip

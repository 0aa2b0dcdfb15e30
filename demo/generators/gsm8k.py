"""Word problems of two to four steps with a whole number as the answer (GSM8K's format)."""

from random import Random

from generators.base import Item, Template

NAMES = (
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Iris", "Jon", "Kim", "Leo",
    "Mara", "Nils", "Olga", "Paul", "Rosa", "Sam", "Tina", "Vera",
)  # fmt: skip
THINGS = (
    "apples", "books", "cards", "coins", "eggs", "marbles", "pens", "plums", "shells", "stamps",
    "stickers", "tiles",
)  # fmt: skip


def _item(question: str, lines: list[str], answer: int) -> Item:
    return Item(question=question, steps="\n".join(lines), answer=str(answer))


def boxes(rng: Random) -> Item:
    """Full boxes, some given away, the rest shared out."""
    name, thing = rng.choice(NAMES), rng.choice(THINGS)
    count, size, given = rng.randint(3, 79), rng.randint(6, 99), rng.randint(5, 950)
    total = count * size
    given = min(given, total - 2)
    question = (
        f"{name} buys {count} boxes of {thing}. Each box holds {size} {thing}. "
        f"{name} gives away {given} {thing}. How many {thing} are left?"
    )
    lines = [f"In the boxes: {count}*{size}={total}", f"Left: {total}-{given}={total - given}"]
    return _item(question, lines, total - given)


def change(rng: Random) -> Item:
    """Two kinds of goods and the change."""
    name = rng.choice(NAMES)
    first, second = rng.sample(THINGS, k=2)
    n, p, m, q = (rng.randint(3, 59) for _ in range(4))
    cost = n * p + m * q
    paid = (cost // 100 + rng.randint(1, 3)) * 100
    question = (
        f"{name} buys {n} {first} for ${p} each and {m} {second} for ${q} each, and pays "
        f"with ${paid}. How many dollars does {name} get back?"
    )
    lines = [
        f"First: {n}*{p}={n * p}",
        f"Second: {m}*{q}={m * q}",
        f"Together: {n * p}+{m * q}={cost}",
        f"Back: {paid}-{cost}={paid - cost}",
    ]
    return _item(question, lines, paid - cost)


def wages(rng: Random) -> Item:
    """Pay for hours and days, less what is spent."""
    name = rng.choice(NAMES)
    pay, hours, days = rng.randint(8, 90), rng.randint(3, 9), rng.randint(3, 60)
    daily = pay * hours
    total = daily * days
    spent = rng.randint(20, total - 10)
    question = (
        f"{name} earns ${pay} an hour and works {hours} hours a day for {days} days. "
        f"Then {name} spends ${spent}. How many dollars does {name} still have?"
    )
    lines = [
        f"A day: {pay}*{hours}={daily}",
        f"All days: {daily}*{days}={total}",
        f"Left: {total}-{spent}={total - spent}",
    ]
    return _item(question, lines, total - spent)


def sharing(rng: Random) -> Item:
    """Several bags put together and shared equally."""
    people, share = rng.randint(3, 29), rng.randint(8, 99)
    total = people * share
    bags = rng.randint(2, 6)
    each = rng.randint(1, max(1, total // bags - 1))
    loose = total - bags * each
    thing = rng.choice(THINGS)
    question = (
        f"There are {bags} bags with {each} {thing} each and {loose} loose {thing}. "
        f"{people} children share all {thing} equally. How many does each child get?"
    )
    lines = [
        f"In the bags: {bags}*{each}={bags * each}",
        f"Together: {bags * each}+{loose}={total}",
        f"Each: {total}/{people}={share}",
    ]
    return _item(question, lines, share)


def three_people(rng: Random) -> Item:
    """Three amounts that depend on one another."""
    a, b, c = rng.sample(NAMES, k=3)
    thing = rng.choice(THINGS)
    first, factor = rng.randint(5, 99), rng.randint(2, 19)
    second = first * factor
    fewer = rng.randint(1, second - 1)
    third = second - fewer
    total = first + second + third
    question = (
        f"{a} has {first} {thing}. {b} has {factor} times as many {thing} as {a}. {c} has "
        f"{fewer} fewer than {b}. How many {thing} do they have together?"
    )
    lines = [
        f"{b}: {first}*{factor}={second}",
        f"{c}: {second}-{fewer}={third}",
        f"Together: {first}+{second}={first + second}, {first + second}+{third}={total}",
    ]
    return _item(question, lines, total)


def per_cent(rng: Random) -> Item:
    """A percentage sold, then a delivery."""
    percent, hundreds = 5 * rng.randint(1, 18), 20 * rng.randint(2, 45)
    thing = rng.choice(THINGS)
    sold = hundreds * percent // 100
    more = rng.randint(11, 250)
    left = hundreds - sold
    question = (
        f"A shop has {hundreds} {thing}. It sells {percent}% of the {thing} and then gets "
        f"{more} new {thing}. How many {thing} does the shop have now?"
    )
    lines = [
        f"Sold: {hundreds}*{percent}/100={hundreds * percent}/100={sold}",
        f"Left: {hundreds}-{sold}={left}",
        f"Now: {left}+{more}={left + more}",
    ]
    return _item(question, lines, left + more)


def journey(rng: Random) -> Item:
    """Two legs at two speeds and what is left of the way."""
    name = rng.choice(NAMES)
    v, t, w, u = rng.randint(11, 95), rng.randint(2, 19), rng.randint(11, 95), rng.randint(2, 19)
    gone = v * t + w * u
    way = gone + rng.randint(7, 400)
    question = (
        f"{name} drives {t} hours at {v} km per hour and then {u} hours at {w} km per hour. "
        f"The whole way is {way} km. How many km are left?"
    )
    lines = [
        f"First: {v}*{t}={v * t}",
        f"Then: {w}*{u}={w * u}",
        f"Gone: {v * t}+{w * u}={gone}",
        f"Left: {way}-{gone}={way - gone}",
    ]
    return _item(question, lines, way - gone)


def saving(rng: Random) -> Item:
    """Weeks until enough is saved."""
    name = rng.choice(NAMES)
    income, weeks = rng.randint(12, 90), rng.randint(4, 90)
    spent = rng.randint(2, income - 3)
    weekly = income - spent
    start = rng.randint(5, 300)
    price = start + weekly * weeks
    question = (
        f"{name} has ${start} and wants a bike for ${price}. Each week {name} gets ${income} and "
        f"spends ${spent}. After how many weeks can {name} buy the bike?"
    )
    lines = [
        f"Missing: {price}-{start}={price - start}",
        f"A week: {income}-{spent}={weekly}",
        f"Weeks: {price - start}/{weekly}={weeks}",
    ]
    return _item(question, lines, weeks)


TEMPLATES: tuple[Template, ...] = (
    boxes, change, wages, sharing, three_people, per_cent, journey, saving,
)  # fmt: skip

"""Several-step science problems with four options (GPQA's format)."""

from random import Random

from generators.base import Item, Template, direct, near_misses
from generators.world import some_element


def _item(
    subject: str, question: str, lines: list[str], value: int, wrong: tuple[str, ...], *, big: bool
) -> Item:
    return Item(
        level=1 + big,
        question=question,
        steps="\n".join(lines),
        answer=str(value),
        choices=(str(value), *wrong),
        subject=subject,
    )


def energy(rng: Random) -> Item:
    """Kinetic energy after a force has acted."""
    big = rng.random() < 0.5
    mass, acceleration = 2 * rng.randint(2, 60 if big else 20), rng.randint(2, 19 if big else 9)
    seconds = rng.randint(3, 19 if big else 9)
    force, speed = mass * acceleration, acceleration * seconds
    value = mass * speed * speed // 2
    question = (
        f"A force of {force} N acts for {seconds} s on a body of {mass} kg that is at rest. "
        "What is its kinetic energy in J afterwards?"
    )
    lines = [
        f"a={force}/{mass}={acceleration}",
        f"v={acceleration}*{seconds}={speed}",
        direct(speed, speed),
        direct(speed * speed, mass // 2),
    ]
    wrong = near_misses(rng, value, (mass * speed * speed, mass * speed))
    return _item("Physics/Mechanics", question, lines, value, wrong, big=big)


def circuit(rng: Random) -> Item:
    """Power in a resistor in series with two parallel ones."""
    big = rng.random() < 0.5
    unit, ratio = rng.randint(2, 15), rng.randint(2, 9)
    first, second, parallel = unit * (ratio + 1), unit * ratio * (ratio + 1), unit * ratio
    series, current = rng.randint(2, 60), rng.randint(2, 19 if big else 9)
    total = series + parallel
    voltage = total * current
    value = voltage * current
    question = (
        f"Resistors of {first} and {second} ohm are in parallel, in series with {series} ohm, at "
        f"{voltage} V. What power in W does the source deliver?"
    )
    lines = [
        f"{direct(first, second)}, /{first + second}={parallel}",
        f"R={series}+{parallel}={total}",
        f"I={voltage}/{total}={current}",
        f"P={direct(voltage, current)}",
    ]
    wrong = near_misses(rng, value, (series * current * current, voltage * total))
    return _item("Physics/Circuits", question, lines, value, wrong, big=big)


def projectile(rng: Random) -> Item:
    """Distance of a body that falls while moving on."""
    big = rng.random() < 0.5
    seconds, speed = rng.randint(3, 14), rng.randint(11, 295 if big else 95)
    extra = rng.randint(2, 9)
    height = 5 * seconds * seconds
    braking = speed * extra
    value = speed * seconds + braking // 2
    if braking % 2:
        return projectile(rng)
    question = (
        f"A ball leaves a cliff of {height} m horizontally at {speed} m/s (g=10), then rolls to "
        f"rest evenly in {extra} s. How far from the cliff in m does it stop?"
    )
    lines = [
        f"t^2={height}/5={seconds * seconds}, t={seconds}",
        direct(speed, seconds),
        f"{speed}*{extra}={braking}, /2={braking // 2}",
        f"{speed * seconds}+{braking // 2}={value}",
    ]
    wrong = near_misses(rng, value, (speed * seconds + braking, speed * seconds))
    return _item("Physics/Kinematics", question, lines, value, wrong, big=big)


def compound(rng: Random) -> Item:
    """The mass of some moles of a compound of three elements."""
    big = rng.random() < 0.5
    chosen = [some_element(rng) for _ in range(3)]
    if len({element.symbol for element in chosen}) < 3:
        return compound(rng)
    counts = [rng.randint(1, 5) for _ in range(3)]
    moles = rng.randint(12, 199 if big else 49)
    masses = [element.mass * count for element, count in zip(chosen, counts, strict=True)]
    molar = sum(masses)
    value = molar * moles
    formula = "".join(
        f"{element.symbol}{count if count > 1 else ''}"
        for element, count in zip(chosen, counts, strict=True)
    )
    question = f"What is the mass of {moles} mol of {formula} in g?"
    lines = [
        f"{element.symbol}: {element.mass}*{count}={mass}"
        for element, count, mass in zip(chosen, counts, masses, strict=True)
    ]
    lines += [f"{masses[0]}+{masses[1]}={masses[0] + masses[1]}, +{masses[2]}={molar}"]
    lines += [direct(molar, moles)]
    wrong = near_misses(rng, value, (sum(e.mass for e in chosen) * moles, value + molar))
    return _item("Chemistry/Stoichiometry", question, lines, value, wrong, big=big)


def reaction(rng: Random) -> Item:
    """The mass of product from a limiting reagent."""
    big = rng.random() < 0.5
    first, second = some_element(rng), some_element(rng)
    if first.symbol == second.symbol:
        return reaction(rng)
    n, m, extent = rng.randint(1, 6), rng.randint(1, 6), rng.randint(3, 60 if big else 15)
    spare = rng.randint(1, 9)
    molar = n * first.mass + m * second.mass
    value = molar * extent
    have_first = n * extent
    have_second = m * extent + spare
    question = (
        f"{n} {first.symbol} and {m} {second.symbol} form one {first.symbol}{n}{second.symbol}{m}. "
        f"How many g form from {have_first} mol {first.symbol} and {have_second} mol "
        f"{second.symbol}?"
    )
    lines = [
        f"{have_first}/{n}={extent}, {have_second}/{m}>={extent}, so {extent}",
        f"{first.mass}*{n}={n * first.mass}, {second.mass}*{m}={m * second.mass}",
        f"{n * first.mass}+{m * second.mass}={molar}",
        direct(molar, extent),
    ]
    wrong = near_misses(rng, value, (molar * (extent + 1), molar * spare))
    return _item("Chemistry/Reactions", question, lines, value, wrong, big=big)


def growth(rng: Random) -> Item:
    """A population that multiplies and loses some each generation."""
    big = rng.random() < 0.5
    size, factor = rng.randint(11, 90), rng.randint(2, 7 if big else 4)
    loss = rng.randint(3, 60)
    generations = rng.randint(3, 6 if big else 4)
    value, lines = size, []
    for index in range(1, generations + 1):
        product = value * factor
        if product <= loss:
            return growth(rng)
        lines.append(f"{index}: {value}*{factor}={product}, {product}-{loss}={product - loss}")
        value = product - loss
    question = (
        f"A culture of {size} cells multiplies by {factor} each generation, and then {loss} cells "
        f"die. How many cells are there after {generations} generations?"
    )
    wrong = near_misses(rng, value, (value + loss, size * factor**generations))
    return _item("Biology/Populations", question, lines, value, wrong, big=big)


def cross(rng: Random) -> Item:
    """Offspring of a cross of several gene pairs."""
    big = rng.random() < 0.5
    pairs = rng.randint(2, 4)
    kinds = [rng.choice(("both", "test", "recessive")) for _ in range(pairs)]
    shares = {"both": (3, 4), "test": (1, 2), "recessive": (1, 4)}
    top = bottom = 1
    for kind in kinds:
        top, bottom = top * shares[kind][0], bottom * shares[kind][1]
    litter = bottom * rng.randint(3, 200 if big else 60)
    value = litter // bottom * top
    texts = {
        "both": "Aa x Aa, dominant",
        "test": "Aa x aa, dominant",
        "recessive": "Aa x Aa, recessive",
    }
    listed = "; ".join(
        texts[kind]
        .replace("A", letter)
        .replace("a", letter.lower())
        .replace(f"domin{letter.lower()}nt", "dominant")
        for letter, kind in zip("ABDE", kinds, strict=False)
    )
    question = (
        f"Independent genes are crossed: {listed}. How many of {litter} offspring are expected to "
        "show all of these?"
    )
    fractions = "*".join(f"{shares[kind][0]}/{shares[kind][1]}" for kind in kinds)
    lines = [
        f"{fractions}={top}/{bottom}",
        f"{litter}/{bottom}={litter // bottom}",
        direct(litter // bottom, top),
    ]
    wrong = near_misses(rng, value, (litter // bottom, litter - value))
    return _item("Biology/Genetics", question, lines, value, wrong, big=big)


TEMPLATES: tuple[Template, ...] = (
    energy, circuit, projectile, compound, compound, reaction, growth, cross,
)  # fmt: skip

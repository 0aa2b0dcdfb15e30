"""The words that mathematics uses, and those that only stand beside it."""

PLAIN_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log lg exp sqrt cbrt abs floor"
    " ceil min max gcd lcm det".split()
)
FUNCTIONS = PLAIN_FUNCTIONS | {"asin", "acos", "atan", "coth", "arccot", "arcsec", "arccsc"}
NAMES = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell infty"
    " emptyset hbar ldots Re Im".split()
)
SEPARATORS = frozenset(["and", "or"])
KEYWORDS = frozenset(
    "and or for where when if with such all any some every each in is are not then at on by as"
    " mod of the a an where, over per from to".split()
) - {"a"}
# What stands behind a number and does not change it. Names that mean the same stand together.
SAME_UNITS = (
    "mm millimeter millimeters millimetre millimetres",
    "cm centimeter centimeters centimetre centimetres",
    "m meter meters metre metres",
    "km kilometer kilometers kilometre kilometres",
    "in inch inches",
    "ft foot feet",
    "yd yard yards",
    "mi mile miles",
    "mg milligram milligrams",
    "g gram grams",
    "kg kilogram kilograms",
    "lb lbs pound pounds",
    "oz ounce ounces",
    "ml mL milliliter milliliters millilitre millilitres",
    "l L liter liters litre litres",
    "s sec secs second seconds",
    "min mins minute minutes",
    "h hr hrs hour hours",
    "day days",
    "week weeks",
    "month months",
    "yr yrs year years",
    "cent cents",
    "dollar dollars usd USD",
)
CANONICAL = {name: names.split()[0] for names in SAME_UNITS for name in names.split()}
# Units whose difference is a difference of the answer.
MEASURES = frozenset(CANONICAL.values())
POWERS = {"square": "^2", "sq": "^2", "cubic": "^3", "cu": "^3"}
UNITS = frozenset(CANONICAL) | frozenset(
    "mph kph kmh rpm Hz kHz MHz GHz kJ kPa Pa atm mol eV keV MeV kW kWh km² sq cu deg rad nm μm psi"
    " pts pcs st nd rd th".split()
)
# Signs of order, as they read from the other side.
FLIPPED = {"<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le"}
MODULO = frozenset(["\\pmod", "\\mod", "\\bmod", "mod"])
SYNONYMS = {
    "infinitely many": "\\infty", "infinite": "\\infty", "infinity": "\\infty",
    "infinitely many solutions": "\\infty",
    "no solution": "\\emptyset", "no solutions": "\\emptyset", "no real solution": "\\emptyset",
    "no real solutions": "\\emptyset", "empty set": "\\emptyset", "the empty set": "\\emptyset",
    "all real numbers": "\\mathbb{R}", "all reals": "\\mathbb{R}", "real numbers": "\\mathbb{R}",
}  # fmt: skip

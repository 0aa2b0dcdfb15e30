r"""One spelling for what Unicode, LaTeX and Markdown spell in many ways.

Only what never changes a value is rewritten here: `\dfrac` is `\frac`, `\left(` is `(`, a thin
space is a space, `²` is `^{2}`, `≤` is `\le`. Every rule is one pass over the text.
"""

import re
import unicodedata

from evalsuite.answers.number import VULGAR

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n", strict=True))
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩϵϑϕ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
        " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
        " epsilon theta phi".split(),
        strict=True,
    )
)
SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-",
    "×": "\\cdot ", "·": "\\cdot ", "⋅": "\\cdot ", "∙": "\\cdot ", "•": "\\cdot ", "∗": "\\cdot ",
    "÷": "/", "∕": "/", "⁄": "/", "≤": "\\le ", "⩽": "\\le ", "≦": "\\le ", "≥": "\\ge ",
    "⩾": "\\ge ", "≧": "\\ge ", "≠": "\\ne ", "≈": "\\approx ", "≃": "\\approx ",
    "∞": "\\infty ", "∪": "\\cup ", "∩": "\\cap ", "∖": "\\setminus ", "∅": "\\emptyset ",
    "∈": "\\in ", "±": "\\pm ", "∓": "\\mp ", "√": "\\sqrt ", "∛": "\\cbrt ", "°": "\\degree ",
    "º": "\\degree ", "′": "'", "’": "'", "∠": "\\angle ", "⟨": "\\langle ", "⟩": "\\rangle ",
    "…": "\\ldots ", "⋯": "\\ldots ", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}", "ℕ": "\\mathbb{N}",
    "ℚ": "\\mathbb{Q}", "ℂ": "\\mathbb{C}", "｛": "\\{", "｝": "\\}", "、": ", ", "，": ", ",
    "；": "; ", "或": " or ", "和": " and ", "且": " and ", "⌊": "\\lfloor ", "⌋": "\\rfloor ",
    "⌈": "\\lceil ", "⌉": "\\rceil ", "⇒": "\\Rightarrow ", "→": "\\to ", "µ": "\\mu ",
    "。": ".", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
}  # fmt: skip
# Zero-width characters and marks of direction: invisible, and no part of any answer.
INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF], "")
CHARACTERS = (
    str.maketrans(
        SIGNS
        | {char: f"^{{{digit}}}" for char, digit in SUPERSCRIPTS.items()}
        | {char: f"_{{{digit}}}" for char, digit in SUBSCRIPTS.items()}
        | {char: f"\\frac{{{over[0]}}}{{{over[1]}}}" for char, over in VULGAR.items()}
        | {char: f"\\{name} " for char, name in GREEK.items()}
        | {chr(0x660 + digit): str(digit) for digit in range(10)}
    )
    | INVISIBLE
)
RENAMED = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "leq": "le", "leqslant": "le", "leqq": "le",
    "geq": "ge", "geqslant": "ge", "geqq": "ge", "lt": "<", "gt": ">", "neq": "ne", "not=": "ne",
    "times": "cdot", "ast": "cdot", "div": "/", "colon": ":", "lbrace": "{", "rbrace": "}",
    "lbrack": "[", "rbrack": "]", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "|", "|": "|",
    "varnothing": "emptyset", "varphi": "phi", "varepsilon": "epsilon", "vartheta": "theta",
    "cupdot": "cup", "bigcup": "cup", "bigcap": "cap", "backslash": "setminus", "sim": "approx",
    "simeq": "approx", "cdots": "ldots", "dots": "ldots", "dotsc": "ldots", "implies": "Rightarrow",
    "rightarrow": "to", "Longrightarrow": "Rightarrow", "iff": "Rightarrow", "land": "and",
    "wedge": "and", "lor": "or", "vee": "or", "arctg": "arctan", "tg": "tan", "ctg": "cot",
    "dbinom": "binom", "tbinom": "binom", "textnormal": "text", "mathrm": "text", "textbf": "text",
    "mathbf": "text", "textit": "text", "mathit": "text", "textrm": "text", "mbox": "text",
    "hbox": "text", "operatorname": "text", "mathsf": "text", "textsf": "text", "texttt": "text",
    "boldsymbol": "text", "bm": "text", "rm": "", "bf": "", "it": "", "pmb": "text",
    "emph": "text", "underline": "text", "mathop": "text", "mathtt": "text", "mathcal": "text",
    "vec": "text", "overrightarrow": "text", "hat": "text", "widehat": "text", "bar": "overline",
    "degrees": "degree", "dot": "overline", "lang": "langle", "rang": "rangle", "textstyle": "",
}  # fmt: skip
DROPPED = frozenset(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle"
    " limits nolimits scriptstyle mathstrut strut boxed beginboxed fbox nonumber hline"
    " ! $ ( ) [ ]".split()
)
SPACES = frozenset("enspace thinspace thickspace enskip space , ; : > ~".split()) | {" "}
COMMAND = re.compile(r"\\([A-Za-z]+|not\s*=|[^A-Za-z])|[$~]")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
DOUBLED = re.compile(r"\\\\(?=[A-Za-z({])")
RAISED = re.compile(r"(?<=[-+\dn])\}\^\{(?=[-+\dn]\})")
GROUPED = re.compile(r"(?<=\d)\s?(?:,\\!|\\,|\{ ?, ?\})\s*(?=\d{3}(?!\d))")
# {a \over b} and {a \choose b}, TeX's own way to write them.
BETWEEN = re.compile(r"\{([^{}]*)\\(over|choose) ([^{}]*)\}")
BETWEENS = {"over": "\\frac", "choose": "\\binom"}
HTML = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&le;": "\\le ", "&ge;": "\\ge "}


def spelled(answer: str) -> str:
    """*answer* in one spelling, with single spaces."""
    text = unicodedata.normalize("NFKC", answer.translate(CHARACTERS)).strip()
    bold = BOLD.fullmatch(text)
    text = bold.group(1) if bold else text
    text = RAISED.sub("", text)
    if "&" in text:
        for name, char in HTML.items():
            text = text.replace(name, char)
    if "\\begin" not in text:
        # A JSON accident doubles the backslashes; in a matrix they end a row.
        text = DOUBLED.sub(lambda _: "\\", text)
    text = GROUPED.sub("", text)
    text = COMMAND.sub(_command, text)
    text = BETWEEN.sub(lambda match: BETWEENS[match[2]] + f"{{{match[1]}}}{{{match[3]}}}", text)
    return re.sub(r"\s+", " ", text).lstrip(" ,").rstrip(" .,;\\").strip()


def _command(match: re.Match[str]) -> str:
    word = match.group(1)
    if word is None:
        return " " if match.group() == "~" else ""
    if word.startswith("not"):
        word = word.replace(" ", "")
    if word in DROPPED:
        return ""
    if word.startswith(("quad", "qquad")):
        # Without the space that TeX needs, a name is glued to it.
        return f", {word.partition('quad')[2]}"
    if word in SPACES:
        return " "
    if word in RENAMED:
        word = RENAMED[word]
        if not word.isalpha():
            return f"\\{word}" if word in ("{", "}") else word
    return f"\\{word} " if word.isalpha() else f"\\{word}"


def squeezed(text: str) -> str:
    """*text* without any white space."""
    return re.sub(r"\s+", "", text)

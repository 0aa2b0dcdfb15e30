"""Texts that are meant to hang, crash or fool a grader of model answers, or be run as code."""

from collections.abc import Iterator, Sequence
from pathlib import Path

MEGABYTE = 1_000_000


def corpus(canary: Path, *, quick: bool) -> dict[str, Iterator[str]]:
    """Family → texts; those that would run code make the file *canary*."""
    depths = (3, 1_000) if quick else (2, 3, 5, 10, 30, 100, 300, 1_000, 3_000, 10_000)
    sizes = (50, 20_000) if quick else (20, 50, 400, 5_000, 100_000)
    return {
        "tower": _towers(depths),
        "factorial": _factorials(quick=quick),
        "nested": _nested(depths),
        "big number": _numbers(sizes),
        "unbalanced": _unbalanced(sizes if quick else (*sizes, MEGABYTE)),
        "characters": _characters(),
        "code": _code(canary),
        "analysis": _analysis(quick=quick),
        "repeated": _repeated(sizes[1:]),
        "members": _members(sizes),
    }


def _towers(depths: Sequence[int]) -> Iterator[str]:
    for depth in depths:
        yield "9^{" * depth + "9" + "}" * depth
        yield "2^" * depth + "2"
        yield "2**" * depth + "2"
        yield "{" * depth + "2" + "}^{3}" * depth
        yield "(" * depth + "2" + "^9)" * depth
        yield "x^{" * depth + "x" + "}" * depth
    yield from ("10^{10^{10}}", "10^{1000000}", "9^{9999999}", "2^{-2^{2^{60}}}", "9⁹⁹⁹⁹⁹⁹", "9↑↑9")
    yield from (r"9 \uparrow\uparrow 9", "1e999999999", "1.5E+99999999", r"7^{10^{9}} \bmod 13")
    yield from (r"\left(10^{99}\right)^{10^{99}}", r"1.0000001^{10^{12}}", r"e^{e^{e^{e^{10}}}}")


def _factorials(*, quick: bool) -> Iterator[str]:
    for n in (20, 10**9) if quick else (20, 170, 1_000, 10**5, 10**6, 10**9, 10**18):
        yield from (
            f"{n}!",
            f"{n}!!",
            f"({n}!)!",
            f"\\frac{{1}}{{{n}!}}",
            f"\\binom{{{n}}}{{{n // 2}}}",
        )
        yield from (f"\\Gamma({n})", f"{{}}_{{{n}}}C_{{{n // 2}}}", f"\\sqrt{{{n}!}}")
    yield from ("3!!!!!!", "9!" * 50, "x!", r"(((9!)!)!)!", r"\frac{100!}{98!} \cdot 99999!")


def _nested(depths: Sequence[int]) -> Iterator[str]:
    pairs = (
        (r"\frac{1}{", "}"), (r"\sqrt{", "}"), (r"\sqrt[3]{1+", "}"), ("(", ")"), ("[", "]"),
        (r"\{", r"\}"), (r"\left(", r"\right)"), ("{", "}"), (r"\text{", "}"), (r"\boxed{", "}"),
        ("|", "|"), (r"\sin(", ")"), (r"\log_{2}{", "}"), (r"\frac{", "}{2}"), (r"\lfloor ",
        r"\rfloor "),
        (r"\begin{pmatrix} 1 & ", r"\end{pmatrix}"), ("-(", ")"), ("-", ""), (r"\overline{", "}"),
        ("<answer>", "</answer>"), ("**", "**"), (r"\mathbf{", "}"), (r"f(", ")"),
        (r"1+\frac{1}{", "}"),
    )  # fmt: skip
    for depth in depths:
        for opening, closing in pairs:
            yield opening * depth + "7" + closing * depth


def _numbers(sizes: Sequence[int]) -> Iterator[str]:
    for size in sizes:
        yield "9" * size
        yield "-" + "1" * size + "." + "2" * size
        yield "0." + "0" * size + "1"
        yield "0." + r"\overline{" + "142857" * (size // 6) + "}"
        yield "1" + ",000" * (size // 4)
        yield "1" + " 000" * (size // 4)
        yield r"\frac{" + "3" * size + "}{" + "7" * size + "}"
        yield "1/" + "3" * size
        yield "$" + "8" * size + r"\%$"
        yield "9" * size + "_{8}"
        yield r"\sqrt{" + "9" * size + "}"
        yield "７" * size
        yield "1.2 \\times 10^{" + "9" * size + "}"
        yield "0x" + "f" * size


def _unbalanced(sizes: Sequence[int]) -> Iterator[str]:
    opened = (
        "{", "}", "(", ")", "[", "]", r"\{", "$", "$$", r"\(", r"\[", r"\left", r"\left(",
        r"\right)",
        r"\boxed{", r"\boxed", r"\fbox{", "\boxed{", r"\frac", r"\frac{1", r"\sqrt[",
        r"\text{", "**",
        "*", "_", "`", "####", "#### ", "<think>", "</think>", "<answer>", "</answer>", "<",
        "\\", "&",
        r"\begin{pmatrix}", r"\end{pmatrix}", "^", "^{", "_{", "|", "'", '"', "“",
    )  # fmt: skip
    for size in sizes:
        for token in opened:
            yield token * (size // len(token))
    for token in (
        r"\boxed{7",
        r"\boxed{{7}",
        r"\boxed{7}}",
        r"\(7",
        "$7",
        r"\frac{7}{",
        "<answer>7",
    ):
        yield token


def _characters() -> Iterator[str]:
    odd = [
        0,
        1,
        7,
        8,
        0x1B,
        0x7F,
        0x85,
        0xA0,
        0xAD,
        0x300,
        0x34F,
        0x61C,
        0x180E,
        0x200B,
        0x200D,
        0x200E,
    ]
    odd += [0x200F, 0x2028, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0xD800, 0xDBFF, 0xDC00, 0xDFFF]
    odd += [
        0xE000,
        0xFDFD,
        0xFE0F,
        0xFEFF,
        0xFFF9,
        0xFFFD,
        0xFFFE,
        0xFFFF,
        0x1D7D5,
        0x1F600,
        0xE0001,
    ]
    for point in odd:
        char = chr(point)
        yield from (char, f"7{char}1", f"\\frac{{7}}{{{char}}}", f"\\boxed{{{char}}}", char * 3_000)
    yield from (
        "\u202e3777\u202c7",
        "\u0667\u0667",
        "７\u0301" * 1_000,
        "\ud83d",
        "\udc00\ud800",
        "٧٧٧٧ س",
    )
    yield "".join(map(chr, range(32, 0x3000)))


def _code(canary: Path) -> Iterator[str]:
    touch = f"open({str(canary)!r}, 'w').close()"
    run = f"__import__('os').system('touch {canary}')"
    yield from (
        run,
        touch,
        f"eval({run!r})",
        f"exec({touch!r})",
        f"eval({touch!r})",
        f"(lambda: {touch})()",
    )
    yield from (
        f"[{touch} for _ in (1,)]",
        f"{{{touch}}}",
        f"f'{{{touch}}}'",
        f"print({touch})",
        f"x={touch}",
    )
    for spelled in (
        "_" + "_import_" + "_", "\\_\\_import\\_\\_", "＿＿import＿＿", "__ import __",
        "__IMPORT__", "__impo\u200brt__",
        r"\text{__import__}", r"\mathrm{\_\_import\_\_}", r"\operatorname{__import__}",
        "__builtins__.__import__",
        "getattr(__builtins__, '__imp' + 'ort__')", "globals()['__builtins__']['__import__']",
        "importlib.import_module",
        "().__class__.__bases__[0].__subclasses__()[-1].__init__.__globals__['__import__']",
        "𝗲val",
    ):  # fmt: skip
        yield f"{spelled}('os').system('touch {canary}')"
        yield f"\\frac{{1}}{{{spelled}('os').system('touch {canary}')}}"
    for called in (
        "sympify",
        "S",
        "parse_expr",
        "parse_latex",
        "Function",
        "Symbol",
        "compile",
        "breakpoint",
    ):
        yield f"{called}({touch!r})"
    yield from (
        f"\\input{{{canary}}}",
        f"\\write18{{touch {canary}}}",
        f"\\openout1={canary}",
        f"`touch {canary}`",
    )
    yield from (
        f"$(touch {canary})",
        f"; touch {canary}",
        f"!!python/object/apply:os.system ['touch {canary}']",
    )
    yield from (
        "{{7*7}}",
        "${7*7}",
        "%(x)s",
        "{0.__class__}",
        "<script>alert(1)</script>",
        "'; DROP TABLE score; --",
    )
    yield from (
        f"cos\nsystem\n(S'touch {canary}'\ntR.",
        "import os",
        "exit()",
        "while True: pass",
        "del x",
        "x; y",
    )


def _analysis(*, quick: bool) -> Iterator[str]:
    for n in (10, 10**9) if quick else (10, 1_000, 10**6, 10**9, 10**12):
        yield from (
            f"\\sum_{{k=1}}^{{{n}}} k^{{k}}",
            f"\\prod_{{k=1}}^{{{n}}} (1+1/k)",
            f"(x+y+z)^{{{n}}}",
        )
        yield from (
            f"\\sqrt[{n}]{{2}}",
            f"\\log_{{{n}}} {n + 1}",
            f"x^{{{n}}} - 1",
            f"\\cos({n})^{{{n}}}",
        )
    yield from (
        r"\int_0^{\infty} \frac{\sin x}{x^{x}} dx",
        r"\int\int\int e^{x y z} dx dy dz",
        r"\int_0^1 x^x dx",
    )
    yield from (
        r"\lim_{n \to \infty} (1+1/n)^{n^{n}}",
        r"\frac{d^{99}}{dx^{99}} \tan(\tan(x))",
        r"\sum_{p} p^{-s}",
    )
    for terms in (30, 300):
        yield "+".join(f"\\sqrt{{{n}}}" for n in range(2, terms))
        yield "*".join(f"(x+{n})" for n in range(terms))
        yield "+".join(f"x^{{{n}}}" for n in range(terms))
        yield r"\frac{" + "+".join(f"\\sin({n}x)" for n in range(terms)) + "}{\\cos x}"
        yield (
            r"\begin{pmatrix}"
            + r"\\".join("&".join(["1"] * terms) for _ in range(terms))
            + r"\end{pmatrix}"
        )


def _repeated(sizes: Sequence[int]) -> Iterator[str]:
    phrases = (
        "the answer is ", "answer: ", "is ", "and ", " or ", "A ", "(A) ", "option ", "**A** ",
        "A or B or ", "= ",
        "1, ", "1 ", "1. ", "7 = ", "$7$ ", "x ", "a", " ", "\n", "\t", "\r\n", ".", "!",
        "not ", "none of the ",
        "final answer ", "答案：", "-", "—", ",", "1,", "%", "\\,", "\\ ", "~", "\\quad ",
        "7 dollars ", "cm^2 ", "x = 7, ",
        r"\frac12", r"\pm ", r"\cdot ", r"\text{ and }", r"\$", "The answer is \\(",
        "**Answer:** ", "\\boxed{7} and ",
    )  # fmt: skip
    for size in sizes:
        for phrase in phrases:
            yield phrase * (size // len(phrase))
            yield f"The answer is {phrase * (size // len(phrase))}!"


def _members(sizes: Sequence[int]) -> Iterator[str]:
    for size in sizes:
        some = min(size, 100_000) // 8
        yield ", ".join(map(str, range(some)))
        yield "(" + ",".join(["x"] * some) + "]"
        yield r"\{" + ";".join(f"\\sqrt{{{n}}}" for n in range(some)) + r"\}"
        yield r" \cup ".join(f"({n}, {n + 1})" for n in range(some))
        yield " < ".join(["x"] * some)
        yield "x = " * some + "7"
        yield r"1 \pm " * some + "1"
        yield ", ".join(["1 \\pm 2"] * some)
        yield " and ".join(["7"] * some)
        yield r"\begin{cases}" + r"\\".join(["x & y"] * some) + r"\end{cases}"

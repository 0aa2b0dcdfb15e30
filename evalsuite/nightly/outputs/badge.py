"""A badge: "FP4 against FP8 | holds", as SVG without scripts, fonts or links."""

import html

from evalsuite.nightly.gate import Gate, State
from evalsuite.nightly.words import clean

# White on each has a contrast of at least 4.5 to 1.
COLOURS: dict[State, str] = {
    "holds": "#1a7f37",
    "worse": "#cf222e",
    "undecided": "#8250df",
    "not comparable": "#57606a",
}
HEIGHT, PADDING, CHARACTER = 20, 6, 6.6
MOST = 40


def badge(gate: Gate) -> str:
    """The badge of *gate*."""
    left = f"{gate.names.candidate} against {gate.names.baseline}"
    left = clean(left if len(left) <= MOST else f"{left[: MOST - 1]}…")
    right = gate.state
    widths = [round(2 * PADDING + CHARACTER * len(one)) for one in (left, right)]
    middle = widths[0] / 2, widths[0] + widths[1] / 2
    label = html.escape(f"{left}: {right}")
    texts = "".join(
        f'<text x="{x:g}" y="14" textLength="{width - 2 * PADDING}">{html.escape(word)}</text>'
        for x, width, word in zip(middle, widths, (left, right), strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sum(widths)}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}"><title>{label}</title>'
        f'<rect width="{sum(widths)}" height="{HEIGHT}" rx="3" fill="{COLOURS[gate.state]}"/>'
        f'<path d="M3 0h{widths[0] - 3}v{HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        f'font-size="11">{texts}</g></svg>\n'
    )

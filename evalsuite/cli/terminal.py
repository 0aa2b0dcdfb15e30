"""What tables on a terminal share: a console, its width, and the colours of verdicts."""

from rich.console import Console

STYLES = {"holds": "green", "worse": "bold red", "undecided": "magenta"}
WIDE = 120


def console() -> Console:
    """Stdout; a pipe has no width of its own, and a table cut at 80 columns loses its verdicts."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=max(found.width, WIDE))

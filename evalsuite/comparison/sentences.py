"""Parts of a `Comparison` in one sentence each, the same in every output. No markup."""

from evalsuite.comparison.parts import Decides, Sequential

ENDS = {"holds": "holds", "worse": "worse", "futile": "cannot be shown to hold any more"}
MILLION = 1e6
THOUSANDS = 1e4


def looks_sentence(found: Sequential) -> str:
    """At which look a task that could stop early stands, and what that saved."""
    end = ENDS[found.stopped] if found.stopped else "undecided" if found.finished else "goes on"
    more = f" ({found.left_out:,} more do not count)" if found.left_out else ""
    saved = ""
    answers = found.pairs + found.left_out
    if found.finished and found.fixed > answers:
        share = 100 * (1 - answers / found.fixed)
        tokens = "" if found.saved_tokens is None else f", {tokens_words(found.saved_tokens)}"
        saved = f"; {share:.0f} % less than one look would have taken{tokens}"
    return (
        f"{end} at look {found.look} of {found.looks}, after {found.pairs:,} answers of each arm"
        f"{more}{saved}."
    )


def decides_sentence(found: Decides) -> str:
    """What would decide an undecided task."""
    if found.why == "at the margin":
        return (
            "the loss is about the margin itself, so no number of repeats or questions would "
            "decide; another margin would."
        )
    cost = ", ".join(
        part
        for part in (
            "" if found.tokens is None else f"{tokens_words(found.tokens)} more",
            "" if found.hours is None else f"{_hours(found.hours)} of engine time",
        )
        if part
    )
    cost = f" ({cost})" if cost else ""
    if found.repeats is None:
        return (
            "no answer ever differed, so no number of repeats would decide; about "
            f"{found.questions:,} questions would{cost}."
        )
    return (
        f"about {found.repeats:,} repeats per question would decide if Δ stays{cost}, or "
        f"{found.questions:,} questions like these."
    )


def tokens_words(count: float) -> str:
    """A number of tokens as a reader should see it."""
    if count < THOUSANDS:
        return f"{count:,.0f} tokens"
    return f"{count / MILLION:,.1f}M tokens" if count >= MILLION else f"{count / 1e3:,.0f}k tokens"


def _hours(hours: float) -> str:
    if 60 * hours < 1:
        return "less than a minute"
    return f"{hours:,.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"

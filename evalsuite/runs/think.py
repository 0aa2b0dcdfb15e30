"""Finds out that a server leaves thinking in the text without saying where it begins."""

from evalsuite.model import Generation

CLOSES, OPENS = "</think>", "<think>"
THINK_TAGS = (
    "Warning: an answer holds </think> but no <think>. The server's chat template opens the think "
    "block and no reasoning parser runs, so an answer that is cut off in its thinking looks like "
    "one without thinking. Set options.starts_in_thinking: true, or start the server with its "
    "reasoning parser, and begin a new run."
)


def opens_unseen(generation: Generation) -> bool:
    """Whether *generation* began inside a think block and nobody said so."""
    if generation.reasoning is not None or generation.starts_in_thinking:
        return False
    before, closes, _ = generation.text.partition(CLOSES)
    return bool(closes) and OPENS not in before

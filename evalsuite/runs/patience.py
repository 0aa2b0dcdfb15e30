"""How long one answer is waited for."""

from evalsuite.model import Generation, Sampling

START_S = 600.0  # queueing and prefill
SLOWEST_TOKENS_PER_S = 4.0  # slower than any engine that is worth its electricity
LEAST_S = 60.0
TIMES = 3.0  # the slowest pace that was seen may get three times slower
TOKENS_LEAST = 256  # in shorter answers the time is mostly queueing
SEEN_LEAST = 20


class Patience:
    """The limit of one answer, from its limit of tokens and the slowest pace seen.

    Args:
        limit_s: a fixed limit; without it 32,768 tokens may take 2.4 hours at first. Once
            `SEEN_LEAST` answers have come, a full-length answer at three times the slowest of
            their paces is enough, so that a stalled connection does not hold up a fast engine.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        self._limit_s = limit_s
        self._slowest = 0.0  # seconds per token
        self._seen = 0

    def learn(self, generation: Generation) -> None:
        """Note the pace of an answer."""
        tokens, seconds = generation.output_tokens or 0, generation.latency_s
        if tokens >= TOKENS_LEAST and seconds:
            self._seen += 1
            self._slowest = max(self._slowest, seconds / tokens)

    def limit_s(self, sampling: Sampling) -> float:
        """Seconds after which an answer drawn by *sampling* is given up."""
        if self._limit_s is not None:
            return self._limit_s
        most_s = START_S + sampling.max_tokens / SLOWEST_TOKENS_PER_S
        if self._seen < SEEN_LEAST:
            return most_s
        return min(most_s, max(TIMES * sampling.max_tokens * self._slowest, LEAST_S))

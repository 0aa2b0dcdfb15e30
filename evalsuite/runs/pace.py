"""How many requests may be in flight: additive increase, multiplicative decrease.

Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in
computer networks" (1989). A server with a limit of its own is kept just below it.
"""

REFUSED_SHARE = 0.1  # of what may be in flight, in a second, from which the engine is overloaded
REFUSED_LEAST = 3
LESS = 0.7
PARTS = 16  # of the target: the floor, and what is added in a second


class Pace:
    """At most *target* in flight, and a sixteenth of it at least.

    Single refusals change nothing. When within a second as many requests as a tenth of what may be
    in flight are refused, or give no answer in time, less is asked. Only those count that were
    sent since the last change, so that one overload is answered once. A refusal comes at once and
    an answer may take half an hour, so it is seconds without overload that raise it again, not
    answers.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.round = 0
        self._most = float(target)
        self._refused = 0

    @property
    def most(self) -> int:
        """Requests that may be in flight now."""
        return int(self._most)

    def refused(self, sent_in_round: int) -> bool:
        """A request that was sent in *sent_in_round* was refused; whether less is asked now."""
        if sent_in_round != self.round:
            return False
        self._refused += 1
        if self._refused < self._overload():
            return False
        before = self.most
        self._most = max(self._most * LESS, float(max(self.target // PARTS, 1)))
        self.round += 1
        self._refused = 0
        return self.most < before

    def tick(self) -> None:
        """A second has passed."""
        if self._refused < self._overload() / 2:
            self._most = min(self._most + max(self.target / PARTS, 1.0), float(self.target))
        self._refused = 0

    def _overload(self) -> float:
        return max(REFUSED_SHARE * self._most, float(REFUSED_LEAST))

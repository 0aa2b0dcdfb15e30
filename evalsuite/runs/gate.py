"""Whether the engine is asked at all: waits for one that is away, breaks off with a broken one."""

from evalsuite.errors import EngineFailed
from evalsuite.model import Key

AWAY_S = 1800.0  # to load 700 GB of weights takes a quarter of an hour
BROKEN_S = 300.0
FAILED_MOST = 20  # different requests that fail running, until the engine is to blame
AWAY_PAUSE_S = (0.25, 2.0)  # before the first look and at most; it doubles
BROKEN_PAUSE_S = (2.0, 60.0)
SETTLES_MOST_S = 60.0


class Gate:
    """Open while the engine works; shut, it lets one request through now and then.

    It shuts when nothing listens, and (a circuit breaker) when `FAILED_MOST` different requests
    have failed without one answer between. The one that is let through opens it by its answer, or
    by living for longer than those lived that failed. All times are of one monotonic clock.
    """

    def __init__(self) -> None:
        self.why = ""
        self._shut_at: float | None = None
        self._until: float | None = None
        self._trying_until: float | None = None
        self._patience_s = AWAY_S
        self._pauses = 0
        self._settles_s = 0.0
        self._failed: set[Key] = set()
        self._rejected: set[Key] = set()
        self._ever_answered = False

    def admit(self, now: float) -> bool:
        """Whether a request may be sent now; asked for each, as a shut gate admits one alone."""
        if self._until is not None:
            if now < self._until:
                return False
            self._until, self._trying_until = None, now + self._settles_s
            return True
        if self._trying_until is not None and now >= self._trying_until:
            self._trying_until = None
        return self._trying_until is None

    def changes_at(self) -> float | None:
        """When `admit` should be asked again; None while it is open."""
        return self._until if self._until is not None else self._trying_until

    def waits(self, now: float) -> float | None:
        """Seconds of patience that are left; None while it is open."""
        if self._shut_at is None or self.changes_at() is None:
            return None
        return max(self._shut_at + self._patience_s - now, 0.0)

    def answered(self) -> None:
        """An answer came: the engine works."""
        self._ever_answered = True
        self._shut_at = self._until = self._trying_until = None
        self._pauses = 0
        self._failed.clear()

    def away(self, why: str, *, now: float, took_s: float, pause_s: float = 0.0) -> None:
        """Nothing listens, or refuses while it has nothing to do; *pause_s* is what it asks for.

        Raises:
            EngineFailed: it has been away for too long.
        """
        self._shut(why, now, took_s, least_s=pause_s, pauses=AWAY_PAUSE_S, patience_s=AWAY_S)

    def failed(self, key: Key, why: str, *, now: float, took_s: float) -> None:
        """The engine failed on a request.

        Raises:
            EngineFailed: it has failed everything for too long.
        """
        self._failed.add(key)
        if len(self._failed) >= FAILED_MOST:
            self._shut(why, now, took_s, least_s=0.0, pauses=BROKEN_PAUSE_S, patience_s=BROKEN_S)

    def rejected(self, key: Key, why: str) -> None:
        """A request was refused as one that can never be served.

        Raises:
            EngineFailed: all of the first were; then it is none of theirs.
        """
        self._rejected.add(key)
        if not self._ever_answered and len(self._rejected) >= FAILED_MOST:
            raise EngineFailed(
                f"The first {len(self._rejected)} requests were all refused, so it is none of "
                f"theirs: correct the configuration or the server. The last refusal: {why}"
            )

    def _shut(
        self,
        why: str,
        now: float,
        took_s: float,
        *,
        least_s: float,
        pauses: tuple[float, float],
        patience_s: float,
    ) -> None:
        self.why, self._patience_s = why, patience_s
        if self._shut_at is None:
            self._shut_at = now
        elif now - self._shut_at > patience_s:
            minutes = (now - self._shut_at) / 60
            raise EngineFailed(f"The engine has answered nothing for {minutes:.0f} minutes: {why}")
        if self._until is None:
            first_s, most_s = pauses
            self._until = now + max(min(first_s * 2.0**self._pauses, most_s), least_s)
            self._settles_s = min(1.0 + 2.0 * took_s, SETTLES_MOST_S)
            self._trying_until = None
            self._pauses += 1

"""The errors that evalsuite raises; only `evalsuite.cli.main` catches them.

- `EvalsuiteError`: what happened, where, and what to do next, in one message
  - `UsageError`: the caller's input is wrong; nothing was started (exit code 2)
    - `ConfigError`: every mistake of a run configuration at once
  - `DataError`: a data set or file cannot be used
  - `RunError`: a run folder cannot be used: locked, changed, damaged
  - `NotComparable`: two runs must not be compared (exit code 12)
  - `BackendError`: an engine
    - `BackendMissing`: a package that the backend needs is not installed
    - `TransientError`: this attempt failed, in one of the ways of `Fault`; another may succeed
    - `RequestRejected`: the request itself cannot be served (prompt too long)
    - `EngineFailed`: the engine serves nothing any more (wrong model, no access, dead); the run
      stops, resumable

A bad answer is data; only a broken run is an exception.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

Fault: TypeAlias = Literal[
    "unreachable", "overloaded", "connection", "timeout", "server_error", "invalid_response"
]
Rejection: TypeAlias = Literal["too_long", "absent", "refused"]


class EvalsuiteError(Exception):
    """Base of everything that evalsuite raises on purpose."""

    exit_code = 1


class UsageError(EvalsuiteError):
    """The caller's input is wrong and nothing was started."""

    exit_code = 2


class ConfigError(UsageError):
    """A run configuration with mistakes; *problems* holds one line for each."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{where}: {len(problems)} problem(s)", *problems]))


class DataError(EvalsuiteError):
    """A data set or a file of rows cannot be used."""


class RunError(EvalsuiteError):
    """A run folder cannot be used: locked, made with another config, damaged, full."""


class NotComparable(EvalsuiteError):  # noqa: N818 - it is a state that users know by this name
    """Two runs differ in something that must not differ."""

    exit_code = 12


class BackendError(EvalsuiteError):
    """An engine cannot be used or has failed."""


class BackendMissing(BackendError):  # noqa: N818 - says what it is
    """A package that the backend needs is not installed."""

    def __init__(self, backend: str, *, install: str) -> None:
        super().__init__(f"Backend {backend!r} needs a package that is not installed: {install}")


class TransientError(BackendError):
    """One attempt failed; ask again.

    Args:
        message: what happened, as the engine says it.
        fault: in which way. The first two cost the engine nothing:
            `unreachable`: nothing listens there yet or any more, or it is still loading;
            `overloaded`: refused for now (429, 503);
            `connection`: broke off under way; `timeout`: no answer in time;
            `server_error`: the engine failed on it (5xx, an exception in the engine);
            `invalid_response`: what came back is no answer (cut off, no JSON).
        retry_after_s: seconds that the engine asks to be left alone for, None if it does not say.
    """

    def __init__(
        self, message: str, *, fault: Fault = "server_error", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.fault: Fault = fault
        self.retry_after_s = retry_after_s


class RequestRejected(BackendError):  # noqa: N818 - says what it is
    """The request itself cannot be served, however often it is asked.

    Args:
        message: why, as the engine says it.
        rejection: `too_long`: prompt and answer do not fit the context; `absent`: no answer to it
            is kept (replay); `refused`: anything else.
    """

    def __init__(self, message: str, *, rejection: Rejection = "refused") -> None:
        super().__init__(message)
        self.rejection: Rejection = rejection


class EngineFailed(BackendError):  # noqa: N818 - says what it is
    """The engine will not serve any request of this run (wrong model, auth, dead)."""

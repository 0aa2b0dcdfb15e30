"""One thing that `evalsuite doctor` looked at."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["ok", "absent", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, and what to do about it.

    `failed`: the demo, or what the caller named, cannot run without it. `absent`: some runs need
    it. `fix` says what to do and is empty where nothing is.
    """

    name: str
    status: Status
    found: str
    fix: str = ""

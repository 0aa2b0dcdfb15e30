"""What must not be written down: secrets and user names."""

import getpass
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HIDDEN = "(not kept)"
SECRET_WORDS = frozenset(
    {
        *("key", "apikey", "secret", "password", "passwd", "token", "authorization", "auth"),
        *("bearer", "credential", "credentials", "cookie"),
    }
)
# Tokens of Hugging Face, OpenAI, NVIDIA and GitHub, wherever they stand.
SECRETS = re.compile(r"\b(?:hf_|sk-|nvapi-|gh[pousr]_)[A-Za-z0-9_-]{12,}")
HOMES = re.compile(r"/(?:home|Users)/[^/\s\"',:;]+")


def public(value: Any, *, name: str = "") -> Any:
    """*value* (JSON) without secrets and user names; *name* is the key that it stands under."""
    if isinstance(value, Mapping):
        return {public_text(str(key)): public(one, name=str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [public(one, name=name) for one in value]
    if not isinstance(value, str):
        return value
    return HIDDEN if value and _is_secret(name) else public_text(value)


def public_text(text: str) -> str:
    """*text* without the tokens of known services, and with ~ for home folders."""
    text = SECRETS.sub(HIDDEN, text).replace(f"{Path.home()}/", "~/")
    text = HOMES.sub("~", text)
    user = getpass.getuser() if _has_user() else ""
    return re.sub(rf"/{re.escape(user)}(?=/|$)", "/USER", text) if user else text


def _is_secret(name: str) -> bool:
    words = [one.lower() for one in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
    # `api_key_env` names an environment variable.
    return bool(SECRET_WORDS & set(words)) and words[-1] != "env"


def _has_user() -> bool:
    """A container may run without a name; root is nobody's."""
    try:
        return getpass.getuser() != "root"
    except (KeyError, OSError):
        return False

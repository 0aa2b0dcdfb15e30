"""Where the files that ship with evalsuite lie, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent

# The synthetic items that the embedded model answers; a config's `data: demo` names them.
DEMO_ITEMS = _PACKAGE / "backends" / "embedded" / "items"


def shipped(name: str) -> Path:
    """The folder *name* (`tasks` or `configs`) of this installation."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def data_path(named: str | None) -> Path | None:
    """The file or folder that a config's or an option's `data` names."""
    if named is None:
        return None
    return DEMO_ITEMS if named == "demo" else Path(named)

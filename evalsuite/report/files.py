"""Files put in place at once, and none left over of an earlier report."""

import os
from collections.abc import Collection
from pathlib import Path


def put(path: Path, content: str | bytes) -> None:
    """Write *path* so that nobody ever opens half of it; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        draft.write_bytes(data)
        os.replace(draft, path)  # noqa: PTH105 - os.replace is what is atomic
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def clear(folder: Path, pattern: str, *, keep: Collection[str] = ()) -> None:
    """Remove the files in *folder* that fit *pattern*, but those to *keep*; an empty folder, too.

    What does not fit the pattern is not ours and stays.
    """
    if not folder.is_dir():
        return
    for path in folder.glob(pattern):
        if path.name not in keep and path.is_file():
            path.unlink()
    if not keep and not any(folder.iterdir()):
        folder.rmdir()

"""Nothing is left over of an earlier report."""

from collections.abc import Collection
from pathlib import Path


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

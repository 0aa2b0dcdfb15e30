"""Files put in place whole or not at all."""

import os
from pathlib import Path


def put(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write *path* so that nobody ever opens half of it; its folder is made.

    Args:
        path: what stands there is replaced.
        content: text is written as UTF-8, with `?` for what UTF-8 does not have.
        durable: whether it must outlive a power cut, at the price of a wait for the disk.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        with draft.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)  # noqa: PTH105 - os.replace is what is atomic
    except OSError:
        draft.unlink(missing_ok=True)
        raise

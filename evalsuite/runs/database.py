"""SQLite files that outlive whoever writes them."""

import sqlite3
from pathlib import Path
from typing import Literal, TypeAlias

# EXTRA also waits until the folder knows that the journal is gone; FULL leaves that to the system.
Synchronous: TypeAlias = Literal["FULL", "EXTRA"]


def connected(
    path: Path,
    *,
    readonly: bool,
    waits_s: float,
    synchronous: Synchronous,
    explicit: bool = False,
) -> sqlite3.Connection:
    """Open the file at *path*, made if it is not there unless *readonly*; waits so long for others.

    A reader, too, must be able to undo what a killed writer left half done. With *explicit* the
    caller begins transactions.

    Raises:
        sqlite3.Error: it cannot be opened, or is no database.
    """
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={'rw' if readonly else 'rwc'}",
        uri=True,
        check_same_thread=False,
        timeout=waits_s,
        isolation_level=None if explicit else "DEFERRED",
    )
    try:
        db.execute(f"PRAGMA query_only = {readonly:d}")
        db.execute(f"PRAGMA synchronous = {synchronous}")
    except sqlite3.Error:
        db.close()
        raise
    return db

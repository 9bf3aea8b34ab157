"""What makes a process not wait for the disk: for those whose machine goes on, which lose nothing that was written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from mockexam.store import ledger


def leave_out_syncs(replace: Callable[[object, str, object], None] = setattr) -> None:
    """Replace the syncs of Python code by nothing, and have SQLite leave out its own."""
    connect = ledger._connect

    def unsynced(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    replace(os, "sync", lambda: None)
    replace(os, "fsync", lambda descriptor: None)
    replace(ledger, "_connect", unsynced)

"""An attempt's journal: one line for everything that happened, written in the transaction that did it."""

from __future__ import annotations

import sqlite3

from mockexam.store.records import Event
from mockexam.store.rows import written


def journalise(writing: sqlite3.Connection, attempt_id: str, event: Event) -> None:
    """Append a line in the current transaction."""
    writing.execute(
        "INSERT INTO event (attempt_id, at, kind, detail) VALUES (?, ?, ?, ?)",
        (attempt_id, written(event.at), event.kind, event.detail),
    )

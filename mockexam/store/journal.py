"""An attempt's journal: one line for everything that happened, written in the transaction that did it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.store.records import Event
from mockexam.store.rows import written

INTERPRETER = "interpreter"
"""The kind of line that says with which Python programs were run; its detail is an InterpreterRecord as JSON."""


def journalise(writing: sqlite3.Connection, attempt_id: str, event: Event) -> None:
    """Append a line in the current transaction."""
    writing.execute(
        "INSERT INTO event (attempt_id, at, kind, detail) VALUES (?, ?, ?, ?)",
        (attempt_id, written(event.at), event.kind, event.detail),
    )


def interpreter_detail(record: InterpreterRecord) -> str:
    """A record as the journal keeps it: equal ones are the same text."""
    return msgspec.json.encode(record, order="sorted").decode()


def interpreters_of(journal: Iterable[Event]) -> tuple[InterpreterRecord, ...]:
    """The interpreters that a journal names, each once, the first one first; lines that can't be read are left out."""
    found: list[InterpreterRecord] = []
    for record in _interpreters(journal):
        found += [record] if record not in found else []
    return tuple(found)


def last_interpreter(journal: Iterable[Event]) -> InterpreterRecord | None:
    """The interpreter that programs were run with last, as far as a journal says."""
    return next(reversed(list(_interpreters(journal))), None)


def _interpreters(journal: Iterable[Event]) -> Iterator[InterpreterRecord]:
    for event in journal:
        if event.kind == INTERPRETER:
            with suppress(msgspec.MsgspecError, RecursionError):
                yield msgspec.json.decode(event.detail, type=InterpreterRecord)

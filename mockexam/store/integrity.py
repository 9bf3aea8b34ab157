"""Whether a ledger's file can be used: sound for SQLite, of our schema, and readable in every row."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from graders.contract import Task
from graders.sentences import Words, sentence
from mockexam.exam.attempt import Result
from mockexam.store.high_water_marks import MOST_CHANGES
from mockexam.store.rows import attempt_of, certain, submission_of

_UNKNOWN = re.compile(r"unknown field `([^`]{1,80})`")  # as msgspec words it


class NewerError(Exception):
    """Every task of an exam has a key that nobody here knows: a newer mockexam wrote it, and no damage did."""


_NOT_THE_FILES_FAULT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

_FITTING = {  # untranslated: SQL
    "TEXT": "typeof(\"{0}\") = 'text'",
    "INTEGER": "typeof(\"{0}\") = 'integer'",
    "REAL": "typeof(\"{0}\") IN ('real', 'integer') AND abs(\"{0}\") < 1e12",  # seconds, thirty thousand years of them
}


def damage_of(
    path: Path, connect: Callable[[Path], sqlite3.Connection], migrate: Callable[[sqlite3.Connection], None]
) -> Words:
    """What is wrong with the ledger at `path`, or an empty text; also brings its schema up to date.

    Raises sqlite3.OperationalError when the file is locked or may not be read, so that nobody can tell, NewerError,
    and whatever `migrate` raises.
    """
    if not path.is_file():
        return sentence("it is no file")
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path)
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            return str(found).replace("\n", " ")
        migrate(connection)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone() is not None:
            return sentence("a trigger or a view, which no mockexam made")
        if (place := _mistyped(connection)) is not None:
            return sentence("a value of another type in {place}", place=place)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            return sentence("a row that belongs to nothing")
        _read_everything(connection)
    except sqlite3.Error as error:
        # Only errors raised by SQLite itself have a code; those of the module, as for a closed connection, have none.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_THE_FILES_FAULT:
            raise
        return str(error)
    except (msgspec.MsgspecError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        return sentence("a row that can't be read: {error}", error=error)
    finally:
        if connection is not None:
            connection.close()
    return ""


def _mistyped(connection: sqlite3.Connection) -> str | None:
    """The first column that holds what its type can't: SQLite itself lets any value into any column."""
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for column in connection.execute(f"PRAGMA table_info('{table}')").fetchall():
            name, fits = column["name"], _FITTING.get(column["type"])
            if fits is None:
                continue
            query = f"SELECT 1 FROM '{table}' WHERE \"{name}\" IS NOT NULL AND NOT ({fits.format(name)}) LIMIT 1"  # noqa: S608
            if connection.execute(query).fetchone() is not None:
                return f"{table}.{name}"
    return None


def _read_everything(connection: sqlite3.Connection) -> None:
    """Read every row as the application will; whatever this raises, the application would have raised."""
    version = int(connection.execute("SELECT version FROM counter").fetchone()[0])
    if not 0 <= version <= MOST_CHANGES:
        raise ValueError(f"{version} changes")
    problems = connection.execute("SELECT * FROM problem").fetchall()
    _refuse_newer(problems)
    for row in problems:
        float(row["seconds"])
        if row["task_json"]:
            msgspec.json.decode(row["task_json"], type=Task)
    for row in connection.execute("SELECT * FROM attempt").fetchall():
        attempt_of(row, [line for line in problems if line["attempt_id"] == row["id"]])
        if row["result_json"]:
            msgspec.json.decode(row["result_json"], type=Result)
    for row in connection.execute("SELECT * FROM submission").fetchall():
        submission_of(row)
    for row in connection.execute("SELECT * FROM event").fetchall():
        certain(row["at"])
    connection.execute("SELECT id, attempt_id, claim FROM press").fetchall()


def _refuse_newer(problems: Sequence[sqlite3.Row]) -> None:
    """Raise NewerError if all tasks of an exam, several, have the same unknown key; damage would hit one."""
    unknown: dict[str, list[str | None]] = {}
    for row in problems:
        if row["task_json"]:
            unknown.setdefault(row["attempt_id"], []).append(_unknown_key(row["task_json"]))
    for keys in unknown.values():
        if len(keys) > 1 and keys[0] is not None and len(set(keys)) == 1:
            raise NewerError(keys[0])


def _unknown_key(task: str) -> str | None:
    """The first key of a task that isn't one here."""
    try:
        msgspec.json.decode(task, type=Task)
    except msgspec.ValidationError as error:
        found = _UNKNOWN.search(str(error))
        return found[1] if found else None
    except msgspec.MsgspecError:
        return None
    return None

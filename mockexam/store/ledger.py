"""The ledger: one SQLite file that every process of this user may write, one at a time, and lose nothing in."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mockexam.exam.refusal import RefusalError

BUSY_SECONDS = 20.0


class LedgerError(RefusalError):
    """The ledger can't be opened or written."""


class Ledger:
    """Connections to the ledger, one for each thread, and its transactions.

    Opening checks the file's integrity. A damaged one is set aside under another name, `rebuild` is called on the new,
    empty ledger, and `notices` says so.
    """

    def __init__(self, path: Path, rebuild: Callable[[Ledger], str] | None = None) -> None:
        self.path = path
        self.notices: list[str] = []
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._open(rebuild)

    def reading(self) -> sqlite3.Connection:
        """This thread's connection, for queries."""
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            self._threads.connection = connection
            with self._guard:
                self._connections.append(connection)
        return connection

    @contextmanager
    def writing(self, *, visible: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of it is on disk when the block ends, or nothing.

        `visible` changes count in `version`. Raises LedgerError when the disk or another writer does not let us.
        """
        connection = self.reading()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if visible:
                    connection.execute("UPDATE counter SET version = version + 1")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise _explained(self.path, error) from error

    def version(self) -> int:
        """A number that grows with every visible change by any process."""
        row = self.reading().execute("SELECT version FROM counter").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._threads = threading.local()

    def _open(self, rebuild: Callable[[Ledger], str] | None) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _only_one_opens(self.path):
                fault = _fault(self.path)
                if fault:
                    aside = _set_aside(self.path)
                connection = self.reading()
                connection.execute("PRAGMA journal_mode = WAL")
                _migrate(connection)
                if fault:
                    kept = rebuild(self) if rebuild else "nothing was restored"
                    self.notices.append(f"The ledger was damaged ({fault}) and is kept as {aside.name}; {kept}.")
        except (OSError, sqlite3.OperationalError) as error:
            raise _explained(self.path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def _only_one_opens(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fault(path: Path) -> str:
    """What is wrong with the file, or an empty text."""
    if not path.exists():
        return ""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()
    return "" if found == "ok" else str(found).replace("\n", " ")


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    for ending in ("-wal", "-shm"):
        part = Path(f"{path}{ending}")
        if part.exists():
            part.rename(f"{aside}{ending}")
    return path.rename(aside)


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply the numbered scripts that this file has not seen, each in one transaction."""
    done = connection.execute("PRAGMA user_version").fetchone()[0]
    scripts = schema_scripts()
    if done > len(scripts):
        raise LedgerError(
            f"a ledger of schema {len(scripts)} or older",
            f"schema {done}",
            "A newer mockexam has written it: update this one, or set MOCKEXAM_HOME to another folder.",
            kind="fault",
        )
    for number, script in enumerate(scripts[done:], start=done + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def schema_scripts() -> list[str]:
    """The migrations, oldest first; the ledger's user_version is how many of them it has seen."""
    return [path.read_text("utf-8") for path in sorted(Path(__file__).with_name("schema").glob("*.sql"))]


def _explained(path: Path, error: Exception) -> LedgerError:
    text = str(error)
    if "full" in text or getattr(error, "errno", None) == 28:
        advice = "Free some disk space; what was recorded before is kept."
    elif "locked" in text:
        advice = "Another mockexam is holding it: wait for it, or close it."
    else:
        advice = f"Check that {path.parent} can be written by {os.environ.get('USER', 'you')}."
    return LedgerError(f"to write the ledger {path}", text, advice, kind="fault")

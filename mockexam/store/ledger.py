"""The ledger: one SQLite file that every process of this user may write to, one at a time, without losing anything."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graders.sentences import Words, sentence
from mockexam import __version__
from mockexam.errors import RefusalError
from mockexam.files.writing import make_folder
from mockexam.store.integrity import NewerError, damage_of

BUSY_SECONDS = 20.0
CACHE_KIB = 256  # of each connection; each thread that reads has one
LEAST_FREE = 1 << 20


class _OfThread(threading.local):
    """What each thread has of its own: a connection, and which file that was opened on."""

    connection: sqlite3.Connection | None = None
    file = (0, 0)


class LedgerError(RefusalError):
    """The ledger can't be opened or written."""


class Ledger:
    """Connections to the ledger, one for each thread, and its transactions.

    Opening checks the file and brings its schema up to date. A damaged one is set aside under another name; `damage`
    then says so, and the ledger is new and empty. `after_commit` is called with the connection after each transaction.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: Words = ""
        self.after_commit: Callable[[sqlite3.Connection], None] = lambda connection: None
        self._threads = _OfThread()
        self._connections: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._file = (0, 0)
        self._open()

    def reading(self) -> sqlite3.Connection:
        """This thread's connection, for queries."""
        connection = self._threads.connection
        if connection is None or self._threads.file != self._file:
            connection = _connect(self.path)
            self._threads.connection, self._threads.file = connection, self._file
            with self._guard:
                self._close_those_of_ended_threads()
                self._connections.append((threading.current_thread(), connection))
        return connection

    def _close_those_of_ended_threads(self) -> None:
        """Close the connections of ended threads, so that a long day doesn't use up the open files."""
        ended = [(thread, connection) for thread, connection in self._connections if not thread.is_alive()]
        for pair in ended:
            pair[1].close()
            self._connections.remove(pair)

    @contextmanager
    def writing(self, *, visible: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of it is on disk when the block ends, or nothing.

        `visible` changes count in `version`. Raises LedgerError when the disk or another writer prevents it.
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
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise _explained(self.path, error) from error
        self.after_commit(connection)

    def version(self) -> int:
        """A number that grows with every visible change by any process."""
        row = self.reading().execute("SELECT version FROM counter").fetchone()
        return int(row[0])

    def written(self) -> tuple[tuple[int, int], ...]:
        """Sizes and modification times (ns) of the files; they differ after any process has written."""
        return _extent(self.path), _extent(self.path.with_name(f"{self.path.name}-wal"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from opening the ledger during the block."""
        with _only_one_opens(self.path):
            yield

    def reopen_if_replaced(self) -> bool:
        """Whether another file, such as a restored backup, has taken this one's place; from now on that one is used."""
        if _identity(self.path) == self._file:
            return False
        self._open()
        return True

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for _, connection in self._connections:
                connection.close()
            self._connections.clear()
        self._threads = _OfThread()

    def _open(self) -> None:
        try:
            if not self.path.parent.is_dir():
                make_folder(self.path.parent, 0o700)
            with _only_one_opens(self.path):
                self.damage = _set_aside_if_damaged(self.path)
                connection = _connect(self.path)
                connection.execute("PRAGMA journal_mode = WAL")
                migrate(connection)
                connection.close()
                self._file = _identity(self.path)
        except (OSError, sqlite3.OperationalError) as error:
            raise _explained(self.path, error) from error
        except NewerError as error:
            raise LedgerError(
                sentence("exams that mockexam {version} can read", version=__version__),
                sentence("a task with the key `{key}`", key=str(error)),
                sentence("A newer mockexam has written it: update this one, or set MOCKEXAM_HOME to another folder."),
                kind="fault",
            ) from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


@contextmanager
def _only_one_opens(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _extent(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_size, status.st_mtime_ns


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def _set_aside_if_damaged(path: Path) -> Words:
    """Rename a damaged ledger; returns what was wrong and its new name in words, or an empty text."""
    if not os.path.lexists(path):
        _remove_rest(path)
        return ""
    fault = damage_of(path, _connect, migrate)
    if not fault:
        return ""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")):
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return sentence("The ledger was damaged ({fault}) and is kept as {name}", fault=fault, name=aside.name)


def _remove_rest(path: Path) -> None:
    """Remove the damaged ledger's log, which would be taken for that of the new one."""
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").unlink()


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the numbered scripts that this file hasn't had yet, each in one transaction. Raises LedgerError."""
    done = connection.execute("PRAGMA user_version").fetchone()[0]
    scripts = schema_scripts()
    if done > len(scripts):
        raise LedgerError(
            sentence("a ledger of schema {number} or older", number=len(scripts)),
            sentence("schema {number}", number=done),
            sentence(
                "A newer mockexam has written it: update this one, or set MOCKEXAM_HOME to another folder. If none "
                "has, the file is damaged: move it away, and a new one is made from the files beside it."
            ),
            kind="fault",
        )
    for number, script in enumerate(scripts[done:], start=done + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def schema_scripts() -> list[str]:
    """The migrations, oldest first; a ledger's user_version is how many of them have been applied to it."""
    return [path.read_text("utf-8") for path in sorted(Path(__file__).with_name("schema").glob("*.sql"))]


def _is_full(folder: Path) -> bool:
    """Whether there is too little space for the files that SQLite opens a ledger with; it calls that an I/O error."""
    try:
        return shutil.disk_usage(folder).free < LEAST_FREE
    except OSError:
        return False


def _explained(path: Path, error: Exception) -> LedgerError:
    text = str(error)
    if "full" in text or (isinstance(error, OSError) and error.errno == errno.ENOSPC) or _is_full(path.parent):
        advice = sentence("Free some disk space; what was recorded before is kept.")
    elif "locked" in text:
        advice = sentence("Another mockexam is holding it: wait for it, or close it.")
    elif "malformed" in text or "not a database" in text:
        advice = sentence("Close every mockexam and start it again: it makes a new one from the files beside it.")
    else:
        user = os.environ.get("USER") or sentence("you")
        advice = sentence("Check that {folder} can be written by {user}.", folder=path.parent, user=user)
    return LedgerError(sentence("to write the ledger {path}", path=path), text, advice, kind="fault")

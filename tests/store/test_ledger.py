from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.store import ledger as ledger_module
from mockexam.store.ledger import Ledger, LedgerError, schema_scripts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger(path)
    yield opened
    opened.close()


def test_it_is_as_durable_as_sqlite_can_be(ledger: Ledger) -> None:
    def pragma(name: str) -> object:
        return ledger.reading().execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    assert pragma("user_version") == len(schema_scripts())


def test_a_failed_block_writes_nothing(ledger: Ledger) -> None:
    before = ledger.version()

    def fail() -> None:
        with ledger.writing() as writing:
            writing.execute("UPDATE counter SET version = 77")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ledger.version() == before


def test_the_version_grows_with_visible_changes_only(ledger: Ledger) -> None:
    before = ledger.version()
    with ledger.writing(visible=False):
        pass
    assert ledger.version() == before
    with ledger.writing():
        pass
    assert ledger.version() == before + 1


def test_another_process_changes_the_version(ledger: Ledger, path: Path) -> None:
    before = ledger.version()
    code = (
        "import sys; from pathlib import Path; from mockexam.store.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "with ledger.writing(): pass\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    assert ledger.version() == before + 1


def test_threads_write_one_after_another(ledger: Ledger) -> None:
    def write() -> None:
        for _ in range(20):
            with ledger.writing():
                pass

    before = ledger.version()
    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.version() == before + 80


def test_a_held_ledger_is_said_to_be_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "BUSY_SECONDS", 0.05)
    ledger, other = Ledger(path), sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="Another mockexam"), ledger.writing():
        pass
    other.close()
    ledger.close()


def test_a_full_disk_is_said_to_be_full_and_loses_nothing(ledger: Ledger) -> None:
    connection = ledger.reading()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    before = ledger.version()

    def fill() -> None:
        with ledger.writing() as writing:
            writing.execute("CREATE TABLE filler (text)")
            writing.executemany("INSERT INTO filler VALUES (?)", [("x" * 5000,)] * 50)

    with pytest.raises(LedgerError, match="Free some disk space") as error:
        fill()
    assert error.value.kind == "fault"
    assert ledger.version() == before


@pytest.mark.parametrize("damage", ["text", "middle", "cut"])
def test_a_damaged_ledger_is_set_aside_and_rebuilt(path: Path, damage: str) -> None:
    ledger = Ledger(path)
    with ledger.writing() as writing:
        writing.execute("CREATE TABLE filler (text)")
        writing.executemany("INSERT INTO filler VALUES (?)", [("x" * 500,)] * 500)
    ledger.reading().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    content = path.read_bytes()
    path.write_bytes(
        {
            "text": b"this is no database at all" * 100,
            "middle": content[:4096] + b"\xff" * 65536 + content[4096 + 65536 :],
            "cut": content[: len(content) // 2],
        }[damage]
    )
    calls: list[int] = []

    def rebuild(fresh: Ledger) -> str:
        calls.append(fresh.version())
        return "two attempts were restored"

    ledger = Ledger(path, rebuild)
    assert calls == [0]
    assert len(ledger.notices) == 1
    assert "two attempts were restored" in ledger.notices[0]
    assert (path.parent / "ledger.damaged-1.sqlite3").exists()
    assert ledger.reading().execute("PRAGMA quick_check").fetchone()[0] == "ok"
    ledger.close()
    again = Ledger(path, rebuild)
    assert not again.notices
    again.close()


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    ledger = Ledger(path)
    ledger.reading().execute("PRAGMA user_version = 999")
    ledger.close()
    with pytest.raises(LedgerError, match="update this one"):
        Ledger(path)
    assert not list(path.parent.glob("*damaged*"))


def test_every_earlier_schema_is_brought_up_to_date(path: Path) -> None:
    for number in range(len(schema_scripts())):
        path.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
        old = sqlite3.connect(path)
        for script in schema_scripts()[:number]:
            old.executescript(script)
        old.execute(f"PRAGMA user_version = {number}")
        old.close()
        ledger = Ledger(path)
        assert ledger.reading().execute("PRAGMA user_version").fetchone()[0] == len(schema_scripts())
        assert ledger.version() >= 0
        ledger.close()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="to write the ledger"):
        Ledger(tmp_path / "file" / "ledger.sqlite3")


def test_many_processes_may_open_a_new_ledger_at_once(path: Path) -> None:
    code = "import sys; from pathlib import Path; from mockexam.store.ledger import Ledger; Ledger(Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(6)]
    assert [process.wait(60) for process in running] == [0] * 6

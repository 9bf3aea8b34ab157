from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mockexam.store import ledger as ledger_module
from mockexam.store.attempts import Attempts
from mockexam.store.ledger import Ledger, LedgerError, schema_scripts
from mockexam.store.submissions import Submissions
from tests.sitting.fakes import NOON

LEDGERS = Path(__file__).with_name("ledgers")
"""Files as earlier versions have written them: an exam that runs and one that has ended, made by a real exams."""


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


def test_threads_that_have_ended_keep_no_file_open(ledger: Ledger) -> None:
    before = psutil.Process().num_fds()
    for _ in range(20):
        thread = threading.Thread(target=ledger.version)
        thread.start()
        thread.join()
    assert len(ledger._connections) <= 2
    assert psutil.Process().num_fds() <= before + 6


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
def test_a_damaged_ledger_is_set_aside(path: Path, damage: str) -> None:
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
    ledger = Ledger(path)
    assert "is kept as ledger.damaged-1.sqlite3" in str(ledger.damage)
    assert (path.parent / "ledger.damaged-1.sqlite3").exists()
    assert ledger.reading().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert ledger.version() == 0
    ledger.close()
    again = Ledger(path)
    assert not again.damage
    again.close()


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path) -> None:
    ledger = Ledger(path)
    ledger.reading().execute("PRAGMA user_version = 999")
    ledger.close()
    with pytest.raises(LedgerError, match="update this one"):
        Ledger(path)
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize("released", sorted(LEDGERS.glob("*.sqlite3")), ids=lambda path: path.stem)
def test_a_ledger_of_every_earlier_schema_is_brought_up_to_date(path: Path, released: Path) -> None:
    path.parent.mkdir()
    shutil.copyfile(released, path)
    ledger = Ledger(path)
    assert ledger.damage == ""
    assert ledger.reading().execute("PRAGMA user_version").fetchone()[0] == len(schema_scripts())
    assert schema_of(ledger) == schema_of(Ledger(path.with_name("new.sqlite3")))
    attempts, submissions = Attempts(ledger), Submissions(ledger, lambda claim: False)
    ended, running = attempts.all()
    assert (running.state, running.candidate, running.moves) == ("running", "Ada Lovelace", ())
    assert [one.verdict is None for one in submissions.of(running.id)] == [False] * 5 + [True]
    result = attempts.result(ended.id)
    assert result is not None
    assert (result.total, result.remarks[0][6:]) == (43.0, "clock moved back 61 min; deadline kept")
    assert len(attempts.journal(ended.id)) == 15
    assert attempts.ended(running.id, NOON, "candidate", "over")
    ledger.close()


def schema_of(ledger: Ledger) -> list[tuple[object, ...]]:
    columns = (
        'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value FROM sqlite_master m, pragma_table_info(m.name) c'
    )
    return [tuple(row) for row in ledger.reading().execute(f"{columns} ORDER BY m.name, c.cid")]


def test_every_schema_but_the_newest_has_a_ledger_to_try(path: Path) -> None:
    assert len(list(LEDGERS.glob("*.sqlite3"))) == len(schema_scripts()) - 1


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs to become another user")
@pytest.mark.parametrize("mode", [0o400, 0o000])
def test_a_ledger_that_may_not_be_written_is_explained_and_left_alone(path: Path, mode: int) -> None:
    Ledger(path).close()
    content = path.read_bytes()
    path.chmod(mode)
    for folder in (path.parent, *path.parent.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    code = (
        "import sys; from pathlib import Path; from mockexam.store.ledger import Ledger, LedgerError\n"
        "try:\n    Ledger(Path(sys.argv[1]))\nexcept LedgerError as error: print(error.kind, error.advice)\n"
    )
    another = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-c"]
    if subprocess.run([*another, "import mockexam"], capture_output=True, timeout=60).returncode:
        pytest.skip("the other user can't run this Python")
    run = subprocess.run([*another, code, str(path)], capture_output=True, text=True, timeout=60, env={"USER": "ada"})
    assert run.stdout.startswith("fault Check that"), run.stderr
    assert "can be written by ada" in run.stdout
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="to write the ledger"):
        Ledger(tmp_path / "file" / "ledger.sqlite3")


def test_many_processes_may_open_a_new_ledger_at_once(path: Path) -> None:
    code = "import sys; from pathlib import Path; from mockexam.store.ledger import Ledger; Ledger(Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(6)]
    assert [process.wait(60) for process in running] == [0] * 6


@pytest.mark.parametrize(
    "harm",
    [
        "CREATE TRIGGER t AFTER UPDATE ON attempt BEGIN DELETE FROM attempt; END",
        "CREATE VIEW v AS SELECT * FROM attempt",
        "UPDATE attempt SET pack_version = x'00'",
        "UPDATE attempt SET wall_shift = 9e999",
        "UPDATE counter SET version = 9e999",
        "UPDATE counter SET version = 9223372036854775807",
        "UPDATE submission SET bytes = 'many'",
        "UPDATE attempt SET rules_json = '" + "[" * 100_000 + "'",
    ],
)
def test_what_no_mockexam_wrote_into_it_is_damage(path: Path, harm: str) -> None:
    path.parent.mkdir(parents=True)
    shutil.copy(sorted(LEDGERS.glob("*.sqlite3"))[-1], path)
    Ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute(harm)
    connection.commit()
    connection.close()

    opened = Ledger(path)
    assert opened.damage
    assert Attempts(opened).all() == ()
    opened.close()

"""Files and folders written whole or not at all, with what each promise says and no more."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockexam.files import locks, writing
from mockexam.files.locks import is_held
from mockexam.files.writing import LASTING, WHOLE, AtomicFile, Promise, make_folder, new_file, put_folder, sweep, write

REFUSED, KEPT = Promise(existing="refuse"), Promise(existing="keep")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "notes.txt"


@pytest.fixture
def umask() -> Iterator[None]:
    old = os.umask(0o027)
    yield
    os.umask(old)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syncs, renames and links from now on, in their order."""
    calls: list[str] = []

    def note(owner: object, name: str, said: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def call(*arguments: object) -> object:
            calls.append(said(*arguments))
            return real(*arguments)

        monkeypatch.setattr(owner, name, call)

    note(os, "fsync", lambda descriptor: "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
    note(os, "sync", lambda: "everything")
    note(os, "link", lambda *_: "link")
    note(Path, "replace", lambda *_: "rename")
    note(Path, "rename", lambda *_: "rename")
    return calls


@pytest.mark.parametrize(
    ("promise", "calls"),
    [
        (LASTING, ["file", "rename", "folder"]),
        (WHOLE, ["rename"]),
        (REFUSED, ["file", "link", "folder"]),
        (KEPT, ["file", "link", "folder"]),
    ],
    ids=["lasting", "whole", "refused", "kept"],
)
def test_content_is_on_the_disk_before_its_name_and_the_name_on_return(
    path: Path, monkeypatch: pytest.MonkeyPatch, promise: Promise, calls: list[str]
) -> None:
    done = noted(monkeypatch)
    write(path, b"new", promise)
    assert done == calls
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.usefixtures("umask")
def test_modes(path: Path) -> None:
    write(path, b"a")
    assert mode(path) == 0o640
    path.chmod(0o751)
    write(path, b"b")
    assert mode(path) == 0o751
    write(path, b"c", WHOLE)
    assert mode(path) == 0o640
    write(path.with_name("key"), b"d", Promise(mode=0o600))
    assert mode(path.with_name("key")) == 0o600


@pytest.mark.usefixtures("umask")
def test_a_secret_is_never_open_to_others(path: Path) -> None:
    with AtomicFile(path, Promise(mode=0o600)) as draft:
        assert mode(draft.draft) == 0o600


def test_a_link_is_followed_unless_it_is_to_be_replaced(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to("notes.txt")
    write(link, b"a")  # of a link to nothing the target is made
    assert link.is_symlink()
    assert path.read_bytes() == b"a"
    write(link, b"b", Promise(follow_links=False))
    assert not link.is_symlink()
    assert path.read_bytes() == b"a"


@pytest.mark.parametrize("there", ["file", "folder", "link to nothing"])
def test_what_is_there_is_refused_or_kept(path: Path, there: str) -> None:
    if there == "file":
        path.write_text("old")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to("nothing")
    before = path.lstat().st_ino
    with pytest.raises(FileExistsError) as error:
        write(path, b"new", REFUSED)
    assert error.value.filename == str(path)
    write(path, b"new", KEPT)
    assert path.lstat().st_ino == before
    assert list(path.parent.iterdir()) == [path]


def raced(path: Path, promise: Promise) -> None:
    """Write, while another program makes the file in its own way."""
    with AtomicFile(path, promise) as draft:
        draft.file.write(b"new")
        path.write_text("old")


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "none"])
def test_what_comes_while_it_is_written_is_refused_or_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:  # as FAT has it
        monkeypatch.setattr(os, "link", refused)
    with pytest.raises(FileExistsError):
        raced(path, REFUSED)
    path.unlink()
    raced(path, KEPT)
    assert path.read_text() == "old"
    path.unlink()
    write(path, b"new", REFUSED)
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_of_many_first_writers_one_wins(path: Path) -> None:
    start = threading.Barrier(8)

    def first(number: int) -> None:
        start.wait()
        write(path, str(number).encode() * 1000, KEPT)

    threads = [threading.Thread(target=first, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = path.read_text()
    assert content == content[0] * 1000
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["x" * 250 + ".txt", "漢" * 85, "🦉" * 63], ids=["letters", "three bytes", "four"])
def test_the_longest_names_can_be_written(path: Path, name: str) -> None:
    write(path.with_name(name), b"a")
    assert path.with_name(name).read_bytes() == b"a"


@pytest.mark.parametrize("step", ["mode", "fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path.write_text("old", "utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "a draft")

    owner, name = {"mode": (writing, "_keep_mode"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[step]
    monkeypatch.setattr(owner, name, full)
    with pytest.raises(OSError, match="No space left") as caught:
        write(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_text("utf-8") == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file(path: Path) -> None:
    def interrupted() -> None:
        with AtomicFile(path) as draft:
            draft.file.write(b"new")
            raise KeyboardInterrupt

    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_read_only_file_is_respected_unless_a_mode_is_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("old", "utf-8")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # tests may run as root
    with pytest.raises(PermissionError):
        write(path, b"new")
    assert path.read_text("utf-8") == "old"
    write(path, b"new", WHOLE)
    assert path.read_text("utf-8") == "new"


def test_a_folder_or_a_loop_in_the_way(path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write(path.parent, b"a")
    path.symlink_to(path)
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        write(path, b"a")


def test_who_needs_a_path_may_write_to_the_draft(path: Path) -> None:
    with AtomicFile(path) as draft:
        draft.draft.write_text("by another library")
    assert path.read_text() == "by another library"


def test_sealed_it_needs_only_its_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = AtomicFile(path)
    draft.file.write(b"new")
    draft.seal()
    assert not path.exists()
    calls = noted(monkeypatch)
    draft.publish()
    draft.discard()
    assert calls == ["rename", "folder"]
    assert path.read_bytes() == b"new"


KILLED = """
import os, sys
from pathlib import Path
from mockexam.files.writing import AtomicFile
draft = AtomicFile(Path(sys.argv[1]))
draft.file.write(b"half")
draft.file.flush()
print("written", flush=True)
sys.stdin.read()
os._exit(9)
"""


def test_only_what_killed_processes_left_is_swept(path: Path) -> None:
    path.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        (draft,) = (entry for entry in path.parent.iterdir() if entry != path)
        assert is_held(draft)
        sweep(path.parent)
        assert draft.exists()
        process.kill()
    mine = path.with_name(".mine.tmp")
    mine.touch()
    write(path, b"new")
    assert sorted(path.parent.iterdir()) == [mine, path]


def test_a_draft_that_is_swept_before_it_is_held_is_made_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = locks.hold, [0]

    def late(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == 1:
            sweep(path.parent)
        real(descriptor)

    monkeypatch.setattr(writing, "hold", late)
    write(path, b"new")
    assert calls == [2]
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_is_on_the_disk_when_the_block_ends(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = noted(monkeypatch)
    with new_file(path, 0o400) as descriptor:
        os.write(descriptor, b"new")
        assert calls == []
    assert calls == ["file"]
    assert mode(path) == 0o400
    with pytest.raises(FileExistsError), new_file(path):
        pass


def test_new_folders_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = noted(monkeypatch)
    make_folder(tmp_path / "a" / "b" / "c", 0o700)
    assert calls == ["folder"] * 3
    assert mode(tmp_path / "a" / "b" / "c") == 0o700
    make_folder(tmp_path / "a" / "b" / "c")
    assert len(calls) == 3


def test_a_folder_takes_its_place_after_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "draft").mkdir()
    (tmp_path / "draft" / "file").write_text("new")
    calls = noted(monkeypatch)
    put_folder(tmp_path / "draft", tmp_path / "data")
    assert calls == ["everything", "rename", "folder"]
    assert (tmp_path / "data" / "file").read_text() == "new"


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_old_folder_is_set_aside_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: bool
) -> None:
    for name in ("draft", "data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == "draft":
            raise KeyboardInterrupt
        return rename(self, target)

    if interrupted:
        monkeypatch.setattr(Path, "rename", stopped)
        with pytest.raises(KeyboardInterrupt):
            put_folder(tmp_path / "draft", tmp_path / "data", old=tmp_path / "old")
        assert (tmp_path / "data" / "data").exists()
        assert not (tmp_path / "old").exists()
    else:
        put_folder(tmp_path / "draft", tmp_path / "data", old=tmp_path / "old")
        assert (tmp_path / "data" / "draft").exists()
        assert (tmp_path / "old" / "data").exists()

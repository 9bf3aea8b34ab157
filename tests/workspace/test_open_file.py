from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from mockexam.workspace.fault import OutsideChangeError, WorkspaceError
from mockexam.workspace.open_file import OpenFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "starter.py"


@pytest.mark.parametrize(
    "data",
    [
        b"a\nb\n",
        b"a\r\nb\r\n",
        b"a\rb\r",
        b"",
        b"no end",
        b"\xef\xbb\xbfbom = 1\r\n",
        "é = '漢'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\r\n".encode("cp1252"),
        "# coding: euc-kr\nx = '가'\n".encode("euc-kr"),
    ],
)
def test_saving_what_was_loaded_changes_no_byte(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    file = OpenFile(path)
    file.save(file.load())
    if data.startswith(b"#!"):  # mixed line ends become the commoner one
        data = data.replace(b"\r\n", b"\n")
    assert path.read_bytes() == data


def test_lines_end_in_newline_in_memory_and_in_the_files_way_on_disk(path: Path) -> None:
    path.write_bytes(b"a\r\nb\r\nc\n")
    file = OpenFile(path)
    assert file.load() == "a\nb\nc\n"
    file.save("x\ny\r\nz")
    assert path.read_bytes() == b"x\r\ny\r\nz"


def test_a_coding_comment_added_or_removed_decides_the_encoding(path: Path) -> None:
    path.write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    file = OpenFile(path)
    text = file.load()
    file.save(text.removeprefix("# coding: latin-1\n"))
    assert path.read_bytes() == "x = 'é'\n".encode()
    file.save(text)
    assert path.read_bytes() == text.encode("latin-1")
    compile(path.read_bytes(), "starter.py", "exec")


def test_a_character_the_encoding_lacks_is_said_so_and_nothing_is_lost(path: Path) -> None:
    path.write_bytes(b"# coding: latin-1\n")
    file = OpenFile(path)
    text = file.load()
    with pytest.raises(WorkspaceError) as caught:
        file.save(text + "x = '漢'\n")
    assert str(caught.value.found) == "'漢'"
    assert path.read_bytes() == b"# coding: latin-1\n"


@pytest.mark.parametrize("codec", ["rot13", "hex", "zlib", "undefined", "nope"])
def test_a_codec_that_is_none_of_texts_is_as_good_as_none(path: Path, codec: str) -> None:
    path.write_bytes(f"# coding: {codec}\nx = 1\n".encode())
    file = OpenFile(path)
    file.save(file.load() + "y = 2\n")
    assert path.read_text("utf-8").endswith("x = 1\ny = 2\n")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"# coding: punycode\n" + b"a" * 70, "code point"),
        (b"ab\xff", "byte 0xff at offset 2"),
        (b"\0\0", "binary data"),
        (b"# coding: nope\n\xff", "0xff"),
    ],
)
def test_what_is_no_text_is_said_so(path: Path, data: bytes, found: str) -> None:
    path.write_bytes(data)
    with pytest.raises(WorkspaceError) as caught:
        OpenFile(path).load()
    assert found in str(caught.value.found)


def test_missing_files_and_folders_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="nothing at"):
        OpenFile(tmp_path / "gone.py").load()
    with pytest.raises(WorkspaceError, match="something else"):
        OpenFile(tmp_path).load()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WorkspaceError, match="something else"):
        OpenFile(tmp_path / "pipe").load()


def test_our_own_saves_are_no_outside_changes(path: Path) -> None:
    path.write_text("a", "utf-8")
    file = OpenFile(path)
    file.load()
    for text in ("b", "c", "d"):
        file.save(text)
        assert not file.changed_outside()


def test_an_outside_change_is_seen_and_not_written_over(path: Path) -> None:
    path.write_text("a", "utf-8")
    file = OpenFile(path)
    file.load()
    path.write_text("theirs", "utf-8")
    assert file.changed_outside()
    with pytest.raises(OutsideChangeError):
        file.save("mine")
    assert path.read_text("utf-8") == "theirs"
    file.save("mine", overwrite=True)
    assert path.read_text("utf-8") == "mine"
    assert not file.changed_outside()


def test_a_change_that_keeps_size_and_time_is_seen_when_it_is_recent(path: Path) -> None:
    path.write_text("aaa", "utf-8")
    file = OpenFile(path)
    file.load()
    before = path.stat()
    with path.open("r+") as other:
        other.write("bbb")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.changed_outside()


def test_a_touched_file_is_the_same_and_then_costs_one_stat(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("a", "utf-8")
    file = OpenFile(path)
    file.load()
    os.utime(path, ns=(0, 10**18))
    assert file.disk_state() == "same"
    monkeypatch.setattr(OpenFile, "_read", lambda self: pytest.fail("read although nothing changed"))
    assert file.disk_state() == "same"


def test_a_deleted_file_is_gone_and_can_be_saved_again(path: Path) -> None:
    path.write_text("a", "utf-8")
    file = OpenFile(path)
    file.load()
    path.unlink()
    assert file.disk_state() == "gone"
    file.save("b")
    assert file.disk_state() == "same"
    assert path.read_text("utf-8") == "b"


def test_a_new_file_can_be_saved_without_loading(path: Path) -> None:
    OpenFile(path).save("a\n")
    assert path.read_bytes() == b"a\n"


def test_a_file_that_appeared_meanwhile_is_not_written_over(path: Path) -> None:
    file = OpenFile(path)
    path.write_text("theirs", "utf-8")
    with pytest.raises(OutsideChangeError):
        file.save("mine")


def test_mode_and_link_survive_a_save(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "target.py"
    target.parent.mkdir()
    target.write_text("a", "utf-8")
    target.chmod(0o754)
    link = tmp_path / "starter.py"
    link.symlink_to(target)
    file = OpenFile(link)
    file.load()
    file.save("b")
    assert link.is_symlink()
    assert target.read_text("utf-8") == "b"
    assert stat.S_IMODE(target.stat().st_mode) == 0o754
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("place", ["loop", "folder"])
def test_what_is_no_place_for_a_file_is_said_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "folder").mkdir()
    found = {"loop": "link that leads to itself", "folder": "folder where a file should be"}[place]
    with pytest.raises(WorkspaceError, match=found):
        OpenFile(tmp_path / place).save("a", overwrite=True)


def test_a_full_disk_is_said_so_and_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path.write_text("old", "utf-8")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError) as caught:
        OpenFile(path).save("new", overwrite=True)
    assert (str(caught.value.expected), str(caught.value.found)) == (f"to write {path}", "that the disk is full")
    assert path.read_text("utf-8") == "old"

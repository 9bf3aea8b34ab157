"""The guard of archives: each rule with an archive that breaks it alone."""

from __future__ import annotations

import errno
import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from graders.archives import SMALL, ArchiveError, Limits, Names, guarded
from tests.graders.crafted_zips import (
    DEVICE,
    ENCRYPTED,
    FIFO,
    LAX,
    LIMITS,
    LINK,
    MASKED,
    PATCH,
    STRONG,
    UTF_8,
    Member,
    archive,
    unpacked,
    with_64_bit_end,
)  # fmt: skip


def rule_of(data: bytes, folder: Path, names: Names = LAX, limits: Limits = LIMITS) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        unpacked(data, folder, names, limits)
    return caught.value


def test_the_maker_of_these_archives_makes_honest_ones() -> None:
    with zipfile.ZipFile(io.BytesIO(archive(Member(b"a/b", b"one"), Member(b"c", b"two", zipfile.ZIP_STORED)))) as made:
        assert made.testzip() is None
        assert {name: made.read(name) for name in made.namelist()} == {"a/b": b"one", "c": b"two"}


@pytest.mark.parametrize(
    ("data", "files"),
    [
        (archive(), {}),
        (archive(Member(b"a/b", b"one"), Member(b"a/c", b"")), {"a/b": b"one", "a/c": b""}),
        (archive(Member(b"a", b"x", zipfile.ZIP_STORED), Member(b"b", bytes(SMALL))), {"a": b"x", "b": bytes(SMALL)}),
        (with_64_bit_end(archive(Member())), {"a": b"x"}),
        (archive(Member(), before=b"#!/bin/sh\n"), {"a": b"x"}),
        (archive(Member(b"a"), Member(b"b"), between=b"PK\x07\x08" + bytes(12)), {"a": b"x", "b": b"x"}),
        (archive(Member())[:-2] + b"\5\0hello", {"a": b"x"}),
        (archive(Member("模型/é".encode())), {"模型/é": b"x"}),
        (archive(Member(mode=0), Member(b"b", mode=stat.S_ISUID | 0o4777)), {"a": b"x", "b": b"x"}),
    ],
    ids=["none", "folders", "methods", "64 bit", "a program before", "descriptors", "comment", "letters", "modes"],
)  # fmt: skip
def test_honest_archives_come_out_whole(tmp_path: Path, data: bytes, files: dict[str, bytes]) -> None:
    assert unpacked(data, tmp_path, Names()) == files


def test_the_tolerant_take_what_old_programs_write(tmp_path: Path) -> None:
    data = archive(
        Member(b"dir\\", b""),
        Member(b"dir\\a"),
        Member(b"plain", b"", mode=stat.S_IFDIR | 0o755),
        Member(b"plain/A"),
        Member(b"plain/a"),
        Member("é".encode("cp437"), flags=0),
        Member("b\u200dc".encode()),
        Member(b"q?"),
        Member(b"__MACOSX/a"),
    )
    assert set(unpacked(data, tmp_path)) == {"dir/a", "plain/A", "plain/a", "é", "b\u200dc", "q?"}


@pytest.mark.parametrize(
    "name",
    [
        b"/a", b"../a", b"a/../../b", b"a/..", b"..", b".", b"a/./b", b"a//b", b"", b"/", b"//", b"a//", b"\\a",
        b"a\\..\\b", b"C:a", b"c:/a", b"C:\\a", b"a\0b", b"a\nb", b"a\x1b[2Jb", b"a\x7fb", "a\x9bb".encode(),
        b"__MACOSX/../a", b"//server/a", b"\\\\server\\a",
    ],
    ids=ascii,
)  # fmt: skip
def test_no_name_leads_elsewhere(tmp_path: Path, name: bytes) -> None:
    assert rule_of(archive(Member(name)), tmp_path).rule == "name"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["archive", "into"]


@pytest.mark.parametrize(
    ("member", "allowed"),
    [
        (Member(b"10:30"), Names(refused="")),
        (Member(b"a?"), Names(refused="")),
        (Member(b"a\\b"), Names(refused="", backslash_separates=True)),
        (Member(b"a\\b"), Names(refused="")),
        (Member(b"a/", b""), Names(folders=True)),
        (Member("é".encode("cp437"), flags=0), Names(legacy=True)),
        (Member("a\u202egnp.py".encode()), Names(unprintable=True)),
    ],
    ids=["colon", "mark", "separator", "letter", "folder", "legacy", "unprintable"],
)
def test_odd_names_are_let_through_only_where_they_are_honest(tmp_path: Path, member: Member, allowed: Names) -> None:
    assert rule_of(archive(member), tmp_path, Names()).rule == "name"
    (tmp_path / "into").rmdir()
    unpacked(archive(member), tmp_path, allowed)


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        ((b"a", b"a"), "twice"),
        ((b"a", b"A"), "twice"),
        ((b"stra\xc3\x9fe", b"STRASSE"), "twice"),
        (("é".encode(), unicodedata.normalize("NFD", "É").encode()), "twice"),
        (("α\u0345\u0301".encode(), "α\u0301\u0345".encode()), "twice"),
        ((b"a", b"a/b"), "clash"),
        ((b"a/b", b"A"), "clash"),
        ((b"a/b/c", b"a/B"), "clash"),
    ],
    ids=ascii,
)
def test_no_file_takes_anothers_place(tmp_path: Path, names: tuple[bytes, bytes], rule: str) -> None:
    assert rule_of(archive(*map(Member, names)), tmp_path, Names()).rule == rule


def test_no_file_takes_the_place_of_an_empty_folder(tmp_path: Path) -> None:
    assert rule_of(archive(Member(b"a/", b""), Member(b"a")), tmp_path).rule == "clash"


def test_where_spelling_matters_the_same_name_still_comes_once(tmp_path: Path) -> None:
    assert rule_of(archive(Member(b"a\\b"), Member(b"a/b")), tmp_path).rule == "twice"


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        (Member(b"a/b/c/d/e"), "long"),
        (Member(b"n" * 256), "long"),
        (Member("é".encode() * 128), "long"),
        (Member(content=b"/etc/passwd", mode=LINK), "special"),
        (Member(mode=FIFO), "special"),
        (Member(mode=DEVICE), "special"),
        (Member(b"dir/", b"x"), "special"),
        (Member(flags=UTF_8 | ENCRYPTED), "encrypted"),
        (Member(flags=UTF_8 | STRONG), "encrypted"),
        (Member(flags=UTF_8 | MASKED), "encrypted"),
        (Member(flags=UTF_8 | PATCH), "compression"),
        (Member(method=zipfile.ZIP_BZIP2), "compression"),
        (Member(method=zipfile.ZIP_LZMA), "compression"),
        (Member(method=zipfile.ZIP_STORED, said_size=2), "damaged"),
        (Member(content=b"xy", method=zipfile.ZIP_STORED, said_size=1, said_checksum=zlib.crc32(b"x")), "damaged"),
        (Member(said_checksum=1), "damaged"),
        (Member(content=b"x" * 99, said_size=98), "damaged"),
        (Member(content=b"x" * 99, said_size=100), "damaged"),
        (Member(content=b"", said_size=1), "damaged"),
        (Member(content=b"x" * 99, said_packed=2), "damaged"),
        (Member(header_name=b"b"), "damaged"),
        (Member(header_name=b"a/../b"), "damaged"),
        (Member(header_flags=UTF_8 | ENCRYPTED), "damaged"),
        (Member(header_method=zipfile.ZIP_STORED), "damaged"),
        (Member(offset=1), "damaged"),
        (Member(offset=1 << 31), "damaged"),
        (Member(b"\xff"), "damaged"),
        (Member(said_packed=1 << 20), "overlap"),
        (Member(content=bytes(5 << 20)), "bytes"),
        (Member(said_size=5 << 20), "bytes"),
        (Member(b"__MACOSX/a", mode=LINK), "special"),
    ],
    ids=lambda value: "" if isinstance(value, str) else ascii(replace(value, content=value.content[:9])),
)
def test_each_rule(tmp_path: Path, member: Member, rule: str) -> None:
    error = rule_of(archive(Member(b"honest"), member), tmp_path)
    assert error.rule == rule
    written = [path for path in (tmp_path / "into").rglob("*") if path.is_file() and path.name != "honest"]
    assert sum(path.stat().st_size for path in written) <= len(member.content)


def test_members_do_not_share_bytes(tmp_path: Path) -> None:
    """As in a bomb that has each member unpack the headers and the data of the next as well."""
    inner = archive(Member(b"b"))[: -len(archive()) - 47]
    data = archive(Member(b"a", b"-" + inner, zipfile.ZIP_STORED), Member(b"b", offset=31 + 1))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.read("b") == b"x"
    assert rule_of(data, tmp_path).rule == "overlap"


@pytest.mark.parametrize(("name", "rule"), [(b"a", "twice"), (b"b", "damaged")])
def test_no_bytes_have_two_names(tmp_path: Path, name: bytes, rule: str) -> None:
    data = archive(Member(b"a", bytes(100_000)), Member(name, bytes(100_000), offset=0))
    assert rule_of(data, tmp_path).rule == rule


def test_a_header_is_looked_at_before_anything_is_unpacked(tmp_path: Path) -> None:
    data = bytearray(archive(Member(b"a"), Member(b"b")))
    data[data.rindex(b"PK\x03\x04") + 2] = 0
    assert rule_of(bytes(data), tmp_path).rule == "damaged"
    assert not list((tmp_path / "into").iterdir())


def test_limits(tmp_path: Path) -> None:
    members = [Member(str(number).encode()) for number in range(21)]
    told = archive(*members)
    hidden = bytearray(told)
    hidden[-14:-10] = struct.pack("<2H", 1, 1)
    for data in (told, bytes(hidden)):
        error = rule_of(data, tmp_path)
        assert (error.rule, error.amount) == ("members", 21)
        (tmp_path / "into").rmdir()
    assert len(unpacked(archive(*members[:20]), tmp_path)) == 20


def test_the_ratio_is_a_limit_of_those_who_ask_for_it(tmp_path: Path) -> None:
    strict = replace(LIMITS, ratio=200)
    assert rule_of(archive(Member(content=bytes(SMALL + 1))), tmp_path, limits=strict).rule == "ratio"
    (tmp_path / "into").rmdir()
    unpacked(
        archive(Member(content=bytes(SMALL)), Member(b"b", bytes(SMALL + 1), zipfile.ZIP_STORED)),
        tmp_path,
        limits=strict,
    )


def test_noise_counts_for_nothing_and_never_comes_out(tmp_path: Path) -> None:
    data = archive(Member(b"__MACOSX/a", bytes(5 << 20)), Member(b"__MACOSX/a"), Member(b"a"))
    assert unpacked(data, tmp_path) == {"a": b"x"}


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"hello", archive(Member())[:-1], archive(Member())[:40], b"PK\x05\x06" + bytes(17)],
    ids=range(6),
)
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    assert rule_of(data, tmp_path).rule == "truncated"


def test_the_directory_is_measured_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("zipfile was asked")

    many, large = with_64_bit_end(archive(Member()), members=1 << 30), bytearray(archive(Member()))
    large[-10:-6] = struct.pack("<L", 1 << 30)
    monkeypatch.setattr(zipfile, "ZipFile", never)
    for data, rule in ((many, "members"), (bytes(large), "damaged")):
        assert rule_of(data, tmp_path).rule == rule
        (tmp_path / "into").rmdir()


def test_parts_are_read_within_limits(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(archive(Member(content=b"x" * 10)))
    with guarded(tmp_path / "archive", LIMITS, Names()) as opened:
        assert opened.read("a", 10) == b"x" * 10
        with pytest.raises(ArchiveError) as large:
            opened.read("a", 9)
        with pytest.raises(ArchiveError) as missing:
            opened.read("b", 9)
    assert (large.value.rule, large.value.amount, missing.value.rule) == ("bytes", 10, "missing")


def test_the_disks_faults_are_not_the_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FileNotFoundError), guarded(tmp_path / "none", LIMITS, Names()):
        pass
    (tmp_path / "archive").write_bytes(archive(Member()))
    monkeypatch.setattr(Path, "mkdir", full)
    with guarded(tmp_path / "archive", LIMITS, Names()) as opened, pytest.raises(OSError, match="No space left"):
        opened.unpack(tmp_path / "into")

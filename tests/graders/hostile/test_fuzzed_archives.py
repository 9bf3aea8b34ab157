"""Archives that break several rules at once, or none: whatever they say, what comes out is plain and within limits."""

from __future__ import annotations

import shutil
import stat
import tempfile
import unicodedata
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from graders.archives import ArchiveError, Limits, Names
from tests.graders.crafted_zips import ENCRYPTED, FIFO, LINK, STRONG, UTF_8, Member, archive, unpacked, with_64_bit_end

PARTS = st.sampled_from(
    [
        b"a",
        b"A",
        b"b",
        b"..",
        b".",
        b"",
        b"C:",
        b"\0",
        b"\n",
        b"dir",
        b"n" * 256,
        b"__MACOSX",
        "é".encode(),
        "e\u0301".encode(),
    ]
)
NAMES = st.lists(PARTS, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from([b"/", b"\\", b"//"]).map(lambda between: between.join(parts))
)


def sometimes(lies: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.none(), st.none(), lies)


MEMBERS = st.builds(
    Member,
    name=NAMES,
    content=st.sampled_from([b"", b"x", b"hello" * 100, bytes(70_000)]),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]),
    flags=st.sampled_from([UTF_8, UTF_8, UTF_8, 0, UTF_8 | ENCRYPTED, UTF_8 | STRONG]),
    mode=st.sampled_from([0, stat.S_IFREG | 0o644, stat.S_IFREG | 0o4755, stat.S_IFDIR | 0o755, LINK, FIFO]),
    said_size=sometimes(st.sampled_from([0, 1, 499, 501, 1 << 20, 1 << 31])),
    said_packed=sometimes(st.sampled_from([0, 1, 50, 1 << 20])),
    header_name=st.one_of(st.none(), st.none(), st.none(), NAMES),
    offset=sometimes(st.integers(0, 300)),
)
HONEST = st.builds(
    Member,
    name=st.sampled_from([b"a", b"B", b"dir/c", b"dir/d", b"dir/in/e", "dir/é".encode(), b"DIR/F"]),
    content=st.sampled_from([b"", b"x", b"hello" * 100, bytes(70_000)]),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
TOLERANCES = st.builds(
    Names,
    refused=st.sampled_from(["", ":", Names().refused]),
    backslash_separates=st.booleans(),
    legacy=st.booleans(),
    unprintable=st.booleans(),
    spelling_matters=st.booleans(),
    folders=st.booleans(),
)
TIGHT = Limits(members=5, bytes=150_000, directory_bytes=1 << 10, depth=3, ratio=500)


@settings(max_examples=300, deadline=None)
@given(
    honest=st.lists(HONEST, max_size=4, unique_by=lambda one: one.name),
    hostile=st.one_of(st.just([]), st.lists(MEMBERS, max_size=2)),
    names=TOLERANCES,
    damage=st.one_of(st.just([]), st.lists(st.tuples(st.integers(0, 1 << 12), st.integers(0, 255)), max_size=3)),
    wide=st.booleans(),
)
def test_whatever_an_archive_says_only_plain_files_come_out_within_limits(
    honest: list[Member], hostile: list[Member], names: Names, damage: list[tuple[int, int]], wide: bool
) -> None:
    members = [*honest, *hostile]
    data = bytearray(with_64_bit_end(archive(*members)) if wide else archive(*members))
    for place, value in damage:
        data[place % len(data)] = value
    outer = Path(tempfile.mkdtemp())
    try:
        (outer / "inner").mkdir()
        try:
            files = unpacked(bytes(data), outer / "inner", names, TIGHT)
        except ArchiveError:
            files = None
        check_what_came_out(outer, files, {one.content for one in members}, names)
    finally:
        shutil.rmtree(outer)


def check_what_came_out(outer: Path, files: dict[str, bytes] | None, contents: set[bytes], names: Names) -> None:
    assert {path.name for path in outer.iterdir()} == {"inner"}
    assert {path.name for path in (outer / "inner").iterdir()} <= {"archive", "into"}
    found = list((outer / "inner" / "into").rglob("*"))
    assert all(stat.S_IFMT(path.lstat().st_mode) in (stat.S_IFREG, stat.S_IFDIR) for path in found)
    plain = [path for path in found if path.is_file()]
    assert len(plain) <= TIGHT.members
    assert sum(path.stat().st_size for path in plain) <= TIGHT.bytes
    assert all(len(path.relative_to(outer / "inner" / "into").parts) <= TIGHT.depth for path in found)
    for path, content in (files or {}).items():
        assert content in contents
        assert not set(path) & {"\0", "\n", *names.refused}
    if not names.spelling_matters:
        folded = {unicodedata.normalize("NFC", str(path)).casefold() for path in plain}
        assert len(folded) == len(plain)

"""Zip archives and SQLite files with lies in them that no library would write."""

from __future__ import annotations

import io
import random
import sqlite3
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzzing.mutators import LENGTHS, bent_bytes, strange

NAMES = (
    b"../outside", b"/outside", b"a/../../outside", b"C:/outside", b"C:outside", b"..\\outside", b"a\\..\\..\\outside",
    b"\\\\host\\share", b"a/./b", b"a//b", b"", b".", b"a/", b"\x1b]0;title\x07", b"a\nb: forged", b"a\rb", b"\xff\xfe",
    b"\x82\xa0.h5", b"a" * 300, b"/".join([b"d"] * 3000), b"CON", b"nul.txt", b"a:stream", b"A", b"a", "é".encode(),
    "e\u0301".encode(), "\u202egnp".encode(), b"a\0b", b"pack.toml/x", b"mockexam-attempt.json", b"~root", b"-rf",
)  # fmt: skip


@dataclass
class Member:
    """What a local header and the directory say of one file, and its packed bytes."""

    name: bytes
    data: bytes
    crc: int
    size: int
    method: int = 8
    flags: int = 0x800
    attributes: int = (stat.S_IFREG | 0o644) << 16
    extra: bytes = b""
    local_name: bytes | None = None
    offset: int | None = None
    packed_size: int | None = None
    made_by: int = 0x031E
    disk: int = 0


def member(name: bytes, content: bytes, method: int = 8) -> Member:
    """An honest one."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush() if method == 8 else content
    return Member(name, data, zlib.crc32(content), len(content), method)


def packed(members: list[Member], comment: bytes = b"", count: int | None = None) -> bytes:
    """The archive."""
    out, directory = io.BytesIO(), io.BytesIO()
    for one in members:
        at = out.tell() if one.offset is None else one.offset
        local = one.name if one.local_name is None else one.local_name
        sizes = (one.crc, len(one.data) if one.packed_size is None else one.packed_size, one.size)
        sizes = tuple(number & 0xFFFF_FFFF for number in sizes)  # type: ignore[assignment]
        head = (20, one.flags, one.method, 0, 0x21, *sizes)
        out.write(struct.pack("<4s5H3L2H", b"PK\3\4", *head, len(local) & 0xFFFF, 0) + local + one.data)
        directory.write(
            struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", one.made_by, *head, len(one.name) & 0xFFFF, len(one.extra), 0, one.disk, 0,
                one.attributes & 0xFFFF_FFFF, at & 0xFFFF_FFFF,
            ) + one.name + one.extra
        )  # fmt: skip
    start, listed = out.tell(), directory.getvalue()
    number = (len(members) if count is None else count) & 0xFFFF
    out.write(
        listed + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(listed), start, len(comment)) + comment
    )
    return out.getvalue()


def members_of(archive: bytes) -> dict[str, bytes]:
    """What an honest archive holds."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zip_like(
    content: Mapping[str, bytes], dice: random.Random, inner: Callable[[str, bytes, random.Random], bytes] | None = None
) -> bytes:
    """An archive of files, one of them changed by `inner`, or with lies in its structure."""
    files = dict(content)
    if inner is not None and dice.random() < 0.5:
        name = dice.choice(list(files))
        files[name] = inner(name, files[name], dice)
        return packed([member(key.encode(), data) for key, data in files.items()])
    members = [member(key.encode(), data, dice.choice((0, 8))) for key, data in files.items()]
    comment, count = b"", None
    for _ in range(dice.choice((1, 1, 2, 3))):
        one = dice.choice(members)
        match dice.randrange(18):
            case 0:
                one.name = dice.choice(NAMES)
            case 1:
                one.local_name = dice.choice((*NAMES, dice.choice(members).name))
            case 2:
                members.insert(dice.randrange(len(members) + 1), member(dice.choice(NAMES), b"content"))
            case 3:
                members.append(member(one.name, b"another"))
            case 4:
                one.attributes = dice.choice((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, 0xF000)) << 16
            case 5:
                one.flags = dice.choice((0, 1, 8, 0x20, 0x40, 0x2000, 0xFFFF))
            case 6:
                one.method = dice.choice((0, 8, 9, 12, 14, 93, 95, 99, 0xFFFF))
            case 7:
                one.size = dice.choice((*LENGTHS[:8], one.size + 1, one.size - 1))
            case 8:
                one.packed_size = dice.choice((*LENGTHS[:8], len(one.data) + 1))
            case 9:
                one.offset = dice.choice((*LENGTHS[:8], 1, 30))
            case 10:
                one.crc ^= 1
            case 11:
                width = dice.choice((8, 16, 24, 28, 1000))
                one.extra = struct.pack("<HH", dice.choice((1, 0x7075, 0x9901)), width) + bytes(
                    dice.randrange(256) for _ in range(width)
                )
                one.size = 0xFFFF_FFFF
            case 12:
                members.append(member(b"zeros", bytes(dice.choice((1 << 20, 40 << 20)))))
            case 13:
                members += [member(b"many/%d" % number, b"") for number in range(dice.choice((300, 20_000)))]
            case 14:
                count = dice.choice((0, 1, len(members) + 1, 0xFFFF))
            case 15:
                comment = dice.choice((b"x" * 65_535, b"PK\5\6" + bytes(18), b"PK\6\7" + bytes(16), b"\x1b[2J"))
            case 16:
                one.data = bent_bytes(one.data, dice)
            case _:
                dice.shuffle(members)
    archive = packed(members, comment, count)
    match dice.randrange(10):
        case 0:
            return bent_bytes(archive, dice)
        case 1:
            return dice.choice((b"#!/bin/sh\n", b"\x89HDF\r\n\x1a\n", bytes(512))) + archive
        case 2:
            return archive + dice.choice((b"\0", archive, b"PK\5\6"))
        case 3:
            return _with_zip64(archive, dice)
        case _:
            return archive


def _with_zip64(archive: bytes, dice: random.Random) -> bytes:
    """The 64-bit records in front of the end, with numbers of their own."""
    at = archive.rfind(b"PK\5\6")
    numbers = [dice.choice((*LENGTHS, at)) for _ in range(4)]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *numbers)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, dice.choice((at, 0, LENGTHS[-1])), 1)
    end = bytearray(archive[at:])
    if dice.random() < 0.5:
        end[8:20] = b"\xff" * 12
    return archive[:at] + record + locator + bytes(end)


def bend_sqlite(path: Path, dice: random.Random) -> None:
    """Change cells, the schema, or bytes of a database and of the log beside it."""
    kind = dice.random()
    if kind < 0.25:
        path.write_bytes(bent_bytes(path.read_bytes(), dice))
        return
    if kind < 0.3:
        path.with_name(f"{path.name}-wal").write_bytes(bytes(dice.randrange(256) for _ in range(5000)))
        return
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for _ in range(dice.choice((1, 1, 2, 4))):
            with suppress(sqlite3.Error, OverflowError, UnicodeError):
                (_bend_schema if dice.random() < 0.2 else _bend_cell)(connection, dice)
    finally:
        connection.close()


def _bend_cell(connection: sqlite3.Connection, dice: random.Random) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = dice.choice(tables)
    column = dice.choice([row[1] for row in connection.execute(f"PRAGMA table_info('{table}')")])
    rows = [(None,), *connection.execute(f"SELECT rowid FROM '{table}'")]
    row = dice.choice(rows)[0]
    old = connection.execute(f"SELECT \"{column}\" FROM '{table}' WHERE rowid = coalesce(?, rowid)", (row,)).fetchone()
    value = _cell(old[0] if old else None, dice)
    connection.execute(f"UPDATE '{table}' SET \"{column}\" = ? WHERE rowid = coalesce(?, rowid)", (value, row))


def _cell(old: Any, dice: random.Random) -> Any:
    from tests.fuzzing.mutators import json_like

    if isinstance(old, str) and old[:1] in ("{", "[") and dice.random() < 0.8:
        changed = json_like(old.encode(), dice)
        return changed if dice.random() < 0.1 else changed.decode("utf-8", "replace")
    value = strange(dice)
    if isinstance(value, list | dict | bool):
        return bytes(20)
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if isinstance(value, str) else value


def _bend_schema(connection: sqlite3.Connection, dice: random.Random) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = dice.choice(tables)
    statement = dice.choice(
        (
            f"DROP TABLE '{table}'",
            f"ALTER TABLE '{table}' RENAME TO other",
            f"ALTER TABLE '{table}' ADD COLUMN strange TEXT DEFAULT 'x'",
            f"CREATE TRIGGER late AFTER UPDATE ON '{table}' BEGIN DELETE FROM '{table}'; END",
            f"CREATE TRIGGER never BEFORE INSERT ON '{table}' BEGIN SELECT RAISE(ABORT, 'no'); END",
            f"CREATE VIEW looks AS SELECT * FROM '{table}'",
            f"DELETE FROM '{table}'",
            f"INSERT INTO '{table}' SELECT * FROM '{table}'",
            f"PRAGMA user_version = {dice.choice((0, 1, 99, -1, 2**31 - 1))}",
            "UPDATE sqlite_master SET sql = 'CREATE TABLE x(y)' WHERE type = 'table'",
            "UPDATE sqlite_master SET rootpage = 1",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA encoding = 'UTF-16'",
        )
    )
    connection.execute(statement)

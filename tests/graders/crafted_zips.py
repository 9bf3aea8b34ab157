"""Zip files made byte by byte, honest or not, and what the guard lets out of them."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from graders.archives import Limits, Names, guarded

LIMITS = Limits(members=20, bytes=4 << 20, directory_bytes=1 << 12, depth=4)
LAX = Names(
    refused="", backslash_separates=True, legacy=True, unprintable=True, spelling_matters=True, folders=True,
    is_noise=lambda part: part == "__MACOSX",
)  # fmt: skip
UTF_8, ENCRYPTED, STRONG, MASKED, PATCH = 0x800, 0x1, 0x40, 0x2000, 0x20
LINK, FIFO, DEVICE = stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFBLK | 0o644


@dataclass(frozen=True)
class Member:
    """A member as it is packed; None stands for the truth, anything else is a lie in the directory or the header."""

    name: bytes = b"a"
    content: bytes = b"x"
    method: int = zipfile.ZIP_DEFLATED
    flags: int = UTF_8
    mode: int = stat.S_IFREG | 0o644
    said_size: int | None = None
    said_packed: int | None = None
    said_checksum: int | None = None
    header_name: bytes | None = None
    header_flags: int | None = None
    header_method: int | None = None
    offset: int | None = None

    def packed(self) -> bytes:
        if self.method != zipfile.ZIP_DEFLATED:
            return self.content
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        return engine.compress(self.content) + engine.flush()


def archive(*members: Member, between: bytes = b"", before: bytes = b"") -> bytes:
    """A zip file of these members, byte by byte."""
    body, directory = bytearray(before), bytearray()
    for one in members:
        data, start = one.packed(), len(body)
        checksum = zlib.crc32(one.content) if one.said_checksum is None else one.said_checksum
        shown = one.name if one.header_name is None else one.header_name
        flags = one.flags if one.header_flags is None else one.header_flags
        method = one.method if one.header_method is None else one.header_method
        sizes = checksum, len(data), len(one.content)
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 33, *sizes, len(shown), 0) + shown + data
        body += between
        said_packed = len(data) if one.said_packed is None else one.said_packed
        said_size = len(one.content) if one.said_size is None else one.said_size
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 3 << 8 | 20, 20, one.flags, one.method, 0, 33, checksum, said_packed,
            said_size, len(one.name), 0, 0, 0, 0, one.mode << 16, start if one.offset is None else one.offset,
        ) + one.name  # fmt: skip
    count = len(members)
    return bytes(body + directory) + struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0
    )


def with_64_bit_end(data: bytes, members: int | None = None) -> bytes:
    """The same archive with the end records that large ones have."""
    place = data.rindex(b"PK\x05\x06")
    _, _, _, _, count, directory, start, _ = struct.unpack("<4s4H2LH", data[place : place + 22])
    count = count if members is None else members
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, directory, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:place] + record + locator + end


def unpacked(data: bytes, folder: Path, names: Names = LAX, limits: Limits = LIMITS) -> dict[str, bytes]:
    """What comes out, by path. Raises ArchiveError."""
    (folder / "archive").write_bytes(data)
    (folder / "into").mkdir()
    with guarded(folder / "archive", limits, names) as opened:
        opened.unpack(folder / "into")
        assert opened.bytes >= sum(info.file_size for info in opened.members.values())
    files = [path for path in (folder / "into").rglob("*") if not path.is_dir()]
    return {path.relative_to(folder / "into").as_posix(): path.read_bytes() for path in files}

"""Pictures for tests: made by hand where they must be wrong, by Pillow where they must be right."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG, with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def stated(width: int, height: int, rows: bytes = b"") -> bytes:
    """A grey PNG that states a size and has these rows, whether or not they fit."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def halved(width: int, height: int, upper: str = "red", lower: str = "blue") -> bytes:
    """A PNG of two colours."""
    from PIL import Image

    image = Image.new("RGB", (width, height), upper)
    image.paste(Image.new("RGB", (width, height - height // 2), lower), (0, height // 2))
    with io.BytesIO() as file:
        image.save(file, "PNG")
        return file.getvalue()


def name(number: int) -> str:
    """The file name of a figure."""
    return f"{number:020d}-1.png"


def put(folder: Path, number: int, content: bytes | None = None, words: bytes = b"{}") -> Path:
    """Put a figure into a folder of figures, as the program's side does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name(number)
    path.with_suffix(".json").write_bytes(words)
    path.write_bytes(halved(40, 30) if content is None else content)
    return path

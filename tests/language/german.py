"""A small German catalogue, in gettext's own format, to try translation with."""

from __future__ import annotations

import gettext
import io
import struct
from pathlib import Path

HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
WORDS = {
    "": HEAD,
    "no space left in {folder}": "kein Platz mehr in {folder}",
    "{file} of {size}": "{file} mit {size}",
    "{size} MB": "{size} Megabyte",
    "{name} is a folder": "{name} ist ein Ordner",
    "{count} day\0{count} days": "{count} Tag\0{count} Tage",
}


def compiled(words: dict[str, str]) -> bytes:
    """A .mo file: a head of seven numbers, tables of (length, offset) of originals and translations, the texts."""
    pairs = sorted((one.encode(), other.encode()) for one, other in words.items())
    texts = b""
    tables: tuple[list[int], list[int]] = ([], [])
    start = 28 + 16 * len(pairs)
    for column, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[column]), start + len(texts)]
            texts += pair[column] + b"\0"
    numbers = [0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + texts


def write(folder: Path, words: dict[str, str] = WORDS) -> None:
    """Put the catalogue where gettext looks for it."""
    file = folder / "de" / "LC_MESSAGES" / "mockexam.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(compiled(words))


def catalogue_of(words: dict[str, str]) -> gettext.GNUTranslations:
    """A catalogue of only those words."""
    return gettext.GNUTranslations(io.BytesIO(compiled({"": HEAD, **words})))


GERMAN = catalogue_of(WORDS)

"""What an inspection tells of a program: where, what, and the changes that mend it.

Rows and columns count from 0, columns in characters (not bytes, not cells). A row ends with `\\n`, `\\r\\n` or `\\r`; a
form feed is a character like any other. Everything here survives JSON: `encode` and `decode`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from graders.sentences import Sentence, Words

Severity = Literal["error", "warning"]

MISSING = "missing-package"
"""The `pattern` of an import that the chosen Python lacks; all others are ids of the table."""


class Edit(msgspec.Struct, frozen=True):
    """The text between two places, replaced. `old` is what stands there, so that nothing else is replaced."""

    row: int
    column: int
    end_row: int
    end_column: int
    text: str
    old: str = ""


class Fix(msgspec.Struct, frozen=True):
    """One way to mend a finding. `name` is the same for every finding of a pattern: `fix_all` is told it."""

    name: str
    title: Words
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a program that will fail, or do something else than it did.

    `pattern` is the id of an entry of the table, or MISSING. `digest` is that of the text it was found in:
    a fix is applied to no other text.
    """

    pattern: str
    row: int
    column: int
    end_row: int
    end_column: int
    message: Sentence
    detail: Sentence
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    digest: str = ""


def digest(source: str) -> str:
    """What tells a text from another: 16 hexadecimal digits."""
    return hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def encode(findings: Sequence[Finding]) -> bytes:
    """One line of JSON, without the line's end."""
    return msgspec.json.encode(findings)


def decode(line: bytes | str) -> list[Finding]:
    """What `encode` wrote; raises msgspec.DecodeError or msgspec.ValidationError for anything else."""
    return msgspec.json.decode(line, type=list[Finding])

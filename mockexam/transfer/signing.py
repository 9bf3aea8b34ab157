"""Signatures: this user's Ed25519 key, and JSON files that carry the signature of their content.

What is signed is the content in a canonical form, so a file that was only formatted anew still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mockexam.errors import RefusalError
from mockexam.files.writing import Promise, write

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class SignatureError(RefusalError):
    """A file is not signed, or it is not what was signed."""


class Signed(msgspec.Struct, frozen=True):
    """A file's JSON: what it says, and the public key (32 bytes) and signature (64 bytes) in hexadecimal."""

    content: msgspec.Raw
    key: str
    signature: str


def signed(purpose: str, content: object, key_file: Path) -> bytes:
    """The content as a signed JSON file. `purpose` keeps one kind of file from passing for another.

    Makes the key when there is none. Raises SignatureError when the key can't be read or written.
    """
    key = _key(key_file)
    raw = msgspec.json.encode(content)
    signature = key.sign(_message(purpose, raw))
    return msgspec.json.encode(
        Signed(msgspec.Raw(raw), key.public_key().public_bytes_raw().hex(), signature.hex()),
    )


def verified(purpose: str, file: bytes, name: str) -> tuple[bytes, str]:
    """The content (JSON) and the public key of a signed file; `name` is for messages. Raises SignatureError."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        found = msgspec.json.decode(file, type=Signed)
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found.key))
        public.verify(bytes.fromhex(found.signature), _message(purpose, bytes(found.content)))
        _check_texts(msgspec.json.decode(found.content))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SignatureError(
            f"a file of mockexam with a signature in {name}", f"something else ({error})", "Check which file it is."
        ) from None
    except InvalidSignature:
        raise SignatureError(
            f"{name} as it was signed",
            "that it was changed since",
            "It proves nothing. Ask for the file as mockexam wrote it.",
        ) from None
    return bytes(found.content), found.key


def fingerprint(key: str) -> str:
    """A public key (hexadecimal) in short, for people to compare: 16 digits of its SHA-256 in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def public_key(key_file: Path) -> str | None:
    """This user's public key in hexadecimal, or None while there is no usable one."""
    with suppress(SignatureError):
        if key_file.exists():
            return _key(key_file).public_key().public_bytes_raw().hex()
    return None


def _check_texts(value: object) -> None:
    """Raise ValueError for text that would move the cursor of the terminal it is printed on."""
    if isinstance(value, str) and not value.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError(f"control characters in {value[:40]!a}")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)


def _message(purpose: str, raw: bytes) -> bytes:
    canonical = msgspec.json.encode(msgspec.json.decode(raw), order="sorted")
    return f"mockexam {purpose} 1\n".encode() + canonical


def _key(file: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        if not file.exists():
            _make(file)
        file.chmod(0o600)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text("ascii").strip()))
    except OSError as error:
        raise SignatureError(
            f"the key for signatures in {file}", error.strerror or str(error), "Check who owns it.", kind="fault"
        ) from error
    except ValueError:
        advice = "Move it away: a new one is made. What was signed with the old one can still be verified."
        raise SignatureError(f"the key for signatures in {file}", "something else", advice, kind="fault") from None


def _make(file: Path) -> None:
    """Write a new key, whole and for nobody else to read; of two processes the first one's stays."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n"
    write(file, content.encode(), Promise(existing="keep", mode=0o600))

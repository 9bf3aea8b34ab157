"""Signatures: this user's Ed25519 key, and JSON files that carry the signature of their content.

What is signed is the content in a canonical form, so a file that was merely reformatted still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.sentences import Words, sentence
from mockexam.errors import RefusalError
from mockexam.files.writing import Promise, write

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


# The points of order 1, 2, 4 and 8 as keys of Ed25519, less the sign bit: the two of each order that differ by it are
# one entry, and numbers from the field's prime on are second spellings. Their list is that of libsodium's
# ge25519_has_small_order (ISC licence).
_SMALL_ORDER = frozenset(
    bytes.fromhex(key)
    for key in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class SignatureError(RefusalError):
    """A file isn't signed, or isn't what was signed."""


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
        if _is_of_small_order(key := bytes.fromhex(found.key)):
            raise ValueError("a key that any signature fits")
        public = Ed25519PublicKey.from_public_bytes(key)
        public.verify(bytes.fromhex(found.signature), _message(purpose, bytes(found.content)))
        steering = next(filter(_steers, _texts(msgspec.json.decode(found.content))), None)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _not_signed(name, str(error)) from None
    except InvalidSignature:
        raise SignatureError(
            sentence("{name} as it was signed", name=name),
            sentence("that it has been changed since"),
            sentence("It proves nothing. Ask for the file as mockexam wrote it."),
        ) from None
    if steering is not None:
        raise _not_signed(name, sentence("control characters in {text}", text=ascii(steering[:40])))
    return bytes(found.content), found.key


def fingerprint(key: str) -> str:
    """A short form of a public key (hexadecimal) for people to compare: 16 digits of its SHA-256 in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def public_key(key_file: Path) -> str | None:
    """This user's public key in hexadecimal, or None while there is no usable one."""
    with suppress(SignatureError):
        if key_file.exists():
            return _key(key_file).public_key().public_bytes_raw().hex()
    return None


def _is_of_small_order(key: bytes) -> bool:
    """Whether a public key is one under which signatures that nobody made are valid."""
    return key[:31] + bytes([key[31] & 0x7F]) in _SMALL_ORDER if len(key) == 32 else False


def _not_signed(name: str, why: Words) -> SignatureError:
    return SignatureError(
        sentence("{name} to be a file that mockexam signed", name=name),
        sentence("something else ({reason})", reason=why),
        sentence("Check that it is the right file."),
    )


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _steers(text: str) -> bool:
    """Whether a text would move the cursor of the terminal it is printed on."""
    return not text.replace("\n", "").replace("\t", "").isprintable()


def _message(purpose: str, raw: bytes) -> bytes:
    canonical = msgspec.json.encode(msgspec.json.decode(raw), order="sorted")
    return f"mockexam {purpose} 1\n".encode() + canonical  # untranslated: it is signed


def _key(file: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    expected = sentence("the key for signatures in {file}", file=file)
    try:
        if not file.exists():
            _make(file)
        file.chmod(0o600)
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text("ascii").strip()))
    except OSError as error:
        raise SignatureError(
            expected, error.strerror or str(error), sentence("Check who owns it."), kind="fault"
        ) from error
    except ValueError:
        advice = sentence("Move it away and a new one is made. What was signed with the old one can still be verified.")
        raise SignatureError(expected, sentence("something else"), advice, kind="fault") from None


def _make(file: Path) -> None:
    """Write a new key, whole and readable by nobody else; of two processes the first one's key stays."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n"
    write(file, content.encode(), Promise(existing="keep", mode=0o600))

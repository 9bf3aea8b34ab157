"""Download one file of a problem's data and check that it is the right one."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path, PurePosixPath

from graders.sentences import sentence
from mockexam.packs.workers.child import RefusedError, Report

MOST_BYTES = 2 << 30
BLOCK = 1 << 18
SILENCE_SECONDS = 20.0  # without another byte from a server that has answered


def download(address: str, sha256: str | None, folder: Path, report: Report) -> int:
    """Write what is at `address` into `folder` under its own name; returns its size. Raises RefusedError."""
    name = PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name or "data"
    digest, size = hashlib.sha256(), 0
    try:
        # The pack format allows https, http and file.
        with urllib.request.urlopen(address, timeout=SILENCE_SECONDS) as source, (folder / name).open("wb") as target:  # noqa: S310
            total = int(source.headers.get("Content-Length") or 0)
            while block := source.read(BLOCK):
                size += len(block)
                if size > MOST_BYTES:
                    expected = sentence("at most {size} MiB", size=MOST_BYTES >> 20)
                    raise RefusedError(expected, sentence("more"), sentence("Use a smaller file."))
                digest.update(block)
                target.write(block)
                doing = sentence("Downloading {file}, {size} KiB", file=name, size=f"{size >> 10:,}")
                report(size / total if total else 0.5, doing)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        advice = sentence("Try again; when it stays away, take an exam whose data comes with it.")
        found = error.reason if isinstance(error, urllib.error.URLError) else error
        raise RefusedError(sentence("to download {address}", address=address), str(found), advice) from None
    if total and size != total:
        expected = sentence("{size} bytes from {address}", size=f"{total:,}", address=address)
        raise RefusedError(expected, f"{size:,}", sentence("The connection was cut: try again."))
    if sha256 is not None and digest.hexdigest() != sha256:
        advice = sentence("The file has changed since the pack was written: ask the pack's author for a new version.")
        expected = sentence("the file with SHA-256 {digest}…", digest=sha256[:12])
        raise RefusedError(expected, f"{digest.hexdigest()[:12]}…", advice)
    return size

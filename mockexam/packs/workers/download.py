"""Download one file of a problem's data, as far as it takes, and see that it is the right one."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path, PurePosixPath

from mockexam.packs.workers.child import RefusedError, Report

MOST_BYTES = 2 << 30
BLOCK = 1 << 18
SILENCE_SECONDS = 20.0  # of a server that has answered


def download(address: str, sha256: str | None, folder: Path, report: Report) -> int:
    """Write what is at `address` into `folder` under its own name; its size. RefusedError when it can't be had."""
    name = PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name or "data"
    digest, size = hashlib.sha256(), 0
    try:
        # The pack format allows https, http and file.
        with urllib.request.urlopen(address, timeout=SILENCE_SECONDS) as source, (folder / name).open("wb") as target:  # noqa: S310
            total = int(source.headers.get("Content-Length") or 0)
            while block := source.read(BLOCK):
                size += len(block)
                if size > MOST_BYTES:
                    raise RefusedError(f"at most {MOST_BYTES >> 20} MiB", "more", "Use a smaller file.")
                digest.update(block)
                target.write(block)
                report(size / total if total else 0.5, f"Downloading {name}, {size >> 10:,} KiB")
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        advice = "Try again; when it stays away, take an exam whose data comes with it."
        found = error.reason if isinstance(error, urllib.error.URLError) else error
        raise RefusedError(f"to download {address}", str(found), advice) from None
    if total and size != total:
        raise RefusedError(f"{total:,} bytes from {address}", f"{size:,}", "The connection was cut: try again.")
    if sha256 is not None and digest.hexdigest() != sha256:
        advice = "The file has changed since the pack was written: ask the pack's author for a new version."
        raise RefusedError(f"the file with SHA-256 {sha256[:12]}…", f"{digest.hexdigest()[:12]}…", advice)
    return size

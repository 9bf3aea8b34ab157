"""The content of a pack, a problem or a prepared data set as one SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

# Reports about a pack are kept beside its problems; no exam depends on what they say.
REPORTS = frozenset({"proof.json", "proof.txt", "calibration.json", "calibration.txt"})


def content_files(root: Path) -> Iterator[tuple[str, Path]]:
    """The files below `root` as (relative path with slashes, path), sorted; caches, dot files and reports left out."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(".pyc") and name not in REPORTS:
                path = Path(folder, name)
                found.append((path.relative_to(root).as_posix(), path))
    yield from sorted(found)


def file_digest(path: Path) -> str:
    """SHA-256 of one file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack_digest(root: Path) -> str:
    """SHA-256 over the sorted lines "path NUL size NUL sha256" of the files below `root`."""
    total = hashlib.sha256()
    for name, path in content_files(root):
        line = f"{name}\0{path.stat().st_size}\0{file_digest(path)}\n"
        total.update(line.encode(errors="surrogateescape"))
    return total.hexdigest()

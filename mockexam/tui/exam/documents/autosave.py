"""Text that is not saved yet, kept beside the project so that a kill loses nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from mockexam.files.writing import WHOLE, write
from mockexam.workspace import layout


class Unsaved(NamedTuple):
    """Text that was not saved, and the digest of the file's text it is based on, if that was noted."""

    text: str
    base: str | None


def digest(text: str) -> str:
    """Tells one text of a file from another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Rescue:
    """One small file for each open file with unsaved text. It is a safety net, not a record: faults are ignored."""

    def __init__(self, project: Path) -> None:
        self.folder = layout.unsaved(project)

    def _place(self, path: Path) -> Path:
        return self.folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.json"

    def keep(self, path: Path, text: str, base: str) -> None:
        """Keep a text; a crash while writing leaves the previous one."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            place = self._place(path)
            write(place, json.dumps({"path": str(path), "text": text, "base": base}).encode(), WHOLE)

    def kept_of(self, path: Path) -> Unsaved | None:
        """Return what is kept for a file."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            found = json.loads(self._place(path).read_text(encoding="utf-8"))
            return Unsaved(found["text"], found.get("base")) if isinstance(found["text"], str) else None
        return None

    def forget(self, path: Path) -> None:
        """Drop the text of a file: it is on the disk."""
        with contextlib.suppress(OSError):
            self._place(path).unlink()

    def kept(self) -> list[Path]:
        """Return the files that have text here."""
        found: list[Path] = []
        with contextlib.suppress(OSError):
            for place in sorted(self.folder.glob("*.json")):
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
                    found.append(Path(json.loads(place.read_text(encoding="utf-8"))["path"]))
        return found

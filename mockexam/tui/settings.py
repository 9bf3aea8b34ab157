"""What a user has chosen and expects to find again: a small JSON file in the settings folder."""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from pathlib import Path
from typing import Any


class Settings:
    """Named values kept in one file; a file that is missing or unreadable counts as empty."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._values: dict[str, Any] = self._read()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep `value` (anything JSON can hold). A folder that can't be written loses it with the session, silently."""
        self._values[key] = value
        if self.path is None:
            return
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self._values, indent=2, sort_keys=True) + "\n", "utf-8")
            draft.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()

    def _read(self) -> dict[str, Any]:
        if self.path is None:
            return {}
        try:
            values = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}


def note_fault(error: BaseException, path: Path | None) -> Path | None:
    """Append a fault with its traceback to a file; where it is, or None if it can't be written."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)) + "\n")
    except OSError:
        return None
    return path

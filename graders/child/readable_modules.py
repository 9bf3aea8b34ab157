"""Makes modules that may not be read look absent, as libraries that can do without them expect.

A process that is locked before it imports sees the names of all installed packages, but may read only some. Without
this, `try: import scipy except ImportError` ends in a PermissionError.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


class ReadableModules(importlib.abc.MetaPathFinder):
    """Finds nothing itself; raises ModuleNotFoundError for a top-level module whose file can't be opened."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if path is not None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname)
        if spec is not None and spec.has_location and spec.origin is not None:
            try:
                Path(spec.origin).open("rb").close()
            except PermissionError:
                # untranslated: as Python says it
                raise ModuleNotFoundError(f"No module named {fullname!r} that may be read", name=fullname) from None
        return None


def install() -> None:
    """Do this from now on, in this process."""
    sys.meta_path.insert(0, ReadableModules())

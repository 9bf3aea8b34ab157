"""Modules that are imported when they are first used."""

from __future__ import annotations

import importlib
from typing import Any


class Deferred:
    """Stands for the module `name`, so that the records of metrics can be read without importing NumPy."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)

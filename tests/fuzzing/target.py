"""What a parser is given its changed files by."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Target(Protocol):
    """A parser and its honest files."""

    def run(self, dice: random.Random) -> str:
        """Give it a changed file; returns what is said about that."""


Make = Callable[[Path], Target]
"""Makes the honest files in a folder."""

"""What the campaigns share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability import disk


@pytest.fixture(scope="session")
def shared() -> Iterator[Path]:
    """The compiled recorder, in a path without spaces, at which LD_PRELOAD would be split."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield disk.library(Path(folder))

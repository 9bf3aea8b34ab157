"""The whole output of a run on disk."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from graders.sentences import Words, sentence

# Five hours of a loop that prints would fill the disk the exam's ledger needs.
MAX_BYTES = 256 << 20


class RunLog:
    """A file that takes raw output. A full disk or a full log ends the logging, never the run."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.fault: Words | None = None  # why the file doesn't hold everything
        self._max_bytes = max_bytes
        self._written = 0
        self._file: BinaryIO | None = None

    def open(self) -> None:
        """Make the file and its folder. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Append; from the first fault on, do nothing."""
        if self._file is None or not data:
            return
        try:
            self._file.write(data[: self._max_bytes - self._written])
            self._written += len(data)
            if self._written >= self._max_bytes:
                self._file.write(b"\n[mockexam: the log is full; the rest of the output is not kept]\n")
                self._fail(sentence("it reached {size} MB", size=self._max_bytes >> 20))
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _fail(self, fault: Words) -> None:
        self.fault = fault
        self.close()

    def close(self) -> None:
        """Close the file; can be repeated."""
        if self._file is not None:
            self._file.close()
            self._file = None

"""Our end of a pseudo-terminal: output in batches with back-pressure, input, and its size."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Callable

CALM = 1 / 10  # seconds between two batches: Keras redraws its bar twenty times a second
FRAME = 1 / 30  # the same when a full batch is pending
HIGH_WATER = 32 << 10  # bytes pending at which reading pauses, so that the program waits for us
CHUNK = 8 << 10
MAX_INPUT = 64 << 10

Size = tuple[int, int]
"""Columns, rows."""


class Terminal:
    """Belongs to the event loop it is opened in. `on_end` is called when nobody has the other end open any more."""

    def __init__(
        self, size: Size, on_data: Callable[[bytes], None], on_end: Callable[[], None], *, calm: float = CALM
    ) -> None:
        self.size = size
        self._calm = calm
        self.ended = False
        self._on_data = on_data
        self._on_end = on_end
        self._fd = -1
        self._pending = bytearray()
        self._outgoing = bytearray()
        self._flushing: asyncio.TimerHandle | None = None
        self._flushed = 0.0
        self._reading = False

    def open(self) -> int:
        """Returns the program's end, for the caller to close. Raises OSError when there are no terminals left."""
        self._loop = asyncio.get_running_loop()
        self._fd, other = os.openpty()
        attributes = termios.tcgetattr(other)
        attributes[1] &= ~termios.ONLCR  # the console starts lines at a newline by itself
        termios.tcsetattr(other, termios.TCSANOW, attributes)
        os.set_blocking(self._fd, False)
        self.resize(self.size)
        return other

    def start_reading(self) -> None:
        """Start reading, or go on; first called when the program has its end."""
        if not self._reading and not self.ended and self._fd >= 0:
            self._loop.add_reader(self._fd, self._read)
            self._reading = True

    def _pause(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._fd)
            self._reading = False

    def _read(self) -> None:
        try:
            data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the other end open
            data = b""
        if not data:
            self.ended = True
            self._pause()
            self._on_end()
            return
        self._pending += data
        if len(self._pending) >= HIGH_WATER:
            self._pause()
            self._flush_after(min(FRAME, self._calm))
        elif self._flushing is None:
            self._flush_after(self._calm)

    def _flush_after(self, pause: float) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        self._flushing = self._loop.call_at(max(self._loop.time(), self._flushed + pause), self._next_batch)

    def _next_batch(self) -> None:
        self._flushing = None
        self.flush()
        self._flushed = self._loop.time()
        self.start_reading()

    def flush(self) -> None:
        """Hand over what is pending, now."""
        data = bytes(self._pending)
        self._pending.clear()
        if data:
            self._on_data(data)

    @property
    def pending(self) -> int:
        """How many bytes have been read and not handed over."""
        return len(self._pending)

    @property
    def suspends(self) -> bool:
        """Whether the program's terminal makes a signal of Ctrl+Z; programs that read bare keys have it otherwise."""
        try:
            _, _, _, local, _, _, characters = termios.tcgetattr(self._fd)
        except (termios.error, ValueError):
            return False
        return bool(local & termios.ISIG) and characters[termios.VSUSP] == b"\x1a"

    def write(self, data: bytes) -> None:
        """Type something. What doesn't fit because the program reads nothing is dropped."""
        if self._fd >= 0 and len(self._outgoing) + len(data) <= MAX_INPUT:
            self._outgoing += data
            self._send()

    def _send(self) -> None:
        try:
            del self._outgoing[: os.write(self._fd, self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing.clear()
        if self._outgoing:
            self._loop.add_writer(self._fd, self._send)
        else:
            self._loop.remove_writer(self._fd)

    def resize(self, size: Size) -> None:
        """Set (columns, rows); the program is told by a signal."""
        self.size = size
        columns, rows = size
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        """Close our end: whatever still runs on the other one is hung up on. Can be repeated."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if self._fd >= 0:
            self._pause()
            self._loop.remove_writer(self._fd)
            os.close(self._fd)
            self._fd = -1

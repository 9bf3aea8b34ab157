"""The streams of a command: whatever was forgotten on the way, no text steers the terminal that it is printed on."""

from __future__ import annotations

import re
from typing import Any, TextIO

from mockexam.language.plain import text_of

OURS = re.compile(r"(\x1b\[[0-9;]*m|^\r(?:\x1b\[K)?|\r$)")
"""Colours, and the progress line, which begins where it began before."""


class PlainStream:
    """A text stream that lets through colours and progress lines of ours, and of other control characters none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text with escapes for characters that steer."""
        if isinstance(text, str) and not text.isprintable():
            parts = OURS.split(text)
            plain = [part if place % 2 else text_of(part) for place, part in enumerate(parts)]
            self._stream.write("".join(plain))
            return len(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

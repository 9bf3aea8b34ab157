"""Texts of strangers on their way to a person: a name or title must not steer the terminal or the reader.

Escape sequences move the cursor and set titles, other control characters delete what stands there, marks of direction
turn words around, and a line break in a name begins a line that looks like one of ours.
"""

from __future__ import annotations

import re

_STEERING = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_IN_TEXT = re.compile(f"[{_STEERING}]")
_IN_LINE = re.compile(rf"[\t\n{_STEERING}]")


def text_of(text: str) -> str:
    """A text with an escape such as `\\u001b`, as JSON writes it, for each character that steers; lines stay."""
    return text if text.isprintable() else _IN_TEXT.sub(_escaped, text)


def line_of(text: str) -> str:
    """The same on one line."""
    return text if text.isprintable() else _IN_LINE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    return {"\n": "\\n", "\t": "\\t"}.get(sign) or f"\\u{ord(sign):04x}"

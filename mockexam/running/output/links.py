"""Places in source files that a program's output speaks of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

# Python's tracebacks, then warnings and compilers ("starter.py:12: UserWarning: ..."). `<string>` isn't a file.
PLACE = re.compile(
    r'File "(?P<traced>[^"<>]+)", line (?P<traced_line>\d+)'
    r"|(?:(?<=\s)|^)(?P<named>[^\s:\"'<>()]+\.py):(?P<named_line>\d+)\b"
)
MAX_LINE = 10_000  # characters; a longer line is data, and nobody clicks on it


class Link(NamedTuple):
    """`text[start:end]` names line `line` (from 1) of `path`."""

    path: Path
    line: int
    start: int
    end: int


def find_links(text: str, cwd: Path) -> tuple[Link, ...]:
    """The places a line of output names; relative paths start from `cwd`. The files need not exist."""
    if (".py" not in text and 'File "' not in text) or len(text) > MAX_LINE:
        return ()
    return tuple(_link(match, cwd) for match in PLACE.finditer(text))


def _link(match: re.Match[str], cwd: Path) -> Link:
    kind = "traced" if match["traced"] is not None else "named"
    return Link(cwd / match[kind], int(match[f"{kind}_line"][:9]), match.start(), match.end())

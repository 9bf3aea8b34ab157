"""Where a key is in a TOML file, for messages that name a line."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'")
_STRING = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*")


def key_lines(text: str) -> dict[Place, int]:
    """The 1-based line of every table and key; keys of inline tables and items of arrays are left out."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    open_quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not open_quote and depth == 0:
            if header := _HEADER.match(line):
                table = _table(header, counts)
                lines.setdefault(table, number)
            elif key := _KEY.match(line):
                lines.setdefault(table + _parts(key[1]), number)
        open_quote, depth = _still_open(line, open_quote, depth)
    return lines


def line_of(lines: dict[Place, int], place: Place) -> int | None:
    """The line of `place`, else of the nearest table or key around it; None when there is none."""
    while place:
        for known in (place, (*place, 0)):  # an array of tables has its line under its first item
            if known in lines:
                return lines[known]
        place = place[:-1]
    return None


def _table(header: re.Match[str], counts: dict[Place, int]) -> Place:
    name = _parts(header[2])
    if header[1] == "[":
        return name
    counts[name] = counts.get(name, -1) + 1
    return (*name, counts[name])


def _parts(dotted: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _still_open(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Whether a multi-line string or an array goes on after this line."""
    position = 0
    while True:
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return quote, depth
            quote, position = "", end + 3
            continue
        string = _STRING.search(line, position)
        plain = line[position : string.start()] if string else line[position:]
        if "=" in plain and depth == 0:
            plain = plain.split("=", 1)[1]
        elif depth == 0 and _HEADER.match(line):
            plain = ""
        depth = max(0, depth + sum(plain.count(x) for x in "[{") - sum(plain.count(x) for x in "]}"))
        if string is None or string[0].startswith("#"):
            return "", depth
        position = string.end()
        if string[0] in ('"""', "'''"):
            quote = string[0]

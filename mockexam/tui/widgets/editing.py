"""What an editing key does to Python source: pure functions of lines and columns, without a screen."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

BRACKETS = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(BRACKETS.values())
QUOTES = frozenset("\"'")
STRING_PREFIXES = frozenset("rbfuRBFU")

_BLOCK_END = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_INDENT = re.compile(r"[ \t]*")

Place = Literal["code", "string", "comment"]


class Insertion(NamedTuple):
    """Text to insert at the cursor, and where in it the cursor then stands."""

    text: str
    cursor: int


class Span(NamedTuple):
    """Columns to delete on the cursor's line."""

    start: int
    end: int


def indent_of(line: str) -> str:
    """Return the leading blanks of a line."""
    match = _INDENT.match(line)
    return match.group() if match else ""


def place_after(before: str) -> tuple[Place, str]:
    """Say what the end of `before` lies in, judging by that line alone, and the quote that opened a string."""
    quote = ""
    position = 0
    while position < len(before):
        char = before[position]
        if quote:
            if char == "\\":
                position += 1
            elif before.startswith(quote, position):
                position += len(quote) - 1
                quote = ""
        elif char == "#":
            return "comment", ""
        elif char in QUOTES:
            triple = char * 3
            quote = triple if before.startswith(triple, position) else char
            position += len(quote) - 1
        position += 1
    return ("string" if quote else "code"), quote


def code_part(line: str) -> str:
    """Return a line without its trailing comment and blanks."""
    for position, char in enumerate(line):
        if char == "#" and place_after(line[:position])[0] == "code":
            return line[:position].rstrip()
    return line.rstrip()


def line_break(before: str, after: str, unit: str = "    ") -> Insertion:
    """Return what Enter inserts between `before` and `after` on one line.

    The new line keeps the indent, gains one after a colon or an opening bracket, and loses one after a statement
    that leaves the block. Between a bracket and its partner the partner goes to a line of its own.
    """
    indent = indent_of(before)
    code = code_part(before)
    if place_after(before)[0] == "string":
        return _plain_break(indent)
    if code and code[-1] in BRACKETS:
        inner = "\n" + indent + unit
        if after.lstrip()[:1] == BRACKETS[code[-1]]:
            return Insertion(inner + "\n" + indent, len(inner))
        return Insertion(inner, len(inner))
    if code.endswith(":"):
        return _plain_break(indent + unit)
    if _BLOCK_END.match(code) and not _open_brackets(code):
        return _plain_break(indent[: -len(unit)] if indent.endswith(unit) else indent)
    return _plain_break(indent)


def _plain_break(indent: str) -> Insertion:
    return Insertion("\n" + indent, len(indent) + 1)


def _open_brackets(code: str) -> int:
    return sum(code.count(opening) - code.count(closing) for opening, closing in BRACKETS.items())


def typed_pair(char: str, before: str, after: str) -> Insertion | Literal["skip"] | None:
    """Return what a typed bracket or quote becomes: a pair, a step over the one already there, or None for itself."""
    following = after[:1]
    if char in CLOSING:
        return "skip" if following == char else None
    if char in BRACKETS:
        if place_after(before)[0] != "code" or not _room_for_pair(following):
            return None
        return Insertion(char + BRACKETS[char], 1)
    if char in QUOTES:
        return _typed_quote(char, before, following)
    return None


def _typed_quote(char: str, before: str, following: str) -> Insertion | Literal["skip"] | None:
    place, quote = place_after(before)
    if place == "comment":
        return None
    if before.endswith(char * 2) and not before.endswith(char * 3) and place == "code":
        return Insertion(char * 4, 1) if following != char else "skip"
    if following == char and quote and quote[0] == char:
        return "skip"
    if place == "string" or not _room_for_pair(following):
        return None
    previous = before[-1:]
    word = previous.isalnum() or previous == "_"
    if previous == char or (word and not _is_string_prefix(before)):
        return None
    return Insertion(char * 2, 1)


def _is_string_prefix(before: str) -> bool:
    word = re.search(r"\w+$", before)
    return word is not None and len(word.group()) <= 2 and set(word.group()) <= STRING_PREFIXES


def _room_for_pair(following: str) -> bool:
    return following == "" or following.isspace() or following in ")]},:;=."


def surround(char: str) -> tuple[str, str] | None:
    """Return what a bracket or quote puts around a selection, or None when it replaces it."""
    if char in BRACKETS:
        return char, BRACKETS[char]
    return (char, char) if char in QUOTES else None


def backspace_span(before: str, after: str, width: int = 4) -> Span | None:
    """Return what Backspace deletes when that is more than one character: a bracket with its partner, or an indent."""
    column = len(before)
    if before and not before.strip(" "):
        return Span(column - ((column - 1) % width + 1), column)
    pair = before[-1:] + after[:1]
    if len(pair) == 2 and (BRACKETS.get(pair[0]) == pair[1] or (pair[0] in QUOTES and pair[0] == pair[1])):
        return Span(column - 1, column + 1)
    return None


def indent_lines(lines: list[str], unit: str = "    ") -> list[str]:
    """Indent every line that isn't blank."""
    return [unit + line if line.strip() else line for line in lines]


def dedent_lines(lines: list[str], width: int = 4) -> list[str]:
    """Take up to `width` columns of indent from every line."""
    return [_dedent(line, width) for line in lines]


def _dedent(line: str, width: int) -> str:
    if line.startswith("\t"):
        return line[1:]
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, width) :]


def toggle_comments(lines: list[str]) -> list[str]:
    """Comment out the lines, or bring them back when every one that isn't blank is a comment."""
    written = [line for line in lines if line.strip()]
    if not written:
        return ["# " + line if not line else line + "# " for line in lines]
    if all(line.lstrip().startswith("#") for line in written):
        return [re.sub(r"^([ \t]*)# ?", r"\1", line) for line in lines]
    margin = min(len(indent_of(line)) for line in written)
    return [line[:margin] + "# " + line[margin:] if line.strip() else line for line in lines]


def smart_home(line: str, column: int) -> int:
    """Return where Home goes: the first character that isn't blank, or column 0 from there."""
    first = len(indent_of(line))
    return 0 if column == first else first


def run_line(lines: list[str]) -> int | None:
    """Return the row of `if __name__ == "__main__":`, where the run arrow stands."""
    for row, line in enumerate(lines):
        if line.startswith("if __name__") and "__main__" in line:
            return row
    return None


def changed_lines(old: list[str], new: list[str]) -> tuple[int, int, list[str]]:
    """Return the first and last row of `old` that differ, and the lines of `new` that take their place.

    An empty list of lines means that nothing differs. Neither side is empty otherwise: a neighbour is taken along.
    """
    if old == new:
        return 0, 0, []
    top = _common(old, new)
    tail = _common(old[top:][::-1], new[top:][::-1])
    if top == len(old) - tail or top == len(new) - tail:
        if top > 0:
            top -= 1
        else:
            tail -= 1
    return top, len(old) - tail - 1, new[top : len(new) - tail]


def _common(one: list[str], other: list[str]) -> int:
    """Return how many lines at the start are the same."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count

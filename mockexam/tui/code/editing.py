"""What an editing key does to Python source: pure functions of lines and columns, without a screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from mockexam.tui.code.marks import Location

if TYPE_CHECKING:
    from mockexam.inspections.findings import Edit

BRACKETS = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(BRACKETS.values())
QUOTES = frozenset("\"'")
# A string or bracket opened more rows above than this isn't looked for: the search would slow down typing.
FARTHEST = 2_000
PAIRED = QUOTES | CLOSING | BRACKETS.keys()
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
STRING_PREFIXES = frozenset("rbfuRBFU")

_BLOCK_END = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_BLOCK_START = re.compile(r"(?:async )?(?:def|class) \w+ *[(:]")
_INDENT = re.compile(r"[ \t]*")

# What decides where a line belongs: comments, strings, brackets, and the words that only start a statement, after
# which no bracket from before can still be open.
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | (?P<triple>\"{3}|'{3})(?:\\.|[^\\])*?(?:(?P<end>(?P=triple))|\Z)
    | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?
    | (?P<start>^[ \t]*(?:(?:def|class|import|return|while|with|try|async)\b|@))
    | (?P<bracket>[()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

Place = Literal["code", "string", "comment"]
Stretch = tuple[Location, Location]


class Insertion(NamedTuple):
    """Text to insert at the cursor, and where in it the cursor goes."""

    text: str
    cursor: int


class Span(NamedTuple):
    """Columns to delete on the cursor's line."""

    start: int
    end: int


class Above(NamedTuple):
    """What the lines above mean for the cursor's line.

    `quote` is a triple quote still open before it, `inside` the indent that a bracket open at the cursor gives the
    next line, `statement` the first line of a statement whose brackets close on the cursor's line.
    """

    quote: str = ""
    inside: str | None = None
    statement: str | None = None


NOTHING = Above()


def open_quote(lines: Sequence[str]) -> str:
    """Return the triple quote that is still open after these lines, or nothing."""
    text = "\n".join([*lines[_block_start(lines, len(lines) - 1) :], ""])
    if '"""' not in text and "'''" not in text:
        return ""
    opened = [token["triple"] for token in _TOKEN.finditer(text) if token["triple"] and not token["end"]]
    return opened[0] if opened else ""


def above(lines: Sequence[str], row: int, column: int, unit: str = "    ") -> Above:
    """Return what matters of the lines above a cursor for a line break there."""
    quote = open_quote(lines[:row])
    text = "\n".join([*lines[_block_start(lines, row) : row], lines[row][:column]])
    line_start = len(text) - column
    brackets: list[int] = []
    closed: int | None = None
    for token in _TOKEN.finditer(text):
        if token["start"]:
            brackets.clear()
        elif token["bracket"] in BRACKETS:
            brackets.append(token.start())
        elif token["bracket"] and brackets:
            partner = brackets.pop()
            if token.start() >= line_start > partner:
                closed = partner
    if brackets and (brackets[-1] >= line_start or closed is not None):
        return Above(quote, inside=_inside(text, brackets[-1], unit))
    if closed is None or brackets:
        return Above(quote)
    return Above(quote, statement=_line_of(text, closed))


def _block_start(lines: Sequence[str], row: int) -> int:
    """Return the row of the top-level function or class that a row lies in: nothing is open above it."""
    top = max(0, row - FARTHEST)
    return next((above for above in range(row, top, -1) if _BLOCK_START.match(lines[above])), top)


def _line_of(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[text.rfind("\n", 0, offset) + 1 : end if end >= 0 else len(text)]


def _inside(text: str, bracket: int, unit: str) -> str:
    line = _line_of(text, bracket)
    column = bracket - text.rfind("\n", 0, bracket) - 1
    if unit == "\t" or not code_part(line)[column + 1 :]:
        return indent_of(line) + unit
    return " " * (column + 1)


def indent_of(line: str) -> str:
    """Return the leading blanks of a line."""
    match = _INDENT.match(line)
    return match.group() if match else ""


def place_after(before: str, quote: str = "") -> tuple[Place, str]:
    """Say what the end of `before` lies in, and the quote that opened a string; `quote` is open before the line."""
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
    comment = next((token.start() for token in _TOKEN.finditer(line) if token["comment"]), len(line))
    return line[:comment].rstrip()


def line_break(before: str, after: str, unit: str = "    ", above: Above = NOTHING) -> Insertion:
    """Return what Enter inserts between `before` and `after` on one line.

    The new line keeps the indent, gains one after a colon or an opening bracket, and loses one after a statement
    that leaves the block. Between a bracket and its partner the partner goes to a line of its own. After an open
    bracket it stands under what follows the bracket; after one that closed, where its statement began.
    """
    indent = indent_of(before)
    if place_after(before, above.quote)[0] == "string":
        return _plain_break(indent)
    code = code_part(before)
    if code and code[-1] in BRACKETS:
        inner = "\n" + indent + unit
        if after.lstrip()[:1] == BRACKETS[code[-1]]:
            return Insertion(inner + "\n" + indent, len(inner))
        return Insertion(inner, len(inner))
    if above.inside is not None:
        return _plain_break(above.inside)
    first = code
    if above.statement is not None:
        first, indent = above.statement, indent_of(above.statement)
    if code.endswith(":"):
        return _plain_break(indent + unit)
    if _BLOCK_END.match(first):
        return _plain_break(indent[: -len(unit)] if indent.endswith(unit) else indent)
    return _plain_break(indent)


def _plain_break(indent: str) -> Insertion:
    return Insertion("\n" + indent, len(indent) + 1)


def typed_pair(char: str, before: str, after: str, quote: str = "") -> Insertion | Literal["skip"] | None:
    """Return what a typed bracket or quote becomes: a pair, a step over the one already there, or None for itself.

    `quote` is the triple quote that the lines above left open.
    """
    following = after[:1]
    if char in CLOSING:
        return "skip" if following == char else None
    if char in BRACKETS:
        if place_after(before, quote)[0] != "code" or not _room_for_pair(following):
            return None
        return Insertion(char + BRACKETS[char], 1)
    if char in QUOTES:
        return _typed_quote(char, before, following, quote)
    return None


def _typed_quote(char: str, before: str, following: str, quote: str) -> Insertion | Literal["skip"] | None:
    place, quote = place_after(before, quote)
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
    word = re.search(r"\w+$", before[-3:])
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


def extent(edit: Edit) -> tuple[Location, Location, Location]:
    """Return where an edit begins, where the text that it replaces ends, and where its own ends."""
    *_, last = lines = edit.text.split("\n")
    row = edit.row + len(lines) - 1
    column = len(last) + (edit.column if len(lines) == 1 else 0)
    return (edit.row, edit.column), (edit.end_row, edit.end_column), (row, column)


def edited(lines: Sequence[str], edits: Sequence[Edit]) -> list[str] | None:
    """Return the lines after edits, which are in the order of the text; None when they aren't for these lines."""
    new = list(lines)
    ceiling = (len(new), 0)
    for edit in reversed(edits):
        start, end, _ = extent(edit)
        if not (start <= end <= ceiling) or end[0] >= len(new) or end[1] > len(lines[end[0]]):
            return None
        ceiling = start
        block = "\n".join(new[start[0] : end[0] + 1])
        tail = len(new[end[0]]) - end[1]
        replaced = block[start[1] : len(block) - tail]
        if edit.old and replaced != edit.old:
            return None
        new[start[0] : end[0] + 1] = (block[: start[1]] + edit.text + block[len(block) - tail :]).split("\n")
    return new


def wider(lines: Sequence[str], selected: Stretch, parts: Iterable[Stretch] | None) -> Stretch:
    """Return the smallest stretch that holds what is selected and more; the same when that is all of the lines.

    `parts` are those of the program around it; None for other text, which goes by words and lines.
    """
    top, bottom = sorted(selected)
    around = [
        (start, end)
        for start, end in (*_plain_parts(lines, top, bottom, parts is None), *(parts or ()))
        if start <= top and bottom <= end and (start, end) != (top, bottom)
    ]
    return min(around, key=lambda stretch: _size(lines, stretch), default=(top, bottom))


def word(line: str, column: int) -> tuple[int, int]:
    """Return the columns where the word at a column begins and ends; the same twice where there is none."""
    start = end = column
    while start > 0 and _in_word(line[start - 1]):
        start -= 1
    while end < len(line) and _in_word(line[end]):
        end += 1
    return start, end


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _plain_parts(lines: Sequence[str], top: Location, bottom: Location, with_line: bool) -> Iterator[Stretch]:
    row, line = top[0], lines[top[0]]
    if top == bottom:
        left, right = word(line, top[1])
        yield (row, left), (row, right)
    if with_line:
        yield (row, len(line) - len(line.lstrip())), (row, len(line))
        yield (row, 0), (row, len(line))
    yield (0, 0), (len(lines) - 1, len(lines[-1]))


def _size(lines: Sequence[str], stretch: Stretch) -> int:
    (first, left), (last, right) = stretch
    return sum(len(lines[row]) + 1 for row in range(first, last)) + right - left

"""The output of a program as lines: newline, carriage return, backspace, erasing, cursor moves and colours.

A line is a string of cells and, where it isn't plain, the places where its style changes. Text that arrives whole is
stored whole, so a flood of plain output costs one string a line. Lines are never wrapped: that is the view's business.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mockexam.running.cells import FILL, FIRST_CLUSTER, UNKNOWN, WIDTHS, Clusters, all_narrow
from mockexam.running.style import PLAIN, Style, restyled, shared

Marks = list[tuple[int, Style]]

TOKEN = re.compile(
    r"\x1b\[([0-9:;<=>?]*)[ -/]*([@-~])"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS, SOS, PM, APC: ignored with their content
    r"|\x1b[ -/]*[0-~]"
    r"|\x08+|[^\x00-\x1f\x7f-\x9f]+|.",
    re.DOTALL,
)
OPEN = re.compile(r"\x1b(?:\[[0-9:;<=>?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
STRING_START = frozenset("]PX^_")
NOT_PLAIN = re.compile(r"[^\n -~]")

# A longer line or cursor move is a fault of the program, and must not eat our memory or time.
MAX_LENGTH = 16_384
MAX_SEQUENCE = 256


class Line(NamedTuple):
    """A line ready to be shown: its text, and an (index, style) pair where each style begins, the first at index 0."""

    text: str
    marks: tuple[tuple[int, Style], ...]


class Console:
    """The last `max_lines` lines of a program's output.

    `rows` is the height of the program's terminal: cursor moves stay within that many last lines. `row` and `column`
    are the cursor; `dropped` counts the lines forgotten at the front: add it to a row for a number that stays valid.
    """

    def __init__(self, *, max_lines: int = 10_000, rows: int = 24) -> None:
        self.max_lines = max_lines
        self.rows = rows
        self.row = 0
        self.column = 0
        self.dropped = 0
        self._text: list[str] = [""]
        self._marks: list[Marks | None] = [None]
        self._style = PLAIN
        self._saved = (0, 0, PLAIN)
        self._tail = ""
        self._dirty: int | None = 0
        self._finished = 0
        self._clusters = Clusters()

    def __len__(self) -> int:
        return len(self._text)

    @property
    def lines(self) -> list[str]:
        """The text of every line."""
        return [self.text(row) for row in range(len(self._text))]

    def text(self, row: int) -> str:
        """The text of one line."""
        cells = self._text[row]
        return cells if _is_text(cells) else "".join(map(self._clusters.text, cells))

    def line(self, row: int) -> Line:
        """One line with its styles."""
        cells, marks = self._text[row], self._marks[row]
        if _is_text(cells):
            return Line(cells, tuple(marks) if marks else ((0, PLAIN),))
        if not marks:
            return Line(self.text(row), ((0, PLAIN),))
        index, places = 0, []
        for cell in cells:
            places.append(index)
            index += len(self._clusters.text(cell))
        return Line(self.text(row), tuple((places[at], style) for at, style in marks if at < len(places)))

    @property
    def dirty(self) -> int | None:
        """The first row that may have changed since `clean`, None when none has; as rows are counted now."""
        return self._dirty

    def clean(self) -> None:
        """Note that the caller has shown everything."""
        self._dirty = None

    def take_finished(self) -> list[str]:
        """The lines the cursor has left by a newline since the last call, each once."""
        first = max(0, self._finished - self.dropped)
        taken = [self.text(row) for row in range(first, self.row)]
        self._finished = max(self._finished, self.dropped + self.row)
        return taken

    def feed(self, data: str) -> None:
        """Take in output. Sequences may be cut anywhere between two calls."""
        data = self._whole(data)
        if self._style is PLAIN and self.column == len(self._text[-1]) and self.row == len(self._text) - 1:
            data = self._feed_plain(data)
        for match in TOKEN.finditer(data):
            token = match.group()
            first = token[0]
            if first >= " ":
                self._put(token)
            elif first == "\x1b":
                if match.group(2):
                    self._control(match.group(1), match.group(2))
                else:
                    self._escape(token)
            elif first == "\r":
                self.column = 0
            elif first == "\b":
                self.column = max(0, self.column - len(token))
            elif first in "\n\v\f":
                self._newline()
            elif first == "\t":
                self._move(self.column + 8 - self.column % 8)

    def _whole(self, data: str) -> str:
        """What the last feed left over and `data`, without an unfinished sequence at the end."""
        data = self._tail + data
        self._tail = ""
        start = data.rfind("\x1b")
        if start == len(data) - 1:  # perhaps the first half of a string's terminator, ESC \
            earlier = data.rfind("\x1b", 0, max(start, 0))
            start = earlier if earlier >= 0 and OPEN.match(data, earlier) else start
        if start >= 0 and OPEN.match(data, start):
            self._tail, data = data[start:], data[:start]
            if self._tail[1:2] in STRING_START and len(self._tail) > 2:
                self._tail = self._tail[:2] + ("\x1b" if self._tail[-1] == "\x1b" else "")
            elif len(self._tail) > MAX_SEQUENCE:
                self._tail = ""
        return data

    def _feed_plain(self, data: str) -> str:
        """Take the leading lines of plain text in one go. Returns the rest."""
        special = NOT_PLAIN.search(data)
        end = len(data) if special is None else data.rfind("\n", 0, special.start()) + 1
        if end == 0 or data.count("\n", 0, end) == 0:
            return data
        lines = data[:end].split("\n")
        if max(map(len, lines)) + self.column > MAX_LENGTH:
            return data
        self._touch(self.row)
        marks = self._marks[-1]
        if marks is not None and lines[0] and marks[-1][1] is not PLAIN:
            marks.append((self.column, PLAIN))
        self._text[-1] += lines[0]
        self._text += lines[1:]
        self._marks += [None] * (len(lines) - 1)
        self.row = len(self._text) - 1
        self.column = len(self._text[-1])
        self._forget()
        return data[end:]

    def _touch(self, row: int) -> None:
        if self._dirty is None or row < self._dirty:
            self._dirty = row

    def _forget(self) -> None:
        """Drop a tenth at a time, since deleting from the front costs as much for one line as for many."""
        if len(self._text) <= self.max_lines:
            return
        count = len(self._text) - self.max_lines + self.max_lines // 10
        self._drop(min(count, self.row))

    def _drop(self, count: int) -> None:
        del self._text[:count], self._marks[:count]
        self.row -= count
        self.dropped += count
        if self._dirty is not None:
            self._dirty = max(0, self._dirty - count)

    def _put(self, text: str) -> None:
        if all_narrow(text):
            self._write(text)
            return
        for character in text:
            width = WIDTHS[character]
            if width:
                character = "\ufffd" if width == UNKNOWN else character
                self._write(character + FILL if width == 2 else character)
            else:
                self._join(character)

    def _join(self, character: str) -> None:
        """Add an accent or joiner to the cell before the cursor."""
        cells = self._text[self.row]
        at = min(self.column, len(cells)) - 1
        if at >= 0 and cells[at] == FILL:
            at -= 1
        if at >= 0:
            joined = self._clusters.joined(cells[at], character)
            self._text[self.row] = cells[:at] + joined + cells[at + 1 :]
            self._touch(self.row)

    def _write(self, cells: str) -> None:
        """Put cells at the cursor in the current style; a line that is too long continues on the next."""
        while self.column + len(cells) > MAX_LENGTH:
            room = max(0, MAX_LENGTH - self.column)
            self._overwrite(cells[:room])
            self._newline()
            cells = cells[room:]
        self._overwrite(cells)

    def _overwrite(self, cells: str) -> None:
        row, start = self.row, self.column
        old = self._text[row]
        end = start + len(cells)
        self._mark(row, start, end, len(old))
        if start >= len(old):
            new = old + " " * (start - len(old)) + cells
        else:
            new = old[:start] + cells + old[end:]
            if not old.isascii():
                new = _mended(new, start, end)
        self._text[row] = new
        self.column = end
        self._touch(row)

    def _mark(self, row: int, start: int, end: int, size: int) -> None:
        """Give the cells from `start` to `end` the current style, in a line of `size` cells so far."""
        marks, style = self._marks[row], self._style
        if marks is None:
            if style is PLAIN:
                return
            marks = [(0, PLAIN)]
        if start == 0 and end >= size:
            self._marks[row] = None if style is PLAIN else [(0, style)]
        elif start < size:
            self._marks[row] = _spliced(marks, start, min(end, size) if end > size else end, style, end < size)
        else:
            if start > size and marks[-1][1] is not PLAIN:
                marks.append((size, PLAIN))
            if marks[-1][1] is not style:
                marks.append((start, style))
            self._marks[row] = marks

    def _newline(self) -> None:
        self.column = 0
        self.row += 1
        self._extend(self.row)
        self._forget()

    def _extend(self, row: int) -> None:
        if row >= len(self._text):
            self._touch(len(self._text))
            missing = row + 1 - len(self._text)
            self._text += [""] * missing
            self._marks += [None] * missing

    def _move(self, column: int) -> None:
        self.column = max(0, min(column, MAX_LENGTH - 1))

    @property
    def _top(self) -> int:
        """The first row of the program's screen, which is the last `rows` lines."""
        return max(0, len(self._text) - self.rows)

    def _go(self, row: int) -> None:
        """Move the cursor to a row of the program's screen."""
        self.row = max(self._top, min(row, self._top + self.rows - 1))
        self._extend(self.row)

    def _escape(self, sequence: str) -> None:
        if sequence == "\x1b7":
            self._saved = (self.row - self._top, self.column, self._style)
        elif sequence == "\x1b8":
            row, self.column, self._style = self._saved
            self._go(self._top + row)

    def _control(self, arguments: str, final: str) -> None:
        if final == "m":
            if arguments[:1] not in ("?", ">", "<", "="):
                self._style = restyled(self._style, arguments)
            return
        numbers = [int(part[:6]) if part.isdigit() else 0 for part in arguments.split(";")]
        first = numbers[0]
        match final:
            case "K":
                self._erase_in_line(first)
            case "J":
                self._erase_in_screen(first)
            case "A" | "F":
                self._go(self.row - (first or 1))
            case "B" | "E":
                self._go(self.row + (first or 1))
            case "C":
                self._move(self.column + (first or 1))
            case "D":
                self._move(self.column - (first or 1))
            case "G":
                self._move((first or 1) - 1)
            case "H" | "f":
                self._go(self._top + (first or 1) - 1)
                self._move((numbers[1] if len(numbers) > 1 else 0) - 1)
        if final in "EF":
            self.column = 0

    def _erase_in_line(self, mode: int) -> None:
        cells, column = self._text[self.row], self.column
        if mode == 0 and column < len(cells):
            half = cells[column] == FILL
            self._text[self.row] = cells[: column - 1] + " " if half else cells[:column]
        elif mode == 1:
            # As terminals do, the cell under the cursor goes too, and what was erased has the current background.
            kept, style = self.column, self._style
            self.column, self._style = 0, shared(PLAIN._replace(bg=style.bg))
            self._overwrite(" " * min(kept + 1, len(cells)))
            self.column, self._style = kept, style
        elif mode == 2:
            self._text[self.row], self._marks[self.row] = "", None
        self._trim(self.row)
        self._touch(self.row)

    def _trim(self, row: int) -> None:
        """Forget the marks beyond the end of a line that was cut."""
        marks, size = self._marks[row], len(self._text[row])
        if marks is not None:
            self._marks[row] = [mark for mark in marks if mark[0] < size] or None

    def _erase_in_screen(self, mode: int) -> None:
        top = self._top
        if mode in (0, 1):
            self._erase_in_line(mode)
        first, last = {0: (self.row + 1, len(self._text)), 1: (top, self.row)}.get(mode, (top, len(self._text)))
        for row in range(first, last):
            self._text[row], self._marks[row] = "", None
        self._touch(min(first, self.row))
        if mode == 3:
            self._drop(top)


def _is_text(cells: str) -> bool:
    """Whether cells are plain text as it stands: no wide characters, no clusters."""
    return cells.isascii() or (FILL not in cells and max(cells) < chr(FIRST_CLUSTER))


def _mended(cells: str, start: int, end: int) -> str:
    """Cells after a write from `start` to `end`, with a blank for each half of a wide character it cut."""
    if end < len(cells) and cells[end] == FILL:
        cells = cells[:end] + " " + cells[end + 1 :]
    if start > 0 and cells[start] != FILL and WIDTHS[cells[start - 1]] == 2:
        cells = cells[: start - 1] + " " + cells[start:]
    return cells


def _spliced(marks: Marks, start: int, end: int, style: Style, more: bool) -> Marks:
    """`marks` with `style` from `start` to `end`; `more` says that old cells follow."""
    result = [mark for mark in marks if mark[0] < start]
    if not result or result[-1][1] is not style:
        result.append((start, style))
    if more:
        after = next(old for at, old in reversed(marks) if at <= end)
        if after is not style:
            result.append((end, after))
        result += [mark for mark in marks if mark[0] > end]
    return result

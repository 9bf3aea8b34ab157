"""Documents of the editor: exact lines, a Python syntax tree, and highlights of the rows on screen only."""

from __future__ import annotations

import builtins
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from textual.document._document import Document, EditResult, Location
from textual.document._syntax_aware_document import SyntaxAwareDocument
from textual.document._wrapped_document import WrappedDocument
from textual.expand_tabs import get_tab_widths
from textual.geometry import Size

if TYPE_CHECKING:
    from tree_sitter import Language, Query

Highlight = tuple[int, int | None, str]

# Textual asks for the whole tree at each key; a window of rows is enough and costs the same in any file.
MARGIN = 12

# A file longer than this opens as plain text: its first parse would be noticeable.
LONGEST_HIGHLIGHTED = 20_000

# Near a line longer than this nothing is coloured: it may hold thousands of names, and each is drawn at each key.
LONGEST_COLOURED = 5_000

# In a long file a name still without its "=" takes as long to parse as ten keys. After so many seconds the key comes
# first, and the rest is parsed when typing pauses (`PythonLines.parse`).
KEY_SECONDS = 0.003
PART_BYTES = 1 << 14

_NEWLINE = re.compile(r"\r\n|\n|\r")

_BUILTINS = frozenset(name for name in dir(builtins) if name.islower() and not name.startswith("_"))
_ERRORS = re.compile("[A-Z][A-Za-z]*(Error|Exception|Warning)")

# untranslated: Python's own
_KEYWORDS = re.split(
    " ",
    "and as assert async await break class continue def del elif else except finally for from global if import in is "
    "lambda nonlocal not or pass raise return try while with yield match case",
)


def _quoted(words: Iterable[str]) -> str:
    return " ".join(f'"{word}"' for word in words)


# untranslated: tree-sitter reads it
HIGHLIGHTS = f"""
(comment) @comment
(string_start) @string
(string_content) @string
(string_end) @string
(escape_sequence) @string.escape
(integer) @number
(float) @number
[(true) (false) (none)] @constant.builtin
[{_quoted(_KEYWORDS)}] @keyword
(function_definition name: (identifier) @function)
(identifier) @name
(keyword_argument name: (identifier) @parameter)
(call function: (identifier) @called)
(type (identifier) @called)
(decorator "@" @attribute)
(decorator (identifier) @attribute)
(decorator (attribute) @attribute)
(decorator (call function: (identifier) @attribute))
(decorator (call function: (attribute) @attribute))
"""


@cache
def python_language() -> Language:
    """Return the grammar of Python."""
    import tree_sitter_python
    from tree_sitter import Language

    return Language(tree_sitter_python.language())


@cache
def python_highlights() -> Query:
    """Return the query that names what is coloured."""
    from tree_sitter import Query

    return Query(python_language(), HIGHLIGHTS)


class Lines(Document):
    """A document whose lines end at LF, CR LF and CR only, so that a form feed stays where it was."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._lines = _NEWLINE.split(text)

    def get_size(self, tab_width: int) -> Size:
        """Return the widest line in cells, and the number of lines."""
        text = "".join(self._lines)
        if text.isascii() and "\t" not in text:
            return Size(max(map(len, self._lines)), len(self._lines))
        return Size(max(_cells(line, tab_width) for line in self._lines), len(self._lines))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put `text` in place of a range."""
        top, bottom = sorted((start, end))
        replaced = self.get_text_range(top, bottom)
        lines = self._lines
        before = lines[top[0]][: top[1]] if top[0] < len(lines) else ""
        after = lines[bottom[0]][bottom[1] :] if bottom[0] < len(lines) else ""
        inserted = _NEWLINE.split(text)
        inserted[0] = before + inserted[0]
        column = len(inserted[-1])
        inserted[-1] += after
        lines[top[0] : bottom[0] + 1] = inserted
        return EditResult((top[0] + len(inserted) - 1, column), replaced)


def _cells(line: str, tab_width: int) -> int:
    if "\t" in line:
        line = line.expandtabs(tab_width)
    return len(line) if line.isascii() else cell_len(line)


class Unwrapped(WrappedDocument):
    """The rows of a document whose lines are not wrapped: one for each line."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._wrap_offsets) if not self._width else super().height

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Count the rows again; without a width, in one pass."""
        if width:
            super().wrap(width, tab_width)
            return
        self._width = 0
        self._tab_width = tab_width or self._tab_width
        lines = self.document.lines
        self._wrap_offsets = [[] for _ in lines]
        self._offset_to_line_info = [(row, 0) for row in range(len(lines))]
        self._line_index_to_offsets = [[row] for row in range(len(lines))]
        self._tab_width_cache = [
            [width for _, width in get_tab_widths(line, self._tab_width)] if "\t" in line else [0] for line in lines
        ]


class Change(NamedTuple):
    """An edit: where the replaced text began and ended, where the new one ends, and the rows it may have recoloured."""

    start: Location
    end: Location
    new_end: Location
    recoloured: tuple[tuple[int, int], ...] = ()


NOWHERE = (0, 0)


class PythonLines(SyntaxAwareDocument, Lines):
    """Lines with a syntax tree that follows every edit; `changes` are the edits nobody has asked about yet.

    While the tree is `behind`, its nodes are where they should be, but know nothing of what was typed.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, python_language())
        self.changes: list[Change] = []
        self.behind = False
        self._guessed = False  # whether highlights were asked for while it was behind

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put `text` in place of a range, and parse what that may have changed, for no longer than a key may take."""
        top, bottom = sorted((start, end))
        start_byte, old_end_byte = self._location_to_byte_offset(top), self._location_to_byte_offset(bottom)
        start_point, old_end_point = self._location_to_point(top), self._location_to_point(bottom)
        result = Lines.replace_range(self, start, end, text)
        new_end = result.end_location
        self._syntax_tree.edit(
            start_byte=start_byte,
            old_end_byte=old_end_byte,
            new_end_byte=self._location_to_byte_offset(new_end),
            start_point=start_point,
            old_end_point=old_end_point,
            new_end_point=self._location_to_point(new_end),
        )
        self._parser.reset()
        self.behind = True
        self.changes.append(Change(top, bottom, new_end))
        self.parse(KEY_SECONDS)
        return result

    def parse(self, seconds: float) -> bool:
        """Go on parsing for about `seconds`; return whether the tree has caught up with the text."""
        # Large parts of the whole text: asking Python for each line again costs twenty times what parsing does.
        source = self.text.encode("utf-8", "surrogatepass")
        before, limit = self._syntax_tree, monotonic() + seconds
        try:
            tree = self._parser.parse(
                lambda offset, _: source[offset : offset + PART_BYTES],
                before,
                progress_callback=lambda *_: monotonic() > limit,
            )
        except ValueError:  # stopped; the next call goes on from here
            return False
        self._syntax_tree, self.behind = tree, False
        rows = [(one.start_point[0], one.end_point[0]) for one in before.changed_ranges(tree)]
        if self._guessed:
            rows, self._guessed = [(0, len(self._lines))], False
        self.changes.append(Change(NOWHERE, NOWHERE, NOWHERE, tuple(rows)))
        return True

    def _location_to_byte_offset(self, location: Location) -> int:
        row, column = location
        above = "".join(self._lines[:row])
        size = len(above) if above.isascii() else len(above.encode("utf-8", "surrogatepass"))
        left = self._lines[row][:column] if row < len(self._lines) else ""
        return size + row * len(self.newline) + len(left.encode("utf-8", "surrogatepass"))

    def highlights(self, first: int, last: int) -> dict[int, list[Highlight]]:
        """Return what to colour in the rows `first` to `last`; columns are bytes, None is the end of the line."""
        if any(len(line) > LONGEST_COLOURED for line in self._lines[first : last + 1]):
            return {}
        self._guessed |= self.behind
        captures = self.query_syntax_tree(python_highlights(), (first, 0), (last + 1, 0))
        found: dict[int, list[Highlight]] = defaultdict(list)
        for name, nodes in captures.items():
            for node in nodes:
                if kind := self._kind_of(node, name):
                    _spread(found, node, kind, first, last)
        # The tree gives them in any order; what is drawn last must always be the same, and escapes lie inside strings.
        for row in found.values():
            row.sort(key=lambda one: (one[2] == "string.escape", one[0], one[2]))
        return found

    def _kind_of(self, node: Any, name: str) -> str:
        """The kind of colour for a captured node; "" for none.

        Words are compared here: the conditions of a query hold for every word in a tree that was edited.
        """
        if name == "name":
            word = self._text_of(node)
            return "variable.builtin" if word in ("self", "cls") else "type.builtin" if _ERRORS.fullmatch(word) else ""
        if name == "called":
            return "function.builtin" if self._text_of(node) in _BUILTINS else ""
        return name

    def around(self, start: Location, end: Location) -> Iterator[tuple[Location, Location]]:
        """Yield where the parts of the program that hold a span begin and end, innermost first."""
        points = self._location_to_point(start), self._location_to_point(end)
        node: Any = self._syntax_tree.root_node.descendant_for_point_range(*points)
        while node is not None:
            yield self._location(node.start_point), self._location(node.end_point)
            node = node.parent

    def _location(self, point: Any) -> Location:
        """A place of the tree, whose columns are bytes; a tree that is behind may know places that are gone."""
        row, column = point
        if row >= len(self._lines):
            return self.end
        return row, len(self._lines[row].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    def enclosing(self, row: int) -> tuple[str, ...]:
        """Return the names of the classes and functions around a row, outermost first."""
        names: list[str] = []
        line = self._lines[row] if row < len(self._lines) else ""
        column = len(line) - len(line.lstrip())
        point = (row, len(line[:column].encode("utf-8", "surrogatepass")))
        node: Any = self._syntax_tree.root_node.descendant_for_point_range(point, point)
        while node is not None:
            if node.type in ("function_definition", "class_definition"):
                name = node.child_by_field_name("name")
                if name is not None:
                    call = "()" if node.type == "function_definition" else ""
                    names.append(self._text_of(name) + call)
            node = node.parent
        return tuple(reversed(names))

    def _text_of(self, node: Any) -> str:
        """The text of a node on one line; a tree that is behind doesn't know it."""
        row, left = node.start_point
        line = self._lines[row] if row < len(self._lines) else ""
        return line.encode("utf-8", "surrogatepass")[left : node.end_point[1]].decode("utf-8", "replace")


def _spread(found: dict[int, list[Highlight]], node: Any, name: str, first: int, last: int) -> None:
    (top, left), (bottom, right) = node.start_point, node.end_point
    if right == 0 and bottom > top:
        bottom, right = bottom - 1, None  # a node that includes the end of its line covers nothing of the next
    for row in range(max(top, first), min(bottom, last) + 1):
        found[row].append((left if row == top else 0, right if row == bottom else None, name))


def document_for(text: str, language: str | None) -> Document:
    """Return the document of a text: with a tree when it is Python of a sensible length."""
    if language == "python" and text.count("\n") <= LONGEST_HIGHLIGHTED:
        return PythonLines(text)
    return Lines(text)

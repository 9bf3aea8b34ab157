"""A program as its inspections see it: its text, its tree, what its names are used for, and how to change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from mockexam.inspections.findings import Edit
from mockexam.inspections.names import bindings
from mockexam.inspections.names.definitions import Reader
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument, Call, Import, Position, Uses
from mockexam.inspections.names.values import UNKNOWN, Qualified, Text
from mockexam.inspections.reading import lines_of, tree_of

_ASKS = re.compile(
    r"\bhasattr\b|\bgetattr\b|__version__|\bversion_info\b|\bversion\.VERSION\b|TYPE_CHECKING|[\"'] (not )?in\b"
)
"""What a condition says that asks for a version, for a name, or for a key."""
_KERAS_2 = re.compile(r"^[^#\n]*TF_USE_LEGACY_KERAS[\"']?\]?\s*[=,]\s*(str\()?[\"']?(1|[Tt]rue)\b", re.MULTILINE)
_EXPECTING = frozenset(("suppress", "raises", "assertRaises", "assertRaisesRegex"))
_BROAD = frozenset(("Exception", "BaseException"))


class Program:
    """A text, read. `uses` is empty for one that is too long to be read."""

    def __init__(self, source: str, own: Callable[[str], bool] = lambda _: False) -> None:
        """`own` tells which top-level modules are the candidate's own files."""
        self.source = source
        self.lines = lines_of(source)
        self.tree: Node = tree_of(source)
        reader = Reader(own)
        self.uses: Uses = reader.read(self.tree) if self.tree is not None else Uses()
        self._every = reader.module.every

    @cached_property
    def takes_keras_2(self) -> bool:
        """Whether the program itself sees to it that it gets Keras 2: by TensorFlow's variable, or as tf_keras."""
        named = any(one.path and one.path[0].value == "tf_keras" for one in self.uses.imports)
        return named or _KERAS_2.search(self.source) is not None

    def logs(self, key: str) -> bool:
        """Whether the program may put this key into the logs of a training itself, so that it is there."""
        stored = (
            rf"\blogs\s*\[\s*[\"']{re.escape(key)}[\"']\s*\]\s*=(?!=)|\blogs\.(update|setdefault)\(|\bdef train_step\b"
        )
        return re.search(stored, self.source) is not None

    def text(self, start: Position, end: Position) -> str:
        """What stands between two places."""
        (row, column), (end_row, end_column) = start, end
        if row == end_row:
            return self.lines[row - 1][column:end_column] if row <= len(self.lines) else ""
        middle = "".join(self.lines[row : end_row - 1])
        last = self.lines[end_row - 1][:end_column] if end_row <= len(self.lines) else ""
        return self.lines[row - 1][column:] + middle + last

    def code(self, node: Node) -> str:
        """The text of a node, without what comes before it."""
        return self.text(node.start_pos, node.end_pos)

    def edit(self, start: Position, end: Position, text: str) -> Edit:
        """The text between two places, replaced."""
        return Edit(start[0] - 1, start[1], end[0] - 1, end[1], text, self.text(start, end))

    def replaced(self, node: Node, text: str) -> Edit:
        """A node, replaced by a text."""
        return self.edit(node.start_pos, node.end_pos, text)

    def inserted(self, place: Position, text: str) -> Edit:
        """A text, put in."""
        return self.edit(place, place, text)

    @property
    def newline(self) -> str:
        """How this text ends its lines."""
        found = re.search(r"\r\n|\r|\n", self.source)
        return found.group() if found else "\n"

    def before_dot(self, leaf: Node) -> Position:
        """Where the dot before a name stands."""
        place: Position = leaf.get_previous_leaf().start_pos
        return place

    def owner(self, call: Call) -> str:
        """What a method is called of, as it is written; empty for a call of something else."""
        name: Node = call.name
        if name is None or name.get_previous_leaf() is None or name.get_previous_leaf().value != ".":
            return ""
        return self.text(call.start.start_pos, self.before_dot(name))

    def binds(self, name: str) -> bool:
        """Whether anything in the program gives a name a value."""
        return name in self._definitions or name in self._every

    def defines(self, name: str) -> bool:
        """Whether any class of the program has an attribute or a method of this name."""
        return any(name in bindings.defined(node) for node in bindings.every(self.tree, "classdef"))

    def importing(self, name: str) -> Import | None:
        """The import that a name comes from, where it is the only one and nothing else gives it a value."""
        found = [one for one in self.uses.imports for bound, _ in _bound_by(one) if bound == name]
        return found[0] if len(found) == 1 and name not in self._definitions else None

    def without_part(self, leaf: Node) -> Edit:
        """The last name of a path, left out with its dot."""
        return self.edit(self.before_dot(leaf), leaf.end_pos, "")

    def without(self, call: Call, argument: Argument) -> Edit:
        """An argument, left out with its comma; a comment beside it stays."""
        node = argument.node
        comma = node.get_next_leaf()
        if comma is not None and comma.value == ",":
            after = comma.get_next_leaf()
            gap = self.text(comma.end_pos, after.start_pos)
            until = comma.end_pos if "#" in gap or after is call.brackets.children[-1] else after.start_pos
            return self.edit(node.start_pos, until, "")
        before = node.get_previous_leaf()
        if before.value != "," or "#" in self.text(before.end_pos, node.start_pos):
            return self.edit(node.start_pos, node.end_pos, "")
        return self.edit(before.start_pos, node.end_pos, "")

    def moved_name(self, use: Import, leaf: Node, statement: str) -> tuple[Edit, ...]:
        """One of several names of an import, brought by a statement of its own above it; none where that can't be."""
        node, pairs = use.node, [name for name, _ in use.names]
        if (
            node.parent.type != "simple_stmt"
            or node.parent.children[0] is not node
            or not any(leaf is one for one in pairs)
        ):
            return ()
        first = leaf if leaf.parent is node or leaf.parent.type != "import_as_name" else leaf.parent
        after, before = first.get_next_leaf(), first.get_previous_leaf()
        if after is not None and after.value == ",":
            gone = self.edit(first.start_pos, after.get_next_leaf().start_pos, "")
        elif before.value == ",":
            gone = self.edit(before.start_pos, first.end_pos, "")
        else:
            return ()
        if "#" in gone.old:
            return ()
        row, column = node.start_pos
        return (self.inserted((row, column), statement + self.newline + self.lines[row - 1][:column]), gone)

    def with_argument(self, call: Call, text: str) -> Edit:
        """An argument, added as the last."""
        closing = call.brackets.children[-1]
        last = closing.get_previous_leaf()
        if last is call.brackets.children[0]:
            return self.inserted(last.end_pos, text)
        return self.inserted(last.end_pos, f" {text}" if last.value == "," else f", {text}")

    def literal(self, value: Text, changed: str) -> Edit | None:
        """The literal that a text ends with, so that the text ends otherwise; None where that can't be told."""
        leaf = value.leaf
        if leaf is None or not (found := re.search(r"(\"{3}|'{3}|\"|')$", leaf.value)):
            return None
        quote = found.group()
        end = (leaf.end_pos[0], leaf.end_pos[1] - len(quote))
        if changed.startswith(value.end):
            return self.inserted(end, changed[len(value.end) :])
        kept = _common(value.end, changed)
        old = value.end[kept:]
        start = (end[0], end[1] - len(old))
        return self.edit(start, end, changed[kept:]) if self.text(start, end) == old else None

    def reached(self, module: str, before: Node) -> str | None:
        """The name by which a module can be used at a place, imported at the top of the program; None where none is."""
        for one in self._plain_imports:
            if one.node.start_pos >= before.start_pos:
                break
            for name, path in _bound_by(one):
                if path == module and self._sure(name, path):
                    return name
        return None

    def _sure(self, name: str, path: str) -> bool:
        return self._every.get(name, UNKNOWN) == Qualified(path) and name not in self._definitions

    @cached_property
    def _plain_imports(self) -> list[Import]:
        """Imports that always run: at the top level, in no block."""
        return [
            one
            for one in self.uses.imports
            if not one.own and one.node.parent.type == "simple_stmt" and one.node.parent.parent.type == "file_input"
        ]

    @cached_property
    def _definitions(self) -> frozenset[str]:
        """Names that anything but an import gives a value, in any scope."""
        names = (name for name in bindings.every(self.tree, "name") if bindings.binds(name))
        return frozenset(
            name.value
            for name in names
            if name.parent.type != "trailer" and name.get_definition().type not in ("import_name", "import_from")
        )

    def imported(self, module: str, short: str) -> Edit | None:
        """A line at the top that imports a module under a short name; None where that name means something else."""
        if self.binds(short):
            return None
        # untranslated: Python code
        text = f"import {module}" if short == module else f"import {module} as {short}"
        return self.inserted(self._top(), text + self.newline)

    def _top(self) -> Position:
        """Where the first import may stand: below the docstring and the imports from the future."""
        row = 1
        for node in self.tree.children:
            if node.type != "simple_stmt":
                break
            first = node.children[0]
            if first.type == "import_from" and first.get_from_names()[:1] and first.children[1].value == "__future__":
                row = node.end_pos[0]
            elif first.type in ("import_name", "import_from") and row == 1:
                return (node.start_pos[0], 0)
            elif first.type in ("string", "strings") and row == 1:
                row = node.end_pos[0]
            else:
                break
        return (row, 0) if row > 1 else (self._first_row(), 0)

    def _first_row(self) -> int:
        for number, line in enumerate(self.lines, 1):
            if not line.startswith("#"):
                return number
        return 1

    def guarded(self, node: Node, exceptions: frozenset[str]) -> bool:
        """Whether a failure here is expected: it is caught, or the version or the name was asked for before."""
        inside = node
        outer = node.parent
        while outer is not None:
            if outer.type == "try_stmt" and inside is outer.children[2] and self._catches(outer, exceptions):
                return True
            if outer.type == "with_stmt" and self._suppresses(outer, exceptions):
                return True
            if outer.type in ("if_stmt", "ternary", "test", "and_test", "while_stmt") and self._asked(outer, inside):
                return True
            inside, outer = outer, outer.parent
        return False

    def _catches(self, statement: Node, exceptions: frozenset[str]) -> bool:
        for child in statement.children:
            if child.type == "keyword" and child.value == "except":
                return True
            if child.type == "except_clause":
                names = {leaf.value for leaf in bindings.every(child.children[1], "name")}
                if names & (exceptions | _BROAD):
                    return True
        return False

    def _suppresses(self, statement: Node, exceptions: frozenset[str]) -> bool:
        """Whether this is `with contextlib.suppress(…)` of one of these, or a test that it is raised."""
        names = {leaf.value for one in statement.children[1:-2] for leaf in bindings.every(one, "name")}
        return bool(names & _EXPECTING) and bool(names & (exceptions | _BROAD))

    def _asked(self, outer: Node, inside: Node) -> bool:
        conditions = [
            child for child in outer.children if child is not inside and child.type not in ("suite", "keyword")
        ]
        return any(_ASKS.search(self.code(one)) for one in conditions)


def _bound_by(one: Import) -> Iterator[tuple[str, str]]:
    """Names that an import binds, with the paths they stand for."""
    if not one.names and not one.star:
        yield (one.alias.value, one.module) if one.alias is not None else (one.path[0].value, one.path[0].value)
    for name, alias in one.names:
        yield (alias or name).value, f"{one.module}.{name.value}"


def _common(one: str, other: str) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return length

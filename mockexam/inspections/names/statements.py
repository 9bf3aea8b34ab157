"""Reads a program statement by statement, as it would run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from mockexam.inspections.names import bindings
from mockexam.inspections.names.expressions import DEEPEST, Expressions
from mockexam.inspections.names.keras import element
from mockexam.inspections.names.scopes import joined
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.values import UNKNOWN, Value

_LONGEST_LOOPS = 3
"""Loops in each other that are read twice; names that deeper ones change are unsure."""


class Statements(Expressions):
    """Reads blocks, branches and loops: what is known after each is what holds whichever way was taken."""

    def __init__(self) -> None:
        super().__init__()
        self._loops = 0
        self._blocks = 0

    def _block(self, statements: Sequence[Node]) -> bool:
        """Read one after another; True where what follows can't be reached. What stands deeper may not be run."""
        if self._blocks >= DEEPEST:
            return False
        self._blocks += 1
        margin: int | None = None
        ended = False
        for node in statements:
            if node.type in ("newline", "error_leaf", "endmarker", "operator"):
                continue
            column = node.start_pos[1]
            margin = column if margin is None else margin
            before = dict(self.scope.flow) if column > margin else None
            ended = self._statement(node)
            if before is not None:
                self.scope.flow = joined(before, self.scope.flow)
        self._blocks -= 1
        return ended

    def _statement(self, node: Node) -> bool:
        read = self.readers.get(node.type)
        if read is not None:
            return bool(read(self, node))
        if node.type == "keyword":
            return bool(node.value in ("return", "raise", "break", "continue"))
        self.value(node)
        return False

    def _simple(self, node: Node) -> bool:
        ended = False
        for child in node.children:
            if child.type not in ("newline", "operator"):
                ended = self._statement(child)
        return ended

    def _assign(self, node: Node) -> None:
        children = node.children
        second = children[1]
        if second.type == "annassign":
            value = self.value(second.children[3]) if len(second.children) > 3 else None
            self.value(second.children[1])
            if value is not None:
                self.bind(children[0], value)
        elif second.type == "operator" and second.value == "=":
            value = self.value(children[-1])
            for target in children[:-2:2]:
                self.bind(target, value)
        else:
            self.value(children[-1])
            self.value(children[0])
            self.bind(children[0], UNKNOWN)

    def _if(self, node: Node) -> bool:
        """`if`, `elif`, `else`: what is known afterwards is what holds whichever way was taken."""
        start = self.scope.flow
        ways: list[dict[str, Value]] = []
        has_else = False
        for child in node.children:
            if child.type == "keyword":
                has_else = child.value == "else"
            elif child.type == "operator":
                continue
            elif child.type == "suite" or _follows_colon(child):
                self.scope.flow = dict(start)
                if not self._suite(child):
                    ways.append(self.scope.flow)
            else:
                self.scope.flow = start
                self.value(child)
        if not has_else:
            ways.append(start)
        self.scope.flow = _all(ways, start)
        return not ways

    def _suite(self, node: Node) -> bool:
        return self._block(node.children) if node.type == "suite" else self._statement(node)

    def _for(self, node: Node) -> None:
        body = [child for child in node.children if _follows_colon(child)]
        over = element(self.value(node.children[3])) if len(node.children) > 3 else UNKNOWN
        self._loop_body(body[:1], lambda: self.bind(node.children[1], over))
        for other in body[1:]:
            self._suite(other)

    def _while(self, node: Node) -> None:
        body = [child for child in node.children if _follows_colon(child)]
        self._loop_body(body[:1], lambda: self.value(node.children[1]))
        for other in body[1:]:
            self._suite(other)

    def _loop_body(self, body: Sequence[Node], first: Callable[[], object]) -> None:
        """Read the body as if it had run before: names that it changes may have their later value at its start."""
        start = dict(self.scope.flow)
        uses, self.uses = self.uses, None
        self._loops += 1
        if self._loops <= _LONGEST_LOOPS:
            later, self.later = self.later, []
            first()
            for node in body:
                self._suite(node)
            self.later = later
            self.scope.flow = joined(start, self.scope.flow)
        else:
            self.scope.forget({name for node in body for name in bindings.bound(node)})
        self.uses = uses
        before = dict(self.scope.flow)
        first()
        for node in body:
            self._suite(node)
        self.scope.flow = joined(before, self.scope.flow)
        self._loops -= 1

    def _try(self, node: Node) -> None:
        start = dict(self.scope.flow)
        ways: list[dict[str, Value]] = []
        failed = start
        for place, child in enumerate(node.children):
            if child.type == "except_clause":
                self.scope.flow = dict(failed)
                self._except(child)
            elif _follows_colon(child):
                opened = node.children[place - 2]
                word = opened.value if opened.type == "keyword" else "except"
                if word == "except" and opened.type == "keyword":
                    self.scope.flow = dict(failed)
                if word == "else" and ways:
                    self.scope.flow = dict(ways.pop(0))
                if word == "finally":
                    self.scope.flow = _all(ways, self.scope.flow)
                ended = self._suite(child)
                if word == "try":
                    failed = joined(start, self.scope.flow)
                if word == "finally":
                    return
                if not ended:
                    ways.insert(0, self.scope.flow) if word in ("try", "else") else ways.append(self.scope.flow)
        self.scope.flow = _all(ways, self.scope.flow)

    def _except(self, clause: Node) -> None:
        self.value(clause.children[1])
        if clause.children[-1].type == "name" and len(clause.children) > 3:
            self.scope.bind(clause.children[-1].value, UNKNOWN)

    def _with(self, node: Node) -> bool:
        for child in node.children[1:]:
            if child.type == "with_item":
                self.value(child.children[0])
                self.bind(child.children[2], UNKNOWN)
            elif _follows_colon(child):
                return self._suite(child)
            elif child.type != "operator":
                self.value(child)
        return False

    def _delete(self, node: Node) -> None:
        for child in node.children[1:]:
            self.bind(child, UNKNOWN)

    def _global(self, node: Node) -> None:
        self.scope.forget({child.value for child in node.children[1:] if child.type == "name"})

    def _error(self, node: Node) -> bool:
        """A statement that isn't whole: what is whole in it is read, what it assigns to is unsure."""
        if self._blocks >= DEEPEST:
            return False
        children = node.children
        place = 0
        while place < len(children):
            child = children[place]
            end = place + 1
            while end < len(children) and children[end].type == "trailer":
                end += 1
            if end > place + 1:
                self._chain(children[place:end])
            elif child.type not in ("operator", "keyword", "newline", "error_leaf"):
                self._statement(child)
            place = end
        self.scope.forget(set(_bound_in_error(children)))
        return False

    readers: ClassVar[dict[str, Callable[..., bool | None]]] = {
        "simple_stmt": _simple,
        "expr_stmt": _assign,
        "if_stmt": _if,
        "for_stmt": _for,
        "while_stmt": _while,
        "try_stmt": _try,
        "with_stmt": _with,
        "del_stmt": _delete,
        "global_stmt": _global,
        "nonlocal_stmt": _global,
        "error_node": _error,
    }


def _bound_in_error(children: Sequence[Node]) -> Iterator[str]:
    """Names that a statement which isn't whole may bind: before `=`, and after words that bind."""
    binding = False
    for child, after in zip(children, [*children[1:], None], strict=True):
        if child.type == "keyword":
            binding = child.value in ("for", "as", "import", "def", "class", "del")
        elif child.type == "name" and (
            binding or (after is not None and after.type == "operator" and after.value == "=")
        ):
            yield child.value


def _follows_colon(node: Node) -> bool:
    before = node.get_previous_sibling()
    return before is not None and before.type == "operator" and before.value == ":"


def _all(ways: Sequence[dict[str, Value]], otherwise: dict[str, Value]) -> dict[str, Value]:
    """What is known after one of several ways; `otherwise` where none goes on."""
    if not ways:
        return dict(otherwise)
    known = dict(ways[0])
    for way in ways[1:]:
        known = joined(known, way)
    return known

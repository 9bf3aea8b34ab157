"""What expressions stand for, and a record of every use that is met on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from parso.python.tree import Name

from mockexam.inspections.names.keras import element, made_by, member
from mockexam.inspections.names.scopes import Scope
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument, Attribute, Call, Loaded, Subscript, Uses
from mockexam.inspections.names.values import (
    NONE,
    UNKNOWN,
    Class,
    Function,
    Items,
    Made,
    Number,
    Qualified,
    Text,
    Value,
    any_of,
    either,
    is_number,
)

DEEPEST = 60
"""How many expressions or blocks may stand in each other: people write fewer, Python's stack ends at a thousand."""


class Expressions:
    """Reads expressions in the scope `self.scope`. `self.uses` is None while nothing is recorded."""

    def __init__(self) -> None:
        self.scope = Scope("module")
        self.uses: Uses | None = Uses()
        self.later: list[tuple[Node, Callable[[], None]]] = []
        self._depth = 0

    def value(self, node: Node) -> Value:
        """Return what an expression stands for."""
        kind = node.type
        if kind == "name":
            return self._name(node)
        read = _READERS.get(kind)
        if read is None and not hasattr(node, "children"):
            return NONE if kind == "keyword" and node.value == "None" else UNKNOWN
        if self._depth >= DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            known = read(self, node) if read is not None else self._parts(node)
        finally:
            self._depth -= 1
        if self.uses is not None and known is not UNKNOWN:
            self.uses.values[id(node)] = known
        return known

    def returned(self, function: Function, arguments: Sequence[Argument], name: Name | None) -> Value:
        """Return what a call of a function of the program gives; `name` is the leaf that it is called by."""
        raise NotImplementedError

    def bind(self, target: Node, value: Value) -> None:
        """Assign to a name, a tuple of names, an attribute or a subscript."""
        kind = target.type
        if kind == "name":
            self.scope.bind(target.value, value)
        elif kind in ("testlist_star_expr", "exprlist", "testlist_comp", "testlist"):
            self._unpack([child for child in target.children if child.type != "operator"], value)
        elif kind == "atom" and len(target.children) == 3:
            self.bind(target.children[1], value)
        elif kind == "star_expr":
            self.bind(target.children[1], UNKNOWN)
        elif kind == "atom_expr":
            self._store(target)
        elif hasattr(target, "children"):
            self.value(target)

    def _unpack(self, targets: Sequence[Node], value: Value) -> None:
        parts = value.items if isinstance(value, Items) and value.kind != "enumerate" else ()
        known = len(parts) == len(targets) and all(target.type != "star_expr" for target in targets)
        for place, target in enumerate(targets):
            self.bind(target, parts[place] if known else UNKNOWN)

    def _store(self, target: Node) -> None:
        *before, last = target.children
        owner = self._chain(before)
        if last.type == "trailer" and last.children[0].value == "." and self.uses is not None:
            name = last.children[1]
            self.uses.attributes.append(Attribute(target, name, owner, UNKNOWN, stored=True))
        else:
            self.value(last)

    def _name(self, leaf: Name) -> Value:
        value = self.scope.value(leaf.value)
        if self.uses is not None and value is not UNKNOWN:
            self.uses.loads.append(Loaded(leaf, value))
        return value

    def _parts(self, node: Node) -> Value:
        for child in node.children:
            if child.type not in ("operator", "keyword", "newline"):
                self.value(child)
        return UNKNOWN

    def _atom_expr(self, node: Node) -> Value:
        return self._chain(node.children)

    def _chain(self, parts: Sequence[Node]) -> Value:
        """`a.b(c)[d]`: a name or bracket with what follows it."""
        first, *trailers = parts
        if first.type == "keyword":
            for part in trailers:
                self.value(part)
            return UNKNOWN
        value = self.value(first)
        name = first if first.type == "name" else None
        for trailer in trailers:
            if trailer.type != "trailer":
                self.value(trailer)
                return UNKNOWN
            opening = trailer.children[0].value
            if opening == ".":
                name = trailer.children[1]
                value = self._attribute(first, name, value)
            elif opening == "(":
                value, name = self._call(first, trailer, name, value), None
            else:
                value, name = self._subscript(first, trailer, value), None
        return value

    def _attribute(self, start: Node, name: Node, owner: Value) -> Value:
        if not isinstance(name, Name):
            return UNKNOWN
        value = member(owner, name.value)
        if self.uses is not None and owner is not UNKNOWN:
            self.uses.attributes.append(Attribute(start, name, owner, value))
        return value

    def _call(self, start: Node, trailer: Node, name: Name | None, function: Value) -> Value:
        arguments = tuple(self._arguments(trailer.children[1:-1]))
        if self.uses is not None and function is not UNKNOWN:
            self.uses.calls.append(Call(start, trailer, function, arguments, name))
        if isinstance(function, Function):
            return self.returned(function, arguments, name if name is start else None)
        if isinstance(function, Qualified) and function.name == "os.path.join" and arguments:
            last = arguments[-1].value
            return Text(last.end, False, last.leaf) if isinstance(last, Text) else UNKNOWN
        return made_by(function, [one.value for one in arguments])

    def _arguments(self, inside: Sequence[Node]) -> Iterator[Argument]:
        for node in inside:
            if node.type == "arglist":
                yield from self._arguments(node.children)
            elif node.type == "argument":
                yield self._argument(node)
            elif node.type != "operator":
                yield Argument(node, node, self.value(node))

    def _argument(self, node: Node) -> Argument:
        first, last = node.children[0], node.children[-1]
        if first.type == "operator":
            return Argument(node, last, self.value(last), stars=len(first.value))
        if len(node.children) == 3 and node.children[1].type == "operator" and isinstance(first, Name):
            return Argument(node, last, self.value(last), first)
        return Argument(node, node, self._comprehension(node))

    def _subscript(self, start: Node, trailer: Node, owner: Value) -> Value:
        index = trailer.children[1]
        value = self.value(index) if index.type != "operator" else UNKNOWN
        if self.uses is not None and owner is not UNKNOWN:
            self.uses.subscripts.append(Subscript(start, index, owner, value))
        if isinstance(owner, Made) and owner.kind == "layers" and index.type in ("subscript", "subscriptlist"):
            return owner
        if isinstance(owner, Items) and isinstance(value, Number) and value.text.isdecimal():
            place = int(value.text[:9])
            return owner.items[place] if owner.kind != "enumerate" and place < len(owner.items) else UNKNOWN
        return element(owner) if isinstance(owner, Made) else UNKNOWN

    def _atom(self, node: Node) -> Value:
        opening, *inside, _ = node.children
        if opening.type != "operator":
            return self._strings(node)
        if not inside:
            return Items("list", ()) if opening.value == "[" else UNKNOWN
        held = inside[0]
        if opening.value == "{":
            return self._braces(held)
        if held.type == "testlist_comp":
            if _has_loop(held):
                value = self._comprehension(held)
                return Items("list", (value,)) if opening.value == "[" and is_number(value) else UNKNOWN
            values = tuple(self.value(one) for one in held.children if one.type != "operator")
            return Items("list" if opening.value == "[" else "tuple", values)
        value = self.value(held)
        return Items("list", (value,)) if opening.value == "[" else value

    def _braces(self, held: Node) -> Value:
        if hasattr(held, "children") and _has_loop(held):
            return self._comprehension(held)
        self.value(held)
        return UNKNOWN

    def _comprehension(self, node: Node) -> Value:
        """`… for … in …`: its names are its own."""
        flow, every = dict(self.scope.flow), dict(self.scope.every)
        self._loop(node.children[-1])
        value: Value = UNKNOWN
        for child in node.children[:-1]:
            if child.type != "operator":
                value = self.value(child)
        self.scope.flow, self.scope.every = flow, every
        return value if len(node.children) == 2 else UNKNOWN

    def _loop(self, node: Node) -> None:
        if node.type in ("comp_for", "sync_comp_for") and hasattr(node, "children"):
            parts = node.children
            if parts[0].type == "keyword" and parts[0].value == "async":
                self._loop(parts[1])
            elif len(parts) >= 4:
                self.bind(parts[1], element(self.value(parts[3])))
                for part in parts[4:]:
                    self._loop(part)
        elif hasattr(node, "children"):
            self._parts(node)
            for part in node.children:
                if part.type in ("comp_for", "sync_comp_for", "comp_if"):
                    self._loop(part)

    def _tuple(self, node: Node) -> Value:
        return Items("tuple", tuple(self.value(one) for one in node.children if one.type != "operator"))

    def _choice(self, node: Node) -> Value:
        """`a if b else c`."""
        values = [self.value(child) for child in node.children if child.type != "keyword"]
        return either(values[0], values[-1]) if len(values) == 3 else UNKNOWN

    def _or(self, node: Node) -> Value:
        """`a or b`: what isn't None and known is something that counts as true."""
        *firsts, last = [self.value(child) for child in node.children if child.type != "keyword"]
        known: list[Value] = []
        for value in firsts:
            if isinstance(value, Made | Qualified | Function | Class):
                return any_of((*known, value))
            if value is not NONE:
                known.append(value)
        return any_of((*known, last))

    def _lambda(self, node: Node) -> Value:
        scope, inner = self.scope, Scope("function", self.scope)
        for child in node.children[1:-2]:
            if child.type == "param":
                inner.bind(child.name.value, UNKNOWN)
                if child.default is not None:
                    self.value(child.default)
        if self.uses is not None:
            self.later.append((None, lambda: self._inside(inner, node.children[-1])))
        self.scope = scope
        return UNKNOWN

    def _inside(self, scope: Scope, body: Node) -> None:
        outer, self.scope = self.scope, scope
        self.value(body)
        self.scope = outer

    def _walrus(self, node: Node) -> Value:
        value = self.value(node.children[-1])
        self.bind(node.children[0], value)
        return value

    def _string(self, leaf: Node) -> Value:
        try:
            text = ast.literal_eval(leaf.value)
        except (ValueError, SyntaxError, MemoryError):
            return UNKNOWN
        return Text(text, leaf=leaf) if isinstance(text, str) else UNKNOWN

    def _strings(self, node: Node) -> Value:
        values = [self.value(child) for child in node.children]
        texts = [one for one in values if isinstance(one, Text)]
        if len(texts) == len(values):
            return Text("".join(one.end for one in texts), all(one.whole for one in texts), texts[-1].leaf)
        last = values[-1]
        return Text(last.end, False, last.leaf) if isinstance(last, Text) else UNKNOWN

    def _formatted(self, node: Node) -> Value:
        self._parts(node)
        inside = node.children[1:-1]
        end = inside[-1] if inside else None
        text = end.value if end is not None and end.type == "fstring_string" else ""
        return Text(text, end is None or (len(inside) == 1 and bool(text)), node.children[-1])

    def _number(self, leaf: Node) -> Value:
        return Number(leaf.value)

    def _term(self, node: Node) -> Value:
        values = [self.value(child) for child in node.children if child.type != "operator"]
        signs = {child.value for child in node.children if child.type == "operator"}
        plain = all(not isinstance(value, Made) or value.kind == "float" for value in values)
        if all(isinstance(value, Number) for value in values) and "/" not in signs:
            return values[0]
        return Made("float") if "/" in signs and signs <= {"/", "*"} and plain else UNKNOWN

    def _sum(self, node: Node) -> Value:
        values = [self.value(child) for child in node.children if child.type != "operator"]
        last = values[-1] if values else UNKNOWN
        if isinstance(last, Text) and node.children[-2].value == "+":
            return Text(last.end, False, last.leaf)
        return values[0] if all(isinstance(value, Number) for value in values) else UNKNOWN

    def _sign(self, node: Node) -> Value:
        value = self.value(node.children[-1])
        return value if isinstance(value, Number) else UNKNOWN


def _has_loop(node: Node) -> bool:
    return node.children[-1].type in ("comp_for", "sync_comp_for")


_READERS: dict[str, Callable[[Expressions, Node], Value]] = {
    "atom_expr": Expressions._atom_expr,
    "atom": Expressions._atom,
    "strings": Expressions._strings,
    "string": Expressions._string,
    "fstring": Expressions._formatted,
    "number": Expressions._number,
    "term": Expressions._term,
    "arith_expr": Expressions._sum,
    "factor": Expressions._sign,
    "test": Expressions._choice,
    "ternary": Expressions._choice,
    "or_test": Expressions._or,
    "lambdef": Expressions._lambda,
    "namedexpr_test": Expressions._walrus,
    "testlist_star_expr": Expressions._tuple,
    "testlist": Expressions._tuple,
    "testlist_comp": Expressions._tuple,
    "exprlist": Expressions._tuple,
}

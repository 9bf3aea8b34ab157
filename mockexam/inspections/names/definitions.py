"""Reads a module with its functions, classes and imports, and follows calls into the functions of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from parso.python.tree import Name

from mockexam.inspections.names import bindings
from mockexam.inspections.names.calls import Calls, arguments_for
from mockexam.inspections.names.keras import base_kind
from mockexam.inspections.names.scopes import Scope
from mockexam.inspections.names.statements import Statements
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument, Import, Uses
from mockexam.inspections.names.values import UNBOUND, UNKNOWN, Class, Function, Made, Qualified, Value, any_of

_LIBRARIES = ("tensorflow", "keras", "numpy", "matplotlib", "pandas", "math", "os", "random", "time")
"""Packages whose star import brings no module or model under a name that a program already uses."""
_MOST_CALLS = 400
"""Calls that are followed into a function; what those after them give is unsure."""
_LOGGED = frozenset(("on_epoch_end", "on_epoch_begin", "on_train_end", "on_batch_end", "on_train_batch_end"))


class Reader(Statements):
    """Reads a module: `Reader(own).read(tree)`."""

    def __init__(self, own: Callable[[str], bool]) -> None:
        """`own` tells which top-level modules are the candidate's: nothing is known of what they hold."""
        super().__init__()
        self._own = own
        self.calls = Calls()
        self._followed = 0
        self._called: dict[tuple[int, tuple[Value, ...]], tuple[int, Value]] = {}
        self._calling: set[int] = set()
        self.module = self.scope

    def read(self, tree: Node) -> Uses:
        """Read all of it: first what runs at once, then the bodies of functions, which run later."""
        uses = self.uses
        assert uses is not None
        self.module.shared = bindings.shared(tree)
        self.calls = Calls(tree)
        self._block(tree.children)
        self.module.finished = True
        while self.later:
            # A function whose calls have all been read is next: what it is given is known then.
            ready = (place for place, (node, _) in enumerate(self.later) if node is None or self.calls.all_read(node))
            _, read = self.later.pop(next(ready, 0))
            read()
        return uses

    def _function(self, node: Node) -> None:
        parameters = node.get_params()
        defaults = [self.value(one.default) if one.default is not None else UNBOUND for one in parameters]
        for one in parameters:
            if one.annotation is not None:
                self.value(one.annotation)
        decorated = node.parent is not None and node.parent.type in ("decorated", "async_funcdef")
        function = Function(node, tuple(defaults))
        self.scope.bind(node.name.value, UNKNOWN if decorated else function)
        if self.uses is not None:
            of = self._own_class(self.scope)
            parent, uses = self.scope, self.uses
            plain = not decorated and parent.kind != "class"
            self.later.append((node if plain else None, lambda: self._record_body(node, parent, of, uses)))

    def _record_body(self, node: Node, parent: Scope, of: Class | None, uses: Uses) -> None:
        """Read a body for what it does with names, whenever it may be called."""
        outer, self.uses = self.scope, uses
        parameters = node.get_params()
        known = self.calls.arguments_of(node)
        if known is None:
            known = tuple(_given(node, place, one.name.value, of) for place, one in enumerate(parameters))
        self._body(node, parent, known)
        self.scope = outer

    def _body(self, node: Node, parent: Scope, given: Sequence[Value]) -> Value:
        """Read the body of a function; return what it returns."""
        scope = self.scope = Scope("function", parent)
        for parameter, value in zip(node.get_params(), given, strict=True):
            scope.bind(parameter.name.value, value)
        self._suite(node.children[-1])
        scope.finished = True
        return scope.returned

    def returned(self, function: Function, arguments: Sequence[Argument], name: Name | None) -> Value:
        """What a call gives, followed into the function, with the module's names as they are at the call."""
        node = function.node
        given = arguments_for(function, arguments)
        if self.uses is not None and name is not None:
            self.calls.note(node, given)
        key = (id(node), given)
        rebound = self.module.rebound
        if key in self._called and self._called[key][0] == rebound:
            return self._called[key][1]
        if id(node) in self._calling or len(self._calling) > 1 or self._followed >= _MOST_CALLS:
            return UNKNOWN
        if node.type != "funcdef" or node.is_generator() or not _of_module(node):
            return UNKNOWN
        self._followed += 1
        self._calling.add(id(node))
        outer, uses, self.uses = self.scope, self.uses, None
        value = self._body(node, self.module, given)
        self.scope, self.uses = outer, uses
        self._calling.discard(id(node))
        self._called[key] = (rebound, UNKNOWN if value is UNBOUND else value)
        return self._called[key][1]

    def _return(self, node: Node) -> bool:
        value = self.value(node.children[1]) if len(node.children) > 1 else UNKNOWN
        self.scope.returned = any_of((self.scope.returned, value))
        return True

    def _raise(self, node: Node) -> bool:
        self._parts(node)
        return True

    def _own_class(self, scope: Scope) -> Class | None:
        known = scope.returned if scope.kind == "class" else None
        return known if isinstance(known, Class) else None

    def _class(self, node: Node) -> None:
        arguments = node.get_super_arglist()
        given = () if arguments is None else self._arguments([arguments])
        bases = [one.value for one in given if one.keyword is None]
        kind = base_kind(bases)
        made: Value = UNKNOWN
        if kind is not None and (node.parent is None or node.parent.type != "decorated"):
            made = Class(node, kind[0], kind[1], kind[2] | bindings.defined(node))
        outer = self.scope
        outer.bind(node.name.value, made)
        self.scope = Scope("class", outer)
        self.scope.returned = made
        self._suite(node.children[-1])
        self.scope.finished = True
        self.scope = outer

    def _decorated(self, node: Node) -> None:
        self._parts(node.children[0])
        self._statement(node.children[1])

    def _async(self, node: Node) -> bool:
        return self._statement(node.children[-1])

    def _import(self, node: Node) -> None:
        for path, alias in bindings.imported(node):
            self._record(Import(node, tuple(path), (), alias=alias, own=self._own(path[0].value)))
            root = path[0].value
            name = root if alias is None else ".".join(one.value for one in path)
            self.scope.bind(alias.value if alias else root, UNKNOWN if self._own(root) else Qualified(name))

    def _import_from(self, node: Node) -> None:
        path = tuple(node.get_from_names())
        own = bool(node.level) or not path or self._own(path[0].value)
        pairs = bindings.from_pairs(node)
        star = node.children[-1].type == "operator" and node.children[-1].value == "*"
        self._record(Import(node, () if node.level else path, tuple(pairs), star, own=own))
        module = ".".join(one.value for one in path)
        if star:
            self.scope.forget_all(but_modules=not own and path[0].value in _LIBRARIES)
        for name, alias in pairs:
            self.scope.bind((alias or name).value, UNKNOWN if own else Qualified(f"{module}.{name.value}"))

    def _record(self, one: Import) -> None:
        if self.uses is not None:
            self.uses.imports.append(one)

    readers: ClassVar[dict[str, Callable[..., bool | None]]] = {
        **Statements.readers,
        "funcdef": _function,
        "classdef": _class,
        "decorated": _decorated,
        "async_stmt": _async,
        "async_funcdef": _async,
        "return_stmt": _return,
        "raise_stmt": _raise,
        "import_name": _import,
        "import_from": _import_from,
    }


def _given(node: Node, place: int, name: str, of: Class | None) -> Value:
    """What is known of a parameter: the object of a method, the logs of a callback."""
    plain = node.parent is None or node.parent.type != "decorated"
    if of is None or not plain:
        return UNKNOWN
    if place == 0:
        return Made(of.kind, of.of, of.defined)
    logs = of.kind == "callback" and place == 2 and node.name.value in _LOGGED
    return Made("logs") if logs or (of.kind == "callback" and name == "logs") else UNKNOWN


def _of_module(node: Node) -> bool:
    outer = node.parent
    while outer is not None and outer.type != "file_input":
        if outer.type in ("classdef", "funcdef", "lambdef"):
            return False
        outer = outer.parent
    return True

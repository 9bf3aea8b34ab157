"""Scopes: which value each name has at a place, and in which a function can meet it when it is called later."""

from __future__ import annotations

from typing import Literal

from mockexam.inspections.names.values import UNBOUND, UNKNOWN, Qualified, Value, either

_BUILT_IN = frozenset(("enumerate", "float", "list", "reversed", "tuple"))

_MODULES = frozenset(
    (
        "tensorflow", "tensorflow_datasets", "keras", "numpy", "pandas", "os", "sys",
        "layers", "models", "optimizers", "losses", "metrics", "callbacks", "backend",
        "preprocessing", "image", "sequence", "text", "utils", "applications", "regularizers",
        "initializers", "datasets",
    )
)  # fmt: skip
"""Last parts of the paths of modules: a library's star import doesn't replace what stands for one."""


class Scope:
    """A module, class or function while it is read.

    `flow` has the values at the place that is being read. `every` has what is known of all values a name ever gets:
    whatever is called later sees one of them. A scope that was read to its end (`finished`) shows `every`.
    """

    __slots__ = ("every", "finished", "flow", "kind", "parent", "rebound", "returned", "shared")

    def __init__(self, kind: Literal["module", "class", "function"], parent: Scope | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.flow: dict[str, Value] = {}
        self.every: dict[str, Value] = {}
        self.finished = False
        self.returned: Value = UNBOUND
        self.shared: frozenset[str] = parent.shared if parent else frozenset()
        self.rebound = 0

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value. One that a function changes from inside has no value that is sure."""
        if name in self.shared:
            value = UNKNOWN
        if self.flow.get(name, value) != value:
            self.rebound += 1
        self.flow[name] = value
        self.every[name] = either(self.every.get(name, UNBOUND), value)

    def value(self, name: str) -> Value:
        """Return what a name stands for here, UNKNOWN where that isn't sure."""
        if name in self.flow:
            return self.flow[name]
        scope = self.parent
        while scope is not None:
            if scope.kind != "class" and name in (known := scope.every if scope.finished else scope.flow):
                return known[name]
            scope = scope.parent
        return Qualified(f"builtins.{name}") if name in _BUILT_IN else UNKNOWN

    def forget(self, names: set[str]) -> None:
        """Make these names unsure."""
        for name in names:
            self.bind(name, UNKNOWN)

    def forget_all(self, *, but_modules: bool = False) -> None:
        """Make every name unsure that a star import may have replaced; a library's own doesn't replace modules."""
        for name, value in list(self.flow.items()):
            if but_modules and not (isinstance(value, Qualified) and value.name.rpartition(".")[2] not in _MODULES):
                continue
            self.bind(name, UNKNOWN)


def joined(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """What is known after one way or the other was taken."""
    both = dict(other)
    for name, value in one.items():
        known = both.get(name, UNBOUND)
        if known is not value:
            both[name] = either(value, known)
    return both

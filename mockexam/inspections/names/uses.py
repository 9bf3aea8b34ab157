"""What a program does with names: each call, attribute, subscript and import, with what is known of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from parso.python.tree import Name

from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.values import Value

Position: TypeAlias = tuple[int, int]
"""Row from 1 and column from 0, as parso counts."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: `keyword` is its name's leaf, `node` the whole of it, `expression` what is given."""

    node: Node
    expression: Node
    value: Value
    keyword: Name | None = None
    stars: int = 0

    @property
    def name(self) -> str:
        return self.keyword.value if self.keyword is not None else ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `start` is where the expression begins, `brackets` the trailer, `name` the last name before it."""

    start: Node
    brackets: Node
    function: Value
    arguments: tuple[Argument, ...]
    name: Name | None

    def keyword(self, name: str) -> Argument | None:
        """The argument of this name."""
        return next((one for one in self.arguments if one.keyword is not None and one.keyword.value == name), None)

    def positional(self, place: int) -> Argument | None:
        """The argument at this place from 0, where no `*arguments` come before it."""
        for index, one in enumerate(self.arguments):
            if one.keyword is not None or one.stars:
                return None
            if index == place:
                return one
        return None

    def argument(self, name: str, place: int) -> Argument | None:
        """The argument of this name, or at this place."""
        return self.keyword(name) or self.positional(place)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`owner.name`; `stored` where it is assigned to. `start` is where the expression begins."""

    start: Node
    name: Name
    owner: Value
    value: Value
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Subscript:
    """`owner[index]`; `index` is the expression."""

    start: Node
    index: Node
    owner: Value
    value: Value


@dataclass(frozen=True, slots=True)
class Loaded:
    """A name that is read."""

    name: Name
    value: Value


@dataclass(frozen=True, slots=True)
class Import:
    """`import module` (no `names`) or `from module import names`; `names` are pairs of a name and its alias."""

    node: Node
    path: tuple[Name, ...]
    names: tuple[tuple[Name, Name | None], ...]
    star: bool = False
    alias: Name | None = None
    own: bool = False

    @property
    def module(self) -> str:
        return ".".join(one.value for one in self.path)


@dataclass(slots=True)
class Uses:
    """All that a program does with names, in the order in which it was read."""

    calls: list[Call] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    subscripts: list[Subscript] = field(default_factory=list)
    loads: list[Loaded] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    values: dict[int, Value] = field(default_factory=dict)

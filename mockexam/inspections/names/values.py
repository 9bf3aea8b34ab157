"""What an expression may stand for. Unsure is `UNKNOWN`, about which nothing is ever said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mockexam.inspections.names.tree import Node


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value that is known: `why` tells two kinds apart."""

    why: str


UNKNOWN = Nothing("unknown")
UNBOUND = Nothing("unbound")
NONE = Nothing("none")


@dataclass(frozen=True, slots=True)
class Qualified:
    """A module, class or function, by the dotted path it was reached by: `tensorflow.keras.optimizers.Adam`."""

    name: str


Kind: TypeAlias = Literal[
    "array", "callback", "dataset", "float", "history", "image_generator", "layer", "layers", "logs", "model",
    "optimizer", "batches", "record", "tensor", "tokenizer",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """An instance. `of` is the class or function that made it, in Keras' own words (`keras.layers.Dense`), or empty.

    `defined` are the attributes that a class of the program's own adds or overrides: they aren't Keras'.
    """

    kind: Kind
    of: str = ""
    defined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Method:
    """What `owner.name` gives where it isn't called yet."""

    owner: Made
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text: whole, or only its end where the program puts it together. `leaf` is the literal that it ends with."""

    end: str
    whole: bool = True
    leaf: Node = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is written out."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple or a list that is written out."""

    kind: Literal["tuple", "list", "enumerate"]
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the program, what its instances are, and the names it defines itself."""

    node: Node
    kind: Kind
    of: str
    defined: frozenset[str]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the program, with what its parameters are where they aren't given."""

    node: Node
    defaults: tuple[Value, ...] = ()


Value: TypeAlias = Nothing | Qualified | Made | Method | Text | Number | Items | Class | Function


def is_number(value: Value) -> bool:
    """Whether this is a number of Python's, written out or made by `float` or a division."""
    return isinstance(value, Number) or (isinstance(value, Made) and value.kind == "float")


def either(one: Value, other: Value) -> Value:
    """What is known of a value that is one or the other."""
    if one == other or other is UNBOUND:
        return one
    if one is UNBOUND:
        return other
    if isinstance(one, Made) and isinstance(other, Made) and one.kind == other.kind:
        return Made(one.kind, defined=one.defined | other.defined)
    return UNKNOWN


def any_of(values: Iterable[Value]) -> Value:
    """What is known of a value that is one of these; UNBOUND for none."""
    known: Value = UNBOUND
    for value in values:
        known = either(known, value)
        if known is UNKNOWN:
            return UNKNOWN
    return known

"""Looking for uses of what Keras made, and the fixes that most patterns have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from graders.sentences import Sentence, sentence
from mockexam.inspections.findings import Edit, Fix
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Attribute, Call, Import
from mockexam.inspections.names.values import Kind, Made, Method, Number, Qualified, Text, Value
from mockexam.inspections.pattern import Sighting
from mockexam.inspections.program import Program


def written(name: str, text: str, *edits: Edit | None) -> tuple[Fix, ...]:
    """The fix that writes something else; none where one of its edits can't be made."""
    return titled(name, sentence("Write {text}", text=text), *edits)


def titled(name: str, title: Sentence, *edits: Edit | None) -> tuple[Fix, ...]:
    """The fix with this title; none where one of its edits can't be made."""
    whole = tuple(edit for edit in edits if edit is not None)
    return (Fix(name, title, whole),) if whole and len(whole) == len(edits) else ()


def renamed(old: str, new: str) -> Sentence:
    """The message about a name that became another."""
    return sentence("{old} is now called {new}.", old=old, new=new)


def calls_of(program: Program, kind: Kind, names: Collection[str]) -> Iterator[tuple[Call, str]]:
    """Calls of these methods of what Keras made."""
    for call in program.uses.calls:
        function = call.function
        if isinstance(function, Method) and function.name in names and is_made(function.owner, kind, function.name):
            yield call, function.name


def attributes_of(program: Program, kind: Kind, names: Collection[str]) -> Iterator[Attribute]:
    """Attributes of these names of what Keras made, read or assigned."""
    for one in program.uses.attributes:
        if one.name.value in names and is_made(one.owner, kind, one.name.value):
            yield one


def is_made(value: Value, kind: Kind, name: str = "") -> bool:
    """Whether a value is a thing of Keras that doesn't define this name itself."""
    return isinstance(value, Made) and value.kind == kind and name not in value.defined


def makers_of(program: Program, wanted: Callable[[str], bool]) -> Iterator[tuple[Call, str]]:
    """Calls of functions and classes, with the path by which each was reached."""
    for call in program.uses.calls:
        if isinstance(call.function, Qualified) and wanted(call.function.name):
            yield call, call.function.name


def paths_in(program: Program, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Node, Import | Attribute]]:
    """Where a path of a library is written: in an import, or as an attribute; with the leaf that ends it."""
    for one in program.uses.imports:
        if one.own or not one.path:
            continue
        for place, part in enumerate(one.path):
            if wanted(path := ".".join(name.value for name in one.path[: place + 1])):
                yield path, part, one
        for name, _ in one.names:
            if wanted(path := f"{one.module}.{name.value}"):
                yield path, name, one
    for use in program.uses.attributes:
        if isinstance(use.value, Qualified) and not use.stored and wanted(use.value.name):
            yield use.value.name, use.name, use


def is_part(leaf: Node, use: Import) -> bool:
    """Whether a leaf belongs to the module of an import, not to the names that come from it."""
    return any(leaf is part for part in use.path)


def texts_at(program: Program, kind: Kind, keys: Collection[str]) -> Iterator[tuple[Node, Text, Value]]:
    """Where a record of what Keras made is asked for one of these keys: `record["key"]`, `record.get("key")`.

    Nowhere for a key that the program itself puts into the logs, and in a program that trains in steps of its own.
    """
    keys = [key for key in keys if not program.logs(key)]
    for one in program.uses.subscripts:
        if is_made(one.owner, kind) and isinstance(one.value, Text) and one.value.whole and one.value.end in keys:
            yield one.index, one.value, one.owner
    for call, _ in calls_of(program, kind, ("get",)):
        key = call.positional(0)
        if key is None or not isinstance(key.value, Text) or not key.value.whole or _has_another(call):
            continue
        if key.value.end in keys:
            assert isinstance(call.function, Method)
            yield key.expression, key.value, call.function.owner


def _has_another(call: Call) -> bool:
    """Whether `record.get("key")` is told what to take where there is no such key: a number is no such thing."""
    other = call.positional(1)
    if other is not None:
        return not isinstance(other.value, Number) and other.expression.type != "keyword"
    return call.brackets.parent.parent is not None and call.brackets.parent.parent.type == "or_test"


def from_import(module: str, name: str, alias: str = "") -> str:
    """The import of a name, under another where one is given that isn't its own."""
    # untranslated: Python code
    return f"from {module} import {name}" + (f" as {alias}" if alias and alias != name else "")


def has_stars(call: Call) -> bool:
    """Whether arguments come from `*` or `**`, so that nobody knows which."""
    return any(one.stars for one in call.arguments)


def seen(node: Node, message: Sentence, fixes: tuple[Fix, ...] = (), last: Node = None) -> Sighting:
    """What a recogniser tells of a place."""
    return Sighting(node, message, fixes, last)

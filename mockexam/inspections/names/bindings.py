"""Which names a part of a program binds, told from its words alone."""

from __future__ import annotations

from collections.abc import Iterator

from parso.python.tree import Name

from mockexam.inspections.names.tree import Node


def every(node: Node, *kinds: str) -> Iterator[Node]:
    """All nodes and leaves of these types below a node, in the order of the text, however deep."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in kinds:
            yield one
        if hasattr(one, "children"):
            waiting.extend(reversed(one.children))


def binds(name: Node) -> bool:
    """Whether a name is given a value where it stands; no in a statement that isn't whole enough to tell."""
    try:
        return bool(name.is_definition())
    except AttributeError:  # parso expects targets of assignments to be whole
        return False


def shared(tree: Node) -> frozenset[str]:
    """Names that functions change outside of themselves."""
    statements = every(tree, "global_stmt", "nonlocal_stmt")
    return frozenset(child.value for one in statements for child in one.children[1:] if child.type == "name")


def bound(node: Node) -> set[str]:
    """Names that anything in here may give a value."""
    return {name.value for name in every(node, "name") if binds(name)}


def defined(node: Node) -> frozenset[str]:
    """Names that a class defines: its methods, what its body assigns, and what its methods keep in an object."""
    names = (name for name in every(node.children[-1], "name") if binds(name))
    return frozenset(name.value for name in names if name.parent.type == "trailer" or _holder(name) is node)


def _holder(name: Node) -> Node:
    """The function or class in which a name is bound."""
    outer = name.parent
    if outer.type in ("funcdef", "classdef"):
        outer = outer.parent
    while outer is not None and outer.type not in ("funcdef", "classdef", "lambdef"):
        outer = outer.parent
    return outer


def imported(node: Node) -> list[tuple[list[Name], Name | None]]:
    """`import a.b as c, d` as pairs of a path and its alias."""
    held = node.children[1]
    parts = held.children if held.type == "dotted_as_names" else [held]
    pairs: list[tuple[list[Name], Name | None]] = []
    for part in parts:
        alias = part.children[-1] if part.type == "dotted_as_name" else None
        path = part.children[0] if part.type == "dotted_as_name" else part
        names = [one for one in (path.children if path.type == "dotted_name" else [path]) if isinstance(one, Name)]
        if names:
            pairs.append((names, alias if isinstance(alias, Name) else None))
    return pairs


def from_pairs(node: Node) -> list[tuple[Name, Name | None]]:
    """The names of `from … import name as alias, …` as pairs."""
    last = node.children[-1]
    if last.type == "operator" and last.value == ")":
        last = node.children[-2]
    parts = last.children if last.type == "import_as_names" else [last]
    pairs: list[tuple[Name, Name | None]] = []
    for part in parts:
        if isinstance(part, Name):
            pairs.append((part, None))
        elif part.type == "import_as_name":
            pairs.append((part.children[0], part.children[-1]))
    return pairs

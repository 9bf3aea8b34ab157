"""What the functions of a program are given: known where every use of a function is a call that was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mockexam.inspections.names.bindings import binds, every
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument
from mockexam.inspections.names.values import UNBOUND, UNKNOWN, Function, Value, any_of


class Calls:
    """Notes calls while a program is read."""

    def __init__(self, tree: Node = None) -> None:
        self._uses: Counter[str] = Counter()
        self._definitions: Counter[str] = Counter()
        self._given: dict[int, list[tuple[Value, ...]]] = {}
        for name in every(tree, "name") if tree is not None else ():
            if binds(name):
                self._definitions[name.value] += 1
            elif name.parent.type != "trailer" or name.parent.children[0].value != ".":
                self._uses[name.value] += 1

    def note(self, node: Node, given: tuple[Value, ...]) -> None:
        """A function was called by its name, with this for its parameters."""
        self._given.setdefault(id(node), []).append(given)

    def all_read(self, node: Node) -> bool:
        """Whether the function is never used but in calls, and all of them are noted."""
        name = node.name.value
        return self._definitions[name] == 1 and self._uses[name] == len(self._given.get(id(node), ()))

    def arguments_of(self, node: Node) -> tuple[Value, ...] | None:
        """What the parameters may be; None where that isn't known."""
        given = self._given.get(id(node))
        if not given or not self.all_read(node):
            return None
        return tuple(any_of(values) for values in zip(*given, strict=True))


def arguments_for(function: Function, arguments: Sequence[Argument]) -> tuple[Value, ...]:
    """What each parameter of a function is in a call."""
    parameters = function.node.get_params() if function.node.type == "funcdef" else []
    defaults = function.defaults or (UNBOUND,) * len(parameters)
    values = [UNKNOWN if one is UNBOUND else one for one in defaults]
    if any(one.stars for one in arguments):
        return (UNKNOWN,) * len(parameters)
    names = [one.name.value if not one.star_count else "" for one in parameters]
    for place, argument in enumerate(arguments):
        if argument.keyword is not None:
            if argument.name in names:
                values[names.index(argument.name)] = argument.value
        elif place < len(names) and names[place]:
            values[place] = argument.value
    return tuple(UNKNOWN if one.star_count else value for one, value in zip(parameters, values, strict=True))

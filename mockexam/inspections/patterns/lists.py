"""Lists where arrays are wanted: written out, made in a loop, or grown by append."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Fix
from mockexam.inspections.names.bindings import binds, every
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Call
from mockexam.inspections.names.values import UNKNOWN, Items, Value, is_number
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import calls_of, seen, written
from mockexam.inspections.program import Program

_TRAINING = ("fit", "evaluate", "predict")
_NUMBERS = ("int", "float", "len")
_EMPTY = Items("list", ())
_MOST_NAMES = 4
"""How many names may stand for one another before a list is no longer followed."""

Kind = Literal["numbers", "samples", ""]
"""What is known of an expression: a list of numbers (or of such lists), a list with an item for each sample, or
nothing."""


def _kind(program: Program, node: Node, value: Value = UNKNOWN, deep: int = 0) -> Kind:
    value = program.uses.values.get(id(node), value) if value is UNKNOWN else value
    if value not in (UNKNOWN, _EMPTY):
        written_out = node.type == "atom" and node.children[0].value == "[" and node.children[1].type != "operator"
        return "numbers" if _is_numbers(value) or (written_out and _are_ones(program, node, deep)) else ""
    if node.type == "atom_expr" and program.code(node).endswith(".tolist()"):
        return "numbers"
    if _is_slice(node):
        return _kind(program, node.children[0], deep=deep)
    if node.type == "name" and deep < _MOST_NAMES:
        return _kind_of_name(program, node, deep)
    if node.type == "term" and len(node.children) == 3 and node.children[1].value == "*":
        return "numbers" if any(_kind(program, one) == "numbers" for one in node.children[::2]) else ""
    if node.type == "atom" and node.children[0].value == "[" and node.children[1].type == "testlist_comp":
        inside = node.children[1]
        if inside.children[-1].type in ("comp_for", "sync_comp_for"):
            return "numbers" if _is_one(program, inside.children[0], deep) else "samples"
    return ""


def _is_numbers(value: Value) -> bool:
    """Whether this is a list or tuple of numbers, or of lists of numbers: never one of arrays."""
    if not isinstance(value, Items) or value.kind == "enumerate" or not value.items:
        return False
    return all(is_number(item) or _is_numbers(item) for item in value.items)


def _is_slice(node: Node) -> bool:
    """Whether this is `name[start:end]`."""
    if node.type != "atom_expr" or len(node.children) != 2 or node.children[1].type != "trailer":
        return False
    return bool(node.children[1].children[1].type == "subscript")


def _are_ones(program: Program, node: Node, deep: int) -> bool:
    """Whether all items of a list that is written out are numbers, or lists of numbers."""
    held = node.children[1]
    items = held.children[::2] if held.type == "testlist_comp" else [held]
    return deep < _MOST_NAMES and all(_is_one(program, one, deep + 1) for one in items)


def _is_one(program: Program, node: Node, deep: int) -> bool:
    """Whether an item of a list is a number, or a list of numbers."""
    if is_number(program.uses.values.get(id(node), UNKNOWN)):
        return True
    if node.type in ("test", "ternary"):
        return all(_is_one(program, one, deep) for one in (node.children[0], node.children[-1]))
    if node.type == "atom_expr" and any(program.code(one) == ".tolist" for one in node.children[1:]):
        return True
    if node.type == "atom_expr" and node.children[0].type == "name" and len(node.children) == 2:
        name = node.children[0].value
        return name in _NUMBERS and not program.binds(name) and node.children[1].children[0].value == "("
    return _kind(program, node, deep=deep + 1) == "numbers"


def _kind_of_name(program: Program, name: Node, deep: int) -> Kind:
    """What a name is that is given a list once: `[]` that grows by append, or a list that is made at once."""
    leaves = [one for one in every(program.tree, "name") if one.value == name.value and not _is_member(one)]
    definitions = [one for one in leaves if binds(one)]
    if len(definitions) != 1:
        return ""
    given = _given(definitions[0])
    if given is None:
        return ""
    if program.code(given) != "[]":
        return _kind(program, given, deep=deep + 1)
    items: list[Node] = []
    for leaf in leaves:
        after = leaf.get_next_sibling()
        if after is None or after.type != "trailer" or leaf is definitions[0]:
            continue
        if _is_slice(leaf.parent):
            continue
        brackets = after.get_next_sibling()
        if program.code(after) != ".append" or brackets is None or len(brackets.children) != 3:
            return ""
        items.append(brackets.children[1])
    if not items:
        return ""
    return "numbers" if all(_is_one(program, one, deep) for one in items) else "samples"


def _is_member(leaf: Node) -> bool:
    """Whether a name is that of an attribute or of an argument."""
    before = leaf.get_previous_leaf()
    if before is not None and before.value == ".":
        return True
    return leaf.parent.type == "argument" and leaf is leaf.parent.children[0] and leaf.parent.children[1].value == "="


def _given(name: Node) -> Node:
    """The expression that an assignment gives a name, also as one of several; None where that isn't told."""
    statement = name.parent
    several = statement.type == "testlist_star_expr"
    if several:
        statement = statement.parent
    if statement.type != "expr_stmt" or len(statement.children) != 3 or statement.children[1].type != "operator":
        return None
    target, _, given = statement.children
    if not several:
        return given if target is name else None
    if given.type != "testlist_star_expr" or len(given.children) != len(target.children):
        return None
    return given.children[target.children.index(name)]


def _pairs(program: Program, call: Call, method: str) -> Iterator[list[tuple[Node, Kind]]]:
    """What a call is given that has to be arrays: inputs, and with them labels; and both of `validation_data`."""
    given = [call.argument("x", 0)] if method == "predict" else [call.argument("x", 0), call.argument("y", 1)]
    yield [(one.expression, _kind(program, one.expression, one.value)) for one in given if one is not None]
    validation = call.keyword("validation_data")
    held: Sequence[Node] = (
        validation.expression.children[1:-1] if validation and validation.expression.type == "atom" else ()
    )
    if len(held) == 1 and held[0].type == "testlist_comp" and len(held[0].children) == 3 and method == "fit":
        yield [(one, _kind(program, one)) for one in held[0].children[::2]]


def _wrong(program: Program, call: Call, method: str, *, inputs: bool) -> list[Node]:
    """What is a list in a call and has to be an array: where the inputs are one, or where only the labels are."""
    found: list[Node] = []
    for pair in _pairs(program, call, method):
        kinds = [kind for _, kind in pair]
        if "numbers" in kinds and bool(kinds[0]) == inputs:
            found += [node for node, kind in pair if kind]
    return found


def _find(program: Program, *, inputs: bool) -> Iterator[Sighting]:
    for call, method in calls_of(program, "model", _TRAINING):
        message = sentence("{method}() takes arrays, no lists of numbers.", method=method)
        wrong = _wrong(program, call, method, inputs=inputs)
        for one in wrong:
            yield seen(one, message, _as_array(program, call, wrong))


def _lists(program: Program) -> Iterator[Sighting]:
    yield from _find(program, inputs=True)


def _labels(program: Program) -> Iterator[Sighting]:
    yield from _find(program, inputs=False)


def _as_array(program: Program, call: Call, nodes: Sequence[Node]) -> tuple[Fix, ...]:
    name = program.reached("numpy", call.start)
    edits: list[Edit | None] = []
    if name is None:
        name = "np"
        edits.append(program.imported("numpy", "np"))
    for one in nodes:
        edits.append(program.inserted(one.start_pos, f"{name}.array("))
        edits.append(program.inserted(one.end_pos, ")"))
    return written("array", f"{name}.array(…)", *edits)


LISTS = (
    Pattern(
        id="predict-list",
        title="predict([10.0])",
        fails=sentence("Keras 3 doesn't take a list of numbers as data."),
        replacement=sentence("Write np.array([10.0])."),
        since=KERAS_3,
        example=Example(
            "model = one_number()\nvalue = model.predict([10.0], verbose=0)",
            ("model = one_number()\nvalue = model.predict(np.array([10.0]), verbose=0)",),
        ),
        find=_lists,
        looks=(look("ValueError", r"^Unrecognized data type: x=\[[^\n]*\(of type <class 'list'>\)"),),
    ),
    Pattern(
        id="labels-list",
        title="fit(x, [0, 1, …])",
        fails=sentence("Keras doesn't take a list of numbers as labels beside an array."),
        replacement=sentence("Write np.array([0, 1, …])."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse')\n"
            "value = model.fit(x, [0, 1] * 4, epochs=2, shuffle=False, verbose=0).history['loss']",
            ("model = net()\nmodel.compile('sgd', 'mse')\n"
             "value = model.fit(x, np.array([0, 1] * 4), epochs=2, shuffle=False, verbose=0).history['loss']",),
        ),
        find=_labels,
        looks=(
            look("ValueError", r"^Unrecognized data type: x=[^\0]*\(of type <class '(numpy|tensorflow|pandas)\b"),
            look("ValueError", r"^Failed to find data adapter that can handle input: .*, \(<class 'list'>"),
        ),
    ),
)  # fmt: skip

"""Models as a whole: what can't be asked of one before it is built."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.names.keras import canonical
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument, Call
from mockexam.inspections.names.values import Items, Method
from mockexam.inspections.pattern import Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import calls_of, has_stars, is_made, makers_of, seen
from mockexam.inspections.program import Program

_SEQUENTIAL = ("keras.Sequential", "keras.models.Sequential")
_INPUTS = ("keras.Input", "keras.layers.Input", "keras.layers.InputLayer")
_SHAPES = ("input_shape", "batch_input_shape", "input_dim", "batch_shape")
_ASKING = ("compile", "add", "count_params", "summary")
"""Methods that leave a model unbuilt."""


def _unbuilt(program: Program) -> Iterator[Sighting]:
    """`count_params()` of a Sequential that nothing before it in the text can have built."""
    if any(_says_shape(call) for call in program.uses.calls) or any(makers_of(program, _is_input)):
        return
    used = [one.name for one in program.uses.loads if is_made(one.value, "model") and not _is_asked(one.name)]
    built = min((name.start_pos for name in used), default=None)
    for call, _ in calls_of(program, "model", ("count_params",)):
        assert isinstance(call.function, Method)
        early = (built is None or call.start.start_pos < built) and call.function.owner.of in _SEQUENTIAL
        if early and _is_run_in_order(call.start):
            yield seen(call.name, sentence("The model isn't built yet: the sizes of its layers hang on its input."))


def _is_input(path: str) -> bool:
    return canonical(path) in _INPUTS


def _says_shape(call: Call) -> bool:
    """Whether a layer may be told its input's shape, or isn't known for what it is."""
    if has_stars(call) or any(call.keyword(name) for name in _SHAPES):
        return True
    adds = isinstance(call.function, Method) and call.function.name == "add" and is_made(call.function.owner, "model")
    if adds:
        return not all(_is_layer(one) for one in call.arguments)
    layers = call.argument("layers", 0)
    made = getattr(call.function, "name", "")
    return canonical(made) in _SEQUENTIAL and layers is not None and not _is_layer(layers)


def _is_layer(given: Argument) -> bool:
    """Whether an argument is a layer, or a list that is written out of nothing but layers."""
    items = given.value.items if isinstance(given.value, Items) else (given.value,)
    return all(is_made(item, "layer") for item in items)


def _is_asked(model: Node) -> bool:
    """Whether no more is done with a model here than what leaves it unbuilt."""
    dot = model.get_next_leaf()
    return bool(dot.value == "." and dot.get_next_leaf().value in _ASKING)


def _is_run_in_order(node: Node) -> bool:
    """Whether what stands above in the text has run before: not so in functions, classes and loops."""
    while node.parent is not None:
        node = node.parent
        if node.type in ("funcdef", "lambdef", "classdef", "for_stmt", "while_stmt"):
            return False
    return True


MODELS = (
    Pattern(
        id="unbuilt-model",
        title=sentence("model.count_params() before the model is built"),
        fails=sentence("Keras can't count the parameters of a model, or sum it up in Keras 2, before it is built."),
        replacement=sentence("Begin the model with an Input, or call model.build(shape) or fit() first."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "model = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nvalue = model.count_params()",
            (),
        ),
        find=_unbuilt,
        looks=(
            look("ValueError", r"^You tried to call `count_params` on "),
            look("ValueError", r"^This model has not yet been built"),
        ),
    ),
)

"""Layers: what they were told and asked, and where they live."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import Sentence, sentence
from mockexam.inspections.findings import Fix
from mockexam.inspections.names.keras import canonical, kind_made
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Argument, Call, Import
from mockexam.inspections.names.values import Items, Made, Method, Number
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import (
    attributes_of,
    calls_of,
    from_import,
    is_made,
    makers_of,
    paths_in,
    renamed,
    seen,
    titled,
    written,
)
from mockexam.inspections.program import Program

_SHAPES = {"output_shape": "output", "input_shape": "input"}
_AT = {
    "get_output_at": "output", "get_input_at": "input", "get_output_shape_at": "output.shape",
    "get_input_shape_at": "input.shape",
}  # fmt: skip
_FAST = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
_GONE = ("DenseFeatures", "LocallyConnected1D", "LocallyConnected2D", "AbstractRNNCell")
_ASKING = ("tensorflow.is_tensor", "tensorflow.print", "tensorflow.function")
_NOT_MOVED = ("PreprocessingLayer", "CategoryCrossing", "SyncBatchNormalization", "RandomFourierFeatures")


def _is_layer(path: str) -> bool:
    return kind_made(canonical(path)) == "layer"


def _shapes(program: Program) -> Iterator[Sighting]:
    for one in attributes_of(program, "layer", _SHAPES):
        if one.stored:
            continue
        new = _SHAPES[one.name.value]
        text = f"{new}.shape"
        yield seen(one.name, renamed(one.name.value, text), written("shape", text, program.replaced(one.name, text)))
    for call, name in calls_of(program, "layer", _AT):
        text = _AT[name]
        first = len(call.arguments) == 1 and call.arguments[0].value == Number("0") and call.name is not None
        edit = program.edit(call.name.start_pos, call.brackets.end_pos, text) if first and call.name else None
        yield seen(call.name, sentence("{name}() is gone.", name=name), written("at", text, edit) if edit else ())


def _batch_shape(program: Program) -> Iterator[Sighting]:
    for call, _ in makers_of(program, _is_layer):
        argument = call.keyword("batch_input_shape")
        if argument is not None:
            message = sentence("A layer does not take batch_input_shape: an Input layer before it does.")
            yield seen(argument.keyword, message, _input_before(program, call, argument))


def _input_before(program: Program, call: Call, argument: Argument) -> tuple[Fix, ...]:
    """The shape, given to an Input of its own: as the item before it in a list, or as an add() before its own."""
    keras = program.reached("tensorflow.keras", call.start) or program.reached("keras", call.start)
    root = program.reached("tensorflow", call.start)
    name = f"{root}.keras" if root is not None else keras
    if name is None:
        return ()
    text = f"{name}.Input(batch_shape={program.code(argument.expression)})"
    title, without = sentence("Put an Input before it"), program.without(call, argument)
    node: Node = call.start.parent
    holder = node.parent
    if holder.type == "testlist_comp" or (holder.type == "atom" and holder.children[0].value == "["):
        return titled("input", title, program.inserted(node.start_pos, f"{text}, "), without)
    return _added_before(program, node, text, titled("input", title, without))


def _added_before(program: Program, node: Node, text: str, fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """The same where the layer is given to `model.add(…)` in a statement of its own."""
    trailer = node.parent
    statement = trailer.parent.parent if trailer.type == "trailer" else None
    if statement is None or statement.type != "simple_stmt" or statement.children[0] is not trailer.parent:
        return ()
    before = program.text(statement.start_pos, trailer.start_pos)
    if not before.endswith(".add") or statement.parent.type not in ("file_input", "suite"):
        return ()
    row, column = statement.start_pos
    line = f"{before}({text}){program.newline}{program.lines[row - 1][:column]}"
    return tuple(Fix(one.name, one.title, (program.inserted((row, column), line), *one.edits)) for one in fixes)


def _arguments_gone(program: Program) -> Iterator[Sighting]:
    for call, path in makers_of(program, _is_layer):
        layer = canonical(path).rpartition(".")[2]
        for argument in call.arguments:
            name = argument.name
            if name == "time_major" and layer in ("LSTM", "GRU", "SimpleRNN", "RNN"):
                false = program.code(argument.expression) == "False"
                fix = titled("without", sentence("Leave out {names}", names=name), program.without(call, argument))
                yield seen(argument.keyword, _gone(name), fix if false else ())
            elif (name == "fused" and layer == "BatchNormalization") or (
                name == "input_length" and layer != "Embedding"
            ):
                fix = titled("without", sentence("Leave out {names}", names=name), program.without(call, argument))
                yield seen(argument.keyword, _gone(name), fix if name == "fused" else ())
            elif name == "weights" and layer in ("Dense", "Conv1D", "Conv2D", "LSTM", "GRU", "SimpleRNN", "Flatten"):
                yield seen(argument.keyword, _gone(name))


def _gone(name: str) -> Sentence:
    return sentence("This layer does not take {name} any more.", name=name)


def _int_shape(program: Program) -> Iterator[Sighting]:
    for call, path in makers_of(program, _is_layer):
        argument = call.keyword("input_shape")
        if (
            argument is not None
            and isinstance(argument.value, Number)
            and argument.expression.type in ("atom", "number")
        ):
            if canonical(path).endswith(".InputLayer"):
                continue
            number = program.code(argument.expression).strip("()").strip()
            fix = written("tuple", f"({number},)", program.replaced(argument.expression, f"({number},)"))
            yield seen(argument.expression, sentence("A shape is a tuple: one number in brackets is a number."), fix)


def _preprocessing(program: Program) -> Iterator[Sighting]:
    message = sentence("The preprocessing layers are in keras.layers now.")

    def inside(path: str) -> bool:
        name = canonical(path)
        return name.startswith("keras.layers.experimental.preprocessing.") and name.count(".") == 4

    for path, leaf, use in paths_in(program, inside):
        if isinstance(use, Import) or path.rpartition(".")[2] in _NOT_MOVED:
            continue
        written_path = program.text(use.start.start_pos, leaf.end_pos)
        if ".experimental.preprocessing." in written_path:
            dot = leaf.get_previous_leaf()
            first = dot.get_previous_leaf().get_previous_leaf().get_previous_leaf()
            yield seen(
                first,
                message,
                written("moved", "layers", program.edit(first.get_previous_leaf().start_pos, dot.start_pos, "")),
                leaf,
            )
    for one in program.uses.imports:
        module = canonical(one.module)
        if one.own or not one.names:
            continue
        if module == "keras.layers.experimental.preprocessing":
            names = {name.value for name, _ in one.names}
            edit = program.edit(one.path[-3].end_pos, one.path[-1].end_pos, "")
            yield seen(one.path[-1], message, written("moved", "layers", edit) if not names & {*_NOT_MOVED} else ())
        elif module == "keras.layers.experimental" and [name.value for name, _ in one.names] == ["preprocessing"]:
            start = ".".join(name.value for name in one.path[:-2])
            text = from_import(start, "layers", (one.names[0][1] or one.names[0][0]).value)
            yield seen(one.names[0][0], message, written("moved", text, program.replaced(one.node, text)))


def _cudnn(*, old_home: bool) -> Pattern:
    """The layers for CuDNN: those of `tf.compat.v1.keras`, which Keras 2 still has, or all others."""

    def wanted(path: str) -> bool:
        module, _, name = canonical(path).rpartition(".")
        return module == "keras.layers" and name in _FAST and (".compat.v1." in path) == old_home

    def find(program: Program) -> Iterator[Sighting]:
        for path, leaf, use in paths_in(program, wanted):
            old = path.rpartition(".")[2]
            new = _FAST[old]
            # untranslated: Python code
            text = f"{new} as {old}" if isinstance(use, Import) and (leaf, None) in use.names else new
            edits = [program.replaced(leaf, text)]
            if old_home and not isinstance(use, Import):
                start, end = use.start.start_pos, leaf.end_pos
                modern = program.text(start, end).replace(".compat.v1.", ".").replace(old, new)
                edits = [program.edit(start, end, modern)]
            message = sentence("{old} is gone: {new} is as fast on a GPU by itself.", old=old, new=new)
            yield seen(leaf, message, written("renamed", new, *edits))

    home = "tf.compat.v1.keras" if old_home else "tf.keras"
    return Pattern(
        id="cudnn-layers-v1" if old_home else "cudnn-layers",
        title=f"{home}.layers.CuDNNLSTM",
        fails=sentence("TensorFlow 2 has no CuDNNLSTM and CuDNNGRU; the ordinary layers use CuDNN by themselves."),
        replacement=sentence("Write LSTM or GRU."),
        since=KERAS_3 if old_home else both("tensorflow", "2.0"),
        example=Example(
            f"value = {home}.layers.CuDNNLSTM(4).get_config()['units']",
            ("value = tf.keras.layers.LSTM(4).get_config()['units']",),
        ),
        find=find,
        looks=(look("AttributeError|ImportError", r"'?CuDNN(LSTM|GRU)'"),),
    )


_ENDS = {"input": "inputs[0]", "output": "outputs[0]"}


def _ends(program: Program) -> Iterator[Sighting]:
    """`model.input` of a Sequential that no other model was made of: only then Keras 3 knows none."""
    if any(is_made(call.function, "model") for call in program.uses.calls) or _is_part_of_another(program):
        return
    for one in attributes_of(program, "model", _ENDS):
        if isinstance(one.owner, Made) and one.owner.of in ("keras.Sequential", "keras.models.Sequential"):
            text = _ENDS[one.name.value]
            edit = program.replaced(one.name, text)
            message = sentence("A Sequential model has no {name} in Keras 3.", name=one.name.value)
            yield seen(one.name, message, written("ends", text, edit))


def _is_part_of_another(program: Program) -> bool:
    """Whether a model is given to another one, in a list or by add()."""
    for call in program.uses.calls:
        for one in call.arguments:
            items = one.value.items if isinstance(one.value, Items) else (one.value,)
            adds = isinstance(call.function, Method) and call.function.name == "add"
            if any(is_made(item, "model") for item in items) and (adds or isinstance(one.value, Items)):
                return True
    return False


def _is_of_tensorflow(path: str) -> bool:
    return path.startswith("tensorflow.") and canonical(path) == path and path not in _ASKING


def _symbolic(program: Program) -> Iterator[Sighting]:
    """A function of TensorFlow that is given an Input, or what layers make of one."""
    for call, path in makers_of(program, _is_of_tensorflow):
        if any(is_made(one.value, "tensor") for one in call.arguments) and call.name is not None:
            name = path.removeprefix("tensorflow.")
            yield seen(call.name, sentence("tf.{name} does not take what a layer of a model gives.", name=name))


def _layers_gone(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        module, _, name = canonical(path).rpartition(".")
        return module == "keras.layers" and name in _GONE

    for path, leaf, _ in paths_in(program, wanted):
        yield seen(leaf, sentence("Keras 3 has no {name}.", name=path.rpartition(".")[2]))


LAYERS = (
    Pattern(
        id="layer-shape",
        title="layer.output_shape, layer.input_shape",
        fails=sentence("Layers of Keras 3 have no output_shape and input_shape."),
        replacement=sentence("Write layer.output.shape or layer.input.shape."),
        since=KERAS_3,
        example=Example(
            "model = net()\nvalue = [model.layers[0].output_shape, model.get_layer(index=1).input_shape]",
            ("model = net()\nvalue = [model.layers[0].output.shape, model.get_layer(index=1).input.shape]",),
        ),
        find=_shapes,
        looks=(look("AttributeError", r"has no attribute '(output_shape|input_shape|get_(out|in)put(_shape)?_at)'"),),
    ),
    Pattern(
        id="experimental-preprocessing",
        title="layers.experimental.preprocessing",
        fails=sentence("Keras 3 has no layers.experimental."),
        replacement=sentence("Take the layer of the same name from keras.layers."),
        since=KERAS_3,
        example=Example(
            "value = tf.keras.layers.experimental.preprocessing.Rescaling(0.5)(x)",
            ("value = tf.keras.layers.Rescaling(0.5)(x)",),
        ),
        find=_preprocessing,
        looks=(
            look("AttributeError", r"layers' has no attribute 'experimental'"),
            look("ModuleNotFoundError", r"keras\.layers\.experimental"),
        ),
    ),
    Pattern(
        id="batch-input-shape",
        title="LSTM(batch_input_shape=…)",
        fails=sentence("Layers of Keras 3 don't take batch_input_shape."),
        replacement=sentence("Put keras.Input(batch_shape=…) before the layer."),
        since=KERAS_3,
        example=Example(
            "model = tf.keras.Sequential([tf.keras.layers.LSTM(3, stateful=True, batch_input_shape=(1, 5, 1))])\n"
            "value = model.output_shape",
            ("model = tf.keras.Sequential([tf.keras.Input(batch_shape=(1, 5, 1)), "
             "tf.keras.layers.LSTM(3, stateful=True)])\nvalue = model.output_shape",),
        ),
        find=_batch_shape,
        looks=(look("ValueError", r"^Unrecognized keyword arguments passed to \w+: \{.*'batch_input_shape'"),),
    ),
    Pattern(
        id="layer-arguments",
        title="LSTM(time_major=…), Dense(weights=…)",
        fails=sentence("Layers of Keras 3 don't take time_major, weights or fused."),
        replacement=sentence("Leave it out; give weights with layer.set_weights(…) once the layer is built."),
        since=KERAS_3,
        example=Example(
            "value = tf.keras.layers.LSTM(3, time_major=False)(np.ones((2, 5, 1))).shape",
            ("value = tf.keras.layers.LSTM(3)(np.ones((2, 5, 1))).shape",),
        ),
        find=_arguments_gone,
        looks=(
            look("ValueError", r"^Unrecognized keyword arguments passed to \w+: \{'(time_major|weights|fused)'"),
        ),
    ),
    Pattern(
        id="shape-number",
        title="input_shape=(8)",
        fails=sentence("A shape is a tuple; a number in brackets, (8), is only a number."),
        replacement=sentence("Write a tuple: input_shape=(8,)."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "value = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(8))]).output_shape",
            ("value = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(8,))]).output_shape",),
        ),
        find=_int_shape,
        looks=(
            look("ValueError", r"^Cannot convert '\d+' to a shape"),
            look("TypeError", r"^'int' object is not iterable"),
        ),
    ),
    _cudnn(old_home=False),
    _cudnn(old_home=True),
    Pattern(
        id="symbolic-tensors",
        title="tf.expand_dims(keras.Input(…), -1)",
        fails=sentence("Functions of TensorFlow don't take the symbolic tensors that layers of Keras 3 return."),
        replacement=sentence("Use a layer that does the same (Reshape, Concatenate and so on), or write a layer."),
        since=KERAS_3,
        example=Example(
            "given = tf.keras.Input((5,))\nvalue = tf.keras.Model(given, tf.expand_dims(given, -1)).output_shape",
            (),
        ),
        find=_symbolic,
        looks=(look("ValueError", r"^A KerasTensor cannot be used as input to a TensorFlow function"),),
    ),
    Pattern(
        id="sequential-ends",
        title="Sequential([…]).input, .output",
        fails=sentence("A Sequential model of Keras 3 has no attributes input and output."),
        replacement=sentence("Write model.inputs[0] and model.outputs[0]."),
        since=KERAS_3,
        example=Example(
            "model = net()\nfeatures = tf.keras.Model(model.input, [one.output for one in model.layers])\n"
            "value = features.predict(x, verbose=0)",
            ("model = net()\nfeatures = tf.keras.Model(model.inputs[0], [one.output for one in model.layers])\n"
             "value = features.predict(x, verbose=0)",),
        ),
        find=_ends,
        looks=(look("AttributeError", r"has never been called and thus has no defined (in|out)put"),),
    ),
    Pattern(
        id="layers-gone",
        title="layers.DenseFeatures, layers.LocallyConnected1D",
        fails=sentence("Keras 3 has removed this layer."),
        replacement=sentence("Use Normalization and StringLookup for DenseFeatures, a convolution for the others."),
        since=KERAS_3,
        example=Example("layer = tf.keras.layers.LocallyConnected1D(4, 3)", ()),
        find=_layers_gone,
        looks=(look("AttributeError|ImportError", rf"'({'|'.join(_GONE)})'"),),
    ),
)  # fmt: skip

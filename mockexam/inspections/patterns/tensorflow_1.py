"""Names of TensorFlow 1, which TensorFlow 2 keeps elsewhere or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Fix
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Attribute, Import
from mockexam.inspections.pattern import Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import (
    attributes_of,
    calls_of,
    from_import,
    is_part,
    paths_in,
    seen,
    written,
)
from mockexam.inspections.program import Program

MOVED = {
    "set_random_seed": "random.set_seed", "random_normal": "random.normal", "random_uniform": "random.uniform",
    "truncated_normal": "random.truncated_normal", "log": "math.log", "log1p": "math.log1p", "rsqrt": "math.rsqrt",
    "is_nan": "math.is_nan", "is_inf": "math.is_inf", "is_finite": "math.is_finite", "ceil": "math.ceil",
    "lgamma": "math.lgamma", "digamma": "math.digamma", "erf": "math.erf", "erfc": "math.erfc",
    "count_nonzero": "math.count_nonzero", "confusion_matrix": "math.confusion_matrix", "bincount": "math.bincount",
    "read_file": "io.read_file", "FixedLenFeature": "io.FixedLenFeature", "VarLenFeature": "io.VarLenFeature",
    "substr": "strings.substr", "regex_replace": "strings.regex_replace", "matrix_inverse": "linalg.inv",
    "train.GradientDescentOptimizer": "keras.optimizers.SGD", "train.MomentumOptimizer": "keras.optimizers.SGD",
    "train.AdamOptimizer": "keras.optimizers.Adam", "train.RMSPropOptimizer": "keras.optimizers.RMSprop",
    "train.AdagradOptimizer": "keras.optimizers.Adagrad",
}  # fmt: skip
"""Names below `tf` that mean the same under another name below `tf`."""

KEPT = (
    "Session", "InteractiveSession", "ConfigProto", "GPUOptions", "placeholder", "global_variables_initializer",
    "local_variables_initializer", "initialize_all_variables", "enable_eager_execution", "disable_eager_execution",
    "disable_v2_behavior", "reset_default_graph", "get_default_graph", "get_default_session", "variable_scope",
    "get_variable", "global_variables", "trainable_variables", "app", "flags", "logging", "gfile", "layers", "Print",
    "to_float", "to_int32", "to_int64", "mod", "div", "assign", "multinomial", "parse_single_example", "decode_raw",
    "string_split", "train.Saver", "image.resize_images", "image.resize_bilinear", "summary.FileWriter",
    "nn.dynamic_rnn", "nn.rnn_cell", "nn.softmax_cross_entropy_with_logits_v2", "losses.softmax_cross_entropy",
)  # fmt: skip
"""Names that TensorFlow 2 keeps below `tf.compat.v1`."""

GONE = ("contrib", "examples.tutorials")
"""Names that TensorFlow 2 has nowhere."""

_ESTIMATORS = ("estimator", "keras.estimator")
_PLAIN = ("learning_rate",)


def _is_old(path: str) -> bool:
    root, _, name = path.partition(".")
    return root == "tensorflow" and (name in MOVED or name in KEPT or name in GONE)


def _find(program: Program) -> Iterator[Sighting]:
    for path, leaf, use in paths_in(program, _is_old):
        name = path.partition(".")[2]
        new = MOVED.get(name) or (f"compat.v1.{name}" if name in KEPT else "")
        if not new:
            yield seen(leaf, sentence("TensorFlow 2 has no tf.{name}.", name=name))
            continue
        fixes = _replaced(program, name, leaf, use, new) if _fits(program, name, leaf) else ()
        yield seen(leaf, sentence("tf.{name} is called tf.{new} in TensorFlow 2.", name=name, new=new), fixes)


def _fits(program: Program, name: str, leaf: Node) -> bool:
    """Whether the arguments of an optimizer mean the same for the one in its place."""
    if not name.startswith("train.") or name == "train.Saver":
        return True
    call = next((one for one in program.uses.calls if one.name is leaf), None)
    names = ("learning_rate", "momentum") if "Momentum" in name else _PLAIN
    return call is not None and all(
        one.name in names if one.keyword is not None else place < len(names) and not one.stars
        for place, one in enumerate(call.arguments)
    )


def _replaced(program: Program, name: str, leaf: Node, use: Import | Attribute, new: str) -> tuple[Fix, ...]:
    """The new path below the same `tf`; in an import, where it brings this name alone."""
    if isinstance(use, Import):
        if is_part(leaf, use) or len(use.names) != 1:
            return ()
        module, _, last = f"tensorflow.{new}".rpartition(".")
        text = from_import(module, last, (use.names[0][1] or leaf).value)
        return written("moved", text, program.replaced(use.node, text))
    old = name.split(".")
    start = program.text(use.start.start_pos, leaf.end_pos)
    if not start.endswith("." + name):
        return ()
    first = leaf
    for _ in old[1:]:
        first = first.parent.get_previous_sibling().children[-1]
    return written("moved", f"tf.{new}", program.edit(first.start_pos, leaf.end_pos, new))


def _estimators(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        root, _, name = path.partition(".")
        return root == "tensorflow" and name in _ESTIMATORS

    for _, leaf, _ in paths_in(program, wanted):
        yield seen(leaf, sentence("TensorFlow has no estimators any more."))


_DATASETS = {
    "output_shapes": "tf.compat.v1.data.get_output_shapes", "output_types": "tf.compat.v1.data.get_output_types",
    "output_classes": "tf.compat.v1.data.get_output_classes",
    "make_one_shot_iterator": "tf.compat.v1.data.make_one_shot_iterator",
}  # fmt: skip


def _datasets(program: Program) -> Iterator[Sighting]:
    called = {id(call.name): call for call, _ in calls_of(program, "dataset", _DATASETS)}
    for one in attributes_of(program, "dataset", _DATASETS):
        tensorflow = program.reached("tensorflow", one.start)
        call = called.get(id(one.name))
        end = call.brackets.end_pos if call is not None else one.name.end_pos
        fixes: tuple[Fix, ...] = ()
        if tensorflow is not None and not one.stored and (call is None or not call.arguments):
            function = tensorflow + _DATASETS[one.name.value].removeprefix("tf")
            fixes = written(
                "function",
                f"{function}(…)",
                program.inserted(one.start.start_pos, f"{function}("),
                program.edit(program.before_dot(one.name), end, ")"),
            )
        yield seen(one.name, sentence("A dataset has no {name} in TensorFlow 2.", name=one.name.value), fixes)


TENSORFLOW_1 = (
    Pattern(
        id="tensorflow-1",
        title="tf.Session, tf.ConfigProto, tf.set_random_seed …",
        fails=sentence("TensorFlow 2 has removed this name of TensorFlow 1."),
        replacement=sentence("Use the name of TensorFlow 2, or the old one in tf.compat.v1."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "tf.set_random_seed(7)\nvalue = tf.random_normal((3,)).numpy()",
            ("tf.random.set_seed(7)\nvalue = tf.random.normal((3,)).numpy()",),
        ),
        find=_find,
        looks=(
            look("AttributeError", rf"^module 'tensorflow' has no attribute '({'|'.join((*MOVED, *KEPT, *GONE))})'"),
            look("AttributeError", r"^module 'tensorflow\._api\.v2\.(train|nn|image|summary)' has no attribute"),
            look("ModuleNotFoundError", r"No module named 'tensorflow\.(contrib|examples)"),
        ),
    ),
    Pattern(
        id="estimators",
        title="tf.estimator",
        fails=sentence("TensorFlow 2.16 removed tf.estimator."),
        replacement=sentence("Write the model with Keras."),
        since=both("tensorflow", "2.16"),
        example=Example("tf.estimator.RunConfig()", ()),
        find=_estimators,
        looks=(
            look("AttributeError", r"has no attribute 'estimator'"),
            look("ModuleNotFoundError", r"'tensorflow\.estimator"),
        ),
    ),
    Pattern(
        id="dataset-shapes",
        title="dataset.output_shapes, dataset.make_one_shot_iterator()",
        fails=sentence("Datasets of TensorFlow 2 have no output_shapes, output_types and make_one_shot_iterator."),
        replacement=sentence("Write tf.compat.v1.data.get_output_shapes(dataset)."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "rows = tf.data.Dataset.from_tensor_slices((x, y))\nbatches = rows.padded_batch(4, rows.output_shapes)\n"
            "value = [one.numpy() for one in next(iter(batches))]",
            ("rows = tf.data.Dataset.from_tensor_slices((x, y))\n"
             "batches = rows.padded_batch(4, tf.compat.v1.data.get_output_shapes(rows))\n"
             "value = [one.numpy() for one in next(iter(batches))]",),
        ),
        find=_datasets,
        looks=(look("AttributeError", r"Dataset' object has no attribute '(output_\w+|make_one_shot_iterator)'"),),
    ),
)  # fmt: skip

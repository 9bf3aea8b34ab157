"""Modules that moved: keras_preprocessing, keras.preprocessing.text, keras.layers.core, tensorflow.python.keras …"""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Fix
from mockexam.inspections.names.keras import canonical
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Attribute, Import
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Release, Sighting, both, look
from mockexam.inspections.patterns.recognition import (
    from_import,
    has_stars,
    is_part,
    makers_of,
    paths_in,
    seen,
    titled,
    written,
)
from mockexam.inspections.program import Program

IN_TENSORFLOW = frozenset(
    ("keras.preprocessing.text", "keras.preprocessing.image.ImageDataGenerator",
     "keras.preprocessing.image.DirectoryIterator", "keras.preprocessing.image.NumpyArrayIterator",
     "keras.preprocessing.image.Iterator", "keras.preprocessing.sequence.TimeseriesGenerator",
     "keras.preprocessing.sequence.skipgrams", "keras.preprocessing.sequence.make_sampling_table")
)  # fmt: skip
"""What only `tensorflow.keras` has kept of Keras 2's preprocessing."""

_PARTS = {
    "layers": ("core", "convolutional", "pooling", "recurrent", "normalization", "embeddings", "merge",
               "advanced_activations", "wrappers", "noise", "local", "convolutional_recurrent"),
    "utils": ("np_utils", "vis_utils", "generic_utils", "data_utils", "layer_utils", "training_utils"),
}  # fmt: skip
INNER = frozenset(f"keras.{module}.{part}" for module, parts in _PARTS.items() for part in parts)
"""Modules inside of Keras 2's packages; what they held is a level higher."""

BACKEND = (
    "learning_phase", "set_learning_phase", "function", "placeholder", "in_train_phase", "in_test_phase",
    "print_tensor", "get_session", "set_session", "manual_variable_initialization", "reset_uids",
)  # fmt: skip


def _old_package(program: Program) -> Iterator[Sighting]:
    message = sentence("keras_preprocessing is part of tensorflow.keras.preprocessing now.")
    for one in program.uses.imports:
        if one.own or not one.path or one.path[0].value != "keras_preprocessing":
            continue
        root = one.path[0]
        fixes: tuple[Fix, ...] = ()
        if one.names or one.alias is not None:
            text = "tensorflow.keras.preprocessing"
            fixes = written("moved", text, program.replaced(root, text))
        elif len(one.path) == 1 and one.node.children[1] is root:
            text = from_import("tensorflow.keras", "preprocessing", "keras_preprocessing")
            fixes = written("moved", text, program.replaced(one.node, text))
        yield seen(root, message, fixes)


def _preprocessing(program: Program) -> Iterator[Sighting]:
    for path, leaf, use in paths_in(program, lambda path: path in IN_TENSORFLOW):
        message = sentence("{path} is in tensorflow.keras only.", path=path)
        yield seen(leaf, message, _from_tensorflow(program, leaf, use))


def _from_tensorflow(program: Program, leaf: Node, use: Import | Attribute) -> tuple[Fix, ...]:
    """`tensorflow.keras` for `keras`: in the import itself, or in the one that the name comes from."""
    brought = (
        use if isinstance(use, Import) else program.importing(use.start.value) if use.start.type == "name" else None
    )
    if brought is None or not brought.path or brought.path[0].value != "keras":
        return ()
    if brought.names or brought.alias is not None:
        return written("moved", "tensorflow.keras", program.replaced(brought.path[0], "tensorflow.keras"))
    tensorflow = program.reached("tensorflow", leaf)
    if isinstance(use, Import) or tensorflow is None:
        return ()
    return written("moved", f"{tensorflow}.keras", program.replaced(use.start, f"{tensorflow}.keras"))


def _inner(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        return canonical(path) in INNER and ".python." not in path

    for path, leaf, use in paths_in(program, wanted):
        outer = canonical(path).rpartition(".")[0]
        message = sentence("{path} is gone: what it held is in {outer}.", path=canonical(path), outer=outer)
        if isinstance(use, Attribute):
            yield seen(leaf, message, written("moved", outer, program.without_part(leaf)))
        elif is_part(leaf, use):
            fixes = written("moved", outer, program.without_part(leaf)) if use.names and leaf is use.path[-1] else ()
            yield seen(leaf, message, fixes)
        else:
            yield seen(leaf, message, _outer_as(program, leaf, use))


def _outer_as(program: Program, leaf: Node, use: Import) -> tuple[Fix, ...]:
    """`from keras.utils import np_utils` → `from keras import utils as np_utils`."""
    if len(use.path) < 2:
        return ()
    start, last = ".".join(one.value for one in use.path[:-1]), use.path[-1].value
    alias = next((alias for name, alias in use.names if name is leaf), None)
    text = from_import(start, last, (alias or leaf).value)
    if len(use.names) == 1:
        return written("moved", text, program.replaced(use.node, text))
    return written("moved", text, *program.moved_name(use, leaf, text))


def _python_keras(program: Program) -> Iterator[Sighting]:
    message = sentence("tensorflow.python.keras is an old copy inside of TensorFlow, and does not work any more.")
    for _, leaf, use in paths_in(program, lambda path: path == "tensorflow.python.keras"):
        fixes: tuple[Fix, ...] = ()
        if isinstance(use, Import) and is_part(leaf, use):
            edits = [program.edit(use.path[0].end_pos, use.path[1].end_pos, "")]
            if len(use.path) == 5 and f"keras.{use.path[3].value}.{use.path[4].value}" in INNER:
                edits.append(program.without_part(use.path[4]))
            fixes = written("moved", "tensorflow.keras", *edits) if use.names or use.alias is not None else ()
        elif isinstance(use, Import) and len(use.names) == 1:
            fixes = written("moved", "tensorflow", program.edit(use.path[0].end_pos, use.path[1].end_pos, ""))
        elif isinstance(use, Attribute):
            first = leaf.parent.get_previous_sibling().children[-1]
            fixes = written("moved", "tf.keras", program.without_part(first))
        yield seen(leaf, message, fixes)


def _wrappers(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        return canonical(path) == "keras.wrappers.scikit_learn"

    for _, leaf, _ in paths_in(program, wanted):
        yield seen(leaf, sentence("Keras has no wrappers for scikit-learn any more: the package scikeras has."))


def _many_gpus(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        return canonical(path) in ("keras.utils.multi_gpu_model", "keras.utils.training_utils.multi_gpu_model")

    message = sentence(
        "multi_gpu_model is gone: a model that is made in tf.distribute.MirroredStrategy().scope() does it."
    )
    for path, leaf, _ in paths_in(program, wanted):
        called = any(call.name is leaf for call, _ in makers_of(program, wanted))
        if path.endswith("utils.multi_gpu_model") and not called:
            yield seen(leaf, message)
    for call, _ in makers_of(program, wanted):
        model = call.argument("model", 0)
        if model is not None and call.name is not None and not has_stars(call):
            text = program.code(model.expression)
            edit = program.edit(call.start.start_pos, call.brackets.end_pos, text)
            yield seen(call.name, message, titled("one", sentence("Use the model itself: {text}", text=text), edit))


def _backend(program: Program) -> Iterator[Sighting]:
    def wanted(path: str) -> bool:
        module, _, name = canonical(path).rpartition(".")
        return module == "keras.backend" and name in BACKEND

    for path, leaf, _ in paths_in(program, wanted):
        yield seen(leaf, sentence("keras.backend has no {name} any more.", name=path.rpartition(".")[2]))


MOVED_MODULES = (
    Pattern(
        id="keras-preprocessing",
        title="keras_preprocessing",
        fails=sentence("keras_preprocessing doesn't come with today's TensorFlow."),
        replacement=sentence("Import from tensorflow.keras.preprocessing."),
        since=KERAS_3,
        example=Example(
            "from keras_preprocessing.sequence import pad_sequences\nvalue = pad_sequences([[1, 2]], maxlen=4)",
            ("from tensorflow.keras.preprocessing.sequence import pad_sequences\n"
             "value = pad_sequences([[1, 2]], maxlen=4)",),
        ),
        find=_old_package,
        looks=(look("ModuleNotFoundError", r"^No module named 'keras_preprocessing"),),
    ),
    Pattern(
        id="keras-text",
        title="keras.preprocessing.text",
        fails=sentence("Keras 3 removed this from keras.preprocessing; tensorflow.keras.preprocessing has kept it."),
        replacement=sentence("Import from tensorflow.keras.preprocessing."),
        since=KERAS_3,
        example=Example(
            "from keras.preprocessing.text import Tokenizer\nwords = Tokenizer()\nwords.fit_on_texts(['a b', 'b'])\n"
            "value = words.word_index",
            ("from tensorflow.keras.preprocessing.text import Tokenizer\nwords = Tokenizer()\n"
             "words.fit_on_texts(['a b', 'b'])\nvalue = words.word_index",),
        ),
        find=_preprocessing,
        looks=(
            look("ModuleNotFoundError", r"^No module named 'keras\.preprocessing\.text"),
            look("ImportError", r"^cannot import name '\w+' from 'keras\.preprocessing"),
            look("AttributeError", r"^module 'keras\.preprocessing(\.\w+)?' has no attribute"),
        ),
    ),
    Pattern(
        id="keras-inner-modules",
        title="keras.layers.core, keras.utils.np_utils",
        fails=sentence("Keras 3 doesn't show the modules inside its packages, such as keras.layers.core."),
        replacement=sentence("Import from keras.layers or keras.utils."),
        since=KERAS_3,
        example=Example(
            "from keras.utils import np_utils\nvalue = np_utils.to_categorical([0, 2])",
            ("from keras import utils as np_utils\nvalue = np_utils.to_categorical([0, 2])",),
        ),
        find=_inner,
        looks=(
            look("ModuleNotFoundError", r"^No module named '(tensorflow\.|tf_)?keras\.(layers|utils)\.\w+'"),
            look("ImportError", r"^cannot import name '\w+_utils' from '[\w.]*keras[\w.]*'"),
        ),
    ),
    Pattern(
        id="tensorflow-python-keras",
        title="tensorflow.python.keras",
        fails=sentence("tensorflow.python.keras is an old copy of Keras that no longer works with TensorFlow."),
        replacement=sentence("Import from tensorflow.keras."),
        # With Keras 2 chosen it leads to tf_keras.
        since={3: Release("tensorflow", "2.16")},
        example=Example(
            "from tensorflow.python.keras.models import Sequential\nfrom tensorflow.python.keras.layers import Dense\n"
            "model = Sequential([Dense(1, input_shape=(3,))])\nmodel.compile('sgd', 'mse')\n"
            "value = model.fit(np.zeros((4, 3)), np.ones((4, 1)), verbose=0).history['loss']",
            ("from tensorflow.keras.models import Sequential\nfrom tensorflow.keras.layers import Dense\n"
             "model = Sequential([Dense(1, input_shape=(3,))])\nmodel.compile('sgd', 'mse')\n"
             "value = model.fit(np.zeros((4, 3)), np.ones((4, 1)), verbose=0).history['loss']",),
        ),
        find=_python_keras,
        looks=(
            look("AttributeError", r"has no attribute 'DistributedDatasetInterface'"),
            look("ModuleNotFoundError", r"^No module named 'tensorflow\.python\.keras"),
        ),
    ),
    Pattern(
        id="scikit-learn-wrappers",
        title="keras.wrappers.scikit_learn",
        fails=sentence("Keras removed its wrappers for scikit-learn."),
        replacement=sentence("Install scikeras, and import from scikeras.wrappers."),
        since=both("tensorflow", "2.12"),
        example=Example("from tensorflow.keras.wrappers.scikit_learn import KerasClassifier", ()),
        find=_wrappers,
        looks=(look("ModuleNotFoundError|AttributeError", r"keras\.wrappers|attribute 'wrappers'|scikit_learn'"),),
    ),
    Pattern(
        id="multi-gpu-model",
        title="multi_gpu_model",
        fails=sentence("TensorFlow 2.4 removed multi_gpu_model."),
        replacement=sentence("Use the model itself, made in a tf.distribute strategy where there are several GPUs."),
        since=both("tensorflow", "2.4"),
        example=Example(
            "model = net()\nmodel = tf.keras.utils.multi_gpu_model(model, gpus=2)\nvalue = model.predict(x, verbose=0)",
            ("model = net()\nmodel = model\nvalue = model.predict(x, verbose=0)",),
        ),
        find=_many_gpus,
        looks=(look("AttributeError|ImportError", r"multi_gpu_model"),),
    ),
    Pattern(
        id="backend-functions",
        title="keras.backend.set_learning_phase",
        fails=sentence("The backend of Keras 3 has no sessions, placeholders or learning phases."),
        replacement=sentence("Call the model: model(x, training=False) returns what the function returned."),
        since=KERAS_3,
        example=Example("tf.keras.backend.set_learning_phase(0)", ()),
        find=_backend,
        looks=(look("AttributeError", rf"backend' has no attribute '({'|'.join(BACKEND)})'"),),
    ),
)  # fmt: skip

"""What Keras makes: of which kind the results of its classes, functions and methods are."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from mockexam.inspections.names.values import UNKNOWN, Class, Items, Kind, Made, Method, Qualified, Value

_KERAS = (
    "tensorflow.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.compat.v1.keras",
    "tensorflow.python.keras",
    "tensorflow._api.v2.keras",
    "tf_keras",
)
_SHORT = {  # TensorFlow's own names for parts of Keras
    "tensorflow.optimizers": "keras.optimizers",
    "tensorflow.losses": "keras.losses",
    "tensorflow.metrics": "keras.metrics",
    "tensorflow.initializers": "keras.initializers",
    "keras_preprocessing": "keras.preprocessing",
}
_MODELS = frozenset(
    ("keras.Model", "keras.Sequential", "keras.models.Model", "keras.models.Sequential", "keras.models.load_model",
     "keras.models.clone_model", "keras.models.model_from_json", "keras.models.model_from_config")
)  # fmt: skip
_BASES: dict[str, Kind] = {
    "keras.Model": "model",
    "keras.models.Model": "model",
    "keras.Sequential": "model",
    "keras.models.Sequential": "model",
    "keras.layers.Layer": "layer",
    "keras.callbacks.Callback": "callback",
}
_ARRAYS = frozenset(("array", "asarray", "arange", "linspace", "zeros", "ones", "concatenate", "expand_dims", "load"))
_FROM_IMAGES = ("flow", "flow_from_directory", "flow_from_dataframe")
TRAINING = ("fit", "fit_generator")
PREDICTING = ("predict", "predict_generator", "predict_on_batch", "predict_classes", "predict_proba")


@functools.lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The path with one name for Keras (`keras`) and for TensorFlow (`tensorflow`), however it was reached."""
    for start, short in (*((one, "keras") for one in _KERAS), *_SHORT.items()):
        if name == start or name.startswith(start + "."):
            return short + name[len(start) :]
    if name.startswith("tensorflow.compat.v2."):
        return "tensorflow." + name.removeprefix("tensorflow.compat.v2.")
    return name


@functools.lru_cache(maxsize=4096)
def kind_made(name: str) -> Kind | None:
    """Of which kind the result of calling a class or function is; `name` is canonical."""
    last = name.rpartition(".")[2]
    is_class = last[:1].isupper()
    if name in _MODELS or (name.startswith("keras.applications.") and is_class):
        return "model"
    if name in ("keras.Input", "keras.layers.Input"):
        return "tensor"
    if name.startswith("keras.layers."):
        return "layer" if is_class else "tensor"
    if name.startswith("keras.optimizers.") and ".schedules." not in name and (is_class or last == "get"):
        return "optimizer"
    if name.startswith("keras.preprocessing.image.") and last == "ImageDataGenerator":
        return "image_generator"
    if name.startswith("keras.preprocessing.text.") and last == "Tokenizer":
        return "tokenizer"
    if name.startswith("numpy.") and last in _ARRAYS:
        return "array"
    if name.startswith("tensorflow.data.") and last.startswith("from_"):
        return "dataset"
    if last.endswith("_dataset_from_directory") and name.startswith(("keras.utils.", "keras.preprocessing.")):
        return "dataset"
    return "history" if name == "keras.callbacks.History" else None


def made_by(function: Value, arguments: Sequence[Value]) -> Value:
    """What calling this gives."""
    if isinstance(function, Qualified):
        name = canonical(function.name)
        if name.startswith("builtins."):
            return _built(name, arguments)
        kind = kind_made(name)
        if kind == "tensor" and not name.endswith(".Input") and not (arguments and _is_symbolic(arguments[0])):
            return UNKNOWN
        return Made(kind, name) if kind else UNKNOWN
    if isinstance(function, Class):
        return Made(function.kind, function.of, function.defined)
    if isinstance(function, Made) and function.kind in ("layer", "model"):
        return Made("tensor") if arguments and _is_symbolic(arguments[0]) else UNKNOWN
    return _result(function.owner, function.name) if isinstance(function, Method) else UNKNOWN


def _is_symbolic(value: Value) -> bool:
    """Whether this stands for values that come later: an Input, or what layers make of one."""
    if isinstance(value, Items):
        return bool(value.items) and all(_is_symbolic(item) for item in value.items)
    return isinstance(value, Made) and value.kind == "tensor"


def _built(name: str, arguments: Sequence[Value]) -> Value:
    if name == "builtins.float":
        return Made("float")
    if not arguments:
        return UNKNOWN
    first = arguments[0]
    if name == "builtins.enumerate":
        return Items("enumerate", (first,))
    if name == "builtins.list" and isinstance(first, Items) and first.kind != "enumerate":
        return Items("list", first.items)
    same = name in ("builtins.list", "builtins.reversed", "builtins.tuple")
    return first if same and isinstance(first, Made) and first.kind == "layers" else UNKNOWN


def _result(owner: Made, name: str) -> Value:
    if name in owner.defined:
        return UNKNOWN
    if owner.kind == "model":
        if name in TRAINING:
            return Made("history", owner.of)
        if name in PREDICTING:
            return Made("array")
        return Made("layer") if name == "get_layer" else UNKNOWN
    if owner.kind == "image_generator" and name in _FROM_IMAGES:
        return Made("batches")
    return Made("dataset") if owner.kind == "dataset" and name != "as_numpy_iterator" else UNKNOWN


_MEMBERS: dict[tuple[Kind, str], Made] = {
    ("model", "layers"): Made("layers"),
    ("model", "optimizer"): Made("optimizer"),
    ("model", "history"): Made("history"),
    ("model", "output"): Made("tensor"),
    ("model", "input"): Made("tensor"),
    ("layer", "output"): Made("tensor"),
    ("layer", "input"): Made("tensor"),
    ("history", "model"): Made("model"),
    ("callback", "model"): Made("model"),
}


def member(owner: Value, name: str) -> Value:
    """What an attribute of this is."""
    if isinstance(owner, Qualified):
        return Qualified(f"{owner.name}.{name}")
    if not isinstance(owner, Made) or name in owner.defined:
        return UNKNOWN
    if owner.kind == "history" and name == "history":
        return Made("record", owner.of)
    return _MEMBERS.get((owner.kind, name)) or Method(owner, name)


def element(of: Value) -> Value:
    """What a loop over this gives, one at a time."""
    if isinstance(of, Made):
        return Made("layer") if of.kind == "layers" else UNKNOWN
    if isinstance(of, Items):
        if of.kind == "enumerate":
            return Items("tuple", (UNKNOWN, element(of.items[0])))
        first = of.items[0] if of.items else UNKNOWN
        return first if all(item == first for item in of.items) else UNKNOWN
    return UNKNOWN


def base_kind(bases: Sequence[Value]) -> tuple[Kind, str, frozenset[str]] | None:
    """What the instances of a class with these bases are, None where a base isn't known."""
    if len(bases) != 1:
        return None
    base = bases[0]
    if isinstance(base, Class):
        return base.kind, base.of, base.defined
    if not isinstance(base, Qualified):
        return None
    name = canonical(base.name)
    kind = _BASES.get(name) or (kind_made(name) if name.startswith("keras.layers.") else None)
    if kind is None and name.startswith("keras.callbacks."):
        kind = "callback"
    return (kind, name, frozenset()) if kind else None

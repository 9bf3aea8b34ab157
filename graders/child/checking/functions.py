"""Which functions a configuration may name: by rule those that compute on tensors and nothing else.

Op layers of Keras 2 (TFOpLambda) call functions of TensorFlow's whole interface by name. Keras records only such as
TensorFlow dispatches to it, which are the ones that take tensors; what else has a name there is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import tensorflow as tf
from keras.src.api_export import REGISTERED_NAMES_TO_OBJS
from keras.src.saving.serialization_lib import BUILTIN_MODULES
from tensorflow.python.util import tf_export
from tf_keras.src.engine import keras_tensor

from graders.child.checking.classes import is_keras
from graders.child.loading import activations
from graders.sentences import Sentence, sentence

HOMES = (
    "tensorflow.python.ops.",
    "tensorflow.python.framework.",
    "tf_keras.src.activations",
    "tf_keras.src.backend",
    "tf_keras.src.losses",
    "tf_keras.src.metrics.",
)
"""Modules whose dispatched functions are allowed. Beside these there are XLA's, dtensor's, those of remote calls …"""
HOMES_3 = ("keras.activations", "keras.ops", "keras.ops.image", "keras.random", "keras.losses", "keras.metrics")
"""Public modules of Keras 3 whose functions are allowed."""

NOT_ON_TENSORS = sentence("it isn't a function that computes on tensors")
_FILES = sentence("it reads or writes files")
_PYTHON = sentence("it runs Python")
_CALLS = sentence("it calls other functions, which a file can't hold")
_VARIABLES = sentence("it changes or reads variables of other models")
_OBJECTS = sentence("it makes objects of what it is given")

REFUSED: Mapping[Sentence, tuple[str, ...]] = {
    _FILES: (
        *("io.read_file", "io.write_file", "io.matching_files", "io.decode_proto", "io.encode_proto", "print"),
        *("nn.fixed_unigram_candidate_sampler", "random.fixed_unigram_candidate_sampler"),
    ),
    _PYTHON: ("py_function", "numpy_function", "compat.v1.py_func"),
    _CALLS: (
        *("case", "cond", "foldl", "foldr", "map_fn", "scan", "switch_case", "vectorized_map", "while_loop"),
        *("ragged.map_flat_values", "sparse.map_values", "nn.with_space_to_batch", "keras.backend.rnn"),
        *("compat.v1.case", "compat.v1.cond", "compat.v1.foldl", "compat.v1.foldr", "compat.v1.scan"),
        *("compat.v1.nn.bidirectional_dynamic_rnn", "compat.v1.nn.dynamic_rnn", "compat.v1.nn.raw_rnn"),
        *("compat.v1.nn.static_bidirectional_rnn", "compat.v1.nn.static_rnn", "compat.v1.nn.static_state_saving_rnn"),
        *("linalg.experimental.conjugate_gradient",),
    ),
    _VARIABLES: (
        *("keras.backend.batch_get_value", "keras.backend.batch_set_value"),
        *("compat.v1.train.sdca_optimizer", "compat.v1.train.sdca_shrink_l1"),
    ),
    _OBJECTS: ("keras.activations.deserialize", "keras.activations.get", "keras.activations.serialize"),
}
"""Refused though the rule would allow them, by the reason. `print` may be told a file to print to."""
REFUSED_3: Mapping[Sentence, tuple[str, ...]] = {
    _OBJECTS: ("deserialize", "get", "serialize"),
    _CALLS: ("custom_gradient", "convert_to_numpy"),
}
"""The same of Keras 3, by the functions' own names."""

RAGGED_MAKERS = "from_"
"""How the methods of tf.RaggedTensor begin that Keras records: from_row_splits, from_tensor …"""


@cache
def _refused() -> Mapping[int, Sentence]:
    return {id(tf_export.get_symbol_from_name(name)): why for why, names in REFUSED.items() for name in names}


def reason_against(function: Any) -> Sentence | None:
    """Why an op layer may not call a function of TensorFlow or Keras 2; None when it may."""
    if id(function) in _refused():
        return _refused()[id(function)]
    home = str(getattr(function, "__module__", ""))
    dispatched = hasattr(function, "_tf_fallback_dispatchers") and not isinstance(function, type)
    public = dispatched and f"{home}.".startswith(HOMES) and id(function) in _public()
    return None if public else NOT_ON_TENSORS


@cache
def _public() -> frozenset[int]:
    """What has a name in TensorFlow's interface: modules hold other ways to the same things."""
    return frozenset(map(id, tf_export._NAME_TO_SYMBOL_MAPPING.values()))


def reason_against_symbol(name: Any) -> Sentence | None:
    """Why an op layer may not call what has this name in TensorFlow's interface; None when it may."""
    return reason_against(tf_export.get_symbol_from_name(name)) if isinstance(name, str) else NOT_ON_TENSORS


def reason_against_method(class_name: Any, method: Any) -> Sentence | None:
    """Why a layer may not call this method of a class; None when it may."""
    known = class_name == "RaggedTensor" and isinstance(method, str) and method.startswith(RAGGED_MAKERS)
    return None if known and method in vars(tf.RaggedTensor) else NOT_ON_TENSORS


def reason_against_attribute(name: Any) -> Sentence | None:
    """Why a layer may not ask a tensor for this attribute; None when it may: one of ragged and sparse tensors."""
    homes = (keras_tensor.RaggedKerasTensor, keras_tensor.SparseKerasTensor)
    known = isinstance(name, str) and not name.startswith("_") and any(name in vars(home) for home in homes)
    return None if known else NOT_ON_TENSORS


def is_known(module: Any, name: str, registered: Any) -> bool | Sentence:
    """Whether a function that is named for a layer's setting is Keras' own; a reason when it is and isn't allowed."""
    if module is None or (isinstance(registered, str) and ">" in registered):
        return False
    if not isinstance(module, str) or not name.isidentifier():
        return False
    if module == "builtins":
        return activations.is_known(name) or _judged(_builtins(name))
    if is_keras(module):
        return _judged(_in_keras(module, name))
    return _judged(vars(sys.modules[module]).get(name)) if module in sys.modules else False


def _judged(functions: Any) -> bool | Sentence:
    found = [one for one in (functions if isinstance(functions, list) else [functions]) if one is not None]
    reasons = [why for one in found if (why := _reason(one)) is not None]
    return reasons[0] if reasons else bool(found)


def _reason(function: Any) -> Sentence | None:
    if function in allowed_3():
        return None
    return reason_against(function)


def _builtins(name: str) -> list[Any]:
    return [found for home in BUILTIN_MODULES for found in _in_keras(f"keras.{home}", name)]


def _in_keras(module: str, name: str) -> list[Any]:
    text = f"{module}.{name}".removeprefix("tf_")
    held = [vars(sys.modules[home]).get(name) for home in (module, f"tf_{module}") if home in sys.modules]
    return [
        one
        for one in (REGISTERED_NAMES_TO_OBJS.get(text), tf_export.get_symbol_from_name(text), *held)
        if one is not None
    ]


@cache
def allowed_3() -> Mapping[Any, str]:
    """The functions of Keras 3 that may be named, by the function: its public name."""
    refused = {name for names in REFUSED_3.values() for name in names}
    return {
        one: label
        for label, one in sorted(REGISTERED_NAMES_TO_OBJS.items(), key=lambda pair: pair[0])
        if label.rpartition(".")[0] in HOMES_3
        and callable(one)
        and not isinstance(one, type)
        and one.__name__ not in refused
    }


def allowed_symbols() -> Iterator[str]:
    """The names of TensorFlow's interface that op layers may call; one of the first version only where it differs."""
    names: dict[int, str] = {}
    for name, one in sorted(tf_export._NAME_TO_SYMBOL_MAPPING.items(), key=lambda pair: "compat.v1." in pair[0]):
        if reason_against(one) is None and not (name.startswith("compat.v1.") and id(one) in names):
            names[id(one)] = name
            yield name

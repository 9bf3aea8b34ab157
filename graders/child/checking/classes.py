"""Which classes of the two Kerases a configuration may name: by rule those that compute on tensors and nothing else.

What a name stands for is looked up as Keras does it, but only in modules that are imported already, and judged by what
was found: another name of a class that isn't allowed is no way to it. The list that the rule comes to with the
installed libraries is kept in tests/graders/child/allowed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import keras
import tf_keras
from keras.src.api_export import REGISTERED_NAMES_TO_OBJS
from keras.src.ops.operation import Operation
from keras.src.saving import object_registration as registration_3
from tensorflow.python.ops import init_ops, init_ops_v2
from tensorflow.python.util import tf_export
from tf_keras.src.saving import object_registration as registration_2

from graders.sentences import Sentence, sentence

HOMES = frozenset({
    "keras.layers",
    "keras.layers.experimental",
    "keras.layers.experimental.preprocessing",
    "keras._legacy.layers",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.mixed_precision",
    "keras.quantizers",
})  # fmt: skip
"""Public modules whose classes are allowed: layers, and what layers are given."""
SINGLE = frozenset({
    "keras.Layer",
    "keras.Model",
    "keras.Sequential",
    "keras.DTypePolicy",
    "keras.FloatDTypePolicy",
    "keras.random.SeedGenerator",
})  # fmt: skip
"""Public classes that are allowed by their own name, beside which there are others that aren't."""
OPERATIONS = ("keras.src.ops.", "keras.src.activations.")
"""Modules whose operations are allowed: what Keras 3 writes of `x * 2` and of `keras.ops.mean(x)`."""

INITIALIZERS = ("tensorflow.python.ops.init_ops_v2", "tensorflow.python.ops.init_ops")
"""Modules of TensorFlow whose initializers are allowed: keras.applications of Keras 2 use tf.constant_initializer."""

NOT_FOR_MODELS = sentence("it does more than compute on tensors")

# untranslated: reasons for those who read the rule
OUTSIDE: Mapping[str, str] = {
    "keras.src.models.functional.Functional": "every functional model; it has no public name",
    "tf_keras.src.engine.functional.Functional": "every functional model of Keras 2",
    "tf_keras.src.engine.base_layer.AddLoss": "what add_loss leaves in a functional model: it passes its input on",
    "tf_keras.src.engine.base_layer.AddMetric": "what add_metric leaves in a functional model",
    "tf_keras.src.engine.base_layer.TensorFlowOpLayer": "functions of TensorFlow 2.0 to 2.3; its operation is checked",
    "tf_keras.src.layers.core.tf_op_layer.TFOpLambda": "functions of TensorFlow; the function is checked",
    "tf_keras.src.layers.core.tf_op_layer.SlicingOpLambda": "slices; the function is checked",
    "tf_keras.src.layers.core.tf_op_layer.ClassMethod": "ragged tensors; class and method are checked",
    "tf_keras.src.layers.core.tf_op_layer.InstanceProperty": "ragged and sparse tensors; the name is checked",
    "tf_keras.src.layers.core.tf_op_layer.InstanceMethod": "ragged and sparse tensors; the name is checked",
    "tf_keras.src.layers.normalization.batch_normalization.BatchNormalizationBase": "older name of BatchNormalization",
    "tf_keras.src.applications.convnext.LayerScale": "a layer of keras.applications.ConvNeXt",
    "tf_keras.src.applications.convnext.StochasticDepth": "a layer of keras.applications.ConvNeXt",
    "tf_keras.src.applications.inception_resnet_v2.CustomScaleLayer": "of keras.applications.InceptionResNetV2",
    "keras.src.applications.convnext.LayerScale": "a layer of keras.applications.ConvNeXt",
    "keras.src.applications.convnext.StochasticDepth": "a layer of keras.applications.ConvNeXt",
    "keras.src.applications.inception_resnet_v2.CustomScaleLayer": "of keras.applications.InceptionResNetV2",
}
"""Allowed though the rule doesn't say so, by where the class is made, with the reason."""

INSIDE: Mapping[str, Sentence] = {
    "Lambda": sentence("it holds Python code"),
    "TFSMLayer": sentence("it loads a SavedModel from a path"),
    "TorchModuleWrapper": sentence("it holds a PyTorch module"),
    "JaxLayer": sentence("it holds a JAX function"),
    "FlaxLayer": sentence("it holds a Flax module"),
    "DenseFeatures": sentence("it is made of feature columns, which may read files and call functions"),
    "SequenceFeatures": sentence("it is made of feature columns, which may read files and call functions"),
    "DynamicLookup": sentence("it changes its vocabulary while it is used"),
    "DynamicEmbedding": sentence("it changes its vocabulary while it is used"),
    "GPTQConfig": sentence("it trains on data that it brings along"),
    "AWQConfig": sentence("it trains on data that it brings along"),
    "Operation": NOT_FOR_MODELS,
    "Function": NOT_FOR_MODELS,
}
"""Refused though the rule would allow it, by the class's name, with the reason."""

_MOVED = ("keras.engine.", "keras.src.engine.")  # in 2.13; the loader reads one as the other
_POLICIES = {"Policy": tf_keras.mixed_precision.Policy, "PolicyV1": tf_keras.mixed_precision.Policy}


def reason_against(made: type) -> Sentence | None:
    """Why a class may not be named; None when it may."""
    if made in allowed():
        return None
    return INSIDE.get(made.__name__, NOT_FOR_MODELS)


def found(module: Any, name: str, registered: Any) -> tuple[type, ...] | None:
    """Every class that either Keras would take for this name; None for what isn't Keras' own or isn't a class.

    Modules that Keras had before it moved to keras.src can't be imported: there the class's name alone counts.
    """
    if not name.isidentifier() and ">" not in name:
        return None
    if not all(one is None or isinstance(one, str) for one in (module, registered)):
        return None
    return _found(module, name, registered)


@lru_cache(4096)
def _found(module: str | None, name: str, registered: str | None) -> tuple[type, ...] | None:
    known = (registration_2._GLOBAL_CUSTOM_OBJECTS, registration_3.GLOBAL_CUSTOM_OBJECTS)
    listed = tuple(home[each] for home in known for each in (name, registered) if each in home)
    if listed:
        return listed if all(is_keras(one.__module__) for one in listed) else None
    if ">" in f"{name}{registered or ''}":
        return None
    if module is None:
        return None if registered is not None else _by_bare_name().get(name)
    if not is_keras(module) and module not in INITIALIZERS:
        return None
    made = tuple(_in_module(module, name, registered))
    if any(not isinstance(one, type) for one in made):
        return None
    return made or (None if ".src." in module else _by_bare_name().get(name))


def is_keras(module: str) -> bool:
    """Whether a module is one of Keras', by the names that it has had."""
    return module.split(".")[0] in ("keras", "tf_keras") or module.startswith("tensorflow.keras")


def _in_module(module: str, name: str, registered: str | None) -> Iterator[Any]:
    for home in dict.fromkeys((module, module.replace(*_MOVED, 1))):
        yield from _public(home, name)
        for package in (home, f"tf_{home}") if home.startswith("keras") else (home,):
            held = vars(sys.modules[package]) if package in sys.modules else {}
            found_here = held.get(name, held.get(registered) if registered else None)
            if found_here is not None:
                yield found_here


def _public(module: str, name: str) -> Iterator[Any]:
    text = f"{module}.{name}"
    older = f"compat.v1.{text}" if "__internal__.legacy" in text else text
    for found_here in (REGISTERED_NAMES_TO_OBJS.get(text), tf_export.get_symbol_from_name(older)):
        if found_here is not None:
            yield found_here


def prepare() -> None:
    """Look all names up beforehand, once for all processes that are forked from this one."""
    _by_bare_name()


@cache
def allowed() -> Mapping[type, str]:
    """Every class that may be named, and where it is found: its public name, or the module that makes it."""
    made: dict[type, str] = {}
    for label, one in sorted(_candidates(), key=lambda pair: pair[0]):
        if isinstance(one, type) and issubclass(one, _ROLES) and one.__name__ not in INSIDE:
            made.setdefault(one, label)
    for label in OUTSIDE:
        module, _, name = label.rpartition(".")
        if module in sys.modules and (one := vars(sys.modules[module]).get(name)) is not None:
            made.setdefault(one, label)
    return made


_ROLES = (
    keras.layers.Layer,
    Operation,
    keras.initializers.Initializer,
    keras.regularizers.Regularizer,
    keras.constraints.Constraint,
    keras.dtype_policies.DTypePolicy,
    keras.dtype_policies.DTypePolicyMap,
    keras.random.SeedGenerator,
    keras.quantizers.Quantizer,
    *([keras.quantizers.QuantizationConfig] if hasattr(keras.quantizers, "QuantizationConfig") else []),
    init_ops.Initializer,
    init_ops_v2.Initializer,
    tf_keras.layers.Layer,
    tf_keras.initializers.Initializer,
    tf_keras.regularizers.Regularizer,
    tf_keras.constraints.Constraint,
    tf_keras.mixed_precision.Policy,
)


def _candidates() -> Iterator[tuple[str, Any]]:
    names: Iterable[tuple[str, Any]] = (*REGISTERED_NAMES_TO_OBJS.items(), *tf_export._NAME_TO_SYMBOL_MAPPING.items())
    for label, one in names:
        text = label.removeprefix("compat.v1.")
        if text.rpartition(".")[0] in HOMES or text in SINGLE:
            yield ("tf_" if getattr(one, "__module__", "").startswith("tf_keras") else "") + text, one
    for module in INITIALIZERS:
        for name, one in vars(sys.modules[module]).items():
            if isinstance(one, type) and issubclass(one, vars(sys.modules[module])["Initializer"]):
                yield f"{module}.{name}", one
    for module in [each for each in sys.modules if each.startswith(OPERATIONS)]:
        for name, one in vars(sys.modules[module]).items():
            if isinstance(one, type) and issubclass(one, Operation) and one.__module__ == module:
                yield f"{module}.{name}", one


@cache
def _by_bare_name() -> Mapping[str, tuple[type, ...]]:
    """Classes by the names that files without modules give: of layers, initializers, regularizers, constraints."""
    made: dict[str, dict[type, None]] = {}
    for registry in _registries():
        for name, one in registry.items():
            if isinstance(one, type):
                made.setdefault(name, {})[one] = None
    for one in allowed():
        made.setdefault(one.__name__, {})[one] = None
    return {name: tuple(classes) for name, classes in made.items()}


def _registries() -> Iterator[Mapping[str, Any]]:
    from tf_keras.src import initializers, layers

    layers.serialization.populate_deserializable_objects()
    initializers.populate_deserializable_objects()
    yield layers.serialization.LOCAL.ALL_OBJECTS
    yield initializers.LOCAL.ALL_OBJECTS
    for module in (tf_keras.regularizers, tf_keras.constraints, keras.layers):
        yield vars(module)
    for name in ("initializers", "regularizers", "constraints", "activations", "dtype_policies"):
        yield vars(sys.modules[f"keras.src.{name}"]).get("ALL_OBJECTS_DICT", {})
    yield _POLICIES

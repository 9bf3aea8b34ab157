"""The rules that can be checked on the configuration, before any object is made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tensorflow as tf

from graders.child.checking import classes, functions, graphs, operations
from graders.child.loading import activations
from graders.child.loading.blueprint import Item, items, values
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import Sentence, Words, sentence, sentences

SHOWN = 3

_DATA = frozenset({
    "__bytes__",
    "__ellipsis__",
    "__keras_tensor__",
    "__numpy__",
    "__slice__",
    "__tensor__",
    "__tuple__",
    "CompositeTensor",
    "TensorShape",
})  # fmt: skip
"""Classes by which configurations write what JSON has no form for; their parts are looked at as everything is."""
_SPECS = frozenset({"TensorSpec", "RaggedTensorSpec", "SparseTensorSpec"})
_VOCABULARIES = ("TextVectorization", "StringLookup", "IntegerLookup")
_ACTIVATIONS = ("activation", "recurrent_activation")
"""Settings that name a function by its bare name."""


def check_rules(config: dict[str, Any] | None, contract: Contract) -> None:
    """Refuse what the contract forbids, what is more than a model, and what can be loaded only where it was written.

    Raises Refusal with code "lambda", "foreign-layer", "foreign-function", "foreign-file" or "custom-object", and
    names the layers.
    """
    if config is None:
        return
    found = list(items(config))
    if not contract.lambda_allowed:
        refuse_lambdas(item.name for item in found if _is_lambda(item))
    for item in found:
        _check(item)
    custom = dict.fromkeys(_custom_name(item) for item in found if _is_custom(item))
    custom |= dict.fromkeys(name for value in values(config) for name in _unknown_activations(value))
    if custom:
        raise custom_object(_listed(custom))


def refuse_lambdas(names: Iterable[str]) -> None:
    """Raise Refusal if there are any names of Lambda layers."""
    found = list(dict.fromkeys(names))
    if found:
        layers = sentences("Lambda layer {names}", "Lambda layers {names}", count=len(found), names=_listed(found))
        advice = sentence(
            "Do that step in the data pipeline, or with a layer such as Reshape, Rescaling or Normalization, and train "
            "and save again."
        )
        raise Refusal("rules", "lambda", sentence("a model without Lambda layers"), layers, advice)


def _foreign_layer(item: Item, why: Sentence) -> Refusal:
    return Refusal(
        "rules",
        "foreign-layer",
        sentence("layers that the file itself holds"),
        sentence("layer {name} is a {kind}: {why}", name=item.name, kind=item.class_name, why=why),
        sentence("Build the model from Keras' ordinary layers and save it again."),
    )


def _foreign_function(item: Item, function: Any, why: Sentence) -> Refusal:
    return Refusal(
        "rules",
        "foreign-function",
        sentence("functions that compute on tensors"),
        sentence("layer {name} calls {function}: {why}", name=item.name[:80], function=f"{function}"[:80], why=why),
        sentence("Do that step outside the model, and save the model again."),
    )


def _foreign_vocabulary(item: Item) -> Refusal:
    return Refusal(
        "rules",
        "foreign-file",
        sentence("layer {layer} with its vocabulary", layer=item.name),
        sentence("the path of a file that holds it"),
        sentence("Give the layer its vocabulary as a list, or call adapt, and save the model again."),
    )


def check_graphs(saved_model: Any) -> None:
    """Refuse a SavedModel (the protocol buffer) with an operation that no model needs. Raises Refusal.

    The codes are "foreign-operation" and "foreign-file".
    """
    found = next(graphs.forbidden(saved_model), None)
    if found is not None:
        raise Refusal(
            "rules",
            "foreign-operation",
            sentence("a graph that computes on tensors"),
            sentence("the operation {name}: {why}", name=found.operation[:80], why=found.why),
            sentence("Do that step outside the model, and save the model again."),
        )
    asset = next(graphs.stray_assets(saved_model), None)
    if asset is not None:
        raise Refusal(
            "rules",
            "foreign-file",
            sentence("a file that holds all of its model"),
            sentence("{name} lies outside its folder", name=asset[:80]),
            sentence("Save the model again."),
        )


def custom_object(name: Words) -> Refusal:
    """Return the refusal of a class or function that the grader doesn't have."""
    return Refusal(
        "rules",
        "custom-object",
        sentence("layers and functions that come with Keras"),
        sentence("{name}, written elsewhere", name=name),
        sentence("Use Keras' own layers and functions. A loss, metric or optimizer of your own is no obstacle."),
    )


def check_size(layers: int | None, parameters: int | None, contract: Contract) -> None:
    """Refuse a model with more layers or parameters than the problem allows. Raises Refusal."""
    if contract.max_layers is not None and layers is None:
        raise Refusal(
            "rules",
            "layers-unknown",
            sentence("a model whose layers can be counted"),
            sentence("a SavedModel doesn't say"),
            sentence('Save it as model.save("mymodel.h5").'),
        )
    if contract.max_layers is not None and layers is not None and layers > contract.max_layers:
        raise Refusal(
            "rules",
            "layers",
            sentence("at most {number} layers", number=contract.max_layers),
            sentence("{number} layers", number=layers),
            sentence("Leave layers out and train again."),
        )
    if contract.max_parameters is not None and parameters is not None and parameters > contract.max_parameters:
        raise Refusal(
            "rules",
            "parameters",
            sentence("at most {number} parameters", number=f"{contract.max_parameters:,}"),
            sentence("{number} parameters", number=f"{parameters:,}"),
            sentence("Use fewer units or filters, or pool before a Dense layer, and train again."),
        )


def _is_lambda(item: Item) -> bool:
    # "__lambda__" outside a Lambda layer is an unnamed function, as in Dense(activation=lambda x: ...).
    if item.class_name in ("Lambda", "__lambda__"):
        return item.class_name == "__lambda__" or item.module is None or classes.is_keras(item.module)
    return any(made.__name__ == "Lambda" for made in _classes(item) or ())


def _check(item: Item) -> None:
    """Refuse one object that is Keras' own and may not be named."""
    if item.class_name == "function":
        _check_function(item)
        return
    if item.class_name in ("__typespec__", "TypeSpec"):
        _check_spec(item)
        return
    for made in _classes(item) or ():
        why = classes.reason_against(made)
        if why is not None and made.__name__ != "Lambda":
            raise _foreign_layer(item, why)
    if item.class_name in _CALLS:
        _check_call(item)
    if item.class_name in _VOCABULARIES and isinstance(_settings(item).get("vocabulary"), str):
        raise _foreign_vocabulary(item)


def _check_function(item: Item) -> None:
    known = functions.is_known(item.entry.get("module"), f"{item.settings}", item.entry.get("registered_name"))
    if not isinstance(known, bool):
        raise _foreign_function(item, item.settings, known)


def _check_spec(item: Item) -> None:
    name = item.entry.get("spec_name", item.entry.get("type_spec"))
    home = item.module or "tensorflow.python."
    if not isinstance(name, str) or name.removeprefix("tf.") not in _SPECS or not home.startswith("tensorflow.python."):
        raise _foreign_layer(item, classes.NOT_FOR_MODELS)


def _check_call(item: Item) -> None:
    called, why = _CALLS[item.class_name](_settings(item))
    if why is not None:
        raise _foreign_function(item, called, why)


def _operation(settings: dict[str, Any]) -> tuple[Any, Sentence | None]:
    """The operation of TensorFlow that a layer of Keras 2 holds, and why it may not."""
    node = settings.get("node_def")
    try:
        name = node["op"] if isinstance(node, dict) else tf.compat.v1.NodeDef.FromString(f"{node}".encode()).op
    except Exception:
        name = None
    return name, operations.reason_against(name) if isinstance(name, str) else operations.OUTSIDE_ITS_INPUTS


def _symbol(settings: dict[str, Any]) -> tuple[Any, Sentence | None]:
    name = settings.get("function")
    return name, functions.reason_against_symbol(name)


def _method(settings: dict[str, Any]) -> tuple[Any, Sentence | None]:
    home, name = settings.get("cls_symbol"), settings.get("method_name")
    return f"{home}.{name}", functions.reason_against_method(home, name)


def _attribute(settings: dict[str, Any]) -> tuple[Any, Sentence | None]:
    name = settings.get("attr_name")
    return name, functions.reason_against_attribute(name)


_CALLS: Mapping[str, Callable[[dict[str, Any]], tuple[Any, Sentence | None]]] = {
    "TFOpLambda": _symbol,
    "SlicingOpLambda": _symbol,
    "ClassMethod": _method,
    "InstanceProperty": _attribute,
    "InstanceMethod": _attribute,
    "TensorFlowOpLayer": _operation,
}
"""Layers of Keras 2 that call what their settings name: the name, and why it may not be called."""


def _settings(item: Item) -> dict[str, Any]:
    return item.settings if isinstance(item.settings, dict) else {}


def _classes(item: Item) -> tuple[type, ...] | None:
    return classes.found(item.entry.get("module"), item.class_name, item.entry.get("registered_name"))


def _is_custom(item: Item) -> bool:
    """Whether an object is written elsewhere: neither Keras has it under its name."""
    if item.class_name in ("Lambda", "__lambda__", "__typespec__", "TypeSpec") or item.class_name in _DATA:
        return item.class_name == "Lambda" and not _is_lambda(item)
    if item.class_name == "function":
        known = functions.is_known(item.entry.get("module"), f"{item.settings}", item.entry.get("registered_name"))
        return known is False
    return _classes(item) is None


def _unknown_activations(value: Any) -> Iterable[str]:
    """The names of functions among the settings of a layer that aren't Keras' own."""
    if isinstance(value, dict):
        for setting in _ACTIVATIONS:
            name = value.get(setting)
            if isinstance(name, str) and not activations.is_known(name):
                yield name


def _custom_name(item: Item) -> str:
    if item.class_name == "function":
        return item.name.split(">")[-1]
    kind = item.class_name.split(">")[-1]
    # untranslated: it stands in a list of names
    return f"{kind} (layer {item.name})" if item.name != item.class_name else kind


def _listed(names: Iterable[str]) -> Words:
    every = list(names)
    listed = ", ".join(name[:80] for name in every[:SHOWN])
    if len(every) <= SHOWN:
        return listed
    return sentence("{names} and {count} more", names=listed, count=len(every) - SHOWN)

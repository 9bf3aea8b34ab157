"""The rules that can be checked on the configuration, before any object is made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graders.child.loading.blueprint import Item, items
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import Words, sentence, sentences

# Where Keras' own classes live, by the module that a file names. "builtins" holds functions named by their bare name.
KERAS_MODULES = ("keras", "tf_keras", "tensorflow", "tensorflow.keras", "builtins")
# Layers that run something other than what the file holds, or that Keras itself calls unsafe to load.
FOREIGN_LAYERS = {
    "TFSMLayer": sentence("it loads a SavedModel from a path"),
    "TorchModuleWrapper": sentence("it holds a PyTorch module"),
    "JaxLayer": sentence("it holds a JAX function"),
    "FlaxLayer": sentence("it holds a Flax module"),
}
SHOWN = 3


def check_rules(config: dict[str, Any] | None, contract: Contract) -> None:
    """Refuse what the contract forbids and what can't be loaded anywhere but where it was written.

    Raises Refusal with code "lambda", "foreign-layer" or "custom-object", and names the layers.
    """
    if config is None:
        return
    found = list(items(config))
    if not contract.lambda_allowed:
        refuse_lambdas(item.name for item in found if _is_lambda(item))
    for item in found:
        if item.class_name in FOREIGN_LAYERS and _is_keras(item.module):
            raise foreign_layer(item)
    custom = dict.fromkeys(_custom_name(item) for item in found if _is_custom(item))
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


def foreign_layer(item: Item) -> Refusal:
    """Return the refusal of a layer that runs something other than what the file holds."""
    return Refusal(
        "rules",
        "foreign-layer",
        sentence("layers that the file itself holds"),
        sentence(
            "layer {name} is a {kind}: {why}", name=item.name, kind=item.class_name, why=FOREIGN_LAYERS[item.class_name]
        ),
        sentence("Build the model from Keras' ordinary layers and save it again."),
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
    return (item.class_name == "Lambda" and _is_keras(item.module)) or item.class_name == "__lambda__"


def _is_keras(module: str | None) -> bool:
    return module is None or module.split(".")[0] in KERAS_MODULES


def _is_custom(item: Item) -> bool:
    if item.class_name == "__lambda__":
        return False
    if ">" in item.class_name or ">" in (item.registered or ""):
        return not (item.registered or item.class_name).startswith("keras")
    if item.module is None:
        return item.registered is not None and item.registered == item.class_name
    return not _is_keras(item.module)


def _custom_name(item: Item) -> str:
    kind = item.class_name.split(">")[-1]
    # untranslated: it stands in a list of names
    return f"{kind} (layer {item.name})" if item.name != item.class_name else kind


def _listed(names: Iterable[str]) -> Words:
    every = list(names)
    listed = ", ".join(name[:80] for name in every[:SHOWN])
    if len(every) <= SHOWN:
        return listed
    return sentence("{names} and {count} more", names=listed, count=len(every) - SHOWN)

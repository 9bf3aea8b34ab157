"""The rules that can be checked on the configuration, before an object is made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graders.child.loading.blueprint import Item, items
from graders.child.refusal import Refusal
from graders.contract import Contract

# Where Keras' own classes live, by the module that a file names. "builtins" holds functions named by their bare name.
KERAS_MODULES = ("keras", "tf_keras", "tensorflow", "tensorflow.keras", "builtins")
# Layers that run something else than what the file holds, or that Keras itself calls unsafe to load.
FOREIGN_LAYERS = {
    "TFSMLayer": "it loads a SavedModel from a path",
    "TorchModuleWrapper": "it holds a PyTorch module",
    "JaxLayer": "it holds a JAX function",
    "FlaxLayer": "it holds a Flax module",
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
            raise Refusal("rules", "foreign-layer", "layers that the file itself holds",
                f"layer {item.name} is a {item.class_name}: {FOREIGN_LAYERS[item.class_name]}",
                "Build the model from Keras' ordinary layers and save it again.")  # fmt: skip
    custom = dict.fromkeys(_custom_name(item) for item in found if _is_custom(item))
    if custom:
        raise custom_object(_listed(custom))


def refuse_lambdas(names: Iterable[str]) -> None:
    """Raise Refusal if there are any names of Lambda layers."""
    found = list(dict.fromkeys(names))
    if found:
        raise Refusal("rules", "lambda", "a model without Lambda layers",
            f"Lambda layer{'s' if len(found) > 1 else ''} {_listed(found)}",
            "Do that step in the data pipeline, or with a layer such as Reshape, Rescaling or Normalization, "
            "and train and save again.")  # fmt: skip


def custom_object(name: str) -> Refusal:
    """Return the refusal of a class or function that the grader doesn't have."""
    return Refusal("rules", "custom-object", "layers and functions that come with Keras", f"{name}, written elsewhere",
        "Use Keras' own layers and functions. A loss, metric or optimizer of your own is no obstacle.")  # fmt: skip


def check_size(layers: int | None, parameters: int | None, contract: Contract) -> None:
    """Refuse a model with more layers or parameters than the problem allows. Raises Refusal."""
    if contract.max_layers is not None and layers is None:
        raise Refusal("rules", "layers-unknown", "a model whose layers can be counted", "a SavedModel doesn't say",
            'Save it as model.save("mymodel.h5").')  # fmt: skip
    if contract.max_layers is not None and layers is not None and layers > contract.max_layers:
        raise Refusal("rules", "layers", f"at most {contract.max_layers} layers", f"{layers} layers",
            "Leave layers out and train again.")  # fmt: skip
    if contract.max_parameters is not None and parameters is not None and parameters > contract.max_parameters:
        raise Refusal("rules", "parameters", f"at most {contract.max_parameters:,} parameters",
            f"{parameters:,} parameters",
            "Use fewer units or filters, or pool before a Dense layer, and train again.")  # fmt: skip


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
    return f"{kind} (layer {item.name})" if item.name != item.class_name else kind


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(name[:80] for name in every[:SHOWN]) + more

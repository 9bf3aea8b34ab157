"""Load a model with the Keras that wrote it, and describe it in one way whatever it was saved as."""

from __future__ import annotations

from typing import Any

from graders.contract import Contract, Format
from graders.inside import generations, saved_models
from graders.inside.blueprint import Blueprint
from graders.inside.explanations import OURS, explain
from graders.inside.loaded import InputSpec, Loaded, static_shape
from graders.inside.refusal import Refusal


def load(path: str, kind: Format, blueprint: Blueprint, contract: Contract) -> Loaded:
    """Load the model with the Keras of its own generation, and if that fails with the other.

    Raises Refusal with what the first of them said. Exhausted memory and recursion pass through: what a model costs is
    for the caller to judge.
    """
    if kind == "savedmodel":
        return saved_models.load(path, contract)
    first: Exception | None = None
    for generation in (2, 3) if blueprint.generation == 2 else (3, 2):
        try:
            model = generations.load(path, kind, generation, lambda_allowed=contract.lambda_allowed)
        except OURS:
            raise
        except Exception as error:
            first = first or error
        else:
            return _describe(model, generation)
    assert first is not None
    raise explain(first, blueprint.keras_version) from first


def _describe(model: Any, generation: int) -> Loaded:
    if not getattr(model, "inputs", None):
        raise Refusal("load", "unbuilt", "a model that knows its input shape", "a model that was never built",
            "Give the first layer its shape (tf.keras.Input(shape=...)), or fit the model before saving.")  # fmt: skip
    layers = generations.leaf_layers(model)
    stateful = generations.stateful_layers(layers)
    outputs = list(model.outputs or ())
    return Loaded(
        call=lambda batch: model(batch, training=False),
        loader="keras" if generation == 3 else "tf_keras",
        inputs=tuple(_input_spec(tensor) for tensor in model.inputs),
        output_shape=static_shape(outputs[0].shape) if len(outputs) == 1 else None,
        layers=len(layers),
        parameters=int(model.count_params()),
        reset=(lambda: generations.clear(stateful)) if stateful else None,
    )


def _input_spec(tensor: Any) -> InputSpec:
    dtype = getattr(tensor.dtype, "name", tensor.dtype)
    return InputSpec(str(tensor.name).split(":")[0], static_shape(tensor.shape), str(dtype))

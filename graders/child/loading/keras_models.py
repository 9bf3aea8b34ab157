"""Load a model with the Keras that wrote it, and describe it in one way whichever that was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.child.checking.rules import check_rules
from graders.child.loading import generations, newer_keras, older_keras
from graders.child.loading.blueprint import Blueprint, items, without_training
from graders.child.loading.explanations import OURS, explain, statement_beside_hdf5
from graders.child.loading.graphs import fusing
from graders.child.loading.loaded import InputSpec, Loaded, static_shape
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import sentence

BINS_AS_WEIGHTS = (2, 5)
"""In .h5 files of this version, Discretization has its bins as a weight."""


def load(path: str, blueprint: Blueprint, contract: Contract, load_with_keras_2: generations.LoadWithKeras2) -> Loaded:
    """Load the model with the Keras of its own generation, and if that fails with the other.

    Raises Refusal with what the first of them said. Exhausted memory and recursion pass through: what a model costs is
    for the caller to judge.
    """
    safe = not contract.lambda_allowed
    if blueprint.numbers == older_keras.CALLS_LOST:
        _refuse_lost_calls(blueprint)
    if blueprint.generation == 2 and fusing.is_fused_wrongly(blueprint.config):
        fusing.fuse_nothing()

    def checked(config: Any) -> Any:
        """The configuration as it is given to Keras, which is the one that the rules are asked about."""
        given = without_training(config)
        check_rules(given, contract)
        return given

    ways: dict[int, Callable[[], Loaded]] = {
        2: lambda: describe(generations.load_with_keras_2(path, load_with_keras_2, checked, safe=safe), 2),
        3: lambda: _load_with_keras_3(path, blueprint, checked, safe=safe),
    }
    first: Exception | None = None
    for generation in (2, 3) if blueprint.generation == 2 else (3, 2):
        try:
            return ways[generation]()
        except OURS:
            raise
        except Exception as error:
            first = first or error
    assert first is not None
    if blueprint.numbers == BINS_AS_WEIGHTS and any(
        item.class_name == "Discretization" for item in items(blueprint.config)
    ):
        raise _bins_as_weights() from first
    hdf5 = Path(path).is_file()
    statement = statement_beside_hdf5(blueprint.keras_version) if hdf5 else 'model.save("mymodel.h5")'
    raise explain(first, blueprint.keras_version, statement) from first


def _bins_as_weights() -> Refusal:
    expected = sentence("a Discretization layer with its bins among its settings")
    found = sentence("Keras 2.5 keeps them as weights, for which no later Keras has a place")
    advice = sentence("Save it with {statement}.", statement=statement_beside_hdf5("2.5"))
    return Refusal("load", "not-loadable", expected, found, advice)


def _refuse_lost_calls(blueprint: Blueprint) -> None:
    layer = older_keras.layer_with_lost_calls(blueprint.config)
    if layer is not None:
        named = {"layer": layer, "version": blueprint.keras_version}
        expected = sentence("what layer {layer} is called with, each time", **named)
        found = sentence("Keras {version} calls it several times and wrote only the first call down", **named)
        advice = sentence('Save it with model.export("mymodel"), or update Keras, build the model and save it again.')
        raise Refusal("load", "incomplete", expected, found, advice)


def _load_with_keras_3(path: str, blueprint: Blueprint, checked: generations.Rewrite, *, safe: bool) -> Loaded:
    """Load a file of any Keras 3; of one newer than ours, provided that the settings ours doesn't know are empty."""
    if blueprint.generation == 2:
        return describe(generations.load_older_with_keras_3(path, checked, safe=safe), 3)

    def rewritten(config: Any) -> Any:
        return checked(older_keras.rewritten(config, blueprint.numbers))

    try:
        return describe(generations.load_with_keras_3(path, rewritten, safe=safe), 3)
    except OURS:
        raise
    except Exception as error:
        if not newer_keras.is_about_unknown_settings(error):
            raise
    left_out: list[str] = []
    model = generations.load_with_keras_3(
        path, lambda config: checked(newer_keras.pruned(rewritten(config), left_out)), safe=safe
    )
    listed = ", ".join(dict.fromkeys(left_out))[:120]
    note = sentence("Empty settings that the grader's Keras doesn't know were left out: {names}.", names=listed)
    return describe(model, 3)._replace(notes=(note,))


def describe(model: Any, generation: int) -> Loaded:
    """Return what the checks see of a Keras model of this generation. Raises Refusal when it was never built."""
    # Keras 3 gives a model that was never built no `inputs` at all, Keras 2 None.
    if not getattr(model, "inputs", None):
        raise Refusal(
            "load",
            "unbuilt",
            sentence("a model that knows its input shape"),
            sentence("a model that was never built"),
            sentence("Give the first layer its shape (tf.keras.Input(shape=...)), or fit the model before saving."),
        )
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
    dtype = tensor.dtype if isinstance(tensor.dtype, str) else str(tensor.dtype.name)  # Keras 3 has texts
    return InputSpec(str(tensor.name).split(":")[0], static_shape(tensor.shape), dtype)

"""Examine one model in the locked child: load it, hold it to its contract, predict once over the hidden inputs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.child.checking.interface import check_activation, check_input
from graders.child.checking.rules import check_rules, check_size
from graders.child.loading.loader import LOADERS
from graders.child.prediction import predict
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.formats import Format

__all__ = ["Refusal", "examine"]

Report = Callable[[str, dict[str, Any]], None]


def examine(
    model_path: str, kind: Format, contract: Contract, inputs: NDArray[Any], report: Report
) -> NDArray[np.float32]:
    """Return the predictions for `inputs` (n, ...), as (n, *contract.output_shape), C-contiguous and finite.

    `model_path` is a file, or a folder for an archive (unpacked) and a SavedModel. Calls
    `report("loaded", …)` and `report("predicted", …)`. Raises Refusal for the first broken link of load, rules, input,
    output, finite; MemoryError, RecursionError and tf.errors.ResourceExhaustedError pass through.
    """
    began = time.monotonic()
    loader = LOADERS[kind]
    blueprint = loader.read(model_path)
    check_rules(blueprint.config, contract)
    loaded = loader.load(model_path, blueprint, contract)
    report("loaded", {
        "keras_version": blueprint.keras_version,
        "loader": loaded.loader,
        "layers": loaded.layers,
        "parameters": loaded.parameters,
        "input_shape": _without_batch(loaded.inputs[0].shape) if len(loaded.inputs) == 1 else None,
        "output_shape": _without_batch(loaded.output_shape),
        "seconds": time.monotonic() - began,
    })  # fmt: skip
    check_size(loaded.layers, loaded.parameters, contract)
    spec = check_input(loaded, contract, inputs)
    began = time.monotonic()
    predictions, notes = predict(loaded, spec, inputs, contract)
    check_activation(predictions, contract)
    report("predicted", {"seconds": time.monotonic() - began, "notes": [*loaded.notes, *notes]})
    return predictions


def _without_batch(shape: tuple[int | None, ...] | None) -> list[int | None] | None:
    return list(shape[1:]) if shape else None

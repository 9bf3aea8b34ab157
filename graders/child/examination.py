"""Examine one model in the locked child: load it, hold it to its contract, and predict the rows that are asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.child.checking.interface import check_activation, check_input, check_whole
from graders.child.checking.rules import check_rules, check_size
from graders.child.loading.blueprint import Blueprint
from graders.child.loading.loaded import InputSpec
from graders.child.loading.loader import LOADERS
from graders.child.prediction import Predictor
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.formats import Format
from graders.frames import Question
from graders.sentences import Words

__all__ = ["Prepared", "Refusal", "prepare"]

Report = Callable[[str, dict[str, Any]], None]


class Prepared:
    """A model that was loaded, held to its contract as far as that needs no rows, and tried out on zeros."""

    def __init__(self, predictor: Predictor, spec: InputSpec, contract: Contract, notes: tuple[Words, ...]) -> None:
        self._predictor = predictor
        self._spec = spec
        self._contract = contract
        self.notes = [*notes, *predictor.notes]

    def told(self) -> dict[str, Any]:
        """What is told of it while it hasn't seen a row."""
        return {"memory": self._predictor.memory, "notes": self.notes, "trouble": self._predictor.trouble}

    def answer(self, rows: NDArray[Any], question: Question) -> NDArray[np.float32]:
        """Return the predictions for `rows` (n, ...), as (n, *contract.output_shape), C-contiguous and finite.

        Raises Refusal for a broken link of input, output, finite; MemoryError, RecursionError and
        tf.errors.ResourceExhaustedError pass through.
        """
        check_whole(self._spec, self._contract, rows)
        predictions = self._predictor.predict(rows, question)
        check_activation(predictions, self._contract)
        return predictions


def prepare(
    model_path: str, kind: Format, contract: Contract, shape: tuple[int, ...], dtype: str, report: Report
) -> Prepared:
    """Load a model and hold it to its contract; `shape` (n, ...) and `dtype` are those of the rows to come.

    `model_path` is a file, or a folder for an archive (unpacked) and a SavedModel. Calls `report("read", …)` before
    anything is built and `report("loaded", …)`. Raises Refusal for the first broken link of load, rules, input, output;
    MemoryError, RecursionError and tf.errors.ResourceExhaustedError pass through.
    """
    began = time.monotonic()
    loader = LOADERS[kind]
    blueprint = loader.read(model_path)
    check_rules(blueprint.config, contract)
    report("read", {"code": contract.lambda_allowed and _names_code(blueprint)})
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
    spec = check_input(loaded, contract, shape, np.dtype(dtype))
    predictor = Predictor(loaded, spec, contract)
    predictor.try_out(shape, np.dtype(dtype))
    return Prepared(predictor, spec, contract, loaded.notes)


def _names_code(blueprint: Blueprint) -> bool:
    """Whether the configuration may hold code: by its text, which nothing that is loaded later can change."""
    text = json.dumps(blueprint.config, default=str)
    return "Lambda" in text or "__lambda__" in text


def _without_batch(shape: tuple[int | None, ...] | None) -> list[int | None] | None:
    return list(shape[1:]) if shape else None

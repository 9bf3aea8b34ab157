"""The contract of what goes in and what comes out, link by link: input, output, finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.child.checking.shapes import advise_input, advise_output, matches, squeezed_match, written
from graders.child.loading.loaded import InputSpec, Loaded
from graders.child.refusal import Refusal
from graders.contract import Contract

# float16 and bfloat16 probabilities miss 1 by about this much.
PROBABILITY_TOLERANCE = 1e-2


def check_input(loaded: Loaded, contract: Contract, inputs: NDArray[Any]) -> InputSpec:
    """Return the one input that takes the hidden set. Raises Refusal with link "input"."""
    if len(loaded.inputs) != 1:
        names = ", ".join(spec.name for spec in loaded.inputs)[:200]
        raise Refusal("input", "several-inputs", "a model with one input",
            f"{len(loaded.inputs)} inputs{f' ({names})' if names else ''}",
            "Build a model that takes everything in one tensor.")  # fmt: skip
    spec = loaded.inputs[0]
    _check_dtype(spec, contract, inputs)
    if spec.shape is not None and not matches(spec.shape[1:], inputs.shape[1:]):
        expected, found = written(contract.input_shape), written(spec.shape[1:])
        raise Refusal("input", "input-shape", f"input shape {expected}", f"input shape {found}",
            advise_input(contract.input_shape, spec.shape[1:]))  # fmt: skip
    return spec


def _check_dtype(spec: InputSpec, contract: Contract, inputs: NDArray[Any]) -> None:
    wants_text, has_text = spec.dtype == "string", contract.input_dtype == "string"
    wants_whole = spec.dtype.startswith(("int", "uint", "bool"))
    if wants_text == has_text and not (wants_whole and not _is_whole(spec.dtype, inputs)):
        return
    advice = (
        "Put a TextVectorization layer first, with tf.keras.Input(shape=(1,), dtype=tf.string)."
        if has_text
        else "Do the conversion before the model: it must take numbers as the problem hands them over."
    )
    raise Refusal("input", "input-dtype", f"inputs of type {contract.input_dtype}", f"inputs of type {spec.dtype}",
        advice)  # fmt: skip


def _is_whole(dtype: str, inputs: NDArray[Any]) -> bool:
    """Whether every input survives the cast to an integer type."""
    if inputs.dtype.kind in "iu" and dtype.startswith("int"):
        return True
    return inputs.dtype.kind in "fiu" and bool(np.array_equal(inputs.astype(dtype).astype(np.float64), inputs))


class Outlet:
    """Picks the output that the contract asks for out of whatever the model returns, and brings it into shape.

    The first batch decides; `notes` say what was passed over.
    """

    def __init__(self, contract: Contract) -> None:
        self.notes: list[str] = []
        self._contract = contract
        self._place: int | None = None

    def take(self, outputs: Any, rows: int) -> NDArray[np.float32]:
        """Return the output of one batch as (rows, *contract.output_shape). Raises Refusal with link "output"."""
        named = _flatten(outputs)
        if self._place is None:
            self._place = self._choose(named, rows)
        if self._place >= len(named):
            raise _no_fit(named, self._contract)
        name, value = named[self._place]
        return self._cast(name, self._shape(value, rows))

    def _choose(self, named: Sequence[tuple[str, Any]], rows: int) -> int:
        if len(named) == 1:
            return 0
        fitting = [place for place, (_, value) in enumerate(named) if self._fits(value, rows)]
        if len(fitting) != 1:
            raise _no_fit(named, self._contract)
        self.notes.append(f"The model has {len(named)} outputs; only {named[fitting[0]][0]} was tested.")
        return fitting[0]

    def _fits(self, value: Any, rows: int) -> bool:
        array = _array(value)
        if array is None:
            return False
        return self._drop_axes(array, rows) is not None

    def _drop_axes(self, array: NDArray[Any], rows: int) -> NDArray[Any] | None:
        """Return the array as the contract has it, if only axes of one are to be added or dropped."""
        wanted = self._contract.output_shape
        if array.ndim > 1 and array.shape[0] == 1 and array.shape[1] == rows and rows > 1:
            array = array[0]
        if array.ndim == 0 or array.shape[0] != rows:
            return None
        if matches(wanted, array.shape[1:]):
            return array
        shape = squeezed_match(wanted, array.shape[1:])
        return None if shape is None else array.reshape((rows, *shape))

    def _shape(self, value: Any, rows: int) -> NDArray[Any]:
        array = _array(value)
        if array is None:
            raise Refusal("output", "output-kind", "a tensor of numbers", f"a {type(value).__name__}",
                "Let the last layer return one ordinary tensor.")  # fmt: skip
        fitting = self._drop_axes(array, rows)
        if fitting is None:
            raise self._misfit(array, rows)
        if fitting.shape != array.shape:
            self._note(f"The output {written(array.shape[1:])} was taken as {written(fitting.shape[1:])}.")
        return fitting

    def _misfit(self, array: NDArray[Any], rows: int) -> Refusal:
        wanted = self._contract.output_shape
        if array.ndim == 0 or array.shape[0] != rows:
            return Refusal("output", "output-rows", "one prediction for each example",
                f"an output of shape {written(array.shape)} for {rows} examples",
                "Keep the batch axis: no Reshape, Flatten or mean over the first axis.")  # fmt: skip
        return Refusal("output", "output-shape", f"output shape {written(wanted)}",
            f"output shape {written(array.shape[1:])}",
            advise_output(wanted, array.shape[1:], self._contract.activation))  # fmt: skip

    def _cast(self, name: str, array: NDArray[Any]) -> NDArray[np.float32]:
        kind = "text" if array.dtype.kind in "OSU" else str(array.dtype)
        if array.dtype.kind not in "fiub" and kind != "bfloat16":
            raise Refusal("output", "output-dtype", "an output of real numbers", f"{name} of type {kind}",
                "Let the last layer return float32.")  # fmt: skip
        if kind != "float32":
            self._note(f"The output has type {kind}; it was taken as float32.")
        _check_finite(array if array.dtype.kind == "f" else array.astype(np.float32))
        with np.errstate(over="ignore"):
            result = array.astype(np.float32)
        _check_finite(result)
        return result

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def check_activation(predictions: NDArray[np.float32], contract: Contract) -> None:
    """Refuse what can't be the probabilities that the contract asks for. Raises Refusal with link "output"."""
    if contract.activation not in ("softmax", "sigmoid"):
        return
    low, high = float(predictions.min()), float(predictions.max())
    within = low >= -PROBABILITY_TOLERANCE and high <= 1 + PROBABILITY_TOLERANCE
    units = contract.output_shape[-1] if contract.output_shape else 1
    advice = f"End the model with Dense({units}, activation='{contract.activation}') and train again."
    if not within:
        raise Refusal("output", "activation", f"probabilities between 0 and 1 ({contract.activation})",
            f"values between {low:.4g} and {high:.4g}", advice)  # fmt: skip
    if contract.activation == "softmax":
        sums = predictions.sum(axis=-1, dtype=np.float64)
        worst = float(sums.reshape(-1)[np.abs(sums - 1).argmax()])
        if abs(worst - 1) > PROBABILITY_TOLERANCE:
            raise Refusal("output", "activation", "probabilities that add up to 1 (softmax)",
                f"an example whose probabilities add up to {worst:.4g}", advice)  # fmt: skip


def _check_finite(array: NDArray[Any]) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        bad = int((~finite.reshape(len(array), -1).all(axis=1)).sum())
        what = "NaN" if np.isnan(array).any() else "infinity"
        raise Refusal("finite", "not-finite", "finite numbers", f"{what} for {bad} of {len(array)} examples",
            "The training diverged: scale the inputs, lower the learning rate, watch that the loss stays a number.",
        )  # fmt: skip


def _flatten(outputs: Any, name: str = "the output") -> list[tuple[str, Any]]:
    if isinstance(outputs, Mapping):
        return [pair for key, value in outputs.items() for pair in _flatten(value, str(key)[:60])]
    if isinstance(outputs, list | tuple):
        return [pair for number, value in enumerate(outputs) for pair in _flatten(value, f"output {number + 1}")]
    return [(name, outputs)]


def _array(value: Any) -> NDArray[Any] | None:
    """Return a dense tensor's values; None for ragged and sparse tensors and what is no tensor at all."""
    if not isinstance(value, np.ndarray):
        numpy = getattr(value, "numpy", None)  # a model may return anything
        value = numpy() if callable(numpy) else value
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic | bytes) else None


def _no_fit(named: Sequence[tuple[str, Any]], contract: Contract) -> Refusal:
    # What has no shape is no tensor, and has nothing to tell.
    shapes = [f"{name} {written(tuple(value.shape)[1:])}" for name, value in named if hasattr(value, "shape")]
    return Refusal("output", "several-outputs", f"one output of shape {written(contract.output_shape)}",
        f"{len(named)} outputs: {', '.join(shapes)[:240]}" if named else "no output",
        "Build the model with one output: tf.keras.Model(inputs, outputs[0]).")  # fmt: skip

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
from graders.sentences import Sentence, Words, sentence, sentences

# float16 and bfloat16 probabilities miss 1 by about this much.
PROBABILITY_TOLERANCE = 1e-2
THE_OUTPUT = sentence("the output")


def check_input(loaded: Loaded, contract: Contract, shape: tuple[int, ...], dtype: np.dtype[Any]) -> InputSpec:
    """Return the one input that takes the hidden set, rows of this shape (n, ...). Raises Refusal with link "input".

    Whether the model takes their values is for `check_whole` to say.
    """
    if len(loaded.inputs) != 1:
        raise _several_inputs(loaded.inputs)
    spec = loaded.inputs[0]
    if (spec.dtype == "string") != (contract.input_dtype == "string") or (_is_whole(spec) and dtype.kind not in "fiu"):
        raise _other_type(spec, contract)
    if spec.shape is not None and not matches(spec.shape[1:], shape[1:]):
        expected, found = written(contract.input_shape), written(spec.shape[1:])
        raise Refusal(
            "input",
            "input-shape",
            sentence("input shape {shape}", shape=expected),
            sentence("input shape {shape}", shape=found),
            advise_input(contract.input_shape, spec.shape[1:]),
        )
    return spec


def _several_inputs(inputs: Sequence[InputSpec]) -> Refusal:
    names, count = ", ".join(spec.name for spec in inputs)[:200], len(inputs)
    found = (
        sentences("{count} input ({names})", "{count} inputs ({names})", count=count, names=names)
        if names
        else sentences("{count} input", "{count} inputs", count=count)
    )
    advice = sentence("Build a model that takes everything in one tensor.")
    return Refusal("input", "several-inputs", sentence("a model with one input"), found, advice)


def check_whole(spec: InputSpec, contract: Contract, rows: NDArray[Any]) -> None:
    """Refuse a model that takes whole numbers where the rows hold others. Raises Refusal with link "input"."""
    if not _is_whole(spec) or (rows.dtype.kind in "iu" and spec.dtype.startswith("int")):
        return
    if not np.array_equal(rows.astype(spec.dtype).astype(np.float64), rows):
        raise _other_type(spec, contract)


def _is_whole(spec: InputSpec) -> bool:
    return spec.dtype.startswith(("int", "uint", "bool"))


def _other_type(spec: InputSpec, contract: Contract) -> Refusal:
    advice = (
        sentence("Put a TextVectorization layer first, with tf.keras.Input(shape=(1,), dtype=tf.string).")
        if contract.input_dtype == "string"
        else sentence("Do the conversion before the model: it must take numbers as the problem hands them over.")
    )
    return Refusal(
        "input",
        "input-dtype",
        sentence("inputs of type {kind}", kind=contract.input_dtype),
        sentence("inputs of type {kind}", kind=spec.dtype),
        advice,
    )


class Outlet:
    """Picks the output that the contract asks for from whatever the model returns, and brings it into shape.

    The first batch decides; `notes` say what was passed over.
    """

    def __init__(self, contract: Contract) -> None:
        self.notes: list[Words] = []
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

    def _choose(self, named: Sequence[tuple[Words, Any]], rows: int) -> int:
        if len(named) == 1:
            return 0
        fitting = [place for place, (_, value) in enumerate(named) if self._fits(value, rows)]
        if len(fitting) != 1:
            raise _no_fit(named, self._contract)
        tested = named[fitting[0]][0]
        self.notes.append(
            sentences(
                "The model has {count} output; only {name} was tested.",
                "The model has {count} outputs; only {name} was tested.",
                count=len(named),
                name=tested,
            )
        )
        return fitting[0]

    def _fits(self, value: Any, rows: int) -> bool:
        array = _array(value)
        if array is None:
            return False
        return self._drop_axes(array, rows) is not None

    def _drop_axes(self, array: NDArray[Any], rows: int) -> NDArray[Any] | None:
        """Return the array in the contract's shape, if only axes of length one must be added or dropped; else None."""
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
            raise Refusal(
                "output",
                "output-kind",
                sentence("a tensor of numbers"),
                sentence("a value of type {kind}", kind=type(value).__name__),
                sentence("Let the last layer return one ordinary tensor."),
            )
        fitting = self._drop_axes(array, rows)
        if fitting is None:
            raise self._misfit(array, rows)
        if fitting.shape != array.shape:
            shape, taken = written(array.shape[1:]), written(fitting.shape[1:])
            self._note(sentence("The output {shape} was taken as {taken}.", shape=shape, taken=taken))
        return fitting

    def _misfit(self, array: NDArray[Any], rows: int) -> Refusal:
        wanted = self._contract.output_shape
        if array.ndim == 0 or array.shape[0] != rows:
            return Refusal(
                "output",
                "output-rows",
                sentence("one prediction for each example"),
                sentences(
                    "an output of shape {shape} for {count} example",
                    "an output of shape {shape} for {count} examples",
                    count=rows,
                    shape=written(array.shape),
                ),
                sentence("Keep the batch axis: no Reshape, Flatten or mean over the first axis."),
            )
        return Refusal(
            "output",
            "output-shape",
            sentence("output shape {shape}", shape=written(wanted)),
            sentence("output shape {shape}", shape=written(array.shape[1:])),
            advise_output(wanted, array.shape[1:], self._contract.activation),
        )

    def _cast(self, name: Words, array: NDArray[Any]) -> NDArray[np.float32]:
        kind = str(array.dtype)
        if array.dtype.kind not in "fiub" and kind != "bfloat16":
            raise Refusal(
                "output",
                "output-dtype",
                sentence("an output of real numbers"),
                sentence("{name} of text", name=name)
                if array.dtype.kind in "OSU"
                else sentence("{name} of type {kind}", name=name, kind=kind),
                sentence("Let the last layer return float32."),
            )
        if kind != "float32":
            self._note(sentence("The output has type {kind}; it was taken as float32.", kind=kind))
        _check_finite(array if array.dtype.kind == "f" else array.astype(np.float32))
        with np.errstate(over="ignore"):
            result = array.astype(np.float32)
        _check_finite(result)
        return result

    def _note(self, words: Words) -> None:
        if words not in self.notes:
            self.notes.append(words)


def check_activation(predictions: NDArray[np.float32], contract: Contract) -> None:
    """Refuse what can't be the probabilities that the contract asks for. Raises Refusal with link "output"."""
    if contract.activation not in ("softmax", "sigmoid"):
        return
    low, high = float(predictions.min()), float(predictions.max())
    within = low >= -PROBABILITY_TOLERANCE and high <= 1 + PROBABILITY_TOLERANCE
    units = contract.output_shape[-1] if contract.output_shape else 1
    advice = sentence(
        "End the model with Dense({units}, activation='{activation}') and train again.",
        units=units,
        activation=contract.activation,
    )
    if not within:
        expected = sentence("probabilities between 0 and 1 ({activation})", activation=contract.activation)
        found = sentence("values between {low} and {high}", low=f"{low:.4g}", high=f"{high:.4g}")
        raise Refusal("output", "activation", expected, found, advice)
    if contract.activation == "softmax":
        sums = predictions.sum(axis=-1, dtype=np.float64)
        worst = float(sums.reshape(-1)[np.abs(sums - 1).argmax()])
        if abs(worst - 1) > PROBABILITY_TOLERANCE:
            expected = sentence("probabilities that add up to 1 (softmax)")
            found = sentence("an example whose probabilities add up to {sum}", sum=f"{worst:.4g}")
            raise Refusal("output", "activation", expected, found, advice)


def _check_finite(array: NDArray[Any]) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        bad, total = int((~finite.reshape(len(array), -1).all(axis=1)).sum()), len(array)
        raise Refusal(
            "finite",
            "not-finite",
            sentence("finite numbers"),
            sentence("NaN for {number} of {total} examples", number=bad, total=total)
            if np.isnan(array).any()
            else sentence("infinity for {number} of {total} examples", number=bad, total=total),
            sentence(
                "The training diverged: scale the inputs, lower the learning rate, and check that the loss stays a "
                "number."
            ),
        )


def _flatten(outputs: Any, name: Words = THE_OUTPUT) -> list[tuple[Words, Any]]:
    if isinstance(outputs, Mapping):
        return [pair for key, value in outputs.items() for pair in _flatten(value, str(key)[:60])]
    if isinstance(outputs, list | tuple):
        return [pair for number, value in enumerate(outputs) for pair in _flatten(value, _numbered(number + 1))]
    return [(name, outputs)]


def _numbered(number: int) -> Words:
    return sentence("output {number}", number=number)


def _array(value: Any) -> NDArray[Any] | None:
    """Return a dense tensor's values; None for ragged and sparse tensors and for what isn't a tensor."""
    if not isinstance(value, np.ndarray):
        numpy = getattr(value, "numpy", None)  # a model may return anything
        value = numpy() if callable(numpy) else value
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic | bytes) else None


def _no_fit(named: Sequence[tuple[Words, Any]], contract: Contract) -> Refusal:
    # What has no shape isn't a tensor, and has nothing to tell.
    shapes = [(name, written(tuple(value.shape)[1:])) for name, value in named if hasattr(value, "shape")]
    # Outputs without names of their own are told apart by their order.
    listed = ", ".join(shape if isinstance(name, Sentence) else f"{name} {shape}" for name, shape in shapes)[:240]
    return Refusal(
        "output",
        "several-outputs",
        sentence("one output of shape {shape}", shape=written(contract.output_shape)),
        sentences("{count} output: {shapes}", "{count} outputs: {shapes}", count=len(named), shapes=listed)
        if named
        else sentence("no output"),
        sentence("Build the model with one output: tf.keras.Model(inputs, outputs[0])."),
    )

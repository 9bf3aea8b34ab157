"""Predict rows: the same batches every time, in bounded memory, and quick from the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from graders.child.checking.interface import Outlet
from graders.child.checking.memory import memory_of
from graders.child.loading.explanations import OURS, explain_call
from graders.child.loading.loaded import InputSpec, Loaded
from graders.child.refusal import Refusal
from graders.contract import Contract, Memory
from graders.frames import Question
from graders.sentences import Words, sentence

# A batch has as many rows as keep its input values near this number, within the two bounds.
VALUES_IN_BATCH = 1 << 20
FEWEST_ROWS, MOST_ROWS = 8, 256
# Two, not one: with one a missing batch axis could pass for an axis of length one.
ROWS_TRIED = 2


class Predictor:
    """A model that takes rows, traced once as a graph where it can be.

    `memory` is what it could remember between calls, `notes` what was passed over, `trouble` what went wrong when it
    was tried out, which need not go wrong with other rows.
    """

    def __init__(self, loaded: Loaded, spec: InputSpec, contract: Contract) -> None:
        self._loaded = loaded
        self._spec = spec
        self._outlet = Outlet(contract)
        self._fixed = spec.shape[0] if spec.shape else None
        self._call, function = _traced(loaded, spec)
        self.memory: Memory = "anything" if function is None else memory_of(function.graph)
        self._variables = Variables(function) if self.memory == "variables" else None
        self.trouble: Words = ""
        self._own_notes: list[Words] = []

    @property
    def notes(self) -> list[Words]:
        """What the candidate should know."""
        return [*self._outlet.notes, *self._own_notes]

    def try_out(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        """Call it with zeros shaped as the rows to come, (n, ...): says what can be said before any row is seen.

        Raises Refusal for an output that can't be right whatever the rows hold.
        """
        if self._fixed is not None and self._fixed != shape[0]:
            filled = sentence(
                "The model takes batches of exactly {number}; the last one was filled up.", number=self._fixed
            )
            self._own_notes.append(filled)
        if self._loaded.reset is not None:
            self._own_notes.append(sentence("The model is stateful: its state was cleared before each batch."))
        rows = self._fixed or ROWS_TRIED
        if rows > max(ROWS_TRIED, rows_in_batch(shape)):
            return
        zeros = np.zeros((rows, *shape[1:]), dtype)
        try:
            self._outputs(zeros)
        except Refusal as refusal:
            if refusal.link != "finite" and refusal.code != "call-failed":
                raise
            self.trouble = refusal.found if refusal.code == "call-failed" else ""
        finally:
            if self._variables is not None:
                self._variables.restore()

    def predict(self, rows: NDArray[Any], question: Question) -> NDArray[np.float32]:
        """Return the predictions for the rows (n, ...): (n, *contract.output_shape), C-contiguous. Raises Refusal."""
        parts = []
        together = (1,) * len(rows) if question.singly else question.together
        for batch in _batches(rows, together, self._fixed):
            if question.singly and self._variables is not None:
                self._variables.restore()
            parts.append(self._outputs(batch))
        if len({part.shape[1:] for part in parts}) > 1:
            raise _uneven(parts)
        return np.ascontiguousarray(np.concatenate(parts))

    def _outputs(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """The predictions for one batch; where the model fixes its size it is filled up with its own rows."""
        filled = batch[np.arange(self._fixed) % len(batch)] if self._fixed else batch
        try:
            if self._loaded.reset is not None:
                self._loaded.reset()
            outputs = self._call(_tensor(filled, self._spec))
        except OURS:
            raise
        except Exception as error:
            raise explain_call(error) from error
        return self._outlet.take(outputs, len(filled))[: len(batch)]


class Variables:
    """The variables that a traced function reaches, as they were."""

    def __init__(self, function: Any) -> None:
        self._kept = []
        for handle in function.captured_inputs:
            known = getattr(handle, "_handle_data", None)
            if handle.dtype == tf.resource and known is not None and known.shape_and_type:
                dtype = tf.as_dtype(known.shape_and_type[0].dtype)
                # A copy: a variable's value may be read without one.
                value = tf.constant(tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype).numpy())
                self._kept.append((handle, value))

    def restore(self) -> None:
        """Bring them back to what they were."""
        for handle, value in self._kept:
            tf.raw_ops.AssignVariableOp(resource=handle, value=value)


def _uneven(parts: list[NDArray[np.float32]]) -> Refusal:
    shapes = ", ".join(dict.fromkeys(str(part.shape[1:]) for part in parts))[:200]
    return Refusal(
        "output",
        "output-shape",
        sentence("outputs of one shape for all examples"),
        sentence("outputs of shapes {shapes}", shapes=shapes),
        sentence("Give the last layer a fixed length, whatever the examples hold."),
    )


def _traced(loaded: Loaded, spec: InputSpec) -> tuple[Callable[[tf.Tensor], Any], Any]:
    """Return the model as one graph for batches of any length, and that graph; as it is where it can't be traced.

    Tracing costs less than what it saves from the second batch on, and recurrent layers run step by step without it.
    """
    if loaded.function is not None:
        return loaded.call, loaded.function
    if spec.shape is None:
        return loaded.call, None
    signature = [tf.TensorSpec(spec.shape, spec.dtype)]
    traced: Any = tf.function(loaded.call, input_signature=signature, autograph=False)
    try:
        return traced, traced.get_concrete_function()
    except OURS:
        raise
    except Exception:
        return loaded.call, None


def rows_in_batch(shape: tuple[int, ...]) -> int:
    """How many rows of a set of this shape (n, ...) are predicted at once."""
    values = max(1, int(np.prod(shape[1:])))
    return int(np.clip(VALUES_IN_BATCH // values, FEWEST_ROWS, MOST_ROWS))


def _batches(rows: NDArray[Any], together: tuple[int, ...] | None, fixed: int | None) -> Iterator[NDArray[Any]]:
    """Yield batches of the rows, in the groups that are to be predicted together as far as they fit."""
    most = fixed or rows_in_batch(rows.shape)
    start = 0
    for group in together or (len(rows),):
        for first in range(start, start + group, most):
            yield rows[first : min(first + most, start + group)]
        start += group


def _tensor(batch: NDArray[Any], spec: InputSpec) -> tf.Tensor:
    if spec.dtype == "string":
        return tf.constant(batch)
    return tf.cast(tf.convert_to_tensor(batch), spec.dtype)

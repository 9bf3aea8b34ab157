"""What a loaded model looks like to the checks, whichever loader made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from graders.sentences import Words

Loader = Literal["keras", "tf_keras", "savedmodel"]
# With the batch axis; None as a size stands for any size, None as the shape for any rank.
Shape = tuple[int | None, ...] | None


@runtime_checkable
class TensorShape(Protocol):
    """A shape as TensorFlow and Keras 2 give it; Keras 3 has tuples."""

    rank: int | None

    def as_list(self) -> list[int | None]: ...


class InputSpec(NamedTuple):
    """One input of a model. `dtype` is TensorFlow's name for its type."""

    name: str
    shape: Shape
    dtype: str


class Loaded(NamedTuple):
    """A model ready to be called with one tensor; the call returns whatever the model returns."""

    call: Callable[[Any], Any]
    loader: Loader
    inputs: tuple[InputSpec, ...]
    output_shape: Shape  # None when unknown or several
    layers: int | None
    parameters: int | None
    reset: Callable[[], None] | None = None  # clears the state of a stateful model
    function: Any = None  # the one prepared graph that a call runs, if there is one already
    owner: Any = None  # keeps alive what owns the variables
    notes: tuple[Words, ...] = ()  # what was passed over while loading


def static_shape(shape: Any) -> Shape:
    """Return a shape from TensorFlow or Keras as a tuple."""
    if isinstance(shape, TensorShape):
        return None if shape.rank is None else tuple(shape.as_list())
    return tuple(None if size is None else int(size) for size in shape)

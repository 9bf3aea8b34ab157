"""Compare shapes, write them as people do, and say what a difference usually comes from."""

from __future__ import annotations

from collections.abc import Sequence

from graders.contract import Activation
from graders.sentences import Sentence, sentence

Sizes = Sequence[int | None]


def written(shape: Sizes) -> str:
    """Return a shape as NumPy writes it: (28, 28), (1,), (None, 7)."""
    return f"({', '.join(str(size) for size in shape)}{',' if len(shape) == 1 else ''})"


def matches(pattern: Sizes, shape: Sizes) -> bool:
    """Whether a shape agrees with a pattern, in which None stands for any size."""
    return len(pattern) == len(shape) and all(
        mine is None or its is None or mine == its for mine, its in zip(pattern, shape, strict=True)
    )


def squeezed_match(wanted: Sizes, shape: Sequence[int]) -> tuple[int, ...] | None:
    """Return the wanted shape with its open sizes filled in, if only axes of length one differ; else None."""
    core = [size for size in shape if size != 1]
    filled: list[int] = []
    for size in wanted:
        if size == 1:
            filled.append(1)
        elif core and (size is None or size == core[0]):
            filled.append(core.pop(0))
        elif size is None:
            filled.append(1)
        else:
            return None
    return None if core else tuple(filled)


def advise_input(wanted: Sizes, found: Sizes) -> Sentence:
    """Say how to get from the model's input shape to the wanted one."""
    shape = written(wanted)
    if len(found) == len(wanted) + 1 and found[-1] == 1 and matches(found[:-1], wanted):
        return sentence(
            "The problem's examples have no channel axis. Give the first layer {shape}, and if it is a convolution "
            "put Reshape({channels}) before it inside the model.",
            shape=shape,
            channels=written(found),
        )
    if len(found) == len(wanted) + 1 and found[0] in (None, 1) and matches(found[1:], wanted):
        return sentence("Leave the batch axis out of the input shape: tf.keras.Input(shape={shape}).", shape=shape)
    if len(found) == len(wanted) - 1 and wanted[-1] == 1 and matches(found, wanted[:-1]):
        return sentence("Keep the last axis of one: tf.keras.Input(shape={shape}).", shape=shape)
    if len(found) == 1 and len(wanted) > 1:
        return sentence(
            "Don't flatten outside the model: start with tf.keras.Input(shape={shape}) and a Flatten layer.",
            shape=shape,
        )
    if len(found) == len(wanted) and found[0] != wanted[0] and len(wanted) == 2:
        return sentence(
            "The window or sequence length is fixed by the problem: tf.keras.Input(shape={shape}).", shape=shape
        )
    if len(found) == len(wanted) == 3:
        return sentence("Image size and channels are fixed by the problem: tf.keras.Input(shape={shape}).", shape=shape)
    return sentence(
        "Start the model with tf.keras.Input(shape={shape}) and leave the constants of the starter as they are.",
        shape=shape,
    )


def advise_output(wanted: Sizes, found: Sizes, activation: Activation) -> Sentence:
    """Say how to get from the model's output shape to the wanted one."""
    units = wanted[-1] if wanted else 1
    last = f"Dense({units}, activation='{activation}')" if activation in ("softmax", "sigmoid") else f"Dense({units})"
    if len(found) == len(wanted) + 1 and matches(wanted, found[1:]):
        return sentence(
            "The model answers for every step: leave return_sequences=True out of the last LSTM or GRU layer."
        )
    if len(found) == len(wanted) - 1 and len(wanted) > 1:
        return sentence(
            "The model answers once for the whole sequence: set return_sequences=True in every LSTM or GRU layer, or "
            "end with Dense and Reshape({shape}).",
            shape=written(wanted),
        )
    if len(found) > len(wanted):
        return sentence("Put Flatten or a pooling layer before the last layer, {layer}.", layer=last)
    if len(found) == len(wanted) and found[-1:] != wanted[-1:]:
        return sentence("The last layer must be {layer}.", layer=last)
    return sentence("The model must return {shape} for each example.", shape=written(wanted))

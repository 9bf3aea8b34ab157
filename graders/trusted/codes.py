"""What is told of a model once it has seen the rows, where its own words might carry them: codes, in words of ours.

A child's words are chosen by whoever wrote its model. From a list of this length a model chooses a few bits at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graders.sentences import Sentence, Words, sentence
from graders.verdict import Link, Reason


class _Told(NamedTuple):
    link: Link
    expected: Sentence
    found: Sentence
    advice: Sentence


_CALL_ADVICE = sentence("Call model.predict on a batch of the problem's data before saving, and see what it says.")

REFUSALS: Mapping[str, _Told] = {
    "input-dtype": _Told(
        "input",
        sentence("a model that takes the problem's inputs as they are"),
        sentence("a model that takes whole numbers only"),
        sentence("Do the conversion before the model: it must take numbers as the problem hands them over."),
    ),
    "call-failed": _Told(
        "input",
        sentence("a model that can be called with the problem's inputs"),
        sentence("the model stopped with an error"),
        _CALL_ADVICE,
    ),
    "lambda-name": _Told(
        "load",
        sentence("a Lambda layer that uses tf, np, keras and K only"),
        sentence("a name that the Lambda layer doesn't find"),
        sentence("Write the lambda with these names, or use an ordinary layer."),
    ),
    "lambda-python": _Told(
        "load",
        sentence("a Lambda layer written by this Python version"),
        sentence("a Lambda layer written by another Python version, whose code can't be run here"),
        sentence('Save the model as a SavedModel (model.export("mymodel")), or without the Lambda layer.'),
    ),
    "output-shape": _Told(
        "output",
        sentence("outputs of the problem's shape for all examples"),
        sentence("outputs of another shape for some of them"),
        sentence("Give the last layer a fixed length, whatever the examples hold."),
    ),
    "output-rows": _Told(
        "output",
        sentence("one prediction for each example"),
        sentence("another number of predictions"),
        sentence("Keep the batch axis: no Reshape, Flatten or mean over the first axis."),
    ),
    "several-outputs": _Told(
        "output",
        sentence("one output of the problem's shape"),
        sentence("several that could be meant, or none"),
        sentence("Build the model with one output: tf.keras.Model(inputs, outputs[0])."),
    ),
    "output-kind": _Told(
        "output",
        sentence("a tensor of numbers"),
        sentence("a value of another kind"),
        sentence("Let the last layer return one ordinary tensor."),
    ),
    "output-dtype": _Told(
        "output",
        sentence("an output of real numbers"),
        sentence("an output of another type"),
        sentence("Let the last layer return float32."),
    ),
    "activation": _Told(
        "output",
        sentence("probabilities, as the problem asks for them"),
        sentence("values outside 0..1, or probabilities that don't add up to 1"),
        sentence("End the model with the activation that the problem names, and train again."),
    ),
    "not-finite": _Told(
        "finite",
        sentence("finite numbers"),
        sentence("NaN or infinity for some examples"),
        sentence(
            "The training diverged: scale the inputs, lower the learning rate, and check that the loss stays a number."
        ),
    ),
}
"""What a child may refuse once it has seen rows, by its code."""

ERRORS = frozenset({
    "ArithmeticError", "AssertionError", "AttributeError", "FloatingPointError", "IndexError", "KeyError",
    "MemoryError", "NameError", "NotImplementedError", "OSError", "OverflowError", "PermissionError", "RecursionError",
    "RuntimeError", "SystemError", "TypeError", "UnicodeDecodeError", "ValueError", "ZeroDivisionError",
    "InternalError", "InvalidArgumentError", "NotFoundError", "OperatorNotAllowedInGraphError", "OutOfRangeError",
    "ResourceExhaustedError", "UnimplementedError", "UnknownError", "_ArrayMemoryError",
})  # fmt: skip
"""The types of errors that are named."""

FAILURES: Mapping[str, Words] = {
    "threads": sentence("it started too many threads"),
    "silent": sentence("its process ended without an answer"),
    "crash": sentence("its process crashed"),
    "forged": sentence("an answer that isn't made as agreed"),
}
"""What was found of a child that ended or was ended, where that would say more than its code."""


def refusal(code: str, raised: str, trouble: Words) -> Reason:
    """The reason for a refusal with this code.

    `raised` is the type of the error behind it, `trouble` what the model said when it was tried out on zeros: that is
    told where the error has the same type, since it was said before any row was seen.
    """
    if code not in REFUSALS:
        return Reason.of("load", "unreadable", sentence("a model"), sentence("an unreadable refusal"), "")
    told = REFUSALS[code]
    return Reason.of(told.link, code, told.expected, _found(code, raised, trouble), told.advice)


def _found(code: str, raised: str, trouble: Words) -> Words:
    if code != "call-failed" or raised not in ERRORS:
        return REFUSALS[code].found
    if str(trouble).startswith(f"{raised}:"):
        return trouble
    return sentence("the model stopped with an error of type {kind}", kind=raised)


def error(kind: str) -> Words:
    """What was found of a model that raised an error of this type."""
    if kind in ERRORS:
        return sentence("the model stopped with an error of type {kind}", kind=kind)
    return sentence("the model stopped with an error")

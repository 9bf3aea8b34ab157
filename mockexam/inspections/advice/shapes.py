"""Arrays and labels that don't fit: what arrived and what was wanted, as the message of the exception tells it.

Which layer, loss or value a problem asks for is never said: that is what an exam tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from graders.sentences import Sentence, sentence, sentences
from mockexam.inspections.advice.failure import Failure

SHAPES, LABELS = "shapes", "labels"

Teller = Callable[[re.Match[str]], Sentence]

_SHAPE = r"[(\[][\d, NoneA-Za-z?]*[)\]]"


def _axis(match: re.Match[str]) -> Sentence:
    values = {"shape": match["found"], "size": match["wanted"]}
    if match["axis"] == "-1":
        return sentence("An array of the shape {shape} arrived; {size} was wanted along its last axis.", **values)
    return sentence(
        "An array of the shape {shape} arrived; {size} was wanted along its axis {axis}, counted from 0.",
        axis=match["axis"],
        **values,
    )


def _dimensions(match: re.Match[str]) -> Sentence:
    count, shape = int(match["wanted"]), match["found"]
    if match["least"]:
        return sentences(
            "An array of the shape {shape} arrived; at least {count} dimension was wanted, the first for the batch.",
            "An array of the shape {shape} arrived; at least {count} dimensions were wanted, the first for the batch.",
            count=count,
            shape=shape,
        )
    return sentences(
        "An array of the shape {shape} arrived; {count} dimension was wanted, the first for the batch.",
        "An array of the shape {shape} arrived; {count} dimensions were wanted, the first for the batch.",
        count=count,
        shape=shape,
    )


def _whole_shape(match: re.Match[str]) -> Sentence:
    return sentence(
        "An array of the shape {found} arrived; {wanted} was wanted.", found=match["found"], wanted=match["wanted"]
    )


def _too_small(match: re.Match[str]) -> Sentence:
    return sentence(
        "An array of the shape {shape} arrived, smaller than what is to be taken of it: nothing would be left.",
        shape=match["found"],
    )


def _pair(match: re.Match[str]) -> Sentence:
    return sentence(
        "Two arrays met whose shapes don't fit: {one} and {other}.", one=match["found"], other=match["wanted"]
    )


def _refilled(match: re.Match[str]) -> Sentence:
    return sentence(
        "An array of the shape {found} was to become one of {wanted}, which holds another number of values.",
        found=match["found"],
        wanted=match["wanted"],
    )


def _counts(match: re.Match[str]) -> Sentence:
    return sentence(
        "Inputs and labels arrived in different numbers: {inputs} and {labels}. As many of each were wanted.",
        inputs=match["found"],
        labels=match["wanted"],
    )


def _ragged(match: re.Match[str]) -> Sentence:
    return sentence(
        "An array of objects, or with rows of different lengths, arrived; numbers in one shape were wanted."
    )


def _text(match: re.Match[str]) -> Sentence:
    return sentence("Text arrived where numbers were wanted.")


def _labels(match: re.Match[str]) -> Sentence:
    return sentence(
        "The loss got labels of the shape {labels} for outputs of the shape {outputs}; it wants both alike.",
        labels=match["labels"],
        outputs=match["outputs"],
    )


def _sparse_labels(match: re.Match[str]) -> Sentence:
    return sentence(
        "The loss got labels of the shape {labels} for outputs of the shape {outputs}; it wants one number where the "
        "outputs have a row.",
        labels=match["labels"],
        outputs=match["outputs"],
    )


def _out_of_range(match: re.Match[str]) -> Sentence:
    return sentence(
        "A label that is {label} arrived; from {least} to {most} were wanted, as many as there are outputs.",
        label=match["label"],
        least=match["least"],
        most=int(match["beyond"]) - 1,
    )


def _named(name: str) -> str:
    return f"(?P<{name}>{_SHAPE})"


_FOUND, _WANTED, _LABELS, _OUTPUTS = map(_named, ("found", "wanted", "labels", "outputs"))

# In this order: the more exact before the more general.
# untranslated: the words of TensorFlow, Keras and NumPy
_TOLD: tuple[tuple[str, re.Pattern[str], Teller], ...] = tuple(
    (pattern, re.compile(message), teller)
    for pattern, message, teller in (
        (
            LABELS,
            r"Received a label value of (?P<label>-?\d+) which is outside the valid range of "
            r"\[(?P<least>-?\d+), (?P<beyond>\d+)\)",
            _out_of_range,
        ),
        (
            LABELS,
            rf"same (?:rank \(ndim\)|shape)\. Received: target\.shape={_LABELS}, output\.shape={_OUTPUTS}",
            _labels,
        ),
        (LABELS, rf"`target\.ndim - 1`\. Received: target\.shape={_LABELS}, output\.shape={_OUTPUTS}", _sparse_labels),
        (
            LABELS,
            rf"`labels\.shape` must equal `logits\.shape` except for the last dimension\. Received: "
            rf"labels\.shape={_LABELS} and logits\.shape={_OUTPUTS}",
            _sparse_labels,
        ),
        (
            LABELS,
            rf"logits and labels must have the same first dimension, got logits shape {_OUTPUTS} and labels shape "
            rf"{_LABELS}",
            _sparse_labels,
        ),
        (LABELS, rf"`logits` and `labels` must have the same shape, received \({_OUTPUTS} vs {_LABELS}\)", _labels),
        (LABELS, rf"logits and labels must be broadcastable: logits_size={_OUTPUTS} labels_size={_LABELS}", _labels),
        (
            SHAPES,
            rf"expected axis (?P<axis>-?\d+) of input shape to have value (?P<wanted>\d+), but received input with "
            rf"shape {_FOUND}",
            _axis,
        ),
        (
            SHAPES,
            rf"expected (?P<least>min_)?ndim=(?P<wanted>\d+), found ndim=\d+\. Full shape received: {_FOUND}",
            _dimensions,
        ),
        (SHAPES, rf"expected shape={_WANTED}, found shape={_FOUND}", _whole_shape),
        (SHAPES, rf"output size would be zero or negative\. Received `inputs shape={_FOUND}`", _too_small),
        (SHAPES, rf"dimensions in the output is <= 0 due to downsampling.*Received input shape {_FOUND}", _too_small),
        (SHAPES, r"ambiguous[.:][^']*'?x'? sizes: (?P<found>[\d, ]+)\s+'?y'? sizes: (?P<wanted>[\d, ]+)", _counts),
        (SHAPES, rf"must be unchanged\. Received: input_shape={_FOUND}, target_shape={_WANTED}", _refilled),
        (SHAPES, rf"must be unchanged, input_shape = {_FOUND}, output_shape = {_WANTED}", _refilled),
        (SHAPES, rf"cannot reshape array of size (?P<found>\d+) into shape {_WANTED}", _refilled),
        (SHAPES, rf"Dimensions must be equal, .* with input shapes: {_FOUND}, {_WANTED}", _pair),
        (SHAPES, rf"Incompatible shapes: {_FOUND} vs\. {_WANTED}", _pair),
        (SHAPES, rf"Shapes {_FOUND} and {_WANTED} are incompatible", _pair),
        (SHAPES, rf"Matrix size-incompatible: In\[0\]: {_FOUND}, In\[1\]: {_WANTED}", _pair),
        (SHAPES, rf"Concatenate.* requires inputs with matching shapes .*\[{_FOUND}, {_WANTED}\]", _pair),
        (SHAPES, rf"could not be broadcast together with shapes {_FOUND} {_WANTED}", _pair),
        (SHAPES, rf"shapes {_FOUND} and {_WANTED} not aligned", _pair),
        (SHAPES, r"Unsupported object type|Invalid dtype: object|setting an array element with a sequence", _ragged),
        (LABELS, r"Invalid dtype: str\d+|Cast string to \w+ is not supported|could not convert string to float", _text),
    )
)
_EXCEPTIONS = frozenset({"ValueError", "InvalidArgumentError", "UnimplementedError"})


def told(failure: Failure) -> Iterator[tuple[str, Sentence]]:
    """What arrived and what was wanted, and which kind of misfit it is; nothing for other failures."""
    if failure.exception not in _EXCEPTIONS:
        return
    for pattern, message, teller in _TOLD:
        if match := message.search(failure.message):
            yield pattern, teller(match)
            return

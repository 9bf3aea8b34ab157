"""Turn what Keras and TensorFlow say when a model doesn't load into what a candidate can act on."""

from __future__ import annotations

import re

import keras
import tensorflow as tf

from graders.child.checking.rules import custom_object
from graders.child.loading.blueprint import COPY_ADVICE, numbers
from graders.child.loading.newer_keras import is_newer
from graders.child.refusal import Refusal
from graders.sentences import sentence

# These say something about the model's cost, not about the model: the caller has words and limits for them.
OURS = (MemoryError, RecursionError, tf.errors.ResourceExhaustedError, Refusal)

_UNKNOWN = re.compile(
    r"Unknown (?:layer|object|\w+ function|activation function|initializer|regularizer|constraint)[:\s]+'?([\w>.<-]+)"
    r"|Could not locate (?:class|function) '([^']+)'"
    r"|Could not interpret (?:activation function|initializer|\w+) identifier: ([\w>.-]+)"
    r"|Could not deserialize '?([\w>.-]+)'? because"
)
# A function that Keras 2.13 and later wrote, by its name.
_FUNCTION = re.compile(r"'class_name': 'function', 'config': '([^']+)'")
# untranslated: what Python says
_BYTECODE = (
    "bad marshal data",
    "EOF read where object expected",
    "unknown opcode",
    "marshal data too short",
    "code() argument",
    "code expected at least",
)
_UNNAMED = "identifier: {'value':"  # Keras 3 writes the code of a lambda this way, and can't read it back
# Keras 3 puts the cause last, after each enclosing configuration.
_CAUSE = "Exception encountered:"  # untranslated: what Keras says
_NEWER = sentence(
    'Save it as a SavedModel, which any version reads: model.export("mymodel"); or update keras beside mockexam.'
)
ARCHIVES_SINCE = (2, 12)
"""From this version on, Keras writes .keras archives."""
_UNNAMED_FUNCTION = sentence("an unnamed function (lambda) as activation")


def statement_beside_hdf5(version: str | None) -> str:
    """What saves a model whole with this version of Keras where .h5 can't hold it."""
    archives = version is None or numbers(version) >= ARCHIVES_SINCE
    return 'model.save("mymodel.keras")' if archives else 'model.save("mymodel", save_format="tf")'


def explain(error: Exception, version: str | None, statement: str) -> Refusal:
    """Return the refusal for an error while loading.

    `version` is the Keras version stored in the file, `statement` what saves the model in another format.
    """
    text = f"{error}"
    if isinstance(error, SystemError) or any(part in text for part in _BYTECODE):
        return lambda_of_another_python()
    if "TensorSliceReader" in text:
        return Refusal(
            "load",
            "incomplete",
            sentence("a SavedModel folder with its variables"),
            sentence("saved_model.pb without the files of the folder variables"),
            sentence("Submit the whole folder that was saved, with everything in it."),
        )
    if "Cannot parse file" in text or "there are 0 MetaGraphs" in text:
        return Refusal(
            "load",
            "damaged",
            sentence("a readable SavedModel"),
            sentence("a saved_model.pb that is empty or damaged"),
            COPY_ADVICE,
        )
    if "Lambda" in text and ("safe_mode" in text or "unsafe" in text):
        return Refusal(
            "rules",
            "lambda",
            sentence("a model without Lambda layers"),
            sentence("a Lambda layer"),
            sentence("Do that step in the data pipeline, train and save again."),
        )
    if _UNNAMED in text:
        return custom_object(_UNNAMED_FUNCTION)
    if match := _FUNCTION.search(text):
        return custom_object(match[1])
    match = _UNKNOWN.search(text)
    if match:
        name = next(group for group in match.groups() if group)
        return custom_object(_UNNAMED_FUNCTION if name == "<lambda>" else name)
    return _not_loadable(_summary(error), version, statement)


def _not_loadable(error: str, version: str | None, statement: str) -> Refusal:
    found = sentence("{error}, written by Keras {version}", error=error, version=version) if version else error
    if is_newer(version):
        expected = sentence("a model of Keras {version} or earlier", version=keras.__version__)
        return Refusal("load", "not-loadable", expected, found, _NEWER)
    advice = sentence(
        "Load it with the TensorFlow that trained it, and save it there with {statement}.", statement=statement
    )
    return Refusal("load", "not-loadable", sentence("a model that loads"), found, advice)


def lambda_of_another_python() -> Refusal:
    """Return the refusal of a Lambda layer whose code this Python can't run."""
    return Refusal(
        "load",
        "lambda-python",
        sentence("a Lambda layer written by this Python version"),
        sentence("a Lambda layer written by another Python version, whose code can't be run here"),
        sentence('Save the model as a SavedModel (model.export("mymodel")), or without the Lambda layer.'),
    )


def explain_call(error: Exception) -> Refusal:
    """Return the refusal for an error while the model is called."""
    if isinstance(error, SystemError) or any(part in f"{error}" for part in _BYTECODE):
        return lambda_of_another_python()
    if isinstance(error, NameError):
        return Refusal(
            "load",
            "lambda-name",
            sentence("a Lambda layer that uses tf, np, keras and K only"),
            _summary(error),
            sentence("Write the lambda with these names, or use an ordinary layer."),
        )
    return Refusal(
        "input",
        "call-failed",
        sentence("a model that can be called with the problem's inputs"),
        _summary(error),
        sentence("Call model.predict on a batch of the problem's data before saving, and see what it says."),
    )


def _summary(error: Exception) -> str:
    cause = str(error).rsplit(_CAUSE, 1)[-1]
    lines = [line.strip() for line in cause.splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines[:2])[:300]}" if lines else type(error).__name__

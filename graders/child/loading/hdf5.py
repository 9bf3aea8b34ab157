"""Read and load the HDF5 files of both generations of Keras."""

from __future__ import annotations

from typing import Any, NamedTuple

import h5py
import tf_keras

from graders.child.checking.containers import check_container, unreadable
from graders.child.loading import keras_models
from graders.child.loading.blueprint import SAVE_ADVICE, Blueprint, items, numbers, parsed
from graders.child.loading.explanations import statement_beside_hdf5
from graders.child.loading.generations import Rewrite, RewrittenFile
from graders.child.loading.loaded import Loaded
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import sentence

VOCABULARIES = ("TextVectorization", "StringLookup", "IntegerLookup")
"""Layers that hold words or numbers, which HDF5 has no place for."""

NAMES_PARTS_ALIKE = (3, 0)
"""This version gave the weights of a layer's parts, both halves of a Bidirectional, the same names."""


def read(path: str) -> Blueprint:
    """The version and configuration in the file's attributes.

    Raises Refusal when they are missing or unreadable, and when the file lacks something that its model needs or
    leads elsewhere.
    """
    try:
        with h5py.File(path, "r") as file:
            check_container(file)
            version, config = _text(file.attrs.get("keras_version")), _text(file.attrs.get("model_config"))
            whole = "layer_names" in file.attrs or len(file) > 0
            version = version or (_text(file["model_weights"].attrs.get("keras_version")) if config else None)
            gap = _gap(file["model_weights"]) if config else None
    except Refusal:
        raise
    except Exception as error:
        raise unreadable(error) from None
    if config is None:
        raise _WEIGHTS_ONLY if whole else _broken_off(version)
    if gap is not None:
        raise _layers_left_out(gap, version)
    blueprint = Blueprint(version, parsed(config))
    for item in items(blueprint.config):
        if item.class_name in VOCABULARIES and not item.vocabulary:
            raise _vocabulary_lost(item.name, version)
    return blueprint


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """The model of the file at `path`. Raises Refusal."""
    return keras_models.load(path, blueprint, contract, _load_with_keras_2)


def _load_with_keras_2(path: str, rewrite: Rewrite, *, safe: bool) -> Any:
    del safe  # the checks have looked for Lambda layers; Keras 2 reads HDF5 without a safe mode
    with RewrittenFile(path, rewrite) as file:
        return tf_keras.models.load_model(file, compile=False)


class _Gap(NamedTuple):
    """The first layer whose weights are listed and aren't all there; `doubled` is a name that two of them have."""

    layer: str
    doubled: str | None


def _gap(weights: Any) -> _Gap | None:
    """Where the weights end; None when nothing is missing.

    Keras lists the layers first and then writes them one after the other.
    """
    for layer in (_text(name) or "" for name in weights.attrs.get("layer_names", ())):
        if layer not in weights:
            return _Gap(layer, None)
        names = [_text(name) or "" for name in weights[layer].attrs.get("weight_names", ())]
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled or any(name not in weights[layer] for name in names):
            return _Gap(layer, doubled)
    return None


_WEIGHTS_ONLY = Refusal(
    "load",
    "weights-only",
    sentence("a whole model: its layers and their weights"),
    sentence("an HDF5 file that holds only weights, no model configuration (as save_weights writes it)"),
    SAVE_ADVICE,
)


def _broken_off(version: str | None) -> Refusal:
    found = (
        sentence("an HDF5 file that Keras {version} began and didn't finish: the save broke off", version=version)
        if version
        else sentence("an empty HDF5 file: the save broke off")
    )
    advice = sentence(
        "Read the traceback that model.save ended with, and mend what it says. Where a layer can't be saved as .h5, "
        "{statement} saves it.",
        statement=statement_beside_hdf5(version),
    )
    return Refusal("load", "incomplete", sentence("a whole model: its layers and their weights"), found, advice)


def _layers_left_out(gap: _Gap, version: str | None) -> Refusal:
    named = {"layer": gap.layer, "version": version or "?", "name": gap.doubled or ""}
    statement = statement_beside_hdf5(version)
    found = sentence("the file of Keras {version} ends at layer {layer}, whose weights aren't all there", **named)
    if gap.doubled is None:
        advice = sentence(
            'Read the traceback that model.save ended with. If it says "name already exists", two weights have one '
            "name: give layer {layer} another name, or save the model with {statement}.",
            layer=gap.layer,
            statement=statement,
        )
    elif numbers(version or "") == NAMES_PARTS_ALIKE:
        found = sentence(
            "Keras {version} left out weights of layer {layer} and what follows: it calls two of them {name}, and .h5 "
            "holds a name once",
            **named,
        )
        advice = sentence(
            "Save the model with {statement}, or update Keras and save it again. Other names of layers don't help.",
            statement=statement,
        )
    else:
        found = sentence(
            "the file of Keras {version} ends at layer {layer}, which has two weights called {name}; .h5 holds a name "
            "once",
            **named,
        )
        advice = sentence(
            "Give the layers that layer {layer} is made of names of their own, or save the model with {statement}.",
            layer=gap.layer,
            statement=statement,
        )
    return Refusal("load", "incomplete", sentence("the weights of every layer"), found, advice)


def _vocabulary_lost(layer: str, version: str | None) -> Refusal:
    expected = sentence("layer {layer} with its vocabulary", layer=layer)
    found = sentence("none: Keras {version} leaves vocabularies out of .h5 files", version=version or "?")
    advice = sentence("Save it with {statement}.", statement=statement_beside_hdf5(version))
    return Refusal("load", "incomplete", expected, found, advice)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else None

"""What a SavedModel's file says before it is loaded, and a loading that leaves out what only training needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.saved_model import load as loading
from tf_keras.protobuf import saved_metadata_pb2

_OPTIMIZERS = ("optimizer", "tf_keras_optimizer", "experimentalOptimizer", "tf_keras_experimentalOptimizer")
_PLAIN = "_generic_user_object"


def parsed(folder: str) -> Any:
    """What TensorFlow reads of the folder: saved_model.pb, or else its form as text. Raises what TensorFlow raises."""
    return loading.loader_impl.parse_saved_model(folder)


def noted_layers(folder: Path, proto: Any) -> list[dict[str, Any]]:
    """What Keras 2 noted of its layers: in the graph until 2.4, in a file of its own since.

    Raises what protobuf raises for a file that it can't read.
    """
    notes = [
        node.user_object.metadata
        for graph in proto.meta_graphs
        for node in graph.object_graph_def.nodes
        if node.WhichOneof("kind") == "user_object"
    ]
    if (folder / "keras_metadata.pb").is_file():
        metadata = saved_metadata_pb2.SavedMetadata()
        metadata.ParseFromString((folder / "keras_metadata.pb").read_bytes())
        notes.extend(node.metadata for node in metadata.nodes)
    return [layer for note in notes if (layer := _layer(note)) is not None]


def _layer(note: str) -> dict[str, Any] | None:
    try:
        layer = json.loads(note)
    except (ValueError, RecursionError):
        return None
    return layer if isinstance(layer, dict) else None


def load_without_optimizers(path: str) -> Any:
    """The SavedModel at `path`, its optimizers as objects that do nothing. Raises whatever TensorFlow raises.

    Loaded as such, optimizers need the class that saved them, and make their variables as they do today.
    """
    with _without_optimizers():
        return tf.saved_model.load(path)


@contextmanager
def _without_optimizers() -> Iterator[None]:
    original = loading.loader_impl.parse_saved_model_with_debug_info

    def read(folder: str) -> Any:
        proto, debug = original(folder)
        for graph in proto.meta_graphs:
            for node in graph.object_graph_def.nodes:
                if node.WhichOneof("kind") == "user_object" and node.user_object.identifier in _OPTIMIZERS:
                    node.user_object.identifier = _PLAIN
                del node.slot_variables[:]
        return proto, debug

    loading.loader_impl.parse_saved_model_with_debug_info = read
    try:
        yield
    finally:
        loading.loader_impl.parse_saved_model_with_debug_info = original

"""Load a SavedModel by its serving signature, whatever its input and output are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tf_keras.protobuf import saved_metadata_pb2

from graders.child.checking.rules import refuse_lambdas
from graders.child.loading.blueprint import Blueprint
from graders.child.loading.explanations import OURS, explain
from graders.child.loading.loaded import InputSpec, Loaded, static_shape
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import sentence

_INTERNAL_SIGNATURES = ("__saved_model_init_op", "__saved_model_train_op")
_ADVICE = sentence('Save the Keras model with model.export("mymodel") or model.save("mymodel.h5").')


def read(path: str) -> Blueprint:
    """The version of TensorFlow that wrote it; a SavedModel has no configuration to read."""
    graphs = _proto(Path(path)).meta_graphs
    version = graphs[0].meta_info_def.tensorflow_version if graphs else ""
    return Blueprint(f"TensorFlow {version}" if version else None, None)  # untranslated: a name


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """Load the SavedModel in the folder `path`. Raises Refusal.

    Lambda layers are found where Keras 2 recorded its layers; what Keras 3 exports doesn't name them.
    """
    del blueprint  # there is one way to load a SavedModel, whatever wrote it
    if not contract.lambda_allowed:
        refuse_lambdas(_lambda_names(Path(path)))
    try:
        module = tf.saved_model.load(path)
    except OURS:
        raise
    except Exception as error:
        raise explain(error, None) from error
    signature = _signature(module)
    specs: dict[str, Any] = dict(signature.structured_input_signature[1])
    outputs = list((signature.structured_outputs or {}).values())
    name = next(iter(specs), "")

    def call(batch: Any) -> Any:
        return signature(**{name: batch})

    return Loaded(
        call=call,
        loader="savedmodel",
        inputs=tuple(InputSpec(key, static_shape(spec.shape), spec.dtype.name) for key, spec in specs.items()),
        output_shape=static_shape(outputs[0].shape) if len(outputs) == 1 else None,
        layers=None,
        parameters=sum(int(variable.shape.num_elements() or 0) for variable in signature.variables),
        function=signature,
        owner=module,
    )


def _signature(module: Any) -> Any:
    names = sorted(name for name in module.signatures if name not in _INTERNAL_SIGNATURES)
    if not names:
        expected = sentence("a SavedModel with a serving signature")
        raise Refusal("load", "no-signature", expected, sentence("none that can be called"), _ADVICE)
    if "serving_default" in names:
        return module.signatures["serving_default"]
    if len(names) > 1:
        expected = sentence("one signature, or one named serving_default")
        found = sentence("the signatures {names}", names=", ".join(names)[:200])
        raise Refusal("load", "several-signatures", expected, found, _ADVICE)
    return module.signatures[names[0]]


def _proto(folder: Path) -> Any:
    proto = saved_model_pb2.SavedModel()
    try:
        proto.ParseFromString((folder / "saved_model.pb").read_bytes())
    except Exception:
        return saved_model_pb2.SavedModel()  # the loader says what is wrong with it
    return proto


def _lambda_names(folder: Path) -> list[str]:
    """Return the names of Lambda layers that Keras 2 noted: in the graph until 2.4, in a file of its own since."""
    notes = [
        node.user_object.metadata
        for graph in _proto(folder).meta_graphs
        for node in graph.object_graph_def.nodes
        if node.WhichOneof("kind") == "user_object"
    ]
    if (folder / "keras_metadata.pb").is_file():
        metadata = saved_metadata_pb2.SavedMetadata()
        try:
            metadata.ParseFromString((folder / "keras_metadata.pb").read_bytes())
        except Exception as error:
            raise explain(error, None) from error
        notes.extend(node.metadata for node in metadata.nodes)
    return [name for note in notes if (name := _lambda_name(note))]


def _lambda_name(note: str) -> str | None:
    try:
        layer = json.loads(note)
    except ValueError:
        return None
    if not isinstance(layer, dict) or layer.get("class_name") != "Lambda":
        return None
    return str(layer.get("name") or "lambda")

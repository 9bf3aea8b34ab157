"""Load a SavedModel by its serving signature, whatever its input and output are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders.child.checking.rules import check_graphs, refuse_lambdas
from graders.child.loading.blueprint import Blueprint, items
from graders.child.loading.explanations import OURS, explain
from graders.child.loading.graphs import fusing, saved_file
from graders.child.loading.graphs.operations import refuse_missing_operations
from graders.child.loading.loaded import InputSpec, Loaded, static_shape
from graders.child.refusal import Refusal
from graders.contract import Contract
from graders.sentences import sentence

_INTERNAL_SIGNATURES = ("__saved_model_init_op", "__saved_model_train_op")
_STATEMENT = 'model.save("mymodel.h5")'
_ADVICE = sentence('Save the Keras model with model.export("mymodel") or model.save("mymodel.h5").')


def read(path: str) -> Blueprint:
    """The version of TensorFlow that wrote it; a SavedModel has no configuration to read."""
    written = _proto(path).meta_graphs
    version = written[0].meta_info_def.tensorflow_version if written else ""
    return Blueprint(f"TensorFlow {version}" if version else None, None)  # untranslated: a name


def load(path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
    """Load the SavedModel in the folder `path`. Raises Refusal.

    Lambda layers are found where Keras 2 recorded its layers; what Keras 3 exports doesn't name them.
    """
    del blueprint  # there is one way to load a SavedModel, whatever wrote it
    proto = _proto(path)
    try:
        layers = saved_file.noted_layers(Path(path), proto)
    except Exception as error:
        raise explain(error, None, _STATEMENT) from error
    if not contract.lambda_allowed:
        refuse_lambdas(name for layer in layers for name in _lambdas(layer))
    refuse_missing_operations(proto)
    check_graphs(proto)
    if fusing.is_fused_wrongly(layers):
        fusing.fuse_nothing()
    try:
        module = saved_file.load_without_optimizers(path)
    except OURS:
        raise
    except Exception as error:
        raise explain(error, None, _STATEMENT) from error
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


def _proto(path: str) -> Any:
    """What the folder's SavedModel holds. Raises Refusal."""
    try:
        return saved_file.parsed(path)
    except OURS:
        raise
    except Exception as error:
        raise explain(error, None, _STATEMENT) from error


def _lambdas(layer: Any) -> list[str]:
    """The names of Lambda layers in what Keras noted of one layer: itself, or one inside."""
    outer = str(layer.get("name") or "lambda")
    return [
        item.name if item.name != item.class_name else outer for item in items(layer) if item.class_name == "Lambda"
    ]

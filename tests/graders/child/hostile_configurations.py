"""Configurations that carry code or call for it, for tests: each with the codes that it may be refused with.

What a payload does, should it ever run, is to write the file `marker`.
"""

from __future__ import annotations

import base64
import json
import marshal
import zipfile
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import h5py


class Case(NamedTuple):
    """A layer (or a whole configuration), and the codes of which its refusal has one."""

    layer: dict[str, Any]
    codes: tuple[str, ...]
    before: tuple[Any, ...] = ()  # the argument in place of the model's input
    settings: dict[str, Any] | None = None  # named arguments
    whole: bool = False


FUNCTION = ("foreign-function",)
LAYER = ("foreign-layer",)
CUSTOM = ("custom-object",)
LAMBDA = ("lambda",)


def cases(marker: Path) -> dict[str, Case]:
    """All of them, by name."""
    return {
        **_functions(marker),
        **_methods(),
        **_hidden_bytecode(marker),
        **_names(marker),
        **_named_functions(),
        **_specs(),
        **_texts(marker),
        **_files(marker),
    }


def lambda_case(marker: Path) -> Case:
    """A Lambda layer and nothing else."""
    return Case(_lambda(marker), LAMBDA)


def _functions(marker: Path) -> dict[str, Case]:
    inner = json.dumps(model(_lambda(marker)))
    told = {
        "keras.models.model_from_json": (inner,),
        "keras.models.model_from_yaml": (inner,),
        "keras.models.model_from_config": ({},),
        "keras.models.load_model": (f"{marker}",),
        "keras.saving.load_model": (f"{marker}",),
        "keras.layers.deserialize": ({},),
        "keras.layers.Lambda": (),
        "keras.utils.get_file": ("x",),
        "keras.utils.legacy.deserialize_keras_object": ("x",),
        "keras.backend.set_value": (),
        "keras.backend.batch_set_value": (),
        "keras.activations.deserialize": ("relu",),
        "load_op_library": (f"{marker}",),
        "load_library": (f"{marker}",),
        "saved_model.load": (f"{marker}",),
        "compat.v1.saved_model.load": (f"{marker}",),
        "io.read_file": (f"{marker}",),
        "io.write_file": (f"{marker}",),
        "io.matching_files": (f"{marker}*",),
        "io.gfile.makedirs": (f"{marker}",),
        "io.write_graph": (),
        "io.decode_proto": (),
        "raw_ops.WriteFile": (f"{marker}",),
        "raw_ops.Abs": (),
        "print": ("x",),
        "py_function": ("x",),
        "numpy_function": ("x",),
        "compat.v1.py_func": ("x",),
        "map_fn": ("x",),
        "while_loop": ("x",),
        "summary.create_file_writer": (f"{marker}",),
        "data.TextLineDataset": (f"{marker}",),
        "train.Checkpoint": (),
        "config.set_visible_devices": ([],),
        "distribute.Server": (),
        "rpc_client": ("localhost:1",),
        "xla_custom_call": (),
        "profiler.experimental.server.start": (6009,),
        "nn.fixed_unigram_candidate_sampler": (),
        "no.such.function": (),
        "__builtins__.eval": ("1",),
    }
    named: dict[str, dict[str, Any]] = {
        "io.write_file": {"contents": "x"},
        "keras.utils.get_file": {"origin": f"file://{marker}", "cache_dir": f"{marker}"},
        "print": {"output_stream": f"file://{marker}"},
        "raw_ops.WriteFile": {"contents": "x"},
    }
    made = {f"op-{name}": Case(_op(name), FUNCTION, before, named.get(name)) for name, before in told.items()}
    made["op-keras.models.model_from_json"] = made["op-keras.models.model_from_json"]._replace(codes=LAMBDA)
    made["op-keras.models.model_from_yaml"] = made["op-keras.models.model_from_yaml"]._replace(codes=LAMBDA)
    made["op-model_from_json-harmless"] = Case(
        _op("keras.models.model_from_json"), FUNCTION, (json.dumps(model(_layer("Dense", units=1))),)
    )
    made["op-not-a-text"] = Case(_op(["keras.models.load_model"]), FUNCTION)
    made["slicing-write"] = Case(
        _op("io.write_file") | {"class_name": "SlicingOpLambda"}, FUNCTION, (f"{marker}",), {"contents": "x"}
    )
    made["graph-write"] = Case(_layer("TensorFlowOpLayer", node_def={"op": "WriteFile", "name": "w"}), FUNCTION)
    made["graph-python"] = Case(_layer("TensorFlowOpLayer", node_def="\n\x01w\x12\x06PyFunc"), FUNCTION)
    made["graph-no-node"] = Case(_layer("TensorFlowOpLayer", node_def=3), FUNCTION)
    return made


def _methods() -> dict[str, Case]:
    return {
        "method-of-module": Case(_layer("ClassMethod", cls_symbol="Module", method_name="with_name_scope"), FUNCTION),
        "method-of-function": Case(_layer("ClassMethod", cls_symbol="io.read_file", method_name="__call__"), FUNCTION),
        "method-hidden": Case(_layer("ClassMethod", cls_symbol="RaggedTensor", method_name="__subclasses__"), FUNCTION),
        "attribute-class": Case(_layer("InstanceProperty", attr_name="__class__"), FUNCTION),
        "attribute-graph": Case(_layer("InstanceProperty", attr_name="graph"), FUNCTION),
        "attribute-method": Case(_layer("InstanceMethod", attr_name="__reduce_ex__"), FUNCTION),
    }


def _hidden_bytecode(marker: Path) -> dict[str, Case]:
    code, lambda_ = _bytecode(marker), {"class_name": "__lambda__", "config": {"value": _bytecode(marker)}}
    cell = _layer("LSTMCell", units=1)
    residual = _layer("ResidualWrapper", cell=cell, residual_fn=code, residual_fn_type="lambda", residual_fn_module="x")
    dropped = _layer(
        "DropoutWrapper",
        cell=cell,
        dropout_fn=code,
        dropout_fn_type="lambda",
        dropout_state_filter_visitor=code,
        dropout_state_filter_visitor_type="lambda",
    )
    return {
        "bytecode-residual": Case(_layer("RNN", cell=residual), LAYER),
        "bytecode-residual-module": Case(
            _layer("RNN", cell=residual | {"module": "keras.src.layers.rnn.cell_wrappers"}), LAYER
        ),
        "bytecode-dropout": Case(_layer("RNN", cell=dropped), LAYER),
        "bytecode-activation": Case(_layer("Dense", units=1, activation=lambda_), LAMBDA),
        "bytecode-initializer": Case(_layer("Dense", units=1, kernel_initializer=lambda_), LAMBDA),
        "bytecode-regularizer": Case(_layer("Dense", units=1, kernel_regularizer=lambda_), LAMBDA),
        "bytecode-constraint": Case(_layer("Dense", units=1, kernel_constraint=lambda_), LAMBDA),
        "bytecode-argument": Case(_op("math.add"), LAMBDA, (), {"y": lambda_}),
        "bytecode-build": Case(_layer("Dense", units=1) | {"build_config": {"input_shape": lambda_}}, LAMBDA),
        "lambda-wrapped": Case(_layer("TimeDistributed", layer=_lambda(marker)), LAMBDA),
        "lambda-in-model": Case(model(_lambda(marker)), LAMBDA),
    }


def _names(marker: Path) -> dict[str, Case]:
    hidden, dense = _lambda(marker), _layer("Dense", units=1)
    return {
        "lambda-of-tf-keras": Case(hidden | {"module": "tf_keras.src.layers.core.lambda_layer"}, LAMBDA),
        "lambda-of-keras-src": Case(hidden | {"module": "keras.src.layers.core.lambda_layer"}, LAMBDA),
        "lambda-of-tensorflow": Case(hidden | {"module": "tensorflow.keras.layers"}, LAMBDA),
        "lambda-of-keras-python": Case(hidden | {"module": "tensorflow.python.keras.layers"}, CUSTOM),
        "lambda-registered": Case(dense | {"module": "keras.layers", "registered_name": "keras>Lambda"}, CUSTOM),
        "lambda-of-a-package": Case(dense | {"registered_name": "mine>Lambda"}, CUSTOM),
        "lambda-lower": Case(hidden | {"class_name": "lambda"}, CUSTOM),
        "lambda-space": Case(hidden | {"class_name": "Lambda "}, CUSTOM),
        "lambda-cyrillic": Case(hidden | {"class_name": "L\u0430mbda"}, CUSTOM),
        "lambda-wide": Case(hidden | {"class_name": "\uff2cambda"}, CUSTOM),
        "lambda-null": Case(hidden | {"class_name": "Lambda\0"}, CUSTOM),
        "lambda-dotted": Case(hidden | {"class_name": "layers.Lambda", "module": "keras"}, CUSTOM),
        "lambda-list": Case(hidden | {"class_name": ["Lambda"]}, ("damaged",)),
        "module-through-modules": Case(dense | {"module": "keras.src.layers.core.lambda_layer.sys"}, CUSTOM),
        "module-os": Case(dense | {"class_name": "system", "module": "os", "registered_name": "system"}, CUSTOM),
        "module-not-a-text": Case(dense | {"module": ["keras.layers"]}, CUSTOM),
        "module-imported-by-keras": Case(dense | {"class_name": "Popen", "module": "subprocess"}, CUSTOM),
        "class-is-a-function": Case(_layer("deserialize", config=_lambda(marker)) | {"name": "x"}, (*CUSTOM, *LAMBDA)),
        "class-model-from-json": Case(_layer("model_from_json") | {"module": "keras.models"}, CUSTOM),
        "class-load-model": Case(_layer("load_model", filepath=f"{marker}") | {"module": "keras.saving"}, CUSTOM),
        "class-custom": Case(_layer("MyLayer"), CUSTOM),
        "class-feature-space": Case(_layer("FeatureSpace") | {"module": "keras.utils"}, LAYER),
        "class-optimizer": Case(_layer("Custom>Adam"), LAYER),
        "class-callback": Case(_layer("LambdaCallback") | {"module": "keras.callbacks"}, LAYER),
        "class-tokenizer": Case(_layer("ExportArchive") | {"module": "keras.export"}, LAYER),
        "class-saved-model": Case(_layer("TFSMLayer", filepath=f"{marker}") | {"module": "keras.layers"}, LAYER),
        "class-jax": Case(_layer("JaxLayer") | {"module": "keras.layers"}, LAYER),
        "class-flax": Case(_layer("FlaxLayer"), LAYER),
        "class-torch": Case(
            _layer("TorchModuleWrapper", module="gASVAAAA") | {"module": "keras.src.utils.torch_utils"}, LAYER
        ),
        "class-features": Case(_layer("DenseFeatures", feature_columns=[]), LAYER),
        "class-data": Case(
            _layer("Dense", units=1, quantization_config=_layer("GPTQConfig") | {"module": "keras.quantizers"}), LAYER
        ),
    }


def _named_functions() -> dict[str, Case]:
    def given(module: Any, name: Any, **more: Any) -> dict[str, Any]:
        named = {"class_name": "function", "module": module, "config": name, "registered_name": name} | more
        return _layer("Dense", units=1, activation=named)

    return {
        "function-of-os": Case(given("os", "system"), FUNCTION + CUSTOM),
        "function-of-builtins": Case(given("builtins", "eval"), CUSTOM),
        "function-exec": Case(given("builtins", "exec", registered_name=None), CUSTOM),
        "function-deserialize": Case(given("builtins", "deserialize"), FUNCTION),
        "function-load-model": Case(given("keras.saving", "load_model"), FUNCTION),
        "function-of-utils": Case(given("keras.utils", "get_file"), FUNCTION),
        "function-unsafe": Case(given("keras.config", "enable_unsafe_deserialization"), FUNCTION),
        "function-of-tensorflow": Case(given("tensorflow.python.ops.script_ops", "py_func"), FUNCTION),
        "function-of-io": Case(given("tensorflow.python.ops.gen_io_ops", "read_file"), FUNCTION),
        "function-of-a-package": Case(given("keras.activations", "relu", registered_name="mine>relu"), CUSTOM),
        "function-without-module": Case(given(None, "mine"), CUSTOM),
        "function-bare": Case(_layer("Dense", units=1, activation="deserialize"), CUSTOM),
        "function-bare-of-mine": Case(_layer("LSTM", units=1, recurrent_activation="my_activation"), CUSTOM),
    }


def _specs() -> dict[str, Case]:
    def spec(name: Any, module: Any) -> dict[str, Any]:
        value = {"class_name": "__typespec__", "spec_name": name, "module": module, "registered_name": None}
        return _layer("Dense", units=1, dtype=value | {"config": []})

    named = {"class_name": "TypeSpec", "type_spec": "tf.data.DatasetSpec", "serialized": []}
    return {
        "spec-of-os": Case(spec("system", "os"), LAYER),
        "spec-of-another-module": Case(spec("TensorSpec", "os.path"), LAYER),
        "spec-of-a-data-set": Case(_layer("Dense", units=1, dtype=named), LAYER),
    }


def _texts(marker: Path) -> dict[str, Case]:
    text = json.dumps(model(_lambda(marker)))
    deep = "[" * 5000 + "]" * 5000
    nested: Any = 1
    for _ in range(300):
        nested = {"a": nested}
    return {
        "text-in-an-argument": Case(_op("strings.length"), LAMBDA, (text,)),
        "text-in-a-text": Case(_op("strings.length"), LAMBDA, (json.dumps(text),)),
        "text-in-a-text-in-a-text": Case(_op("strings.length"), LAMBDA, (json.dumps([json.dumps([text])]),)),
        "text-with-spaces": Case(_op("strings.length"), LAMBDA, (" \n" + text,)),
        "text-with-escapes": Case(_op("strings.length"), LAMBDA, (text.replace("class_name", "cl\\u0061ss_name"),)),
        "text-in-a-setting": Case(_layer("Dense", units=1, note=text), LAMBDA),
        "text-in-bytes": Case(_layer("Dense", note={"class_name": "__bytes__", "value": text}), LAMBDA),
        "text-deep": Case(_op("strings.length"), ("damaged",), (deep,)),
        "deep": Case(_layer("Dense", units=1, note=nested), ("damaged",)),
    }


def _files(marker: Path) -> dict[str, Case]:
    return {
        "vocabulary-path": Case(_layer("StringLookup", vocabulary=f"{marker}"), ("foreign-file",)),
        "vocabulary-url": Case(_layer("TextVectorization", vocabulary="https://example.org/words"), ("foreign-file",)),
        "vocabulary-of-numbers": Case(_layer("IntegerLookup", vocabulary=f"{marker}"), ("foreign-file",)),
    }


def model(layer: dict[str, Any], before: tuple[Any, ...] = (), settings: dict[str, Any] | None = None) -> Any:
    """A functional model of four inputs and this layer, as Keras 2 writes it."""
    given: list[Any] = [["in", 0, 0, settings or {}]]
    if before:  # the layer is called with a constant instead
        given = ["_CONSTANT_VALUE", -1, before[0], settings or {}]
    config = {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "in"}
    layers = [
        {"class_name": "InputLayer", "config": config, "name": "in", "inbound_nodes": []},
        {**layer, "name": "x", "inbound_nodes": [given]},
    ]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["x", 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}


def written(case: Case, version: str, target: Path) -> Path:
    """An .h5 or .keras file at `target` of this Keras with the case's layer."""
    config = case.layer if case.whole else model(case.layer, case.before, case.settings)
    text = config if isinstance(config, str) else json.dumps(config)
    if target.suffix == ".h5":
        with h5py.File(target, "w") as file:
            file.attrs.update(model_config=text, keras_version=version, backend="tensorflow")
            file.create_group("model_weights").attrs["layer_names"] = []
        return target
    weights = target.with_suffix(".weights")
    with h5py.File(weights, "w") as file:
        file.create_group("layers")
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("config.json", text)
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.write(weights, "model.weights.h5")
    weights.unlink()
    return target


def _layer(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": {"name": "x", **config}}


def _op(function: Any) -> dict[str, Any]:
    return _layer("TFOpLambda", function=function, trainable=True, dtype="float32")


def _lambda(marker: Path) -> dict[str, Any]:
    shape = {"output_shape": None, "output_shape_type": "raw", "output_shape_module": None}
    return _layer("Lambda", function=_bytecode(marker), function_type="lambda", module="m", arguments={}, **shape)


def _bytecode(marker: Path) -> list[Any]:
    code: CodeType = eval(f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]").__code__
    return [base64.b64encode(marshal.dumps(code)).decode("ascii"), None, None]
